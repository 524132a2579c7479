"""What odd files and slow senders cost, as ratios.

Pages: a submission whose file is as large as may be and of the least pleasant kind, against one of a plain program of
the same size. Web server: the worker that waits for whole requests against gunicorn's plain one, the same requests in
turns, by several askers at once.

Usage: python -m tests.bench.hostile_pages [PAIRS]
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any
from uuid import uuid4

from tests.bench.site import record, site, summary

ASKERS = 4
ROUNDS = 10
PLAIN = b"    total += int(word)  # one more number of the input\n"


def main(pairs: int = 60) -> None:
    """Measure and print."""
    with site() as stack:
        from backend.config.processes import WHOLE_REQUESTS
        from grader.lab import MAX_FILE_BYTES
        from tests.bench.click_to_verdict import Browser
        from tests.factories import UserFactory

        kinds = {
            "plain": PLAIN, "one line": b"x", "empty lines": b"\n", "signs to escape": b"<&", "no text": b"\xff",
            "brackets": b"((((", "open strings": b"'''\"", "right to left": "\u202e".encode(),
        }  # fmt: skip
        learner = UserFactory.create()
        pages = {name: page_of(learner, (sign * MAX_FILE_BYTES)[:MAX_FILE_BYTES]) for name, sign in kinds.items()}

        stack.start_web(options=("--workers", "2"))
        plain = Browser(stack.url, learner)
        stack.start_web(options=("--workers", "2", WHOLE_REQUESTS))
        whole = Browser(stack.url, learner)
        for browser in (plain, whole):
            crowd(browser)
        turns = [(crowd(whole), crowd(plain)) for _ in range(pairs)]
        measured: dict[str, Any] = {
            "web server": summary([a for a, _ in turns], [b for _, b in turns], unit="ms for one request of a crowd")
        }
        for name, page in pages.items():
            timed = [(milliseconds(whole, page), milliseconds(whole, pages["plain"])) for _ in range(pairs + 5)][5:]
            measured[f"page: {name}"] = summary([a for a, _ in timed], [b for _, b in timed], unit="ms")
        record("hostile_pages", measured)


def page_of(learner: Any, content: bytes) -> str:
    """The address of a submission with this file."""
    from backend.curriculum.models import Lab
    from backend.labs.models import Submission, SubmissionFile

    lab = Lab.objects.exclude(digest="").earliest("pk")
    submission = Submission.objects.create(
        learner=learner, lab=lab, lab_digest=lab.digest, idempotency_key=uuid4(), max_score=lab.max_score
    )
    SubmissionFile.objects.create(submission=submission, name="main.py", content=content)
    return submission.get_absolute_url()


def milliseconds(browser: Any, path: str) -> float:
    """One request."""
    began = time.perf_counter()
    browser.get(path)
    return 1000 * (time.perf_counter() - began)


def crowd(browser: Any) -> float:
    """Milliseconds for one request when several ask at once."""
    threads = [threading.Thread(target=lambda: [browser.get("/healthz") for _ in range(ROUNDS)]) for _ in range(ASKERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 1000 * (time.perf_counter() - began) / (ASKERS * ROUNDS)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
