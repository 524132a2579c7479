"""Submissions to the tiny lab, measured in the real sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import lab as labs
from grader.contract import BenchmarkOutcome, EventKind, GradeEvent, Verdict
from grader.pipeline import Grading, grade
from grader.sandbox import Sandbox, Unprotected
from grader.toolchain import Toolchain

LAB = Path(__file__).parent / "lab"
CPP = labs.load_lab(LAB / "cpp")
PYTHON = labs.load_lab(LAB / "python")
REFERENCE = CPP.reference["matmul.cpp"].decode()
LOOP = """
static void right(const float* a, const float* b, float* c, int rows, int inner, int columns) {
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            float sum = 0;
            for (int i = 0; i < inner; ++i) sum += a[row * inner + i] * b[i * columns + column];
            c[row * columns + column] = sum;
        }
}
"""
THRICE = '{ for (int i = 0; i < 3; ++i) { right(a, b, c, rows, inner, columns); asm volatile("" ::: "memory"); } }'
SIGNATURE = "void matmul(const float* a, const float* b, float* c, int rows, int inner, int columns) "

pytestmark = pytest.mark.slow


def graded(source: str, toolchain: Toolchain, sandbox: Sandbox, **options: object) -> Grading:
    files = {"matmul.cpp": source.encode()}
    return grade(CPP, files, toolchain=toolchain, sandbox=sandbox, seed=7, **options)  # type: ignore[arg-type]


def test_the_reference_reaches_its_own_speed(toolchain: Toolchain, sandbox: Sandbox) -> None:
    events: list[GradeEvent] = []
    grading = graded(REFERENCE, toolchain, sandbox, on_event=events.append)
    row = grading.benchmarks[0]
    assert (grading.verdict, grading.score) == (Verdict.ACCEPTED, grading.max_score), grading.message
    assert row.outcome is BenchmarkOutcome.PASSED
    assert len(row.learner_samples) == len(row.reference_samples) == row.pairs >= 120
    assert row.ratio_low < 1.03
    assert row.ratio_high > 0.97
    assert row.instruction_ratio == pytest.approx(1, abs=0.001)
    assert 0 < row.learner_share < 1
    assert [event.benchmark for event in events if event.benchmark] == [row]
    assert sum(event.kind is EventKind.BENCHMARK for event in events) >= 4


@pytest.mark.parametrize("kind", ["bubblewrap", "none"])
def test_the_python_reference_is_measured_too(kind: str, toolchain: Toolchain, sandbox: Sandbox) -> None:
    box = sandbox if kind == "bubblewrap" else Unprotected()
    grading = grade(PYTHON, PYTHON.reference, toolchain=toolchain, sandbox=box, seed=7)
    assert (grading.verdict, grading.score) == (Verdict.ACCEPTED, grading.max_score), grading.message + grading.fault


def test_wrong_code_is_not_measured(toolchain: Toolchain, sandbox: Sandbox) -> None:
    grading = graded(CPP.starter["matmul.cpp"].decode(), toolchain, sandbox)
    assert (grading.verdict, grading.score) == (Verdict.WRONG_ANSWER, 0)
    assert [row.outcome for row in grading.benchmarks] == [BenchmarkOutcome.NOT_RUN]


def test_slow_code_gets_the_points_of_the_tests_and_is_told_how_slow_it_is(
    toolchain: Toolchain, sandbox: Sandbox
) -> None:
    slow = LOOP + SIGNATURE + THRICE
    grading = graded(slow, toolchain, sandbox)
    row = grading.benchmarks[0]
    assert (grading.verdict, grading.score) == (Verdict.PARTIAL, 4)
    assert row.outcome is BenchmarkOutcome.FAILED
    assert row.ratio_high < 0.8
    assert "needed are 0.8" in grading.message


# After a hundred items the tests are over and the measuring has begun.
@pytest.mark.parametrize(
    ("trick", "verdict"),
    [
        ("c[rows * columns - 1] = 0;", "wrong_answer"),
        ("for (int i = 0; i < rows; ++i) c[i] = 0.0f / 0.0f * c[i];", "wrong_answer"),
        ("for (int i = 0; i < rows * columns; ++i) c[i] = c[i] * 1.0005f;", "wrong_answer"),
        ("_exit(0);", "runtime_error"),
        ("__builtin_trap();", "runtime_error"),
        (r'(void)!write(4, "\x08\0\0\0abcdefgh", 12);', "rejected"),
        (r'(void)!write(4, "\xff\xff\xff\xff", 4);', "rejected"),
        ("pause();", "partial"),
    ],
)
def test_a_turn_that_is_not_done_is_found(trick: str, verdict: str, toolchain: Toolchain, sandbox: Sandbox) -> None:
    body = f"right(a, b, c, rows, inner, columns); if (++calls > 99) {{ {trick} }}"
    grading = graded(f"#include <unistd.h>\nstatic int calls;\n{LOOP}{SIGNATURE} {{ {body} }}", toolchain, sandbox)
    assert (grading.verdict.value, grading.benchmarks[0].points) == (verdict, 0), grading.message


def test_outputs_of_an_earlier_turn_are_no_answer(toolchain: Toolchain, sandbox: Sandbox) -> None:
    """Writes nothing where something was written before: the place is full of what is no answer."""
    body = "if (++calls < 100) right(a, b, c, rows, inner, columns);"
    grading = graded(f"static int calls;\n{LOOP}{SIGNATURE} {{ {body} }}", toolchain, sandbox)
    assert (grading.verdict, grading.benchmarks[0].outcome) == (Verdict.WRONG_ANSWER, BenchmarkOutcome.WRONG)


def test_work_in_another_thread_counts_as_time(toolchain: Toolchain, sandbox: Sandbox) -> None:
    """Two threads compute, and each half takes half the time: on one scale they are no quicker than one."""
    source = (
        "#include <thread>\n"
        + LOOP
        + SIGNATURE
        + """{
        int half = rows / 2;
        std::thread other([=] { right(a, b, c, half, inner, columns); });
        right(a + half * inner, b, c + half * columns, rows - half, inner, columns);
        other.join();
    }"""
    )
    alone = graded(LOOP + SIGNATURE + "{ right(a, b, c, rows, inner, columns); }", toolchain, sandbox).benchmarks[0]
    assert graded(source, toolchain, sandbox).benchmarks[0].ratio < alone.ratio * 1.05


def test_clocks_that_are_patched_inside_change_nothing(toolchain: Toolchain, sandbox: Sandbox) -> None:
    patched = """
        #include <time.h>
        extern "C" int clock_gettime(clockid_t, timespec* t) { t->tv_sec = 1; t->tv_nsec = 0; return 0; }
    """
    slow = LOOP + SIGNATURE + THRICE
    assert graded(patched + slow, toolchain, sandbox).benchmarks[0].outcome is BenchmarkOutcome.FAILED
