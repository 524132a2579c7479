"""Beginning, writing, ending and scoring a mock interview."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lab, Status
from backend.interviews.clock import database_time
from backend.interviews.errors import InvalidText
from backend.interviews.mock import timing
from backend.interviews.mock.errors import (
    AlreadyScored,
    MockError,
    NoSuchScript,
    NotYet,
    Over,
    ScoreIncomplete,
    TooSoon,
)
from backend.interviews.mock.scripts import LEVELS, scripts
from backend.interviews.models import MockNote, MockSession
from backend.interviews.typing import COLUMNS, take
from backend.labs import selectors as labs

AGAIN_AFTER = timedelta(days=7)
"""Between two uses of one script."""
MOST_IN_A_REASON = 2_000
"""Characters of the reason for a level."""


def settle(learner: User) -> None:
    """End what ran out of time. One query."""
    MockSession.objects.filter(learner=learner, finished_at__isnull=True, ends_at__lte=database_time()).update(
        finished_at=F("ends_at")
    )


def start(*, learner: User, script: str) -> MockSession:
    """Begin an interview now; while one runs, that one.

    Raises:
        NoSuchScript: no script of that slug, or its lab is not open.
        TooSoon: the learner used it less than `AGAIN_AFTER` ago.
    """
    try:
        with transaction.atomic():
            settle(learner)
            running = MockSession.objects.filter(learner=learner, finished_at__isnull=True).first()
            return running or _begin(learner, script)
    except IntegrityError:
        # Another window of the same learner was quicker; its session is the one.
        return MockSession.objects.get(learner=learner, finished_at__isnull=True)


def _begin(learner: User, slug: str) -> MockSession:
    script = scripts().get(slug)
    if script is None:
        raise NoSuchScript("There is no such mock interview.")
    lab = _open_lab(script.file.lab) if script.file.lab else None
    now = database_time()
    over = MockSession.objects.filter(learner=learner, slug=slug, finished_at__isnull=False)
    last = over.order_by("-started_at").first()
    if last is not None and last.started_at + AGAIN_AFTER > now:
        raise TooSoon(last.started_at + AGAIN_AFTER)
    return MockSession.objects.create(
        learner=learner,
        kind=script.file.kind,
        slug=slug,
        title=script.file.title,
        script=script.rendered,
        script_digest=script.digest,
        lab=lab,
        lab_known=lab is not None and lab.pk in labs.accepted_lab_ids(learner),
        started_at=now,
        ends_at=now + timedelta(minutes=script.file.minutes),
    )


def _open_lab(slug: str) -> Lab:
    try:
        lab = curriculum.lab(slug)
    except Lab.DoesNotExist as missing:
        raise NoSuchScript("The lab of this interview is not published yet.") from missing
    if lab.status != Status.READY or not lab.digest:
        raise NoSuchScript("The lab of this interview is not published yet.")
    return lab


@transaction.atomic
def save_note(*, session: MockSession, phase: str, part: str, text: str, window: UUID, seen: int) -> MockNote:
    """Keep what is written in a field, typed in a window that was opened when save number `seen` was stored.

    Raises:
        Over: the interview has ended.
        NotYet: there is no such field, or its phase has not begun.
        InvalidText: too long, or with a NUL character.
        DraftOutdated: another window saved a different text meanwhile; that one was kept.
    """
    locked = _running(session)
    names = [one["id"] for one in locked.script["phases"]]
    if phase not in names or part not in MockNote.Part.values or names.index(phase) > _phase_now(locked):
        raise NotYet("This part of the interview has not begun.")
    if part == MockNote.Part.DIAGRAM and not locked.script["phases"][names.index(phase)]["diagram"]:
        raise NotYet("This part of the interview has no diagram.")
    note, _ = MockNote.objects.select_for_update().get_or_create(session=locked, phase=phase, part=part)
    take(note, text, window=window, seen=seen)
    note.save(update_fields=COLUMNS)
    return note


@transaction.atomic
def move_on(*, session: MockSession, number: int) -> MockSession:
    """Leave phase `number` (from 0) before its time; nothing happens when it is not the one that runs.

    Raises:
        Over: the interview has ended.
    """
    locked = _running(session)
    if number == _phase_now(locked) and number < len(locked.script["phases"]) - 1:
        locked.moved_on = {**locked.moved_on, str(number): int(_second(locked))}
        locked.save(update_fields=["moved_on"])
    return locked


@transaction.atomic
def take_hint(*, session: MockSession, phase: str, number: int) -> MockSession:
    """Ask for a hint of a phase, by its number from 0. That it was asked for is part of the result.

    Raises:
        Over: the interview has ended.
        NotYet: there is none now.
    """
    locked = _running(session)
    now, phases = _second(locked), locked.script["phases"]
    begins = timing.stretches([one["minutes"] for one in phases], locked.moved_on)
    for at, one in enumerate(phases):
        if one["id"] == phase and at <= _phase_now(locked) and 0 <= number < len(one["hints"]):
            if now < begins[at].begins + 60 * one["hints"][number]["minute"]:
                break
            if not any(hint["phase"] == phase and hint["number"] == number for hint in locked.hints_taken):
                locked.hints_taken = [*locked.hints_taken, {"phase": phase, "number": number, "second": int(now)}]
                locked.save(update_fields=["hints_taken"])
            return locked
    raise NotYet("The interviewer has no such hint now.")


@transaction.atomic
def finish(*, session: MockSession) -> MockSession:
    """End the interview now; ending it again changes nothing."""
    locked = MockSession.objects.select_for_update().get(pk=session.pk)
    if locked.finished_at is None:
        locked.finished_at = min(database_time(), locked.ends_at)
        locked.save(update_fields=["finished_at"])
    return locked


@transaction.atomic
def score_self(*, session: MockSession, levels: Mapping[str, str], reasons: Mapping[str, str]) -> MockSession:
    """Score one's own interview, with written evidence for each level.

    Raises:
        NotYet: the interview still runs.
        AlreadyScored: it was scored.
        ScoreIncomplete: a level or its evidence is missing.
    """
    locked = finish_if_over(session)
    if locked.finished_at is None:
        raise NotYet("The interview still runs. Score it when it is over.")
    if locked.self_scored_at is not None:
        raise AlreadyScored
    locked.self_levels, locked.self_evidence = _read(locked, levels, reasons, "what in your answers shows it")
    locked.self_scored_at = database_time()
    locked.save(update_fields=["self_levels", "self_evidence", "self_scored_at"])
    return locked


@transaction.atomic
def review(*, session: MockSession, by: User, levels: Mapping[str, str], reasons: Mapping[str, str]) -> MockSession:
    """Score somebody else's interview, with a comment for each level.

    Raises:
        MockError: `by` does not review, or it is their own.
        NotYet: the learner has not scored it yet.
        AlreadyScored: another reviewer was quicker.
        ScoreIncomplete: a level or its comment is missing.
    """
    locked = MockSession.objects.select_for_update().get(pk=session.pk)
    if not by.can_review or by.pk == locked.learner_id:
        raise MockError("Only a reviewer who is not the learner can score this interview.")
    if locked.self_scored_at is None:
        raise NotYet("The learner has not scored this interview yet.")
    if locked.reviewed_at is not None:
        raise AlreadyScored
    locked.reviewer_levels, locked.reviewer_comments = _read(locked, levels, reasons, "a comment that helps")
    locked.reviewer, locked.reviewed_at = by, database_time()
    locked.save(update_fields=["reviewer_levels", "reviewer_comments", "reviewer", "reviewed_at"])
    return locked


def finish_if_over(session: MockSession) -> MockSession:
    """The session, locked, ended when its time has run out. Must run inside a transaction."""
    locked = MockSession.objects.select_for_update().get(pk=session.pk)
    if locked.finished_at is None and database_time() >= locked.ends_at:
        locked.finished_at = locked.ends_at
        locked.save(update_fields=["finished_at"])
    return locked


def _running(session: MockSession) -> MockSession:
    locked = MockSession.objects.select_for_update().get(pk=session.pk)
    if locked.finished_at is not None or database_time() >= locked.ends_at:
        raise Over
    return locked


def _second(session: MockSession) -> float:
    return (database_time() - session.started_at).total_seconds()


def _phase_now(session: MockSession) -> int:
    phases = timing.stretches([one["minutes"] for one in session.script["phases"]], session.moved_on)
    return timing.current(phases, _second(session))


def _read(
    session: MockSession, levels: Mapping[str, str], reasons: Mapping[str, str], wanted: str
) -> tuple[dict[str, int], dict[str, str]]:
    read: dict[str, int] = {}
    written: dict[str, str] = {}
    for criterion in session.script["rubric"]:
        name, level = criterion["id"], levels.get(criterion["id"], "")
        reason = reasons.get(name, "").replace("\r\n", "\n").strip()
        if level not in {str(number) for number in range(LEVELS)}:
            raise ScoreIncomplete(f"Choose a level for “{criterion['title']}”.")
        if not reason:
            raise ScoreIncomplete(f"Write for “{criterion['title']}” {wanted}.")
        if len(reason) > MOST_IN_A_REASON or "\0" in reason:
            raise InvalidText(f"“{criterion['title']}”: at most {MOST_IN_A_REASON:,} characters, and text only.")
        read[name], written[name] = int(level), reason
    return read, written
