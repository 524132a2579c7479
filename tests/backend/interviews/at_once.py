"""The same call from many connections at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

_THREADS = 16


def at_once(action: Callable[[int], object], times: int = 50) -> list[object]:
    """What each call gave or raised, all begun together as far as `_THREADS` connections allow."""
    barrier = Barrier(_THREADS)

    def call(number: int) -> object:
        try:
            if number < _THREADS:
                barrier.wait(timeout=30)
            return action(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(call, range(times)))
