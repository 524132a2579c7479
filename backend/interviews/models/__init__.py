"""What learners do to prepare for interviews."""

from backend.interviews.models.practice import Confidence, PracticeAnswer, PracticeCard, Rating

__all__ = ["Confidence", "PracticeAnswer", "PracticeCard", "Rating"]
