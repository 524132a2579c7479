"""Whether what a dossier shows still stands: a regrade or a decision may have changed a submission since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.certification.models import CertificationRequest
from backend.labs import selectors as labs
from backend.labs.models import Submission, VerdictChange


@dataclass(frozen=True)
class Since:
    """What became of a dossier's submissions after the request.

    Attributes:
        changes: results that changed, in their order.
        lost: submissions that are not accepted any more, where nothing else of the learner's takes their place.
    """

    changes: Sequence[VerdictChange]
    lost: Sequence[Submission]

    @property
    def last_change(self) -> int:
        """Names the newest change, so that a decision can say up to where its reader had read; 0 for none."""
        return self.changes[-1].pk if self.changes else 0


def since_request(request: CertificationRequest) -> Since:
    """What a reviewer has to know beyond the dossier. Two queries."""
    submissions = _submissions(request)
    return Since(labs.changes_since(submissions, request.requested_at), labs.no_longer_accepted(submissions))


def has_lost_evidence(request: CertificationRequest) -> bool:
    """Whether the dossier counts a submission that does not stand any more. One query."""
    return bool(labs.no_longer_accepted(_submissions(request)))


def _submissions(request: CertificationRequest) -> list[UUID]:
    rows = [row for item in request.dossier.get("criteria", []) for row in item.get("evidence", [])]
    return [UUID(row["submission"]) for row in rows if "submission" in row]
