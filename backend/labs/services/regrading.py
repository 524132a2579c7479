"""Judging a whole lab again: a look at what would change first, then, if somebody applies it, for good."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lab
from backend.labs.models import GradeAttempt, Regrade, RegradeItem, Submission, SubmissionFile, VerdictChange
from backend.labs.selectors.regrades import eligible
from backend.labs.services.queueing import queue_for
from backend.labs.services.verdicts import Result, change_verdict, result_of

AT_ONCE = 500
"""Items that one round of the periodic task applies."""
_ALIVE = (GradeAttempt.State.QUEUED, GradeAttempt.State.RUNNING)

log = structlog.get_logger("labs")


class RegradeRefused(Exception):
    """Nothing was changed; the message says why and what to do."""


@transaction.atomic
def start_regrade(
    *, by: User, reason: str, lab: Lab | None = None, judged_by_grader: str = "", outdated_only: bool = True
) -> Regrade:
    """Have submissions graded with their labs as they are now, on the lane behind live work, deciding nothing yet.

    Args:
        lab: whose submissions; None for those of all labs.
        judged_by_grader: only what this grader revision judged.
        outdated_only: leave out what was judged with the lab's present revision; meant for a lab that was corrected.

    Raises:
        PermissionError: `by` is no administrator.
        RegradeRefused: no reason, neither lab nor grader, or no submission that it concerns.
    """
    _need_administrator(by)
    if not reason.strip():
        raise RegradeRefused("Say why: learners whose result changes are told this reason.")
    if lab is None and not judged_by_grader:
        raise RegradeRefused("Choose a lab or a grader revision.")
    regrade = Regrade.objects.create(
        lab=lab,
        judged_by_grader=judged_by_grader,
        outdated_only=outdated_only,
        reason=reason.strip(),
        requested_by=by,
    )
    if not add_submissions(regrade):
        raise RegradeRefused("No submission fits this choice: all were judged with what is in force now.")
    log.info("regrade started", regrade=str(regrade.pk), by=by.pk)
    return regrade


@transaction.atomic
def add_submissions(regrade: Regrade) -> int:
    """Order a look at every submission that belongs to the regrade and is not in it yet; how many were added.

    What is being graded at the moment is left out, so calling it again later takes in what was finished meanwhile.
    """
    locked = Regrade.objects.select_for_update(no_key=True).get(pk=regrade.pk)
    if locked.state != Regrade.State.PREVIEW:
        return 0
    chosen = list(
        eligible(locked)
        .select_related("lab")
        .defer("lab__instructions_html", "lab__contents")
        .select_for_update(no_key=True, of=("self",))
    )
    # Once locked, nobody orders an attempt of them, so the numbers read now stay free.
    numbers = dict(
        GradeAttempt.objects.filter(submission__in=chosen)
        .order_by()
        .values_list("submission")
        .annotate(last=Max("number"))
    )
    busy = set(
        GradeAttempt.objects.filter(submission__in=chosen, state__in=_ALIVE).values_list("submission_id", flat=True)
    )
    fitting = _fitting([submission for submission in chosen if submission.pk not in busy])
    digests = {submission.lab.digest for submission, fits in fitting if fits}
    queues = {digest: queue_for(curriculum.lab_bundle(digest).spec) for digest in digests}
    attempts, items = [], []
    for submission, fits in fitting:
        item = RegradeItem(
            regrade=locked,
            submission=submission,
            old_verdict=submission.verdict,
            old_score=submission.score,
            old_max_score=submission.max_score,
            state=RegradeItem.State.WAITING if fits else RegradeItem.State.UNFIT,
        )
        items.append(item)
        if fits:
            attempts.append(
                _trial(locked, submission, numbers.get(submission.pk, 0) + 1, queues[submission.lab.digest])
            )
    GradeAttempt.objects.bulk_create(attempts, batch_size=1000)
    RegradeItem.objects.bulk_create(items, batch_size=1000)
    return len(items)


def _fitting(submissions: Iterable[Submission]) -> list[tuple[Submission, bool]]:
    """Each submission, and whether its files are those that its lab asks for now. One query."""
    chosen = list(submissions)
    names: dict[UUID, set[str]] = {}
    rows = SubmissionFile.objects.filter(submission__in=chosen).values_list("submission_id", "name")
    for submission_id, name in rows:
        names.setdefault(submission_id, set()).add(name)
    return [
        (submission, names.get(submission.pk) == set(curriculum.lab_bundle(submission.lab.digest).spec.entry.files))
        for submission in chosen
    ]


def _trial(regrade: Regrade, submission: Submission, number: int, queue: str) -> GradeAttempt:
    return GradeAttempt(
        submission=submission,
        number=number,
        queue=queue,
        lab_digest=submission.lab.digest,
        rejudge=True,
        trial=True,
        regrade=regrade,
        requested_by=regrade.requested_by,
    )


@transaction.atomic
def apply_regrade(*, regrade: Regrade, by: User, never_lower: bool) -> Regrade:
    """Decide that a regrade counts. Verdicts are replaced by `follow_up`, one transaction each; again does nothing.

    Raises:
        PermissionError: `by` is no administrator.
        RegradeRefused: it was discarded, or is still being graded.
    """
    _need_administrator(by)
    locked = Regrade.objects.select_for_update(no_key=True).get(pk=regrade.pk)
    if locked.state == Regrade.State.DISCARDED:
        raise RegradeRefused("This regrade was discarded. Start a new one.")
    if locked.state != Regrade.State.PREVIEW:
        return locked
    waiting = locked.items.filter(state=RegradeItem.State.WAITING).count()
    if waiting:
        raise RegradeRefused(f"{waiting} of its submissions are still being graded. Wait until all are done.")
    return _decide(locked, by, Regrade.State.APPLYING, never_lower=never_lower)


@transaction.atomic
def discard_regrade(*, regrade: Regrade, by: User) -> Regrade:
    """Drop a regrade; no verdict changes, and what still waits to be graded for it is not graded.

    Raises:
        PermissionError: `by` is no administrator.
        RegradeRefused: it was applied.
    """
    _need_administrator(by)
    locked = Regrade.objects.select_for_update(no_key=True).get(pk=regrade.pk)
    if locked.state in {Regrade.State.APPLYING, Regrade.State.APPLIED}:
        raise RegradeRefused("This regrade was applied. To take it back, correct the lab and regrade again.")
    if locked.state == Regrade.State.DISCARDED:
        return locked
    GradeAttempt.objects.filter(regrade=locked, trial=True, state=GradeAttempt.State.QUEUED).update(
        state=GradeAttempt.State.LOST, finished_at=timezone.now()
    )
    return _decide(locked, by, Regrade.State.DISCARDED, never_lower=locked.never_lower)


def _decide(regrade: Regrade, by: User, state: Regrade.State, *, never_lower: bool) -> Regrade:
    regrade.state, regrade.never_lower = state, never_lower
    regrade.decided_by, regrade.decided_at = by, timezone.now()
    regrade.save(update_fields=["state", "never_lower", "decided_by", "decided_at"])
    log.info("regrade decided", regrade=str(regrade.pk), state=state.value, never_lower=never_lower, by=by.pk)
    return regrade


def follow_up(*, at_once: int = AT_ONCE) -> int:
    """Carry out regrades that were applied, up to `at_once` submissions; how many it looked at.

    May be ended at any moment and may run twice at once: each submission is changed once, whole.
    """
    done = 0
    for regrade in Regrade.objects.filter(state=Regrade.State.APPLYING).order_by("decided_at"):
        items = _to_apply(regrade).order_by("pk").values_list("pk", "submission_id")[: at_once - done]
        for item, submission in items:
            _apply(regrade, item, submission)
            done += 1
        if not _to_apply(regrade).exists():
            Regrade.objects.filter(pk=regrade.pk, state=Regrade.State.APPLYING).update(state=Regrade.State.APPLIED)
        if done >= at_once:
            break
    return done


def _to_apply(regrade: Regrade) -> QuerySet[RegradeItem]:
    return RegradeItem.objects.filter(regrade=regrade, state=RegradeItem.State.JUDGED)


@transaction.atomic
def _apply(regrade: Regrade, item_id: int, submission_id: UUID) -> None:
    submission = (
        Submission.objects.select_for_update(no_key=True, of=("self",)).select_related("lab").get(pk=submission_id)
    )
    item = RegradeItem.objects.select_for_update(of=("self",)).select_related("attempt").get(pk=item_id)
    attempt = item.attempt
    if item.state != RegradeItem.State.JUDGED or attempt is None:
        return
    old, new = result_of(submission), Result(item.new_verdict, item.new_score, item.new_max_score)
    if old != Result(item.old_verdict, item.old_score, item.old_max_score) or _judged_since(submission, attempt):
        item.state = RegradeItem.State.OVERTAKEN
    elif regrade.never_lower and new.is_lower_than(old):
        item.state = RegradeItem.State.KEPT
    else:
        attempt.trial = False
        attempt.save(update_fields=["trial"])
        change = change_verdict(
            submission,
            new,
            cause=VerdictChange.Cause.REGRADE,
            by=regrade.decided_by,
            reason=regrade.reason,
            attempt=attempt,
            regrade=regrade,
        )
        item.state = RegradeItem.State.APPLIED if change else RegradeItem.State.SAME
    item.save(update_fields=["state"])


def _judged_since(submission: Submission, attempt: GradeAttempt) -> bool:
    """Whether anything decided on the submission after the look was ordered, or is about to."""
    later = submission.attempts.filter(trial=False, number__gt=attempt.number)
    decided = submission.changes.filter(cause=VerdictChange.Cause.DECISION, at__gt=attempt.queued_at)
    return later.exists() or decided.exists()


def note_trial(attempt: GradeAttempt, result: Result) -> None:
    """Keep what a look has shown, inside the caller's transaction."""
    RegradeItem.waiting_for(attempt).update(
        state=RegradeItem.State.JUDGED,
        attempt=attempt,
        new_verdict=result.verdict,
        new_score=result.score,
        new_max_score=result.max_score,
    )


def _need_administrator(by: User) -> None:
    if not (by.is_staff and by.is_active):
        raise PermissionError("Only administrators regrade.")
