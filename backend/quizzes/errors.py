"""Why a service of the quizzes refuses. Messages are for the learner."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from backend.quizzes.kinds import InvalidAnswer


class QuizError(Exception):
    """The quiz cannot do that now; the message says why and what to do."""


class NoQuestions(QuizError):
    """The module has no questions yet."""

    def __init__(self) -> None:
        super().__init__("This module has no quiz yet. Its questions are still being written.")


class NotYet(QuizError):
    """The next attempt may only start later.

    Attributes:
        wait: how long until it may start.
        until: when that is.
    """

    def __init__(self, wait: timedelta, until: datetime, advice: str) -> None:
        self.wait, self.until = wait, until
        super().__init__(f"You can try again in {in_words(wait)}. {advice}")

    @property
    def wait_seconds(self) -> int:
        """The wait in whole seconds, at least one."""
        return max(1, ceil(self.wait.total_seconds()))


class CooldownActive(NotYet):
    """The last attempt did not pass and was finished only just now."""

    def __init__(self, wait: timedelta, until: datetime) -> None:
        super().__init__(wait, until, "Use the time to read what the last result points to.")


class AttemptLimitReached(NotYet):
    """As many attempts as the quiz allows have started within its window."""

    def __init__(self, wait: timedelta, until: datetime, limit: int, hours: int) -> None:
        attempts = f"{limit} attempt{'' if limit == 1 else 's'}"
        window = f"{hours} hour{'' if hours == 1 else 's'}"
        super().__init__(wait, until, f"The quiz allows {attempts} within {window}, and all are used.")


class TooManyRequests(QuizError):
    """Requests came faster than anybody answers questions.

    Attributes:
        wait_seconds: until the next one is taken.
    """

    def __init__(self, wait_seconds: int) -> None:
        self.wait_seconds = wait_seconds
        super().__init__(
            f"That was too fast. Wait {wait_seconds} second{'' if wait_seconds == 1 else 's'}, then go on; "
            "what was saved before is kept."
        )


class AttemptFinished(QuizError):
    """Answers of a finished attempt stay as they are."""

    def __init__(self, message: str = "This attempt is finished, so its answers can no longer change.") -> None:
        super().__init__(message)


class TimeOver(AttemptFinished):
    """The time of the attempt has run out; it was finished with what was saved until then."""

    def __init__(self) -> None:
        super().__init__("The time is over. What you had saved until then is scored.")


def in_words(wait: timedelta) -> str:
    """A wait for people, rounded up: "10 minutes", "3 hours"."""
    minutes = max(1, ceil(wait.total_seconds() / 60))
    number, noun = (minutes, "minute") if minutes <= 90 else (ceil(minutes / 60), "hour")
    return f"{number} {noun}{'' if number == 1 else 's'}"


__all__ = [
    "AttemptFinished",
    "AttemptLimitReached",
    "CooldownActive",
    "InvalidAnswer",
    "NoQuestions",
    "NotYet",
    "QuizError",
    "TimeOver",
    "TooManyRequests",
]
