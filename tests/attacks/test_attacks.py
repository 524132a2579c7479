"""Every attack of the corpus, run for real in every sandbox. `tests.attacks.cases` says what an attack is.

Escapes and forgeries are written so that the program prints the right answer only if everything it tried was
refused; "accepted" then says that the box held, and a verdict of everything-is-wrong would fail the suite too.
"""

from __future__ import annotations

import dataclasses
import time

import pytest
from grader.contract import GradeJob, Verdict
from grader.languages import cpp
from grader.pipeline import Grading, grade
from tests.attacks.boxes import Machine
from tests.attacks.cases import HERE, Attack, Box, attacks, group, tiny_lab
from tests.attacks.host import (
    DISK_TOLERANCE,
    MEMORY_TOLERANCE,
    SECRET,
    Host,
    disk_free,
    memory_available,
    memory_total,
)

THIS = "tests/attacks/test_attacks.py"
HANGS = 120.0
"""Seconds after which a grade counts as hanging. Not a measurement."""
INNOCENT = (HERE / "R" / "controls" / "right-py" / "main.py").read_bytes()

pytestmark = [pytest.mark.slow]


def _runs() -> list[tuple[Box, Attack]]:
    chosen = [attack for attack in attacks() if group(attack.group).runner == THIS and attack.expected.device == "cpu"]
    boxes: tuple[Box, ...] = ("bubblewrap", "bubblewrap-user", "docker")
    return [(box, attack) for box in boxes for attack in chosen if box in attack.sandboxes]


def words(grading: Grading) -> str:
    """Everything a learner can read of a grading."""
    rows = [(row.message, row.hint, row.detail, row.expected, row.seen, row.stderr) for row in grading.tests]
    return "\n".join([grading.message, grading.build_log, *(text for row in rows for text in row)])


@pytest.mark.parametrize(
    ("machine", "attack"), _runs(), indirect=["machine"], ids=lambda value: getattr(value, "name", value)
)
def test_the_box_holds_and_the_verdict_is_named(
    machine: Machine, attack: Attack, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = attack.expected
    monkeypatch.setattr(cpp, "LIMITS", dataclasses.replace(cpp.LIMITS, **expected.compile))
    before, memory, disk = machine.state(), memory_available(), disk_free()
    started = time.monotonic()

    grading = grade(attack.lab, host.aim(attack.files), toolchain=machine.toolchain, sandbox=machine.sandbox, seed=1)

    took = time.monotonic() - started
    shown = words(grading)
    assert grading.verdict in expected.verdict, f"{grading.verdict}: {grading.fault}\n{shown}"
    assert expected.says in shown
    assert expected.score is None or grading.score == expected.score
    assert SECRET not in shown
    assert took < HANGS
    assert machine.settled(before) == before
    assert memory_available() > memory - MEMORY_TOLERANCE * memory_total()
    assert disk_free() > disk - DISK_TOLERANCE
    after = grade(
        tiny_lab("python"), {"main.py": INNOCENT}, toolchain=machine.toolchain, sandbox=machine.sandbox, seed=2
    )
    assert after.verdict is Verdict.ACCEPTED, f"{after.fault}\n{words(after)}"


@pytest.mark.parametrize("machine", ["bubblewrap"], indirect=True)
def test_a_report_of_every_attack_fits_the_schema(machine: Machine) -> None:
    source = b"import sys\nsys.stdout.buffer.write(b'\\0\\xff' * 30000)\nsys.stderr.buffer.write(b'\\0\\xff' * 30000)\n"
    files = {"main.py": source}
    grading = grade(tiny_lab("python"), files, toolchain=machine.toolchain, sandbox=machine.sandbox, seed=1)
    job = GradeJob(
        submission_id="00000000-0000-0000-0000-000000000001",
        attempt_id="00000000-0000-0000-0000-000000000002",
        attempt_token="t" * 32,
        lab="lab-1",
        lab_digest="0" * 64,
        files={},
    )
    report = grading.report(job).model_dump_json()
    assert grading.verdict is Verdict.WRONG_ANSWER
    assert len(report) < 200_000
    assert "\\u0000" not in report
