"""Benchmarks whose work a device does, from harness to verdict; the emulator stands for the device."""

from __future__ import annotations

import random
import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from grader import lab as labs
from grader.benchmark import Contest, Scored, device_witness, duel, measure
from grader.benchmark.batch import Batch, room_for
from grader.benchmark.device_witness import contradiction
from grader.benchmark.duel import Measurement
from grader.benchmark.roofline import Peak, device
from grader.benchmark.roofline.device import DeviceRoofline, DeviceStore
from grader.benchmark.side import DeviceTimes
from grader.benchmark.staged import Stage, StagedSide
from grader.casework import Bench, CaseContext, GraderFault, References, load_checks
from grader.checks import BenchmarkInput
from grader.contract import BenchmarkOutcome, Verdict
from grader.lab import Lab, LabSpec
from grader.languages import BuildResult, Program, SourceTree, cuda, gpu, nvcc
from grader.languages.serve import SERVE_ARGUMENT, harness_files
from grader.pipeline import grade
from grader.sandbox import ConversationOver, Sandbox, Silence
from grader.toolchain import Toolchain
from tests.grader.cuda.conftest import LIMITS

FOLDER = Path(__file__).parent / "labs" / "staged"
LAB = labs.load_lab(FOLDER)
MATMUL = Path(__file__).parents[3] / "content/modules/04-gpu-acceleration/labs/lab-4.3-tiled-matmul"
REFERENCE = LAB.reference["steps.cu"]
DEVICE = gpu.Device(0, "Emulated", "8.6", 4096, "0.1")
PEAK = 1e6
"""GB/s and GFLOP/s of the emulated device: no processor comes near."""
SLOWED = device_witness.SLOWED
HEADER = "llsys_serve_staged.h"

pytestmark = pytest.mark.slow


def roofline(best: float) -> DeviceRoofline:
    peak = Peak(best=best, low=best, middle=best)
    return DeviceRoofline(
        device=DEVICE.name, capability=DEVICE.capability, driver=DEVICE.driver, measured_at=datetime.now(UTC),
        copy_far=peak, copy_near=peak, arithmetic=peak, matrix=peak,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def emulated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, toolchain: Toolchain) -> None:
    """A machine with one device, for which the emulator's compiler builds."""

    def build(source: SourceTree, units: list[str], spec: LabSpec, sandbox: Sandbox) -> BuildResult:
        return cuda.build(source, spec, toolchain, sandbox)

    monkeypatch.setenv("GRADER_ROOFLINE_DIR", str(tmp_path / "peaks"))
    monkeypatch.setenv("GRADER_BASELINE_DIR", str(tmp_path / "baselines"))
    monkeypatch.setattr(gpu, "find_devices", lambda: [DEVICE])
    monkeypatch.setattr(gpu, "obstacle", lambda: "")
    monkeypatch.setattr(gpu, "build", build)
    monkeypatch.setattr(duel, "FIRST_LOOK", 30)
    monkeypatch.setattr(duel, "STAGED_TURN_SECONDS", 0.03)  # Long against what a busy machine needs to wake a program.
    # Other work on this processor's caches and hyperthreads slows an emulated device, as it does no real one.
    monkeypatch.setattr(device_witness, "SLOWED", 4.0)
    DeviceStore.of_this_machine().keep(DEVICE, roofline(PEAK))


class Workshop:
    """Builds and measures programs of one lab, whose harness a test may change on one side."""

    def __init__(self, lab: Lab, toolchain: Toolchain, sandbox: Sandbox) -> None:
        self.lab, self.toolchain, self.sandbox = lab, toolchain, sandbox
        self.bench = Bench(lab, toolchain, sandbox)

    def program(self, files: Mapping[str, bytes], changes: tuple[str, str, str] | None = None) -> Program:
        """The program of some files, with words of one file of the harness replaced."""
        source = self.bench.source(files)
        harness = dict(source.harness)
        if changes is not None:
            name, old, new = changes
            assert harness[name].count(old.encode()) == 1
            harness[name] = harness[name].replace(old.encode(), new.encode())
        built = cuda.build(SourceTree(files, harness), self.lab.spec, self.toolchain, self.sandbox)
        assert built.program is not None, built.log.decode()
        return built.program

    def measured(self, learner: Program, reference: Program | None = None) -> Scored:
        """The benchmark of a program."""
        reference = reference or self.program(self.lab.reference)
        contest = Contest(self.bench, load_checks(self.lab), learner, reference, {})
        context = CaseContext(self.bench, random.Random(3), References(self.bench))
        return measure(contest, self.lab.spec.stages.benchmarks[0], context, lambda pairs: None)


@pytest.fixture
def workshop(toolchain: Toolchain, sandbox: Sandbox) -> Workshop:
    return Workshop(LAB, toolchain, sandbox)


