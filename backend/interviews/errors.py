"""Why anything here refuses. Messages are for the learner."""

from __future__ import annotations


class InterviewError(Exception):
    """It cannot be done now; the message says why and what to do."""


class InvalidText(InterviewError):
    """Not a text that can be stored."""


class DraftOutdated(InterviewError):
    """A newer text is stored, typed in another window; it was kept.

    Attributes:
        current: number of the stored text.
    """

    def __init__(self, current: int) -> None:
        self.current = current
        super().__init__("A newer text was saved in another window. It was kept; yours is below and not saved yet.")
