"""What learners do to prepare for interviews."""

from backend.interviews.models.mock import MockNote, MockSession
from backend.interviews.models.practice import Confidence, PracticeAnswer, PracticeCard, Rating
from backend.interviews.models.slots import Booking, InterviewSlot

__all__ = [
    "Booking",
    "Confidence",
    "InterviewSlot",
    "MockNote",
    "MockSession",
    "PracticeAnswer",
    "PracticeCard",
    "Rating",
]