def test_a_submission_is_measured_on_the_device_and_shown_as_a_share_of_it(
    toolchain: Toolchain, sandbox: Sandbox
) -> None:
    grading = grade(LAB, LAB.reference, toolchain=toolchain, sandbox=sandbox, seed=5)
    assert len(grading.benchmarks) == 1, grading.message + grading.fault
    (row,) = grading.benchmarks
    assert (grading.verdict, grading.score) == (Verdict.ACCEPTED, grading.max_score), grading.message + grading.fault
    assert row.outcome is BenchmarkOutcome.PASSED
    assert (row.peak, row.peak_unit) == (PEAK, "GFLOP/s")
    assert 0.8 < row.ratio < 1.25
    # The share is that of the launches alone; drawing and asking are little beside them.
    assert row.learner_share * PEAK == pytest.approx(median(row.learner_samples), rel=0.5)
    assert "Its launches alone: " in row.message
    assert "of what the device does in single precision" in row.message


def stage_request(stage: Stage) -> bytes:
    return struct.pack("<QQQQ", 1, 0, 0, stage)


@pytest.mark.parametrize("stages", [[Stage.RUN], [Stage.PREPARE, Stage.COLLECT], [Stage.PREPARE, Stage.PREPARE]])
def test_a_stage_that_is_not_due_is_refused(stages: list[Stage], workshop: Workshop) -> None:
    program = workshop.program(LAB.reference)
    command = [*program.command, SERVE_ARGUMENT]
    conversation = workshop.sandbox.start(command, limits=LIMITS, files_in=program.files_in)
    try:
        for stage in stages[:-1]:
            conversation.ask(stage_request(stage), 30)
        with pytest.raises(ConversationOver) as over:
            conversation.ask(stage_request(stages[-1]), 30)
    finally:
        outcome = conversation.end()
    assert (over.value.silence, outcome.exit_code) == (Silence.ENDED, 3)


def test_inputs_are_not_there_before_the_clock_runs() -> None:
    """A program that looks while a turn is prepared finds what the last turn left of its outputs, and no numbers."""
    memory = bytearray(b"\x55" * (1 << 16))

    class Exchange:
        def write(self, offset: int, content: bytes) -> None:
            memory[offset : offset + len(content)] = content

    secrets = [bytes([7]) * 40, bytes([9]) * 40]
    items = [BenchmarkInput(b"size" + secret, 64, outline_bytes=4) for secret in secrets]
    batch = Batch.lay(items, len(memory), random.Random(1))
    exchange = Exchange()
    batch.put_outline(exchange)  # type: ignore[arg-type]
    assert bytes(memory).count(b"size" + bytes(40)) == 2
    assert not any(secret[:4] in memory for secret in secrets)
    batch.put_inputs(exchange)  # type: ignore[arg-type]
    assert memory[batch.offset : batch.offset + room_for(items)] == batch.image


def test_the_clock_covers_drawing_and_launching_and_events_agree_with_it(workshop: Workshop) -> None:
    program = workshop.program(LAB.reference)
    rng = random.Random(2)
    checks = load_checks(LAB)
    assert checks.benchmark_input is not None
    context = CaseContext(workshop.bench, rng, References(workshop.bench))
    items = [checks.benchmark_input(context, LAB.spec.stages.benchmarks[0], 0) for _ in range(16)]
    batch = Batch.lay(items, 2 * room_for(items), rng)
    conversation = workshop.sandbox.start(
        [*program.command, SERVE_ARGUMENT], limits=LIMITS, files_in=program.files_in,
        exchange_bytes=2 * room_for(items),
    )  # fmt: skip
    side = StagedSide(conversation, rng, None)
    try:
        timing, outputs = [side.turn(batch, 30) for _ in range(2)][1]
    finally:
        side.end()
    assert timing.device is not None
    assert 0 < timing.device.launches < timing.device.whole < timing.wall
    # x + x / 2 + x / 4 + ... is 2 x; the last item shows that all were drawn before anything was launched.
    values = np.frombuffer(outputs[-1], dtype="float32")
    assert (values[:-1] != values[1:]).all()
    assert len({one[:4] for one in outputs}) == len(outputs)


LAUNCH = b"step<<<(count + 127) / 128, 128>>>(x, y, a, count, steps);"
ELSEWHERE = (
    b"static cudaStream_t own; if (!own) cudaStreamCreateWithFlags(&own, cudaStreamNonBlocking); "
    b"for (int i = 0; i < 3; ++i) step<<<(count + 127) / 128, 128, 0, own>>>(x, y, a, count, steps);"
)


