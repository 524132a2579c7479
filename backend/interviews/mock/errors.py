"""Why a mock interview refuses. Messages are for people."""

from __future__ import annotations

from datetime import datetime

from backend.interviews.errors import InterviewError


class MockError(InterviewError):
    """It cannot be done now; the message says why and what to do."""


class NoSuchScript(MockError):
    """There is none of that name, or its lab takes no submissions."""


class TooSoon(MockError):
    """The same script was used only days ago.

    Attributes:
        at: when it may be used again.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at
        super().__init__(
            f"You know this script's reference answer by heart now. It can be repeated from {at:%d %B %Y, %H:%M} UTC "
            "on; another script can be begun at once."
        )


class Over(MockError):
    """The interview has ended."""

    def __init__(self) -> None:
        super().__init__("The interview is over, so nothing in it changes any more.")


class NotYet(MockError):
    """That part of the interview has not come yet, or the step before is missing."""


class ScoreIncomplete(MockError):
    """A level or its reason is missing."""


class AlreadyScored(MockError):
    """The score was given."""

    def __init__(self) -> None:
        super().__init__("This score was given already; it stays as it is.")
