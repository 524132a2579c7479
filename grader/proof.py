"""Proving that a lab judges rightly: what must pass passes, what must fail fails, and for the stated reason."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.casework import Bench, CaseContext, References, load_checks
from grader.contract import BenchmarkOutcome, Verdict
from grader.explaining import Explainer
from grader.lab import Lab, LabError
from grader.pipeline import Grading, grade
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain

STRATEGY_RUNS = 15
STRATEGY_SECONDS = 30.0


class Expectation(BaseModel):
    """`mutants/NAME/expect.yml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: Verdict
    failing: Annotated[list[str], Field(default_factory=list)]
    """Ids of exactly the tests and benchmarks that must fail; benchmarks that are not run do not count."""
    hint: str = ""
    """A part of the hint or message that the learner must see."""


@dataclass(frozen=True)
class Proof:
    """One thing a lab claims, and what was found."""

    lab: str
    what: str
    seen: str
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts the claim."""
        return not self.problems


def prove(lab: Lab, folder: Path, toolchain: Toolchain, sandbox: Sandbox, *, repeat: int = 1) -> Iterator[Proof]:
    """Check reference, starter, empty files and every mutant, each with `repeat` fresh seeds.

    Raises:
        LabError: a mutant's folder is not as it should be.
    """

    def graded(files: Mapping[str, bytes]) -> Grading:
        return grade(lab, files, toolchain=toolchain, sandbox=sandbox, seed=secrets.randbelow(2**31), explained=False)

    yield from _strategies(lab, toolchain, sandbox)
    for _ in range(repeat):
        yield _must_be_full(lab, graded(lab.reference))
        yield _must_be_zero(lab, "starter", graded(lab.starter))
        yield _must_be_zero(lab, "empty files", graded(dict.fromkeys(lab.spec.entry.files, b"")))
        for mutant in sorted(path for path in (folder / "mutants").glob("*") if path.is_dir()):
            expected = _expectation(mutant)
            # A mutant need not repeat the files in which it equals the reference.
            own = {name: (mutant / name).read_bytes() for name in lab.spec.entry.files if (mutant / name).is_file()}
            if not own:
                raise LabError(f"{mutant}: holds none of {', '.join(lab.spec.entry.files)}")
            reference = {name: lab.reference[name] for name in lab.spec.entry.files}
            yield _must_match(lab, f"mutant {mutant.name}", expected, graded(reference | own))


def _strategies(lab: Lab, toolchain: Toolchain, sandbox: Sandbox) -> Iterator[Proof]:
    """The reference must pass whatever the lab's strategies draw: a learner would be shown a wrong answer as right."""
    bench = Bench(lab, toolchain, sandbox)
    checks = load_checks(lab)
    built = bench.build(lab.reference)
    if checks.strategy is None or built.program is None:
        return
    seed, references = secrets.randbelow(2**31), References(bench)

    def context(part: str) -> CaseContext:
        return CaseContext(bench, random.Random(f"{seed}/{part}"), references)  # noqa: S311 - repeatable on purpose

    explainer = Explainer(bench, checks, built.program, lab.reference, context, seed, runs=STRATEGY_RUNS)
    for test in lab.spec.stages.tests:
        if test.hidden and test.counterexample and checks.strategy(test.id) is not None:
            found = explainer.search(test, set(), STRATEGY_SECONDS)
            problems = [] if found is None else ["the reference fails", found.case.note, found.result.message]
            yield Proof(lab.slug, f"strategy of {test.id}", f"{STRATEGY_RUNS} cases at most, seed {seed}", problems)


def _expectation(mutant: Path) -> Expectation:
    path = mutant / "expect.yml"
    try:
        return Expectation.model_validate(yaml.safe_load(path.read_text()))
    except OSError as error:
        raise LabError(f"{path} is missing: say which verdict the mutant deserves") from error
    except (yaml.YAMLError, ValidationError) as error:
        raise LabError(f"{path}: {error}") from error


def _summary(grading: Grading) -> str:
    return f"{grading.verdict.value}, {grading.score:g} of {grading.max_score:g}, seed {grading.seed}"


def _details(grading: Grading) -> list[str]:
    rows = [f"{test.name}: {test.verdict.value}: {test.message}" for test in grading.tests if not test.passed]
    return [grading.fault or grading.message, *rows]


def _must_be_full(lab: Lab, grading: Grading) -> Proof:
    open_points = sum(row.max_points for row in grading.benchmarks if row.outcome is BenchmarkOutcome.WAITING)
    good = grading.verdict is Verdict.ACCEPTED and grading.score == grading.max_score - open_points
    return Proof(lab.slug, "reference", _summary(grading), [] if good else ["must be accepted", *_details(grading)])


def _must_be_zero(lab: Lab, what: str, grading: Grading) -> Proof:
    problems = []
    if grading.verdict is Verdict.GRADER_ERROR:
        problems = ["must fail by its own fault", *_details(grading)]
    elif grading.score > 0 or grading.verdict is Verdict.ACCEPTED:
        passed = ", ".join(test.name for test in grading.tests if test.passed)
        problems = [f"must get no points; these tests passed: {passed}"]
    return Proof(lab.slug, what, _summary(grading), problems)


def _must_match(lab: Lab, what: str, expected: Expectation, grading: Grading) -> Proof:
    problems = []
    failing = [test.name for test in grading.tests if not test.passed]
    failing += [
        row.name for row in grading.benchmarks if not row.passed and row.outcome is not BenchmarkOutcome.NOT_RUN
    ]
    if grading.verdict is not expected.verdict:
        problems.append(f"verdict must be {expected.verdict.value}")
    if sorted(failing) != sorted(expected.failing):
        problems.append(f"must fail {sorted(expected.failing)}, failed {sorted(failing)}")
    told = [grading.message, *(test.hint for test in grading.tests), *(test.message for test in grading.tests)]
    if expected.hint and not any(expected.hint in text for text in told):
        problems.append(f"nobody is told “{expected.hint}”")
    return Proof(lab.slug, what, _summary(grading), [*problems, *_details(grading)] if problems else [])
