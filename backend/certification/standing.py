"""Whether what a dossier shows still stands: a regrade or a decision may have changed a result since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.certification.models import CertificationRequest
from backend.labs import selectors as labs
from backend.labs.models import VerdictChange
from backend.quizzes import selectors as quizzes


@dataclass(frozen=True)
class Since:
    """What became of a dossier's submissions and quizzes after the request.

    Attributes:
        changes: results of submissions that changed, in their order.
        lost: titles of the labs that are not accepted and the quizzes that are not passed any more, where nothing else
            of the learner's takes their place.
    """

    changes: Sequence[VerdictChange]
    lost: Sequence[str]

    @property
    def last_change(self) -> int:
        """Names the newest change, so that a decision can say up to where its reader had read; 0 for none."""
        return self.changes[-1].pk if self.changes else 0


def since_request(request: CertificationRequest) -> Since:
    """What a reviewer has to know beyond the dossier. Three queries."""
    return Since(labs.changes_since(_submissions(request), request.requested_at), _lost(request))


def has_lost_evidence(request: CertificationRequest) -> bool:
    """Whether the dossier counts a submission or a quiz that does not stand any more. Two queries."""
    return bool(_lost(request))


def _lost(request: CertificationRequest) -> list[str]:
    modules = [row["module"] for row in _rows(request) if "module" in row]
    return [
        *(f"Lab {submission.lab}" for submission in labs.no_longer_accepted(_submissions(request))),
        *(f"Quiz of {module}" for module in quizzes.not_passed(request.learner_id, modules)),
    ]


def _submissions(request: CertificationRequest) -> list[UUID]:
    return [UUID(row["submission"]) for row in _rows(request) if "submission" in row]


def _rows(request: CertificationRequest) -> list[dict[str, Any]]:
    return [row for item in request.dossier.get("criteria", []) for row in item.get("evidence", [])]
