"""What a worker would send, made by hand."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from redis import Redis

from backend.labs.models import GradeAttempt, Submission
from grader.contract import GRADE_QUEUES, SCHEMA_VERSION, GradeJob

RIGHT = b"import sys\n\ntotal = 0\nfor word in sys.stdin.read().split():\n    total += int(word)\nprint(total)\n"

Submit = Callable[..., Submission]


def attempt_of(submission: Submission) -> GradeAttempt:
    """The newest attempt."""
    attempt = submission.attempts.order_by("-number").first()
    assert attempt is not None
    return attempt


def make_report(attempt: GradeAttempt, **changes: Any) -> dict[str, Any]:
    """A report as a worker sends it for this attempt, with changes."""
    submission = attempt.submission
    return {
        "schema_version": SCHEMA_VERSION,
        "submission_id": str(submission.pk),
        "attempt_id": str(attempt.pk),
        "attempt_token": attempt.token,
        "lab": submission.lab.slug,
        "lab_digest": attempt.lab_digest,
        "verdict": "accepted",
        "score": 5.0,
        "max_score": 5.0,
        "message": "Passed: 2 of 2 tests.",
        "seed": 7,
        "build_log": "",
        "diagnostics": [],
        "tests": [
            make_test(),
            make_test(name="hidden", title="Adds many numbers", hidden=True, points=3.0, max_points=3.0),
        ],
        "benchmarks": [],
        "phases": {"testing": 0.25},
        "environment": {
            "grader_revision": "r1",
            "toolchain": "t1",
            "llama_cpp_version": "0.5.0",
            "llama_cpp_commit": "0c1e57098bba",
            "compiler": "Python 3.11",
            "flags": "",
            "sandbox": "bubblewrap",
            "isolation": ["no network"],
            "cpu": "A processor",
            "gpu": "",
            "worker": "w1",
        },
        **changes,
    }


def make_test(**changes: Any) -> dict[str, Any]:
    """One test result."""
    return {
        "name": "shown",
        "title": "Adds a few numbers",
        "hidden": False,
        "passed": True,
        "verdict": "accepted",
        "points": 2.0,
        "max_points": 2.0,
        **changes,
    }


def jobs_in(redis: Redis, queue: str = GRADE_QUEUES["cpu"]) -> list[GradeJob]:
    """The jobs that lie in a queue."""
    rows: Any = redis.lrange(queue, 0, -1)
    bodies = [json.loads(base64.b64decode(json.loads(row)["body"])) for row in rows]
    return [GradeJob.model_validate(body[1]["job"]) for body in bodies]
