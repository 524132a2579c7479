"""Why booking refuses. Messages are for people."""

from __future__ import annotations

from backend.interviews.errors import InterviewError


class BookingError(InterviewError):
    """It cannot be done now; the message says why and what to do."""


class SlotTaken(BookingError):
    """Somebody was quicker, or the reviewer withdrew it."""

    def __init__(self) -> None:
        super().__init__("This time is not free any more. Choose another one.")


class CannotOffer(BookingError):
    """Not a time that can be offered."""


class CannotBook(BookingError):
    """Not a time that this learner can book."""


class CannotCancel(BookingError):
    """It has begun, or it is somebody else's."""
