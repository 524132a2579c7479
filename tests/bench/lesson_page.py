"""The lesson page of a signed-in reader against a bare view that makes the same number of queries.

Both are asked of the same gunicorn in turn; the bare view looks up one row by its key as often as the lesson page
queries, and answers two letters. Also counted: the queries of the main pages on content of two sizes.

Usage: python -m tests.bench.lesson_page [PAIRS]
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from tests.bench.site import record, site, summary

LESSON = "/lessons/lesson-1.1-what-is-llama-cpp/"


def main(pairs: int = 400) -> None:
    """Measure and print."""
    with site() as stack:
        from tests.bench.click_to_verdict import Browser
        from tests.factories import UserFactory

        learner = UserFactory.create()
        queries = {path: count_queries(learner, path) for path in pages()}
        os.environ["LLSYS_BENCH_QUERIES"] = str(queries[LESSON])
        stack.start_web(settings="tests.bench.settings")
        browser = Browser(stack.url, learner)
        for _ in range(20):
            browser.get(LESSON)
            browser.get("/bare/")
        lesson, bare = [], []
        for _ in range(pairs):
            lesson.append(milliseconds(browser, LESSON))
            bare.append(milliseconds(browser, "/bare/"))
        record("lesson_page", summary(lesson, bare, unit="ms") | {"queries": queries})


def pages() -> list[str]:
    """Addresses whose queries are counted."""
    return ["/", "/modules/", "/modules/01-foundations/", LESSON, "/dashboard/", "/certification/"]


def count_queries(learner: Any, path: str) -> int:
    """Queries of a second visit."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(learner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(path).status_code == 200, path
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(path)
    return len(captured)


def milliseconds(browser: Any, path: str) -> float:
    """One request."""
    began = time.perf_counter()
    browser.get(path)
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
