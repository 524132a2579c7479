"""Attempts and their responses, the rules of quizzes, and scores that were corrected."""

from backend.quizzes.models.attempts import QuizAttempt, QuizResponse, percent
from backend.quizzes.models.figures import BankFigures
from backend.quizzes.models.regrades import KeyRegrade, ScoreChange, ScoreNotice
from backend.quizzes.models.rules import QuizAllowance, QuizRules

__all__ = [
    "BankFigures",
    "KeyRegrade",
    "QuizAllowance",
    "QuizAttempt",
    "QuizResponse",
    "QuizRules",
    "ScoreChange",
    "ScoreNotice",
    "percent",
]
