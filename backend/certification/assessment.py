"""Where a learner stands: each criterion of a track, met or not, by one small function for each kind of rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from backend.accounts.models import User
from backend.certification.models import Evidence
from backend.certification.rules import Criteria, Criterion, QuizzesPassed, criteria
from backend.curriculum.models import Track
from backend.progress.selectors import TrackProgress, track_progress

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Missing:
    """One thing that is still open, with the page where it is done."""

    text: str
    url: str = ""
    published: bool = True


@dataclass(frozen=True)
class Finding:
    """One criterion and where the learner stands with it."""

    criterion: Criterion
    met: bool
    summary: str
    missing: Sequence[Missing] = ()
    not_blocking: Sequence[Missing] = ()
    """Open too, but nothing depends on it."""
    tries: Sequence[Evidence] = ()
    """Evidence put forward, newest first; for what a reviewer judges."""
    next_try_at: datetime | None = None
    """When evidence may be put forward again, if that is later than now."""

    @property
    def waiting(self) -> bool:
        """Whether a reviewer has it."""
        return any(row.state == Evidence.State.WAITING for row in self.tries)

    @property
    def open_for_evidence(self) -> bool:
        """Whether the learner may put evidence forward now."""
        return self.criterion.by_reviewer and not self.met and not self.waiting and self.next_try_at is None

    @property
    def published(self) -> list[Missing]:
        """What can be done now."""
        return [item for item in self.missing if item.published]

    @property
    def unpublished(self) -> list[Missing]:
        """What waits for the curriculum."""
        return [item for item in self.missing if not item.published]

    @property
    def state(self) -> str:
        """met, waiting or open, for the style sheet."""
        return "met" if self.met else "waiting" if self.waiting else "open"


@dataclass(frozen=True)
class Assessment:
    """All criteria of one version for one learner and track."""

    track: Track
    criteria: Criteria
    progress: TrackProgress
    findings: Sequence[Finding]

    @property
    def met(self) -> int:
        """Number of criteria that are met."""
        return sum(finding.met for finding in self.findings)

    @property
    def all_met(self) -> bool:
        """Whether a certificate may be requested."""
        return self.met == len(self.findings)

    @property
    def open_titles(self) -> list[str]:
        """Titles of what is not met."""
        return [finding.criterion.title for finding in self.findings if not finding.met]

    def finding(self, criterion: str) -> Finding | None:
        """Where the learner stands with one criterion."""
        return next((finding for finding in self.findings if finding.criterion.id == criterion), None)


@dataclass(frozen=True)
class Standing:
    """What the rules look at."""

    progress: TrackProgress
    tries: Mapping[str, Sequence[Evidence]]
    resubmission_after: timedelta
    now: datetime


def assess(learner: User, track: Track, now: datetime) -> Assessment:
    """Every criterion for a learner on a track. A bounded number of queries: those of the progress, and one more."""
    rules = criteria()
    standing = Standing(
        progress=track_progress(learner, track),
        tries=_tries(learner, track),
        resubmission_after=rules.resubmission_after,
        now=now,
    )
    return Assessment(
        track, rules, standing.progress, [JUDGES[item.rule.kind](item, standing) for item in rules.criteria]
    )


def _tries(learner: User, track: Track) -> dict[str, list[Evidence]]:
    tries: dict[str, list[Evidence]] = {}
    rows = Evidence.objects.filter(learner=learner, track=track).select_related("reviewer").order_by("-submitted_at")
    for row in rows:
        tries.setdefault(row.criterion, []).append(row)
    return tries


def _lessons_done(criterion: Criterion, standing: Standing) -> Finding:
    lessons = [item for module in standing.progress.modules for item in module.lessons]
    missing = [
        Missing(f"Lesson {item.lesson}", item.lesson.get_absolute_url() if item.published else "", item.published)
        for item in lessons
        if not item.done
    ]
    return _finding(criterion, missing, f"{len(lessons) - len(missing)} of {len(lessons)} lessons done")


def _quizzes_passed(criterion: Criterion, standing: Standing) -> Finding:
    assert isinstance(criterion.rule, QuizzesPassed)
    modules = [module for module in standing.progress.modules if module.quiz_required]
    missing = []
    for module in modules:
        best = module.quiz.best_score if module.quiz else None
        if best is not None and best >= criterion.rule.min_score - _ROUNDING:
            continue
        reached = f", best {module.quiz.percent} %" if module.quiz else ""
        missing.append(
            Missing(
                f"Quiz of {module.module}{reached}",
                reverse("quiz", args=[module.module.slug]) if module.quiz_available else "",
                module.quiz_available,
            )
        )
    return _finding(criterion, missing, f"{len(modules) - len(missing)} of {len(modules)} quizzes passed")


def _labs_accepted(criterion: Criterion, standing: Standing) -> Finding:
    labs = [item for module in standing.progress.modules for item in module.labs]
    open_labs = [
        (
            Missing(f"Lab {item.lab}", item.lab.get_absolute_url() if item.published else "", item.published),
            item.lab.device == "gpu",
        )
        for item in labs
        if not item.accepted
    ]
    return _finding(
        criterion,
        [missing for missing, gpu_only in open_labs if not gpu_only],
        f"{len(labs) - len(open_labs)} of {len(labs)} labs accepted",
        [missing for missing, gpu_only in open_labs if gpu_only],
    )


def _finding(
    criterion: Criterion, missing: Sequence[Missing], summary: str, not_blocking: Sequence[Missing] = ()
) -> Finding:
    return Finding(criterion, not missing, summary, missing, not_blocking)


def _judged(criterion: Criterion, standing: Standing) -> Finding:
    tries = standing.tries.get(criterion.id, ())
    met = any(row.state == Evidence.State.MET for row in tries)
    last = tries[0] if tries else None
    next_try: datetime | None = None
    if met:
        summary = "Judged met"
    elif last is None:
        summary = "No evidence put forward yet"
    elif last.judged_at is None:
        summary = "With the reviewers"
    else:
        summary = "Judged not met yet"
        after = last.judged_at + standing.resubmission_after
        next_try = after if after > standing.now else None
    url = reverse("evidence_submit", args=[criterion.id])
    missing = () if met or (last is not None and last.judged_at is None) else (Missing("Put evidence forward", url),)
    return Finding(criterion, met, summary, missing, tries=tries, next_try_at=next_try)


JUDGES: Mapping[str, Callable[[Criterion, Standing], Finding]] = {
    "modules_complete": _lessons_done,
    "quizzes_passed": _quizzes_passed,
    "labs_accepted": _labs_accepted,
    "production_projects": _judged,
    "mock_interview": _judged,
    "capstone_project": _judged,
    "take_home": _judged,
    "portfolio_review": _judged,
}
