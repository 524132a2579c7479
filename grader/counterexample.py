"""Looking for an input that breaks a submission as a hidden one does, so that a learner sees one and not the hidden.

A lab may give a hypothesis strategy of cases: `strategy(test_id)` in `checks.py`. What it finds is shrunk. Without
one, `cases` draws again with fresh seeds and the smallest case that fails is taken. Whatever shares its input with a
hidden case of the attempt is refused.
"""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis.errors import HypothesisException, HypothesisWarning

from grader.casework import CaseContext, GraderFault, draw_cases
from grader.checks import Case
from grader.contract import Counterexample, TestResult
from grader.sandbox import Outcome
from grader.text import clip

# Cases may hold models; hypothesis writes one of them out for a message that nobody reads.
warnings.filterwarnings("ignore", "Generating overly large repr", HypothesisWarning)

MAX_SHOWN_FILE = 1500
ENOUGH = 3
"""Failing cases from which the smallest is taken, where there is no strategy."""

Judge = Callable[[Case, CaseContext], tuple[TestResult, Outcome]]
Contexts = Callable[[str], CaseContext]


@dataclass(frozen=True)
class Found:
    """A case that fails, and what its run gave."""

    case: Case
    result: TestResult
    outcome: Outcome
    shrunk: bool = False


def contents_of(cases: Iterable[Case]) -> set[object]:
    """What must not be shown of hidden cases: each one as a whole, and each input of it."""
    hidden: set[object] = set()
    for case in cases:
        hidden.add(_whole(case))
        hidden.update(content for content in (case.stdin, *case.files.values()) if content)
    return hidden


def _whole(case: Case) -> object:
    return (tuple(map(str, case.args)), case.stdin, tuple(sorted(case.files.items())), tuple(case.models))


def _size(case: Case) -> int:
    return len(case.stdin) + sum(map(len, case.files.values())) + sum(len(str(argument)) for argument in case.args)


@dataclass
class Search:
    """One search, within a number of runs and seconds.

    Args:
        judge: runs the submission on a case and judges it.
        contexts: a context for a part of the search, the same one for the same part.
        hidden: see `contents_of`.
    """

    judge: Judge
    contexts: Contexts
    hidden: set[object]
    runs: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _known: dict[object, bool] = field(default_factory=dict)
    _failing: list[Found] = field(default_factory=list)
    _spent: bool = False

    def __post_init__(self) -> None:
        self._deadline = self.clock() + self.seconds

    def with_strategy(self, strategy: Any, seed: str) -> Found | None:
        """The smallest failing case of a hypothesis strategy."""
        settings = hypothesis.settings(
            max_examples=max(1, self.runs),
            database=None,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
            phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
            verbosity=hypothesis.Verbosity.quiet,
        )
        try:
            smallest = hypothesis.find(
                strategy,
                self._breaks,
                settings=settings,
                random=random.Random(seed),  # noqa: S311 - repeatable on purpose
            )
        except HypothesisException:
            return min(self._failing, key=lambda found: _size(found.case), default=None)
        found = next(one for one in self._failing if _whole(one.case) == _whole(smallest))
        return Found(found.case, found.result, found.outcome, shrunk=not self._spent)

    def with_fresh_draws(self, draw: Callable[[CaseContext], list[Case]]) -> Found | None:
        """The smallest of the first failing cases that fresh seeds give."""
        number = 0
        while len(self._failing) < ENOUGH and not self._over():
            cases = draw(self.contexts(f"draw/{number}"))
            for case in sorted(cases, key=_size):
                if self._breaks(case):
                    break
            number += 1
            if number > self.runs:
                break
        return min(self._failing, key=lambda found: _size(found.case), default=None)

    def _over(self) -> bool:
        if self.runs <= 0 or self.clock() >= self._deadline:
            self._spent = True
        return self._spent

    def _breaks(self, case: Case) -> bool:
        """Whether the submission fails on a case that may be shown. Asked twice, it runs once."""
        whole = _whole(case)
        if whole in self._known:
            return self._known[whole]
        if whole in self.hidden or any(part in self.hidden for part in (case.stdin, *case.files.values()) if part):
            return False
        if self._over():
            return False
        self.runs -= 1
        try:
            result, outcome = self.judge(case, self.contexts(f"judge/{len(self._known)}"))
        except GraderFault:
            # The lab's own generator gave something that the lab cannot judge.
            self._known[whole] = False
            return False
        self._known[whole] = not result.passed
        if not result.passed:
            self._failing.append(Found(case, result, outcome))
        return not result.passed


def draws_of(lab: Any, checks: Any, test: str) -> Callable[[CaseContext], list[Case]]:
    """The lab's own generator, for one test."""
    return lambda context: draw_cases(lab, checks, context)[test]


def shown(found: Found, command: str) -> Counterexample:
    """A found case in words."""
    case = found.case
    return Counterexample(
        note=clip(case.note or _input_of(case), 8000),
        command=clip(command, 2000),
        stdin=clip(case.stdin, 8000),
        message=clip(found.result.message, 500),
        expected=found.result.expected,
        seen=found.result.seen,
        shrunk=found.shrunk,
    )


def _input_of(case: Case) -> str:
    """The files of a case as text, or as bytes where they are none."""
    parts = []
    for name, content in case.files.items():
        try:
            text = content.decode()
            printable = text.isprintable() or all(sign.isprintable() or sign in "\n\t" for sign in text)
        except UnicodeDecodeError:
            printable = False
        head = f"/in/{name} ({len(content)} bytes):\n"
        parts.append(head + (clip(text, MAX_SHOWN_FILE) if printable else _dump(content[:512], len(content))))
    if not parts:
        return "The standard input below." if case.stdin else "Nothing but the arguments."
    return "\n".join(parts)


def _dump(content: bytes, total: int) -> str:
    """Sixteen bytes a line, as hexdump writes them."""
    lines = []
    for start in range(0, len(content), 16):
        row = content[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{start:08x}  {row.hex(' '):<47}  {text}")
    return "\n".join(lines) + ("\n…" if total > len(content) else "")
