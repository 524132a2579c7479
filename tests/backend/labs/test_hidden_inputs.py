"""Nothing of what judges the work reaches whom it judges: hidden inputs, answers, checks, solutions."""

from __future__ import annotations

import html
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.test import Client
from redis import Redis

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Example, Lab, Lesson, Module
from backend.curriculum.services import load_content
from backend.labs import services
from backend.labs.models import Submission
from grader.casework import load_checks
from grader.contract import events_key
from tests.backend.labs.crawl import addresses, read_all, routes
from tests.backend.labs.hand import Submit, attempt_of, make_report
from tests.factories import UserFactory
from tests.stack import ROOT, LiveStack, OwnRedis

BrowserOf = Callable[[User], Client]
READ = (
    "import os, sys\nsecret = sys.stdin.read()\nnumbers = secret.split()\ntotal = 0\n"
    "for number in numbers: total += int(number)\n"
)
CHEATS = {
    "prints": "print(secret)\nprint(total + 1, secret, file=sys.stderr)\nos.write(1, secret.encode())",
    "raises": "raise ValueError(secret, total)",
    "asserts": "assert total == 0, f'expected {total} of {numbers}'",
    "leaves": (
        "open('/box/note.txt', 'w').write(secret)\nopen(f'/box/{numbers[0]}', 'w')\nsys.exit(int(numbers[0]) % 251 + 1)"
    ),
    "traceback": (
        "f = lambda: 1 / 0\nf.__code__ = f.__code__.replace(co_name='f' + numbers[0], co_filename=secret)\nf()"
    ),
}


@pytest.fixture
def stack(tmp_path: Path, redis_server: OwnRedis) -> Iterator[LiveStack]:
    """The web side's worker and a grading machine."""
    stack = LiveStack(tmp_path, redis_server.url)
    stack.start_backend()
    stack.start_grader()
    yield stack
    stack.stop()


def drawn(lab: Lab, seed: int) -> dict[str, tuple[list[str], str]]:
    """Test -> (its numbers, their sum), as the grading machine drew them."""
    bundle = curriculum.lab_bundle(lab.digest)
    context = SimpleNamespace(rng=random.Random(f"{seed}/cases"))
    cases = load_checks(bundle).cases(cast(Any, context))
    return {case.test: (case.stdin.decode().split(), str(case.expected)) for case in cases}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hidden_input_reaches_no_page_answer_event_or_log(
    stack: LiveStack,
    submit: Submit,
    learner: User,
    reviewer: User,
    browser_of: BrowserOf,
    grading_redis: Redis,
    tiny_lab: Lab,
) -> None:
    browser = browser_of(learner)
    submissions = [submit((READ + code).encode()) for code in CHEATS.values()]
    seen: dict[str, bytes] = {}
    started = time.monotonic()
    while Submission.objects.filter(verdict="").exists():
        assert time.monotonic() - started < 90, stack.logs()
        for submission in submissions:
            for address in (f"/submissions/{submission.pk}/status/", f"/api/v1/submissions/{submission.pk}/"):
                seen[f"{address} after {time.monotonic() - started:.2f} s"] = browser.get(address).content
        time.sleep(0.05)

    attempts = [attempt_of(submission) for submission in submissions]
    ids = [*(str(submission.pk) for submission in submissions), *(str(attempt.pk) for attempt in attempts)]
    values = {
        "uuid": ids,
        "slug": [tiny_lab.slug, tiny_lab.module.slug, "hidden", tiny_lab.digest],
        "file_name": ["main.py", "checks.py", "note.txt", "hidden"],
        "int": ["1", "2"],
    }
    for who, reader in (("learner", browser), ("other", browser_of(UserFactory.create())), ("nobody", Client())):
        seen |= {f"{who} {address}": text for address, text in read_all(reader, addresses(values)).items()}
    seen |= {f"reviewer {a}": text for a, text in read_all(browser_of(reviewer), addresses(values)).items()}
    for attempt in attempts:
        seen[f"events of {attempt.pk}"] = repr(grading_redis.xrange(events_key(attempt.pk))).encode()
        seen[f"report of {attempt.pk}"] = repr(attempt.report).encode()
    for name in ("backend", "grader-w1"):
        seen[f"log of {name}"] = stack.log_of(name)

    for attempt in attempts:
        cases = drawn(tiny_lab, cast(dict[str, Any], attempt.report)["seed"])
        numbers, total = cases["hidden"]
        leaks = {
            f"{where}: {word}"
            for where, text in seen.items()
            for word in (*numbers, total, str(int(total) + 1))
            if word.encode() in text
        }
        assert leaks == set()
        assert ", ".join(cases["shown"][0]) in repr(attempt.report), "what is shown, is shown"
    assert {submission.verdict for submission in Submission.objects.all()} <= {"wrong_answer", "runtime_error"}


