"""Pages of a site with 10,000 learners, 100,000 submissions and a million quiz answers, against a small one.

Two databases with the same content and the same two people who look: a hundredth of the crowd in one, all of it in the
other. Two web servers are asked in turns; a page's figure is the median of the pairs' ratios.

Usage: python -m tests.bench.large_site [PAIRS]
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.bench.site import record, site, summary

if TYPE_CHECKING:
    from django.db.models import Model

LEARNERS = 10_000
SHARE = 100
"""By how much the small site is smaller."""
EACH = 10
"""Submissions of one learner, quiz attempts, and answers in each attempt."""
MODULE = "01-foundations"


def main(pairs: int = 40) -> None:
    """Measure and print."""
    with site() as stack:
        from django.db import connection, connections

        from backend.accounts.models import Role
        from tests.bench.click_to_verdict import Browser
        from tests.factories import UserFactory

        ada, root = UserFactory.create(), UserFactory.create(role=Role.ADMIN, is_superuser=True)
        populate([ada, root], random.Random(1))
        populate(crowd(0, LEARNERS // SHARE), random.Random(2))
        seen = {**dict.fromkeys(pages_of(ada), ada), **dict.fromkeys(pages_of_staff(), root)}
        small = str(connection.settings_dict["NAME"])
        connections.close_all()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{small}_large" TEMPLATE "{small}"')
        browsers = {}
        for name in (f"{small}_large", small):
            connections.close_all()
            connection.settings_dict["NAME"] = name
            if name != small:
                for first in range(LEARNERS // SHARE, LEARNERS, 1000):
                    populate(crowd(first, min(first + 1000, LEARNERS)), random.Random(first))
                    print(f"{min(first + 1000, LEARNERS):,} learners", file=sys.stderr)
                rows = count()
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
            stack.start_web(options=("--workers", "1"))
            browsers[name] = {who: Browser(stack.url, who) for who in (ada, root)}
        few, many = browsers[small], browsers[f"{small}_large"]
        measured = {}
        for path, who in seen.items():
            timed = [(_milliseconds(many[who], path), _milliseconds(few[who], path)) for _ in range(pairs + 5)][5:]
            measured[path] = summary([large for large, _ in timed], [little for _, little in timed], unit="ms")
        worst = max(measured, key=lambda path: measured[path]["ratio"])
        record("large_site", {"rows": rows, "worst": [worst, measured[worst]["ratio"]], "pages": measured})


def crowd(first: int, last: int) -> Sequence[Any]:
    """Learners with numbers from `first` to `last`, stored."""
    from backend.accounts.models import User

    people = [User(email=f"learner-{number}@example.org", password="!") for number in range(first, last)]
    return User.objects.bulk_create(people)


def populate(people: Sequence[Any], rng: random.Random) -> None:
    """Let them read, hand in and answer, as learners do."""
    for rows in _rows(people, rng):
        type(rows[0]).objects.bulk_create(rows, batch_size=5000)


def _rows(people: Sequence[Any], rng: random.Random) -> Iterator[list[Any]]:
    from django.utils import timezone

    from backend.curriculum.models import Lab, Lesson, Module, Track
    from backend.labs.models import GradeAttempt, Submission, SubmissionFile
    from backend.progress.models import Completion, Enrolment
    from backend.quizzes.models import QuizAttempt, QuizResponse

    now = timezone.now()
    lessons, labs = list(Lesson.objects.filter(status="ready")), list(Lab.objects.exclude(digest=""))
    modules, tracks = list(Module.objects.filter(questions__isnull=False).distinct()), list(Track.objects.all())
    asked = {module.pk: [one.current for one in module.questions.exclude(current=None)] for module in modules}
    yield [Enrolment(learner=one, track=rng.choice(tracks)) for one in people]
    read = [(one, lesson) for one in people for lesson in rng.sample(lessons, EACH)]
    yield [Completion(learner=one, lesson=lesson, lesson_digest=lesson.digest) for one, lesson in read]
    submissions = [
        Submission(
            learner=one,
            lab=(lab := rng.choice(labs)),
            lab_digest=lab.digest,
            idempotency_key=uuid4(),
            verdict=rng.choice(["accepted", "partial", "wrong_answer", "build_error"]),
            score=rng.uniform(0, 100),
            max_score=100,
            graded_at=now,
        )
        for one in people
        for _ in range(EACH)
    ]
    yield submissions
    yield [SubmissionFile(submission=one, name="main.py", content=b"print('hello')\n" * 100) for one in submissions]
    yield [
        GradeAttempt(submission=one, number=1, lab_digest=one.lab_digest, state="finished", finished_at=now, report={})
        for one in submissions
    ]
    attempts = [
        QuizAttempt(
            learner=one, module=rng.choice(modules), score=rng.random(), finished_at=now - timedelta(days=number)
        )
        for one in people
        for number in range(1, EACH + 1)
    ]
    yield attempts
    yield [
        QuizResponse(
            attempt=attempt,
            position=position,
            question=question,
            answer=rng.choice(["1", "2", "3"]),
            shown_at=now,
            first_answered_at=now,
            answered_at=now,
            points=float(rng.random() < 0.6),
        )
        for attempt in attempts
        for position, question in enumerate(rng.choices(asked[attempt.module_id], k=EACH), start=1)
    ]


def pages_of(ada: Any) -> list[str]:
    """Pages of a learner who did as much as anybody."""
    from backend.labs.models import Submission

    submission = Submission.objects.filter(learner=ada).latest("created_at")
    paths = ["/", "/modules/", f"/modules/{MODULE}/", "/lessons/lesson-1.1-what-is-llama-cpp/", "/dashboard/"]
    paths += [f"/modules/{MODULE}/quiz/", submission.lab.get_absolute_url(), submission.get_absolute_url()]
    return [*paths, "/interviews/", "/notebook/", "/certification/", "/search/?q=quantization"]


def pages_of_staff() -> list[str]:
    """Pages that look over everybody."""
    return ["/quiz/items/", f"/quiz/items/{MODULE}/", "/staff/regrades/", "/staff/held/", "/review/", "/staff/reports/"]


def count() -> dict[str, int]:
    """Rows by table."""
    from backend.accounts.models import User
    from backend.labs.models import Submission
    from backend.quizzes.models import QuizAttempt, QuizResponse

    models: list[type[Model]] = [User, Submission, QuizAttempt, QuizResponse]
    return {model._meta.label: model._default_manager.count() for model in models}


def _milliseconds(browser: Any, path: str) -> float:
    began = time.perf_counter()
    browser.get(path)
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
