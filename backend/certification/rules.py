"""`certification.yml`: what a certificate stands for, as checked data with a version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Share = Annotated[float, Field(gt=0, le=1)]
_Positive = Annotated[int, Field(gt=0)]
_Levels = Annotated[list[int], Field(min_length=2)]


class CriteriaError(Exception):
    """The file is missing or says something that cannot be; the message names the file and the place."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModulesComplete(_Strict):
    """Every lesson that the track lists is marked done."""

    kind: Literal["modules_complete"]

    @property
    def demand(self) -> str:
        """In words."""
        return "Every lesson that the track lists is done."


class QuizzesPassed(_Strict):
    """The best attempt at each module's quiz reaches a share of the points."""

    kind: Literal["quizzes_passed"]
    min_score: _Share

    @property
    def demand(self) -> str:
        """In words."""
        return f"At least {round(100 * self.min_score)} % in the quiz of every module that has one for the track."


class LabsAccepted(_Strict):
    """An accepted submission for each lab of the track."""

    kind: Literal["labs_accepted"]
    gpu_stages_block: Literal[False]

    @property
    def demand(self) -> str:
        """In words."""
        return "An accepted submission for every lab of the track; labs that only a GPU can grade do not block."


class ProductionProjects(_Strict):
    """Projects judged by a rubric of levels."""

    kind: Literal["production_projects"]
    count: _Positive
    min_mean: float
    min_each: int
    levels: _Levels

    @property
    def demand(self) -> str:
        """In words."""
        return (
            f"{self.count} projects, each with a mean of at least {self.min_mean:g} and no level below {self.min_each} "
            f"on a rubric of levels {self.levels[0]} to {self.levels[-1]}."
        )


class MockInterview(_Strict):
    """Interviews close to each other, each with enough points."""

    kind: Literal["mock_interview"]
    parts: Annotated[list[_Text], Field(min_length=1)]
    within_days: _Positive
    min_sum: _Positive
    max_sum: _Positive
    min_each: int

    @property
    def demand(self) -> str:
        """In words."""
        parts = " and ".join(part.replace("_", " ") for part in self.parts)
        return (
            f"{parts.capitalize()} within {self.within_days} days, each with at least {self.min_sum} of {self.max_sum} "
            f"points and no criterion below {self.min_each}."
        )


class CapstoneProject(_Strict):
    """One project with automatic and judged points."""

    kind: Literal["capstone_project"]
    min_score: _Positive
    max_score: _Positive
    automatic_share: int
    min_each: int

    @property
    def demand(self) -> str:
        """In words."""
        return (
            f"At least {self.min_score} of {self.max_score} points, {self.automatic_share} of them from automatic "
            f"checks, and no criterion of the rubric below {self.min_each}."
        )


class TakeHome(_Strict):
    """An assignment under a limit of time."""

    kind: Literal["take_home"]
    min_score: _Positive
    max_score: _Positive
    window_days: _Positive
    automatic_share: int

    @property
    def demand(self) -> str:
        """In words."""
        return (
            f"At least {self.min_score} of {self.max_score} points, {self.automatic_share} of them from automatic "
            f"checks, handed in within {self.window_days} days."
        )


class PortfolioReview(_Strict):
    """Several projects looked at as a stranger would."""

    kind: Literal["portfolio_review"]
    min_projects: _Positive
    max_projects: _Positive
    min_mean: float
    min_each: int
    levels: _Levels

    @property
    def demand(self) -> str:
        """In words."""
        return (
            f"{self.min_projects} to {self.max_projects} projects, with a mean of at least {self.min_mean:g} and no "
            f"level below {self.min_each} on a rubric of levels {self.levels[0]} to {self.levels[-1]}."
        )


SystemRule = ModulesComplete | QuizzesPassed | LabsAccepted
ReviewerRule = ProductionProjects | MockInterview | CapstoneProject | TakeHome | PortfolioReview
Rule = Annotated[SystemRule | ReviewerRule, Field(discriminator="kind")]


class Criterion(_Strict):
    """One thing that a certificate demands."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    title: _Text
    why: _Text
    judged_by: Literal["system", "reviewer"]
    per: Literal["track"]
    evidence: _Text
    rule: Rule

    @model_validator(mode="after")
    def _judged_by_who_can(self) -> Criterion:
        expected = "system" if isinstance(self.rule, SystemRule) else "reviewer"
        if self.judged_by != expected:
            raise ValueError(f"“{self.id}”: a rule of kind {self.rule.kind} is judged by {expected}")
        return self

    @property
    def by_reviewer(self) -> bool:
        """Whether a person looks at evidence for it."""
        return self.judged_by == "reviewer"


class Criteria(_Strict):
    """All criteria of one version."""

    version: _Positive
    date: date
    criteria: Annotated[Sequence[Criterion], Field(min_length=1)]
    resubmission_after_days: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _ids_differ(self) -> Criteria:
        ids = [criterion.id for criterion in self.criteria]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"criterion “{twice[0]}” is given twice")
        return self

    @property
    def resubmission_after(self) -> timedelta:
        """Time between a judgement “not met” and the next try."""
        return timedelta(days=self.resubmission_after_days)

    def criterion(self, name: str) -> Criterion | None:
        """The criterion with an id."""
        return next((criterion for criterion in self.criteria if criterion.id == name), None)


def criteria() -> Criteria:
    """The criteria in force; read again when the file changes.

    Raises:
        CriteriaError: the file is missing or invalid.
    """
    path = Path(settings.CONTENT_DIR) / "certification.yml"
    try:
        return read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise CriteriaError(f"{path} cannot be read: {error.strerror}.") from error


@lru_cache(maxsize=4)
def read(path: Path, changed: int) -> Criteria:
    """The criteria in a file, remembered for each time of change.

    Raises:
        CriteriaError: not valid; says where.
    """
    try:
        return Criteria.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise CriteriaError(f"{path} is not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise CriteriaError(f"{path}, {place or 'as a whole'}: {first['msg']}") from error