def test_no_address_gives_what_judges_the_work(
    submit: Submit, learner: User, browser_of: BrowserOf, tiny_lab: Lab
) -> None:
    submission = submit()
    report = make_report(attempt_of(submission))
    assert services.record_report(report) is None
    bundle = curriculum.lab_bundle(tiny_lab.digest)
    secrets = [b"canary-of-the-checks", b"Sums of random numbers"]
    assert all(secret in bundle.files["checks.py"] for secret in secrets)
    values = {
        "uuid": [str(submission.pk), str(attempt_of(submission).pk)],
        "slug": [tiny_lab.slug, tiny_lab.module.slug, tiny_lab.digest, "checks.py", "reference", "hidden"],
        "file_name": ["main.py", "checks.py", "grading.yml", "reference", "hidden", "main.py.orig"],
        "file": ["checks.py", "grading.yml", "reference", "main.py"],
        "int": ["1"],
    }
    assert len(routes()) > 25
    for reader in (browser_of(learner), browser_of(UserFactory.create()), Client()):
        for address, text in read_all(reader, addresses(values)).items():
            assert not [secret for secret in secrets if secret in text], address


def secret_lines(content: Path) -> dict[str, str]:
    """Lines that stand in solutions, mutants and checks only -> the file they stand in."""
    hidden, public = {}, []
    for path in sorted(content.rglob("*")):
        if not path.is_file() or path.suffix not in {".py", ".cpp", ".h", ".cu", ".cuh", ".md", ".sh", ".json", ".yml"}:
            continue
        parts = path.relative_to(content).parts
        if "labs" in parts and (set(parts) & {"reference", "mutants"} or path.name == "checks.py"):
            hidden.update({line.strip(): str(path) for line in path.read_text().splitlines() if len(line.strip()) > 30})
        elif path.suffix != ".yml":
            public.append(path.read_text())
    everything = "\n".join(public)
    return {line: path for line, path in hidden.items() if line not in everything}


def test_no_public_file_or_page_holds_a_line_of_a_solution(learner: User, browser_of: BrowserOf) -> None:
    load_content(ROOT / "content", force=True)
    lines = secret_lines(ROOT / "content")
    assert len(lines) > 100
    slugs = [
        *Module.objects.values_list("slug", flat=True),
        *Lab.objects.exclude(digest="").values_list("slug", flat=True),
        *Lesson.objects.exclude(body_html="").values_list("slug", flat=True),
    ]
    names = [*Example.objects.values_list("name", flat=True), "checks.py", "main.cpp", "reference"]
    browser = browser_of(learner)
    seen: dict[str, bytes] = {}
    for kinds in ({"slug": slugs, "file": [], "file_name": [], "uuid": [], "int": []}, {"slug": [], "file": names}):
        if not kinds["slug"]:
            for slug in Module.objects.filter(examples__isnull=False).distinct().values_list("slug", flat=True):
                programs = [f"/modules/{slug}/code/{name}" for name in names]
                seen |= read_all(browser, [*programs, *(f"{program}/download" for program in programs)])
        else:
            seen |= read_all(browser, addresses(kinds))
    assert len([text for text in seen.values() if len(text) > 2000]) > 20
    for finder in get_finders():
        for name, storage in finder.list([]):
            with storage.open(name) as file:
                seen[f"static {name}"] = file.read()
    leaks = []
    for where, raw in seen.items():
        text = html.unescape(raw.decode(errors="replace"))
        leaks += [(where, path, line) for line, path in lines.items() if line in text]
    assert leaks == []
