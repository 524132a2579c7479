"""How often somebody may search. Counted in one statement, so that parallel searches do not get past it."""

from __future__ import annotations

from django.db import connection
from django.utils.crypto import salted_hmac

PER_MINUTE = 120
"""Searches of one person; typing a word makes a few."""
PER_MINUTE_AND_ADDRESS = 240
"""Searches of people who are not signed in, together from one address: a class may share it."""
_FORGOTTEN_AT_ONCE = 100
_TAKE = """
INSERT INTO curriculum_searchallowance AS allowance (key, started_at, used) VALUES (%(key)s, now(), 1)
ON CONFLICT (key) DO UPDATE SET
  used = CASE WHEN allowance.started_at <= now() - interval '1 minute' THEN 1 ELSE allowance.used + 1 END,
  started_at = CASE WHEN allowance.started_at <= now() - interval '1 minute' THEN now() ELSE allowance.started_at END
RETURNING used, ceil(extract(epoch FROM started_at + interval '1 minute' - now())), xmax = 0
"""
_FORGET = """
DELETE FROM curriculum_searchallowance WHERE key IN (
  SELECT key FROM curriculum_searchallowance WHERE started_at < now() - interval '1 hour'
  LIMIT %s FOR UPDATE SKIP LOCKED)
"""


class TooManySearches(Exception):
    """Somebody searched too often. `wait_seconds` is how long until the next search is answered."""

    def __init__(self, wait_seconds: int) -> None:
        noun = "second" if wait_seconds == 1 else "seconds"
        super().__init__(f"That were many searches within a minute. The next one is possible in {wait_seconds} {noun}.")
        self.wait_seconds = wait_seconds


def count_search(*, who: str, allowed: int) -> None:
    """Count one search of `who`; one query, and one more when they are new.

    Raises:
        TooManySearches: more than `allowed` within a minute.
    """
    key = salted_hmac("curriculum.search", who, algorithm="sha256").hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"key": key})
        used, wait, is_new = cursor.fetchone()
        if is_new:
            cursor.execute(_FORGET, [_FORGOTTEN_AT_ONCE])
    if used > allowed:
        raise TooManySearches(max(1, int(wait)))
