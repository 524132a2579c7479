"""Why a service of the quizzes refuses. Messages are for the learner."""

from __future__ import annotations

from datetime import timedelta

from backend.quizzes.kinds import InvalidAnswer


class QuizError(Exception):
    """The quiz cannot do that now; the message says why and what to do."""


class NoQuestions(QuizError):
    """The module has no questions yet."""

    def __init__(self) -> None:
        super().__init__("This module has no quiz yet. Its questions are still being written.")


class CooldownActive(QuizError):
    """The last attempt did not pass and was finished only just now.

    Attributes:
        wait: how long until the next attempt may start.
    """

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        self.minutes = max(1, -(-int(wait.total_seconds()) // 60))
        super().__init__(
            f"You can try again in {self.minutes} minute{'' if self.minutes == 1 else 's'}. "
            "Use the time to read what the last result points to."
        )


class AttemptFinished(QuizError):
    """Answers of a finished attempt stay as they are."""

    def __init__(self) -> None:
        super().__init__("This attempt is finished, so its answers can no longer change.")


__all__ = ["AttemptFinished", "CooldownActive", "InvalidAnswer", "NoQuestions", "QuizError"]
