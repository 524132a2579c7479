"""Reads of attempts and results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from math import ceil

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Now, TruncDate

from backend.accounts.models import User
from backend.curriculum.models import Module
from backend.quizzes.errors import AttemptLimitReached, CooldownActive, NotYet
from backend.quizzes.models import QuizAttempt, QuizResponse, QuizRules, ScoreNotice, percent
from backend.quizzes.rules import DEFAULTS, Rules, Timing

LISTED = 20
"""Finished attempts that the page of a quiz lists."""
NOTICES = 5
"""Notices that a page shows at once."""


@dataclass(frozen=True, slots=True)
class QuizResult:
    """What a learner has reached in the quiz of one module."""

    module_id: int
    best_score: float
    """Share of the points in the best finished attempt, 0 to 1."""
    passed: bool
    """Whether any attempt passed. Only a corrected key applied without “never lower” takes that back."""
    attempts: int
    """Number of finished attempts."""

    @property
    def percent(self) -> int:
        """Best score in percent, rounded down."""
        return percent(self.best_score)


def best_results(learner: User) -> dict[int, QuizResult]:
    """Module id -> result, for each module whose quiz the learner has finished at least once. One query."""
    rows = (
        QuizAttempt.objects.filter(learner=learner, finished_at__isnull=False)
        .values("module_id")
        .annotate(best=Max("score"), passes=Count("pk", filter=Q(passed=True)), attempts=Count("pk"))
        .order_by("module_id")
    )
    return {
        row["module_id"]: QuizResult(row["module_id"], row["best"], row["passes"] > 0, row["attempts"]) for row in rows
    }


def first_passed(learner: User) -> dict[int, datetime]:
    """Module id -> when the learner first passed its quiz, for those that they passed. One query."""
    passed = QuizAttempt.objects.filter(learner=learner, passed=True, finished_at__isnull=False)
    return dict(passed.values_list("module_id").annotate(first=Min("finished_at")).order_by())


def quizzes_by_day(learner: User, *, since: datetime, zone: tzinfo) -> dict[date, int]:
    """How many quizzes a learner finished on each day of a time zone that had any. One query."""
    finished = QuizAttempt.objects.filter(learner=learner, finished_at__gte=since)
    return dict(finished.values_list(TruncDate("finished_at", tzinfo=zone)).annotate(count=Count("pk")).order_by())


def not_passed(learner_id: int, module_ids: Sequence[int]) -> list[Module]:
    """Those of the modules whose quiz the learner has no attempt at that passed. One query."""
    passed = QuizAttempt.objects.filter(learner=learner_id, module=OuterRef("pk"), passed=True)
    return list(Module.objects.filter(~Exists(passed), pk__in=module_ids).only("number", "title").order_by("number"))


def attempts_visible_to(user: User | AnonymousUser) -> QuerySet[QuizAttempt]:
    """A person's own attempts, and nobody else's, each with `now`, the database's clock."""
    if not isinstance(user, User):
        return QuizAttempt.objects.none()
    return QuizAttempt.objects.filter(learner=user).select_related("module").annotate(now=Now())


def seconds_left(attempt: QuizAttempt) -> int | None:
    """Whole seconds until the time is over, seen from the attempt's `now`; None without a time limit."""
    if attempt.ends_at is None:
        return None
    left: timedelta = attempt.ends_at - attempt.now  # type: ignore[attr-defined]
    return max(0, ceil(left.total_seconds()))


def rules_of(module: Module) -> Rules:
    """How the module's quiz is asked. One query, unless the module came with them."""
    row: QuizRules | None = getattr(module, "quiz_rules", None)
    if row is None:
        return DEFAULTS
    return Rules(
        questions=row.questions,
        cooldown=timedelta(minutes=row.cooldown_minutes),
        attempt_limit=row.attempt_limit,
        limit_window=timedelta(hours=row.limit_hours),
        timing=Timing(row.timing),
        time_limit=timedelta(minutes=row.time_limit_minutes),
        table=row.table,
    )


def recent_attempts(learner: User, module: Module, rules: Rules) -> list[QuizAttempt]:
    """The last attempts, newest first, each with `now`, the database's clock; enough of them for every rule. One query.

    Only the first can be open.
    """
    attempts = QuizAttempt.objects.filter(learner=learner, module=module).annotate(now=Now())
    return list(attempts.order_by("-started_at")[: max(LISTED + 1, rules.attempt_limit)])


def not_yet(recent: Sequence[QuizAttempt], rules: Rules) -> NotYet | None:
    """Why the next attempt cannot start now and when it can; None when it can. Of two reasons the longer one.

    Args:
        recent: from `recent_attempts`, with none open.
        rules: of the quiz.
    """
    reasons: list[NotYet] = []
    if recent and not recent[0].passed and recent[0].finished_at is not None:
        until = recent[0].finished_at + rules.cooldown
        reasons.append(CooldownActive(until - recent[0].now, until))  # type: ignore[attr-defined]
    if len(recent) >= rules.attempt_limit:
        # With as many as are allowed, the next has to wait until the first of them leaves the window.
        first = recent[rules.attempt_limit - 1]
        until = first.started_at + rules.limit_window
        wait = until - first.now  # type: ignore[attr-defined]
        reasons.append(AttemptLimitReached(wait, until, rules.attempt_limit, rules.limit_hours))
    longest = max(reasons, key=lambda reason: reason.wait, default=None)
    return longest if longest is not None and longest.wait > timedelta(0) else None


def unread_notices(learner: User, module: Module | None = None) -> list[ScoreNotice]:
    """What the learner was told about changed scores and has not put away, the newest first. One query.

    Args:
        module: whose quiz; None for all.
    """
    notices = ScoreNotice.objects.filter(learner=learner, read_at=None).select_related("change")
    return list((notices if module is None else notices.filter(change__attempt__module=module))[:NOTICES])


def module(slug: str) -> Module:
    """The module whose quiz is meant, with its rules. One query.

    Raises:
        Module.DoesNotExist: no such module, or retired.
    """
    return Module.objects.select_related("quiz_rules").defer("body_html").get(slug=slug, retired=False)


def responses(attempt: QuizAttempt) -> list[QuizResponse]:
    """All questions of an attempt in order, each with its revision and lesson. One query."""
    return list(
        QuizResponse.objects.filter(attempt=attempt)
        .select_related("question__question__lesson", "scored_by")
        .defer("question__question__lesson__body_html", "question__question__lesson__contents")
        .order_by("position")
    )