def test_slow_kernels_are_told_that_they_are(workshop: Workshop) -> None:
    scored = workshop.measured(workshop.program({"steps.cu": REFERENCE.replace(LAUNCH, 3 * LAUNCH)}))
    assert (scored.result.outcome, scored.verdict) == (BenchmarkOutcome.FAILED, Verdict.PARTIAL)
    assert scored.result.ratio_high < 0.6


def test_work_on_another_stream_is_waited_for_and_counts(workshop: Workshop) -> None:
    scored = workshop.measured(workshop.program({"steps.cu": REFERENCE.replace(LAUNCH, ELSEWHERE)}))
    assert scored.result.outcome is BenchmarkOutcome.FAILED, scored.result.message
    assert scored.result.ratio_high < 0.6


def test_kernels_that_write_nothing_leave_what_is_no_answer(workshop: Workshop) -> None:
    """Once it has been right often enough for the tests to be over."""
    lazy = REFERENCE.replace(LAUNCH, b"static int calls; if (++calls < 60) " + LAUNCH)
    scored = workshop.measured(workshop.program({"steps.cu": lazy}))
    assert (scored.result.outcome, scored.verdict) == (BenchmarkOutcome.WRONG, Verdict.WRONG_ANSWER)


def test_a_launch_that_fails_is_an_error_of_the_program(workshop: Workshop) -> None:
    refused = REFERENCE.replace(b"128>>>", b"2048>>>")
    with pytest.raises(GraderFault, match="fails its benchmark"):
        workshop.measured(workshop.program(LAB.reference), workshop.program({"steps.cu": refused}))
    scored = workshop.measured(workshop.program({"steps.cu": refused}))
    assert (scored.result.outcome, scored.verdict) == (BenchmarkOutcome.WRONG, Verdict.RUNTIME_ERROR)


# All are more than how busy the machine is can explain.
TEN_TIMES_ALL = (HEADER, "static_cast<double>(milliseconds) / 1e3", "static_cast<double>(milliseconds) / 1e2")
THRICE_THE_LAUNCHES = (HEADER, "ended.seconds_since(drawn)}", "ended.seconds_since(drawn) * 3}")
MOST_WHEN_COLLECTED = (
    "main.cu",
    "{ launch_some(items, 0, items.size()); }\n    void collect(const std::vector<llsys::Item>& items) {",
    "{ launch_some(items, 0, items.size() / 2); }\n    void collect(const std::vector<llsys::Item>& items) {\n"
    "for (int i = 0; i < 4; ++i) launch_some(items, 0, items.size());",
)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (TEN_TIMES_ALL, "by CUDA events it took "),
        (THRICE_THE_LAUNCHES, "by CUDA events its inputs and the reference's were drawn in times"),
        (MOST_WHEN_COLLECTED, "after the clock had stopped, its outputs took longer than the reference's"),
    ],
)
def test_what_a_program_says_of_its_device_is_held_against_the_clock(
    changes: tuple[str, str, str], says: str, workshop: Workshop
) -> None:
    """Code of the learner's shares a process with the harness: here it has changed it."""
    scored = workshop.measured(workshop.program(LAB.reference, changes))
    assert (scored.result.outcome, scored.verdict) == (BenchmarkOutcome.IMPLAUSIBLE, Verdict.HELD)
    assert says in scored.result.message
    assert (scored.result.passed, scored.result.points) == (False, 0)


def times(seconds: float, **others: float) -> tuple[list[float], list[DeviceTimes]]:
    """Thirty turns by the grader's clock, and what else is known of them; a few were disturbed."""
    known = {"whole": 0.98, "launches": 0.9, "collecting": 0.1, "waited": 0.0, **others}
    turn = DeviceTimes(**{name: share * seconds for name, share in known.items()})
    return [seconds] * 28 + [9.0] * 2, [turn] * 30


def compared(learner: tuple[list[float], list[DeviceTimes]], **reference: float) -> str:
    ours = times(1.0, **reference)
    return contradiction(measurement(ours, learner, alone=1.0))


def measurement(
    ours: tuple[list[float], list[DeviceTimes]], theirs: tuple[list[float], list[DeviceTimes]], alone: float
) -> Measurement:
    """Turns of one item; `alone` is what the reference's took before."""
    return Measurement(ours[0], theirs[0], [0.0] * 30, [1] * 30, ours[1], theirs[1], [alone] * 7)


@pytest.mark.parametrize(
    ("learner", "says"),
    [
        (times(0.8), ""),
        (times(0.8, whole=0.49, launches=0.41), "it took 0.49 of the time"),
        (times(0.8, whole=0.94, launches=0.86), "it took 0.94 of the time"),
        (times(0.8, whole=1.06, launches=0.98), "it took 1.06 of the time"),
        (times(0.8, waited=0.6, whole=0.49, launches=0.41), "it took 0.49 of the time"),
        (times(0.8, launches=0.6), "were drawn in times"),
        (times(0.1, launches=0.18, collecting=1.6), "took longer than the reference's, by 6% of a turn"),
        (times(0.1, launches=0.18, collecting=1.0), ""),
    ],
)
def test_two_clocks_and_two_sides_agree_within_a_twentieth(
    learner: tuple[list[float], list[DeviceTimes]], says: str
) -> None:
    told = compared(learner)
    assert (says in told) if says else told == ""


