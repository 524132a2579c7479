"""What a request carries: every criterion with its evidence as it stood, in a form that outlives all changes."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from backend.accounts.models import User
from backend.certification.assessment import Assessment, Finding
from backend.certification.models import Evidence
from backend.labs import selectors as labs

FORMAT = 1


def compile_dossier(learner: User, assessment: Assessment) -> dict[str, Any]:
    """The dossier of a request: format, version of the criteria, and for each criterion what it demands, whether it is
    met and the rows that show it (with their ids). Two queries beyond the assessment's.
    """
    return {
        "format": FORMAT,
        "version": assessment.criteria.version,
        "date": assessment.criteria.date.isoformat(),
        "track": {"slug": assessment.track.slug, "title": assessment.track.title},
        "criteria": [_criterion(learner, assessment, finding) for finding in assessment.findings],
    }


def all_met(dossier: dict[str, Any]) -> bool:
    """Whether a dossier shows every criterion as met."""
    return bool(dossier.get("criteria")) and all(item.get("met") is True for item in dossier["criteria"])


def _criterion(learner: User, assessment: Assessment, finding: Finding) -> dict[str, Any]:
    criterion = finding.criterion
    return {
        "id": criterion.id,
        "title": criterion.title,
        "demand": criterion.rule.demand,
        "judged_by": criterion.judged_by,
        "met": finding.met,
        "summary": finding.summary,
        "not_blocking": [item.text for item in finding.not_blocking],
        "evidence": _evidence(learner, assessment, finding),
    }


def _evidence(learner: User, assessment: Assessment, finding: Finding) -> list[dict[str, Any]]:
    modules = assessment.progress.modules
    match finding.criterion.rule.kind:
        case "modules_complete":
            return [
                {"text": str(module.module), "result": f"{module.lessons_done} of {len(module.lessons)} lessons"}
                for module in modules
            ]
        case "quizzes_passed":
            return [
                {
                    "text": f"Quiz of {module.module}",
                    "result": f"{module.quiz.percent} %, best of {module.quiz.attempts}",
                    "score": module.quiz.best_score,
                    "module": module.module.pk,
                }
                for module in modules
                if module.quiz_required and module.quiz
            ]
        case "labs_accepted":
            return _labs(learner, assessment)
        case _:
            return [_judgement(row) for row in finding.tries]


def _labs(learner: User, assessment: Assessment) -> list[dict[str, Any]]:
    listed = {item.lab.pk: item.lab for module in assessment.progress.modules for item in module.labs if item.accepted}
    accepted = list(
        labs.submissions_visible_to(learner)
        .filter(learner=learner, verdict="accepted", lab_id__in=list(listed))
        .order_by("lab_id", "created_at")
        .distinct("lab_id")
    )
    judged_with = labs.judging_revisions(submission.pk for submission in accepted)
    return [
        {
            "text": f"Lab {listed[submission.lab_id]}",
            "result": f"{submission.score:g} of {submission.max_score:g} points",
            "url": reverse("submission", args=[submission.pk]),
            "submission": str(submission.pk),
            "lab_digest": judged_with.get(submission.pk, submission.lab_digest),
        }
        for submission in accepted
    ]


def _judgement(row: Evidence) -> dict[str, Any]:
    return {
        "text": row.account,
        "address": row.address,
        "result": row.get_state_display(),
        "comment": row.comment,
        "reviewer": row.reviewer.name if row.reviewer else "",
        "judged_at": row.judged_at.isoformat() if row.judged_at else "",
        "evidence": str(row.pk),
    }
