"""A grading in words, on a terminal."""

from __future__ import annotations

from grader.contract import EventKind, GradeEvent
from grader.pipeline import Grading

_MARKS = {True: "passed", False: "FAILED"}


def print_event(event: GradeEvent) -> None:
    """One step of a grading, as it happens."""
    if event.kind is EventKind.STAGE:
        print(f"{event.stage.value} …", flush=True)
    elif event.kind is EventKind.LOG:
        print(event.text.rstrip(), flush=True)
    elif event.kind is EventKind.BENCHMARK:
        _print_benchmark(event)
    elif event.kind is EventKind.TEST and event.test is not None:
        test = event.test
        points = f"{test.points:g}/{test.max_points:g}"
        print(f"  {_MARKS[test.passed]}  {event.index:>2} of {event.total}  {points:>7}  {test.title}", flush=True)
        if not test.passed:
            for label, text in (
                ("why", test.message), ("hint", test.hint), ("input", test.detail), ("command", test.command),
                ("expected", test.expected), ("seen", test.seen), ("stderr", test.stderr),
            ):  # fmt: skip
                if text:
                    print(f"           {label}: " + text.strip().replace("\n", "\n             "))


def _print_benchmark(event: GradeEvent) -> None:
    row = event.benchmark
    if row is None:
        print(f"  {event.text}", flush=True)
        return
    points = f"{row.points:g}/{row.max_points:g}"
    print(f"  {_MARKS[row.passed]}  {event.index:>2} of {event.total}  {points:>7}  {row.title}", flush=True)
    print(f"           {row.message}", flush=True)


def _print_explanations(grading: Grading) -> None:
    for test in grading.tests:
        for found in test.findings:
            print(f"\n{test.title}: {found.file}:{found.line}: {found.message}")
        if (shown := test.counterexample) is not None:
            print(f"\n{test.title}: an input that breaks it too (not the hidden one):")
            for label, text in (
                ("input", shown.note), ("command", shown.command), ("stdin", shown.stdin), ("why", shown.message),
                ("expected", shown.expected), ("seen", shown.seen),
            ):  # fmt: skip
                if text:
                    print(f"  {label}: " + text.strip().replace("\n", "\n    "))


def print_result(grading: Grading) -> None:
    """What helps on, the verdict, and how to repeat it."""
    _print_explanations(grading)
    phases = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in grading.phases.items())
    print(f"\n{grading.verdict.value}: {grading.score:g} of {grading.max_score:g} points. {grading.message}")
    print(f"Seed {grading.seed} (repeat with --seed {grading.seed}). {phases}.")
