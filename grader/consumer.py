"""A Celery consumer that comes back soon after the broker does, and notices when it hears nothing any more."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery.worker import loops
from celery.worker.consumer import Consumer
from redis.exceptions import ConnectionError as BrokerGone

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 3.0
LOOK_SECONDS = 1.0
DEAF_LOOKS = 3
"""Looks in a row without anything to listen to after which the connection is made anew."""


class PromptConsumer(Consumer):
    """Asks for a broker that is away every few seconds; Celery's own waits up to thirty between two questions."""

    def ensure_connected(self, conn: Any) -> Any:
        """See Celery."""
        pauses = {"interval_start": FIRST_SECONDS, "interval_step": FIRST_SECONDS, "interval_max": LONGEST_SECONDS}
        conn.ensure_connection = partial(conn.ensure_connection, **pauses)
        return super().ensure_connected(conn)

    def loop(self, *arguments: Any) -> Any:
        """See Celery. A connection that breaks while it is made can leave the loop turning with no socket to read."""
        hub: Any = vars(self)["hub"]
        if hub is None:
            return loops.synloop(*arguments)
        looking = hub.call_repeatedly(LOOK_SECONDS, Listening(hub))
        try:
            return loops.asynloop(*arguments)
        finally:
            looking.cancel()


class Listening:
    """Looks whether an event loop has a socket to read; called by the loop itself.

    Raises:
        redis.exceptions.ConnectionError: it has had none for a while, which no message will ever end. Celery then
            connects again.
    """

    def __init__(self, hub: Any) -> None:
        self._hub = hub
        self._deaf = 0

    def __call__(self) -> None:
        """One look."""
        self._deaf = 0 if self._hub.readers else self._deaf + 1
        if self._deaf >= DEAF_LOOKS:
            raise BrokerGone("no socket of the broker is being read")
