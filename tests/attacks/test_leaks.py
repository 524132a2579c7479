"""What a hidden input can tell its author: nothing but the class of failure, the same for every input."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from grader.casework import load_checks
from grader.contract import GradeEvent, TestResult
from grader.lab import Lab
from grader.pipeline import Grading, grade
from tests.attacks.boxes import Machine
from tests.attacks.cases import tiny_lab
from tests.attacks.test_attacks import words

READ = (
    "import os, sys, time\nsecret = sys.stdin.read()\nnumbers = secret.split()\nkey = int(numbers[-1].split('.')[0])\n"
)
SEEDS = (1, 2, 3, 4)
CODES = {
    "output": "print(secret)",
    "standard error": "print(secret, file=sys.stderr)",
    "exit status": "sys.exit(1 + key % 120)",
    "exit status after an answer": "print(7)\nsys.exit(1 + key % 120)",
    "signal": "os.kill(0, [40, 41, 42, 43, 44, 45, 46, 47, 48][key % 9])",
    "message of an exception": "raise ValueError(secret)",
    "name of an exception": "raise type('E' + numbers[0], (Exception,), {})",
    "name of a function in a traceback": (
        "f = lambda: 1 / 0\nf.__code__ = f.__code__.replace(co_name='f' + numbers[0])\nf()"
    ),
    "number of lines": "print('1\\n' * (2 + key % 900))",
    "length of a line": "print('1' * (2 + key % 900))",
    "line that is wrong": "print('\\n' * (key % 900) + '7')",
    "file that comes back": "open('/box/note.txt', 'w').write(secret)\nprint(7)",
    "name of a file": "open(f'/box/{numbers[0]}', 'w')\nprint(7)",
    "time": "time.sleep(key % 7 / 20)\nprint(7)",
    "time past the limit": "end = time.time() + key % 7 / 10\nwhile time.time() < end: pass\ntime.sleep(9)",
    "memory": "held = bytearray((1 + key % 7) << 20)\nprint(7)",
}

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("machine", ["bubblewrap"], indirect=True)]


def told_of(row: TestResult) -> str:
    """Everything that is told of a test's own input. Another input that is shown in its place is none of it."""
    return row.model_copy(update={"counterexample": None, "findings": []}).model_dump_json()


def hidden_words(grading: Grading) -> str:
    """What is told of the hidden test."""
    (row,) = (row for row in grading.tests if row.hidden)
    return told_of(row)


def hidden_input(lab: Lab, seed: int) -> list[str]:
    """The words of the hidden input, as this seed draws it."""
    context = SimpleNamespace(rng=random.Random(f"{seed}/cases"))
    (case,) = (case for case in load_checks(lab).cases(cast(Any, context)) if case.test == "hidden")
    return case.stdin.decode().split()


@pytest.mark.parametrize("what", CODES)
def test_a_hidden_test_says_the_same_whatever_its_input_was(machine: Machine, what: str) -> None:
    source = (READ + CODES[what]).encode()
    told: dict[str, int] = {}
    for seed in SEEDS:
        events: list[GradeEvent] = []
        lab = tiny_lab("python", wall_seconds=1.5)
        grading = grade(
            lab,
            {"main.py": source},
            toolchain=machine.toolchain,
            sandbox=machine.sandbox,
            seed=seed,
            on_event=events.append,
        )
        live = [told_of(event.test) for event in events if event.test and event.test.hidden]
        assert live == [hidden_words(grading)], "the live page shows no more than the report"
        told[hidden_words(grading)] = seed
        everything = repr(grading) + repr(events)
        assert not [word for word in hidden_input(lab, seed) if word in everything]
    assert len(told) == 1, list(told)


def test_counts_in_the_messages_of_a_tolerance_are_hidden_too(machine: Machine) -> None:
    told = set()
    for code in ("print(*[1] * (1 + key % 90))", "print(*[float(n) / 2 for n in numbers[: key % 40]], *[0] * 40)"):
        for seed in SEEDS:
            grading = grade(
                tiny_lab("numbers"),
                {"main.py": (READ + code).encode()},
                toolchain=machine.toolchain,
                sandbox=machine.sandbox,
                seed=seed,
            )
            told.add(hidden_words(grading))
    assert len(told) == 1, told
    assert "There are … numbers; there must be …." in told.pop()


def test_a_shown_test_still_says_everything(machine: Machine) -> None:
    source = (READ + "print(secret)\nprint('on error', file=sys.stderr)\nsys.exit(3)").encode()
    grading = grade(
        tiny_lab("python"), {"main.py": source}, toolchain=machine.toolchain, sandbox=machine.sandbox, seed=1
    )
    assert "exit status 3" in words(grading)
    assert "on error" in words(grading)
