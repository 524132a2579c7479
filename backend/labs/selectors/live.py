"""Where a submission is right now: one state machine, the same words on every page and in the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from backend.labs import grading_side
from backend.labs.models import GradeAttempt, Submission
from backend.labs.selectors.fleet import fleet
from backend.labs.selectors.queue import place_of, queue_state
from grader.contract import LOG_LIMIT_BYTES, MAX_ATTEMPTS, EventKind, GradeEvent, Stage, TestResult

_RECENT = 50
_STEPS = (Stage.QUEUED, Stage.PREPARING, Stage.COMPILING, Stage.TESTING, Stage.BENCHMARKING)
_MIN_SAMPLE = 3
_PAUSES = ((5, 0.4), (15, 1.0), (60, 2.0), (300, 5.0))
_LONGEST_PAUSE = 15.0
_ALIVE = (GradeAttempt.State.QUEUED, GradeAttempt.State.RUNNING)


@dataclass(frozen=True, slots=True)
class ExpectedWait:
    """Seconds from handing in to the verdict, of recent attempts of the same lab."""

    median: float
    ninth: float
    """Nine of ten were done after this."""
    sample: int


@dataclass(frozen=True, slots=True)
class Step:
    """One stage in the row of stages."""

    name: str
    state: str
    """done, current or ""."""
    count: str = ""


@dataclass(frozen=True)
class LiveState:
    """A submission's state, in words."""

    stage: Stage
    text: str
    since: datetime
    position: int = 0
    waiting: int = 0
    starts_in: float | None = None
    """Seconds until it is expected to start; None when nobody can say."""
    index: int = 0
    total: int = 0
    obstacle: str = ""
    """Why it does not go on, when something is in the way."""
    attempt_number: int = 1
    tries: int = 1
    attempt_id: UUID | None = None
    last_event: str = ""
    log: str = ""
    tests: Sequence[TestResult] = field(default_factory=tuple)
    expected: ExpectedWait | None = None

    @property
    def done(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.stage is Stage.DONE

    @property
    def steps(self) -> list[Step]:
        """The stages, with the current one marked; benchmarking only where there is one."""
        current = _STEPS.index(self.stage) if self.stage in _STEPS else len(_STEPS)
        steps = []
        for place, stage in enumerate(_STEPS):
            if stage is Stage.BENCHMARKING and self.stage is not stage:
                continue
            state = "done" if place < current else "current" if place == current else ""
            count = f"{self.index} of {self.total}" if place == current and self.total else ""
            steps.append(Step(stage.value.capitalize(), state, count))
        return steps

    @property
    def poll_seconds(self) -> float:
        """How long to wait before asking again: soon at first, then less and less often."""
        age = (timezone.now() - self.since).total_seconds()
        pause = next((pause for until, pause in _PAUSES if age < until), _LONGEST_PAUSE)
        return max(pause, 5.0) if self.obstacle else pause

    @property
    def start_note(self) -> str:
        """When a queued submission is likely to start, as a sentence; "" where nobody can say."""
        if self.stage is not Stage.QUEUED or self.starts_in is None or self.obstacle:
            return ""
        if self.starts_in < 2:
            return "It starts in a moment."
        if self.starts_in < 90:
            return f"It starts in about {self.starts_in:.0f} s."
        return f"It starts in about {self.starts_in / 60:.0f} min."

    @property
    def retry_note(self) -> str:
        """Says that an earlier try was lost, for which the learner is not charged."""
        if self.done or self.tries < 2:
            return ""
        return f"A try was lost by a fault of ours, so this is try {self.tries} of {MAX_ATTEMPTS}. It does not count."


def latest_attempt(submission: Submission) -> GradeAttempt | None:
    """The newest attempt that decides, without its report. One query."""
    return submission.attempts.filter(trial=False).defer("report").order_by("-number").first()


def is_settled(submission: Submission, attempt: GradeAttempt | None) -> bool:
    """Whether there is a verdict and no attempt under way that may change it."""
    return bool(submission.verdict) and (attempt is None or attempt.state not in _ALIVE)


def live_state(submission: Submission, attempt: GradeAttempt | None) -> LiveState:
    """Where the submission is. Never raises for a grading side that is down.

    Args:
        attempt: its newest attempt, as `latest_attempt` gives it.
    """
    if attempt is None or is_settled(submission, attempt):
        return LiveState(Stage.DONE, "Done", since=submission.graded_at or submission.created_at)
    try:
        rows = grading_side.events(attempt.pk)
        events, last_event = [event for _, event in rows], rows[-1][0] if rows else ""
        if not events and not grading_side.signs([attempt.pk])[attempt.pk].claimed_by:
            return _queued(submission, attempt)
    except grading_side.Unreachable:
        return _queued(submission, attempt)
    return _running(submission, attempt, events, last_event)


def version_of(submission: Submission, attempt: GradeAttempt | None) -> str:
    """Changes whenever the status fragment would: cheap to ask again and again."""
    if attempt is None or is_settled(submission, attempt):
        return f"{submission.pk}:{submission.verdict}:{submission.graded_at}:{attempt.pk if attempt else ''}"
    try:
        last = grading_side.last_event_id(attempt.pk)
    except grading_side.Unreachable:
        last = "?"
    if last:
        return f"{attempt.pk}:{attempt.state}:{last}"
    place = place_of(attempt) if attempt.state == GradeAttempt.State.QUEUED else (0, 0)
    return f"{attempt.pk}:{attempt.state}:{place}:{fleet().obstacle(attempt.queue)}"


def _queued(submission: Submission, attempt: GradeAttempt) -> LiveState:
    queue = queue_state(attempt)
    return LiveState(
        stage=Stage.QUEUED,
        text=f"Queued: {queue.position} of {queue.waiting}",
        since=submission.created_at if not attempt.rejudge else attempt.queued_at,
        position=queue.position,
        waiting=queue.waiting,
        obstacle=queue.obstacle,
        starts_in=queue.expected_seconds,
        attempt_number=attempt.number,
        tries=attempt.tries,
        attempt_id=attempt.pk,
        expected=expected_wait(submission.lab_id),
    )


def _running(submission: Submission, attempt: GradeAttempt, events: Sequence[GradeEvent], last_event: str) -> LiveState:
    stage, index, total = Stage.PREPARING, 0, 0
    log: list[str] = []
    tests: list[TestResult] = []
    for event in events:
        if event.kind in {EventKind.STAGE, EventKind.TEST, EventKind.BENCHMARK}:
            stage, index, total = event.stage, event.index, event.total
        if event.kind is EventKind.LOG:
            log.append(event.text)
        if event.kind is EventKind.TEST and event.test is not None:
            tests.append(event.test)
    text = stage.value.capitalize()
    if stage is Stage.DONE or (events and events[-1].kind is EventKind.FINISHED):
        # The report is under way; until it is in, nothing is decided.
        stage, text, index, total = Stage.TESTING, "Recording the result", 0, 0
    elif total:
        text = f"{text} {index} of {total}"
    return LiveState(
        stage=stage,
        text=text,
        since=attempt.claimed_at or attempt.queued_at,
        index=index,
        total=total,
        attempt_number=attempt.number,
        tries=attempt.tries,
        attempt_id=attempt.pk,
        last_event=last_event,
        log="".join(log)[-LOG_LIMIT_BYTES:],
        tests=tests,
        expected=expected_wait(submission.lab_id),
    )


def expected_wait(lab_id: int) -> ExpectedWait | None:
    """How long recent attempts of a lab took; None while too few are known. One query."""
    recent = (
        GradeAttempt.objects.filter(
            submission__lab_id=lab_id,
            state=GradeAttempt.State.FINISHED,
            rejudge=False,
            finished_at__gt=timezone.now() - timedelta(days=30),
        )
        .order_by("-finished_at")
        .values_list("queued_at", "finished_at")[:_RECENT]
    )
    seconds = sorted((done - queued).total_seconds() for queued, done in recent if done is not None)
    if len(seconds) < _MIN_SAMPLE:
        return None
    return ExpectedWait(
        median=seconds[len(seconds) // 2],
        ninth=seconds[min(len(seconds) - 1, (9 * len(seconds)) // 10)],
        sample=len(seconds),
    )