def test_a_busy_processor_explains_what_the_reference_waited_for_it() -> None:
    assert compared(times(1.0, whole=0.8, launches=0.72), whole=0.8, launches=0.72, waited=0.3) == ""
    with pytest.raises(GraderFault, match=r"0\.8 of the time by the grader's clock"):
        compared(times(1.0), whole=0.8, launches=0.72)


@pytest.mark.parametrize(("seconds", "held"), [(1.05, False), (1.5, True)])
def test_a_program_that_leaves_work_on_the_device_slows_the_reference_and_is_held(
    seconds: float, held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_witness, "SLOWED", SLOWED)
    told = contradiction(measurement(times(seconds), times(1.0), alone=1.0))
    busy = contradiction(measurement(times(seconds, waited=0.4), times(1.0), alone=1.0))
    assert busy == ""
    assert told == ("the reference took 1.5 times as long while this program was there as without it." if held else "")


def test_a_reference_whose_clocks_disagree_is_the_machines_fault(workshop: Workshop) -> None:
    with pytest.raises(GraderFault, match="something else keeps this machine or its GPU busy"):
        workshop.measured(workshop.program(LAB.reference), workshop.program(LAB.reference, TEN_TIMES_ALL))


def test_a_rate_above_what_the_device_can_do_is_held(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = roofline(1e-3)
    DeviceStore.of_this_machine().keep(DEVICE, slow)
    monkeypatch.setattr(device, "_measure", lambda *_: slow)
    scored = workshop.measured(workshop.program(LAB.reference))
    assert (scored.result.outcome, scored.verdict) == (BenchmarkOutcome.IMPLAUSIBLE, Verdict.HELD)
    assert "times what this machine can do at all" in scored.result.message


def test_the_matrix_products_of_module_4_are_measured_in_stages(toolchain: Toolchain, sandbox: Sandbox) -> None:
    lab = labs.load_lab(MATMUL)
    sizes = b"BENCH_N, BENCH_PRODUCTS = 1024, 32"
    assert sizes in lab.files["checks.py"]
    small = lab.files["checks.py"].replace(sizes, b"BENCH_N, BENCH_PRODUCTS = 48, 3")
    workshop = Workshop(replace(lab, files={**lab.files, "checks.py": small}), toolchain, sandbox)
    scored = workshop.measured(workshop.program(lab.reference))
    assert scored.result.outcome is BenchmarkOutcome.PASSED, scored.result.message
    skipping = lab.reference["sgemm.cu"].replace(b"start < K;", b"start < K - DEPTH;")
    scored = workshop.measured(workshop.program({"sgemm.cu": skipping}))
    assert scored.result.outcome is BenchmarkOutcome.WRONG


CARDS = [gpu.Device(0, "A100", "8.0", 40960, "580"), gpu.Device(0, "H100", "9.0", 81559, "580")]
needs_nvcc = pytest.mark.skipif(
    nvcc.find_nvcc() is None, reason="nvcc is not installed here: whether it takes the staged harness is not tested"
)


@needs_nvcc
@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.architecture)
def test_nvcc_builds_the_staged_harness_and_the_probe_for_a_device(
    card: gpu.Device, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(gpu, "find_devices", lambda: [card])
    lab = labs.load_lab(MATMUL)
    source = SourceTree(lab.reference, lab.under("harness") | harness_files("cuda"))
    built = gpu.build(source, cuda.units(source), lab.spec, sandbox)
    assert built.program is not None, built.log.decode()
    assert built.diagnostics == ()
    assert device.build(card, sandbox).startswith(b"\x7fELF")


@pytest.mark.skipif(not gpu.DEVICE_FOLDER.joinpath("nvidia0").exists(), reason="not run: no GPU on this machine")
def test_the_reference_of_module_4_reaches_its_own_speed_on_a_real_device(
    toolchain: Toolchain, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("GRADER_ROOFLINE_DIR", str(tmp_path / "peaks"))
    monkeypatch.setenv("GRADER_BASELINE_DIR", str(tmp_path / "baselines"))
    lab = labs.load_lab(MATMUL)
    grading = grade(lab, lab.reference, toolchain=toolchain, sandbox=sandbox, seed=5)
    (row,) = grading.benchmarks
    assert row.outcome is BenchmarkOutcome.PASSED, row.message
    assert 0.95 < row.ratio < 1.05
    assert 0 < row.learner_share < 1
