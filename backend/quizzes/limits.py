"""How fast a learner may send requests. Counted in one statement, so that parallel ones do not get past it."""

from __future__ import annotations

from django.db import connection

from backend.accounts.models import User
from backend.quizzes.errors import TooManyRequests

PER_MINUTE = 120
"""Starts, saves and ends of one learner; typing an answer saves it a few times."""
_TAKE = """
INSERT INTO quizzes_quizallowance AS allowance (learner_id, started_at, used) VALUES (%(learner)s, now(), 1)
ON CONFLICT (learner_id) DO UPDATE SET
  used = CASE WHEN allowance.started_at <= now() - interval '1 minute' THEN 1 ELSE allowance.used + 1 END,
  started_at = CASE WHEN allowance.started_at <= now() - interval '1 minute' THEN now() ELSE allowance.started_at END
RETURNING used, ceil(extract(epoch FROM started_at + interval '1 minute' - now()))
"""


def count_request(learner: User) -> None:
    """Count one request that writes. One query.

    Raises:
        TooManyRequests: more than `PER_MINUTE` within a minute; carries the wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"learner": learner.pk})
        used, wait = cursor.fetchone()
    if used > PER_MINUTE:
        raise TooManyRequests(max(1, int(wait)))
