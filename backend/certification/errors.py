"""Why a service of certification refuses. Messages are for the person who asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.formats import date_format


class CertificationError(Exception):
    """Nothing was changed; the message says why and what to do."""


class OwnWork(CertificationError):
    """Nobody judges, grants, returns or revokes their own."""

    def __init__(self) -> None:
        super().__init__("This is your own work, so another reviewer has to decide.")


class NotAllowed(CertificationError):
    """The role does not include it."""

    def __init__(self, who: str) -> None:
        super().__init__(f"Only {who} may do this.")


class ReasonMissing(CertificationError):
    """A refusal helps only with its reason."""

    def __init__(self) -> None:
        super().__init__("Say what is missing, so that the learner knows what to do next.")


class NameMissing(CertificationError):
    """Without a name the certificate would carry a part of the e-mail address, for everybody to read."""

    def __init__(self) -> None:
        super().__init__(
            "A certificate carries the learner's name, and none is set in the profile. It has to be set first."
        )


class AlreadyDecided(CertificationError):
    """Somebody was quicker, or the learner took it back."""

    def __init__(self, state: str) -> None:
        super().__init__(f"This was decided meanwhile: {state.lower()}. Your decision was not recorded.")


class NoSuchCriterion(CertificationError):
    """Evidence is put forward only for what a reviewer judges."""

    def __init__(self) -> None:
        super().__init__("No evidence is put forward for this criterion.")


class EvidenceWaiting(CertificationError):
    """One piece of evidence at a time."""

    def __init__(self) -> None:
        super().__init__("Your evidence for this criterion is with the reviewers already.")


class AlreadyMet(CertificationError):
    """The criterion needs no more evidence."""

    def __init__(self) -> None:
        super().__init__("This criterion is met; it needs no more evidence.")


class TooEarly(CertificationError):
    """After “not met” comes a time to work on it.

    Attributes:
        until: when the next try may be put forward.
    """

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"The next try can be put forward from {date_format(until, 'j F Y, H:i')} UTC.")


class CriteriaNotMet(CertificationError):
    """Something is still missing.

    Attributes:
        titles: of the criteria that are not met.
    """

    def __init__(self, titles: Sequence[str]) -> None:
        self.titles = titles
        super().__init__(f"Not met yet: {'; '.join(titles)}.")


class EvidenceChanged(CertificationError):
    """A result in the dossier was changed after its reader had opened it."""

    def __init__(self) -> None:
        super().__init__(
            "A result in this dossier changed after you opened it. Nothing was granted: read what changed, then decide."
        )


class EvidenceLost(CertificationError):
    """A submission that the dossier counts is not accepted any more, or a quiz is not passed.

    Attributes:
        titles: of the labs and quizzes.
    """

    def __init__(self, titles: Sequence[str]) -> None:
        self.titles = titles
        super().__init__(
            f"Does not stand any more: {'; '.join(titles)}. Return the request, so that the learner can do it again."
        )


class AlreadyCertified(CertificationError):
    """One valid certificate for each track."""

    def __init__(self) -> None:
        super().__init__("You hold a valid certificate of this track.")
