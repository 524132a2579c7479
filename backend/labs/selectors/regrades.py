"""Reads for staff: regrades and what they would change, and submissions that wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, NullIf

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs.models import GradeAttempt, Notice, Regrade, RegradeItem, Submission, Verdict, VerdictChange
from backend.labs.selectors.evidence import deciding_attempts

PAGE = 50
SHOWS = {
    "changed": "Changes",
    "lost": "Accepted lost",
    "lower": "Worse",
    "trouble": "Not graded",
    "all": "All",
}
_ALIVE = (GradeAttempt.State.QUEUED, GradeAttempt.State.RUNNING)
_NOT_GRADED = (RegradeItem.State.WAITING, RegradeItem.State.FAILED, RegradeItem.State.UNFIT)
_ROUNDING = 1e-9


def _concerned(regrade: Regrade) -> QuerySet[Submission]:
    """Submissions with a verdict that a regrade is about and that it does not hold yet."""
    newest = deciding_attempts().filter(submission=OuterRef("pk")).order_by("-number")
    submissions = (
        Submission.objects.exclude(verdict="")
        .exclude(Exists(RegradeItem.objects.filter(regrade=regrade, submission=OuterRef("pk"))))
        .filter(lab__retired=False, lab__digest__gt="")
    )
    if regrade.lab_id is not None:
        submissions = submissions.filter(lab=regrade.lab_id)
    if regrade.judged_by_grader:
        submissions = submissions.annotate(grader=Subquery(newest.values("grader_revision")[:1])).filter(
            grader=regrade.judged_by_grader
        )
    elif regrade.outdated_only:
        submissions = submissions.annotate(judged_with=Subquery(newest.values("lab_digest")[:1])).exclude(
            judged_with=F("lab__digest")
        )
    return submissions


def _under_way() -> Exists:
    return Exists(GradeAttempt.objects.filter(submission=OuterRef("pk"), state__in=_ALIVE))


def _decided_by_person() -> Exists:
    decisions = VerdictChange.objects.filter(submission=OuterRef("pk"), cause=VerdictChange.Cause.DECISION)
    return Exists(decisions)


def eligible(regrade: Regrade) -> QuerySet[Submission]:
    """Submissions that may be added to a regrade: not being graded now, and not decided by a person."""
    return _concerned(regrade).exclude(_under_way()).exclude(_decided_by_person())


@dataclass(frozen=True)
class Transition:
    """How many submissions go from one verdict to another."""

    old: str
    new: str
    count: int

    @property
    def changes(self) -> bool:
        """Whether the verdict is another one."""
        return self.old != self.new


@dataclass(frozen=True)
class RegradeSummary:
    """What a regrade would change, or has changed, in numbers."""

    states: dict[str, int]
    transitions: Sequence[Transition]
    lost: int
    """Submissions that would lose accepted."""
    gained: int
    higher: int
    lower: int
    """By points, in share of the lab's, whatever the verdict."""
    ready: int
    """Submissions that were graded meanwhile and are not in it."""
    under_way: int
    decided: int
    """Left as a person decided."""

    @property
    def total(self) -> int:
        """Submissions in the regrade."""
        return sum(self.states.values())

    @property
    def waiting(self) -> int:
        """Still to be graded."""
        return self.states.get(RegradeItem.State.WAITING, 0)

    @property
    def done(self) -> int:
        """No longer waiting."""
        return self.total - self.waiting

    @property
    def words(self) -> list[tuple[str, int]]:
        """States in words, with how many there are."""
        return [(RegradeItem.State(state).label, count) for state, count in sorted(self.states.items())]


def _with_shares(items: QuerySet[RegradeItem]) -> QuerySet[RegradeItem]:
    def share(prefix: str) -> Cast:
        return Cast(F(f"{prefix}_score"), FloatField()) / NullIf(F(f"{prefix}_max_score"), 0.0)  # type: ignore[return-value]

    return items.annotate(difference=share("new") - share("old"))


_LOST = Q(old_verdict=Verdict.ACCEPTED) & ~Q(new_verdict__in=["", Verdict.ACCEPTED])
_GRADED = ~Q(state__in=_NOT_GRADED)


