"""Attacks on the clock, measured for real: what a submission may be credited with is what its honest work is worth.

Every attack does the reference's own work wherever it works at all, so that honest code has the ratio 1 and `gain` in
`expect.yml` is the highest ratio that may be believed. An attack that is accepted has failed as an attack: it got what
the same work gets without the trick.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from grader import lab as labs
from grader.contract import Verdict
from grader.lab import Lab
from grader.pipeline import Grading, grade
from tests.attacks.boxes import Machine
from tests.attacks.cases import HERE, Attack, Box, attacks, group, tiny_lab
from tests.attacks.host import (
    DISK_TOLERANCE,
    MEMORY_TOLERANCE,
    Host,
    disk_free,
    memory_available,
    memory_total,
)

THIS = "tests/attacks/test_benchmark_attacks.py"
LABS = HERE.parent / "grader" / "benchmark" / "lab"
INNOCENT = (HERE / "R" / "controls" / "right-py" / "main.py").read_bytes()
SECRET_SEED = 0x6A09E667F3BCC908
"""As large as the seeds that a site draws."""
LOOKS = (0, 120, 240, 480)
"""How many pairs a measurement may end with. No submission has a say in it."""

pytestmark = [pytest.mark.slow]


@pytest.fixture(autouse=True)
def own_memory(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What benchmarks remember of a machine lies in a folder of the tests' own."""
    monkeypatch.setenv("GRADER_ROOFLINE_DIR", str(tmp_path_factory.getbasetemp() / "peaks"))
    monkeypatch.setenv("GRADER_BASELINE_DIR", str(tmp_path_factory.mktemp("baselines")))


def lab_of(attack: Attack) -> Lab:
    """The tiny lab of the attack's language."""
    return labs.load_lab(LABS / ("python" if "matmul.py" in attack.files else "cpp"))


def words(grading: Grading) -> str:
    """Everything a learner can read."""
    rows = [row.message for row in grading.tests] + [row.message for row in grading.benchmarks]
    return "\n".join([grading.message, grading.build_log, *rows])


def _runs() -> list[tuple[Box, Attack]]:
    chosen = [attack for attack in attacks() if group(attack.group).runner == THIS and attack.expected.device == "cpu"]
    boxes: tuple[Box, ...] = ("bubblewrap", "docker")
    return [(box, attack) for box in boxes for attack in chosen if box in attack.sandboxes]


@pytest.mark.parametrize(
    ("machine", "attack"), _runs(), indirect=["machine"], ids=lambda value: getattr(value, "name", value)
)
def test_a_trick_is_worth_nothing(machine: Machine, attack: Attack, host: Host) -> None:
    expected, lab = attack.expected, lab_of(attack)
    before, memory, disk = machine.state(), memory_available(), disk_free()

    grading = grade(lab, attack.files, toolchain=machine.toolchain, sandbox=machine.sandbox, seed=SECRET_SEED)

    row = grading.benchmarks[0] if grading.benchmarks else None
    shown = words(grading)
    assert grading.verdict in expected.verdict, f"{grading.verdict}: {grading.fault}\n{shown}"
    assert expected.says in shown
    assert expected.score is None or grading.score == expected.score
    if grading.verdict is not Verdict.ACCEPTED:
        assert row is None or row.points == 0
    if row is not None:
        assert row.pairs in LOOKS
        # What a submission is credited with is the low end: the rest of the interval may be chance.
        assert expected.gain is None or row.ratio_low <= expected.gain, (
            f"{row.ratio} ({row.ratio_low}-{row.ratio_high})"
        )
    assert machine.settled(before) == before
    assert memory_available() > memory - MEMORY_TOLERANCE * memory_total()
    assert disk_free() > disk - DISK_TOLERANCE
    after = grade(
        tiny_lab("python"), {"main.py": INNOCENT}, toolchain=machine.toolchain, sandbox=machine.sandbox, seed=2
    )
    assert after.verdict is Verdict.ACCEPTED, f"{after.fault}\n{words(after)}"


GPU_LAB = HERE.parents[1] / "content" / "modules" / "04-gpu-acceleration" / "labs" / "lab-4.3-tiled-matmul"
ON_GPU = [attack for attack in attacks() if group(attack.group).runner == THIS and attack.expected.device == "gpu"]


@pytest.mark.skipif(not Path("/dev/nvidia0").exists(), reason="not run: no GPU on this machine")
@pytest.mark.parametrize("machine", ["bubblewrap"], indirect=True)
@pytest.mark.parametrize("attack", ON_GPU, ids=lambda attack: attack.name)
def test_a_trick_on_the_device_is_worth_nothing(machine: Machine, attack: Attack) -> None:
    lab, expected = labs.load_lab(GPU_LAB), attack.expected
    grading = grade(lab, attack.files, toolchain=machine.toolchain, sandbox=machine.sandbox, seed=SECRET_SEED)
    assert grading.verdict in expected.verdict, f"{grading.verdict}: {grading.fault}\n{words(grading)}"
    for row in grading.benchmarks:
        assert expected.gain is None or row.ratio_low <= expected.gain
    honest = grade(lab, lab.reference, toolchain=machine.toolchain, sandbox=machine.sandbox, seed=SECRET_SEED)
    assert honest.verdict is Verdict.ACCEPTED, f"{honest.fault}\n{words(honest)}"
