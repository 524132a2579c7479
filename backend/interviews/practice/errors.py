"""Why practice refuses. Messages are for the learner."""

from __future__ import annotations

from backend.interviews.errors import InterviewError


class PracticeError(InterviewError):
    """Practice cannot do that now; the message says why and what to do."""


class NothingToAsk(PracticeError):
    """No question is due and none is new, or the one that was asked for has no open form any more."""


class AlreadyAnswered(PracticeError):
    """The text is final."""

    def __init__(self) -> None:
        super().__init__("This answer was given already, so its text no longer changes.")


class NotAnswered(PracticeError):
    """There is nothing to rate yet."""

    def __init__(self) -> None:
        super().__init__("Give your own answer first; then you can rate it.")


class FormOutdated(PracticeError):
    """The form was sent before, and what it did was taken back since."""

    def __init__(self) -> None:
        super().__init__("That form is from before you took the rating back. Nothing was changed; rate it here.")


class CannotUndo(PracticeError):
    """Another rating or answer came after."""
