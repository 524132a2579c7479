"""Reads of sessions. What a person may not see does not exist for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from backend.accounts.models import User
from backend.interviews.mock import timing
from backend.interviews.mock.scripts import LEVELS
from backend.interviews.models import MockNote, MockSession
from backend.labs import selectors as labs
from backend.labs.models import Submission

QUEUE_LENGTH = 200
"""Most sessions that the reviewers' queue shows; the oldest come first, so none is lost."""
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Field:
    """Something to write in."""

    part: str
    label: str
    note: MockNote


@dataclass(frozen=True, slots=True)
class HintShown:
    """A hint that was taken, or can be."""

    number: int
    html: str
    """Empty until it is taken."""


@dataclass(frozen=True, slots=True)
class PhaseShown:
    """A phase that has begun."""

    number: int
    id: str
    title: str
    minutes: int
    task_html: str
    code: bool
    fields: Sequence[Field]
    hints: Sequence[HintShown]
    """Those that were taken, and the next one that can be."""


@dataclass(frozen=True, slots=True)
class Step:
    """A phase in the bar at the top."""

    title: str
    minutes: int
    state: str
    """done, current or ahead."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An interview at one moment."""

    session: MockSession
    over: bool
    seconds_left: int
    phase_left: int
    """Seconds until the next phase."""
    current: int
    steps: Sequence[Step]
    phases: Sequence[PhaseShown]
    """Those that have begun."""
    turns: Sequence[str]
    """What the interviewer has changed so far, as HTML."""

    @property
    def last(self) -> bool:
        """Whether no phase follows."""
        return self.current == len(self.steps) - 1

    @property
    def minutes_left(self) -> str:
        """For people: minutes and seconds."""
        return _clock(self.seconds_left)

    @property
    def phase_minutes_left(self) -> str:
        """The same until the next phase."""
        return _clock(self.phase_left)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a criterion, with who chose it."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Scored:
    """One criterion with both scores."""

    id: str
    title: str
    levels: Sequence[Level]
    own: int | None
    own_reason: str
    reviewed: int | None
    comment: str


@dataclass(frozen=True, slots=True)
class Score:
    """A sum, and whether it passes."""

    points: int
    most: int
    passed: bool


@dataclass(frozen=True, slots=True)
class Result:
    """An interview that is over."""

    session: MockSession
    phases: Sequence[PhaseShown]
    criteria: Sequence[Scored]
    own: Score | None
    reviewed: Score | None
    submissions: Sequence[Submission]
    """Handed in while the interview ran, newest first."""
    best: Submission | None
    hints: Sequence[Mapping[str, Any]]
    """Taken: title of the phase, minute, html."""


def sessions_visible_to(user: User | AnonymousUser) -> QuerySet[MockSession]:
    """A person's own sessions, and nobody else's."""
    if not isinstance(user, User):
        return MockSession.objects.none()
    return MockSession.objects.filter(learner=user).select_related("lab", "reviewer").defer("lab__instructions_html")


def sessions_for(reviewer: User | AnonymousUser) -> QuerySet[MockSession]:
    """Sessions that a reviewer may look at: those that their learner has scored, but never one's own."""
    if not (isinstance(reviewer, User) and reviewer.is_active and reviewer.can_review):
        return MockSession.objects.none()
    scored = MockSession.objects.filter(self_scored_at__isnull=False).exclude(learner_id=reviewer.pk)
    return scored.select_related("learner", "lab", "reviewer").defer("lab__instructions_html")


def review_queue(reviewer: User) -> list[MockSession]:
    """What waits for a score, the oldest first. One query."""
    waiting = sessions_for(reviewer).filter(reviewed_at__isnull=True).defer("script")
    return list(waiting.order_by("self_scored_at")[:QUEUE_LENGTH])


def past(learner: User) -> list[MockSession]:
    """A learner's sessions, newest first. One query."""
    return list(sessions_visible_to(learner).order_by("-started_at")[:_SHOWN])


def moment(session: MockSession, now: datetime) -> Moment:
    """The interview as it is now. One query."""
    phases = session.script["phases"]
    second = max(0.0, (now - session.started_at).total_seconds())
    spans = timing.stretches([one["minutes"] for one in phases], session.moved_on)
    at = timing.current(spans, second)
    return Moment(
        session=session,
        over=session.finished_at is not None or now >= session.ends_at,
        seconds_left=max(0, round((session.ends_at - now).total_seconds())),
        phase_left=max(0, round(spans[at].ends - second)),
        current=at,
        steps=[
            Step(one["title"], one["minutes"], "done" if number < at else "current" if number == at else "ahead")
            for number, one in enumerate(phases)
        ],
        phases=_phases(session, at, [second - span.begins for span in spans]),
        turns=[turn["html"] for turn in session.script["turns"] if second >= 60 * turn["minute"]],
    )