def regrade_summary(regrade: Regrade) -> RegradeSummary:
    """The numbers of a regrade. Three queries, however many submissions it has."""
    items = _with_shares(RegradeItem.objects.filter(regrade=regrade))
    states = {row["state"]: row["n"] for row in items.values("state").annotate(n=Count("pk")).order_by()}
    rows = list(
        items.filter(_GRADED)
        .values("old_verdict", "new_verdict")
        .annotate(
            n=Count("pk"),
            higher=Count("pk", filter=Q(difference__gt=_ROUNDING)),
            lower=Count("pk", filter=Q(difference__lt=-_ROUNDING)),
        )
        .order_by("-n")
    )
    transitions = [
        Transition(Verdict(row["old_verdict"]).value, Verdict(row["new_verdict"]).value, row["n"]) for row in rows
    ]
    left = {"ready": 0, "under_way": 0, "decided": 0}
    if regrade.state == Regrade.State.PREVIEW:
        outside = _concerned(regrade).annotate(busy=_under_way(), fixed=_decided_by_person())
        left = outside.aggregate(
            ready=Count("pk", filter=Q(busy=False, fixed=False)),
            under_way=Count("pk", filter=Q(busy=True, fixed=False)),
            decided=Count("pk", filter=Q(fixed=True)),
        )
    accepted = Verdict.ACCEPTED.value
    return RegradeSummary(
        states=states,
        transitions=transitions,
        lost=sum(row.count for row in transitions if row.changes and row.old == accepted),
        gained=sum(row.count for row in transitions if row.changes and row.new == accepted),
        higher=sum(row["higher"] for row in rows),
        lower=sum(row["lower"] for row in rows),
        **left,
    )


def regrade_items(regrade: Regrade, *, show: str, page: str) -> Page[RegradeItem]:
    """One page of a regrade's submissions, what gets worse first. Two queries."""
    items = _with_shares(
        RegradeItem.objects.filter(regrade=regrade)
        .select_related("submission__learner", "submission__lab")
        .defer("submission__lab__instructions_html", "submission__lab__contents")
    )
    differs = ~Q(old_verdict=F("new_verdict")) | Q(difference__gt=_ROUNDING) | Q(difference__lt=-_ROUNDING)
    wanted = {
        "changed": _GRADED & differs,
        "lost": _GRADED & _LOST,
        "lower": _GRADED & (_LOST | Q(difference__lt=-_ROUNDING)),
        "trouble": Q(state__in=[RegradeItem.State.FAILED, RegradeItem.State.UNFIT, RegradeItem.State.OVERTAKEN]),
    }
    found = items.filter(wanted[show]) if show in wanted else items
    return Paginator(found.order_by(F("difference").asc(nulls_last=True), "pk"), PAGE).get_page(page)


_GRADER_REVISIONS = """
WITH RECURSIVE seen(name) AS (
  (SELECT grader_revision FROM labs_gradeattempt WHERE grader_revision > '' AND NOT trial ORDER BY 1 LIMIT 1)
  UNION ALL
  SELECT (SELECT grader_revision FROM labs_gradeattempt WHERE grader_revision > seen.name AND NOT trial
          ORDER BY 1 LIMIT 1)
  FROM seen WHERE seen.name IS NOT NULL
)
SELECT name FROM seen WHERE name IS NOT NULL ORDER BY name
"""


def regrades() -> list[Regrade]:
    """The latest regrades. One query."""
    return list(
        Regrade.objects.select_related("lab", "requested_by")
        .defer("lab__instructions_html", "lab__contents")
        .order_by("-requested_at")[:PAGE]
    )


def labs_with_submissions() -> QuerySet[Lab]:
    """Labs that somebody handed in."""
    return (
        Lab.objects.filter(Exists(Submission.objects.filter(lab=OuterRef("pk"))), retired=False)
        .exclude(digest="")
        .defer("instructions_html", "contents")
        .order_by("module__number", "position")
    )


def grader_revisions() -> list[str]:
    """Grader revisions that judged something, by name. One query, which steps from name to name in their index."""
    with connection.cursor() as cursor:
        cursor.execute(_GRADER_REVISIONS)
        return [name for (name,) in cursor.fetchall()]


def held_submissions() -> QuerySet[Submission]:
    """Submissions that wait for a person, the oldest first."""
    return (
        Submission.objects.filter(verdict=Verdict.HELD)
        .select_related("lab__module", "learner")
        .defer("lab__instructions_html", "lab__contents", "lab__module__body_html")
        .order_by("graded_at")
    )


def unread_notices(learner: User) -> list[Notice]:
    """What the learner was told and has not put away, newest first. One query."""
    unread = Notice.objects.filter(learner=learner, read_at=None).select_related("change")
    return list(unread.order_by("-created_at")[:5])


def changes_of(submission: Submission) -> list[VerdictChange]:
    """Every change of a verdict with its notice, newest first. One query; none before there is a verdict."""
    if not submission.verdict:
        return []
    return list(
        VerdictChange.objects.filter(submission=submission).select_related("by", "notice").order_by("-at", "-pk")
    )
