"""What learners do to prepare for interviews."""

from backend.interviews.models.mock import MockNote, MockSession
from backend.interviews.models.practice import Confidence, PracticeAnswer, PracticeCard, Rating

__all__ = ["Confidence", "MockNote", "MockSession", "PracticeAnswer", "PracticeCard", "Rating"]
