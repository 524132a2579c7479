"""Deciding what the grader would not decide by itself."""

from __future__ import annotations

from django.db import transaction

from backend.accounts.models import User
from backend.labs.models import Submission, Verdict, VerdictChange
from backend.labs.services.verdicts import Result, change_verdict


class DecisionRefused(Exception):
    """Nothing was changed; the message says why."""


@transaction.atomic
def decide_held(*, submission: Submission, by: User, accept: bool, score: float, reason: str) -> VerdictChange:
    """Accept a held submission with the points that a person gives it, or refuse what was held.

    Args:
        score: points when accepted, at most the lab's; when refused the points that tests gave are kept.

    Raises:
        PermissionError: `by` is no administrator.
        DecisionRefused: one's own, no reason, impossible points, or not held any more.
    """
    if not (by.is_staff and by.is_active):
        raise PermissionError("Only administrators decide on held submissions.")
    if submission.learner_id == by.pk:
        raise DecisionRefused("This is your own work, so another administrator has to decide.")
    if not reason.strip():
        raise DecisionRefused("Say why: the learner is told this reason.")
    locked = Submission.objects.select_for_update(no_key=True, of=("self",)).select_related("lab").get(pk=submission.pk)
    if locked.verdict != Verdict.HELD:
        raise DecisionRefused(f"It is not held any more: {locked.get_verdict_display()}.")
    if accept:
        if not 0 < score <= locked.max_score:
            raise DecisionRefused(f"Give it more than 0 and at most {locked.max_score:g} points.")
        new = Result(Verdict.ACCEPTED, score, locked.max_score)
    else:
        verdict = Verdict.PARTIAL if locked.score > 0 else Verdict.REJECTED
        new = Result(verdict, locked.score, locked.max_score)
    change = change_verdict(locked, new, cause=VerdictChange.Cause.DECISION, by=by, reason=reason.strip())
    assert change is not None, "a held verdict always differs from what a person decides"
    return change