def result(session: MockSession) -> Result:
    """An interview that is over, with everything in it. Two queries."""
    handed_in = submissions(session)
    best = max(handed_in, key=lambda one: (one.score, one.created_at), default=None)
    by_id = {one["id"]: one for one in session.script["phases"]}
    return Result(
        session=session,
        phases=_phases(session, len(by_id) - 1, []),
        criteria=[_scored(session, criterion) for criterion in session.script["rubric"]],
        own=_score(session, session.self_levels),
        reviewed=_score(session, session.reviewer_levels),
        submissions=handed_in,
        best=best if best is not None and best.verdict else None,
        hints=[
            {
                "title": by_id[hint["phase"]]["title"],
                "minute": hint["second"] // 60,
                "html": by_id[hint["phase"]]["hints"][hint["number"]]["html"],
            }
            for hint in session.hints_taken
        ],
    )


def submissions(session: MockSession) -> list[Submission]:
    """What the learner handed in at the session's lab while the coding part was open. One query."""
    if session.lab is None:
        return []
    phases = session.script["phases"]
    spans = timing.stretches([one["minutes"] for one in phases], session.moved_on)
    opens = next(span.begins for span, one in zip(spans, phases, strict=True) if one["code"])
    begins, ends = session.started_at + timedelta(seconds=opens), session.finished_at or session.ends_at
    handed_in = labs.submissions_of(session.learner, session.lab, limit=_SHOWN)
    return [one for one in handed_in if begins <= one.created_at <= ends]


def passed_by_reviewer(learner: User) -> list[MockSession]:
    """Interviews that a reviewer has scored as passed, newest first. One query."""
    scored = MockSession.objects.filter(learner=learner, reviewed_at__isnull=False).order_by("-reviewed_at")
    found = ((session, _score(session, session.reviewer_levels)) for session in scored)
    return [session for session, score in found if score is not None and score.passed]


def _phases(session: MockSession, last: int, elapsed: Sequence[float]) -> list[PhaseShown]:
    """Phases up to `last`; `elapsed`: seconds since each began, which open hints; without it none can be taken."""
    notes = {(note.phase, note.part): note for note in session.notes.all()}
    taken = {(hint["phase"], hint["number"]) for hint in session.hints_taken}
    shown = []
    for number, one in enumerate(session.script["phases"][: last + 1]):
        parts = [MockNote.Part.NOTES, *([MockNote.Part.DIAGRAM] if one["diagram"] else [])]
        hints = [HintShown(at, hint["html"]) for at, hint in enumerate(one["hints"]) if (one["id"], at) in taken]
        ready = [
            HintShown(at, "")
            for at, hint in enumerate(one["hints"])
            if (one["id"], at) not in taken and elapsed and elapsed[number] >= 60 * hint["minute"]
        ]
        shown.append(
            PhaseShown(
                number=number,
                **{name: one[name] for name in ("id", "title", "minutes", "task_html", "code")},
                fields=[
                    Field(part.value, part.label, notes.get((one["id"], part.value)) or MockNote(part=part.value))
                    for part in parts
                ],
                hints=[*hints, *ready[:1]],
            )
        )
    return shown


def _scored(session: MockSession, criterion: Mapping[str, Any]) -> Scored:
    name = criterion["id"]
    return Scored(
        id=name,
        title=criterion["title"],
        levels=[Level(number, text) for number, text in enumerate(criterion["levels"])],
        own=(session.self_levels or {}).get(name),
        own_reason=session.self_evidence.get(name, ""),
        reviewed=(session.reviewer_levels or {}).get(name),
        comment=session.reviewer_comments.get(name, ""),
    )


def _score(session: MockSession, levels: Mapping[str, int] | None) -> Score | None:
    if levels is None:
        return None
    passing, points = session.script["passing"], sum(levels.values())
    return Score(
        points=points,
        most=(LEVELS - 1) * len(levels),
        passed=points >= passing["min_sum"] and min(levels.values()) >= passing["min_each"],
    )


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"
