"""A Celery consumer that comes back soon after the broker does."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery.worker.consumer import Consumer

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 3.0


class PromptConsumer(Consumer):
    """Asks for a broker that is away every few seconds; Celery's own waits up to thirty between two questions."""

    def ensure_connected(self, conn: Any) -> Any:
        """See Celery."""
        pauses = {"interval_start": FIRST_SECONDS, "interval_step": FIRST_SECONDS, "interval_max": LONGEST_SECONDS}
        conn.ensure_connection = partial(conn.ensure_connection, **pauses)
        return super().ensure_connected(conn)
