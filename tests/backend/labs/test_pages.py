"""What a learner meets: the lab page, a submission's page, and the part that follows it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from redis import Redis

from backend.accounts.models import User
from backend.curriculum.models import Lab, Status
from backend.labs import services
from backend.labs.models import Submission
from grader.contract import (
    GRADE_QUEUES,
    MAX_ATTEMPTS,
    WORKERS_KEY,
    EventKind,
    GradeEvent,
    Stage,
    WorkerStatus,
    events_key,
)
from tests.backend.labs.hand import RIGHT, Submit, attempt_of, make_report, make_test
from tests.factories import UserFactory

BrowserOf = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(learner: User, browser_of: BrowserOf) -> Client:
    """The learner's browser."""
    return browser_of(learner)


def post_lab(browser: Client, lab: Lab, text: str = RIGHT.decode(), **more: Any) -> Any:
    """Send the lab's form as a browser without scripts does."""
    headers = more.pop("headers", {})
    fields = {"key": str(uuid4()), "file:main.py": text.replace("\n", "\r\n"), **more}
    return browser.post(reverse("lab_submit", args=[lab.slug]), fields, headers=headers)


def say_alive(redis: Redis, **changes: Any) -> None:
    """What a healthy grading machine says of itself."""
    status = {"name": "w1", "at": time.time(), "queues": [GRADE_QUEUES["cpu"]], "toolchain": "t1", **changes}
    redis.hset(WORKERS_KEY, "w1", WorkerStatus.model_validate(status).model_dump_json())


def text_of(response: Any) -> str:
    """The page's words, without tags and with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def test_a_visitor_reads_the_lab_and_is_asked_to_sign_in(client: Client, tiny_lab: Lab) -> None:
    response = client.get(reverse("lab", args=[tiny_lab.slug]))
    assert response.status_code == 200
    page = response.content.decode()
    assert "Add the numbers" in page
    assert "not written yet" in page, "the starter is shown"
    assert "readonly" in page
    assert f"next=/labs/{tiny_lab.slug}/" in page
    assert 'type="submit"' not in page[page.index('id="lab-form"') : page.index("</form>", page.index('id="lab-form"'))]


def test_a_planned_lab_says_what_is_planned_and_takes_nothing(browser: Client, tiny_lab: Lab) -> None:
    Lab.objects.update(status=Status.PLANNED, digest="", instructions_html="<p>You will write a tokenizer.</p>")
    response = browser.get(reverse("lab", args=[tiny_lab.slug]))
    assert "You will write a tokenizer." in response.content.decode()
    assert "cannot be done yet" in text_of(response)
    assert post_lab(browser, tiny_lab).status_code == 404
    assert browser.post(reverse("lab_draft", args=[tiny_lab.slug]), {"revision": 1}).status_code == 404


@pytest.mark.parametrize("address", ["/labs/no-such-lab/", "/labs/%00/", "/labs/a%00b/", "/labs/..%2f/", "/labs/ü/"])
def test_an_address_without_a_lab_is_not_found(browser: Client, tiny_lab: Lab, address: str) -> None:
    assert browser.get(address).status_code == 404


def test_a_form_without_scripts_leads_to_the_submission(browser: Client, tiny_lab: Lab) -> None:
    response = post_lab(browser, tiny_lab)
    submission = Submission.objects.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("submission", args=[submission.pk])
    assert bytes(submission.files.get().content) == RIGHT, "line ends as typed"


def test_htmx_gets_the_following_part_and_a_fresh_key(browser: Client, tiny_lab: Lab) -> None:
    key = str(uuid4())
    response = post_lab(browser, tiny_lab, headers=HTMX, key=key)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.lstrip().startswith('<section id="submission-status" hx-get=')
    assert 'hx-swap-oob="true"' in page
    assert key not in page
    assert "show-panel" in json.loads(response["HX-Trigger"])


def test_the_same_form_twice_is_one_submission(browser: Client, tiny_lab: Lab) -> None:
    key = str(uuid4())
    addresses = {post_lab(browser, tiny_lab, key=key)["Location"] for _ in range(2)}
    assert len(addresses) == Submission.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x", "\0"])
def test_a_form_without_a_valid_key_stores_nothing_and_keeps_the_text(browser: Client, tiny_lab: Lab, key: str) -> None:
    response = post_lab(browser, tiny_lab, text="my_only_copy = 1", key=key)
    assert response.status_code == 400
    assert "my_only_copy = 1" in response.content.decode()
    assert not Submission.objects.exists()


def test_too_many_submissions_say_when_the_next_is_possible(browser: Client, tiny_lab: Lab) -> None:
    for _ in range(5):
        post_lab(browser, tiny_lab)
    response = post_lab(browser, tiny_lab, text="kept = True")
    assert response.status_code == 429
    assert int(response["Retry-After"]) >= 1
    assert "still being graded" in text_of(response)
    assert "kept = True" in response.content.decode()
    by_htmx = post_lab(browser, tiny_lab, headers=HTMX)
    assert (by_htmx.status_code, int(by_htmx["Retry-After"]) >= 1) == (200, True)
    assert "Not submitted." in text_of(by_htmx)


def test_a_signed_out_part_takes_the_whole_page_to_the_sign_in(client: Client, tiny_lab: Lab) -> None:
    response = post_lab(client, tiny_lab, headers={**HTMX, "HX-Current-URL": "http://127.0.0.1:8000/labs/lab-tiny/"})
    assert response["HX-Redirect"] == "/accounts/login/?next=%2Flabs%2Flab-tiny%2F"
    evil = post_lab(client, tiny_lab, headers={**HTMX, "HX-Current-URL": "https://evil.example/labs/"})
    assert evil["HX-Redirect"] == "/accounts/login/"


def test_while_nobody_grades_the_page_says_so(browser: Client, submit: Submit) -> None:
    page = text_of(browser.get(reverse("submission", args=[submit().pk])))
    assert "Queued: 1 of 1" in page
    assert "No grading machine is running" in page


def test_while_the_engine_is_built_the_page_says_how_far_it_is(
    browser: Client, submit: Submit, grading_redis: Redis
) -> None:
    say_alive(grading_redis, toolchain="", toolchain_progress="43 %: compiling")
    assert "still being built (43 %: compiling)" in text_of(browser.get(reverse("submission", args=[submit().pk])))


def test_a_machine_that_cannot_work_says_why(browser: Client, submit: Submit, grading_redis: Redis) -> None:
    say_alive(grading_redis, problem="no sandbox: install bubblewrap")
    assert "no sandbox: install bubblewrap" in text_of(browser.get(reverse("submission", args=[submit().pk])))


def test_a_machine_that_fell_silent_is_not_counted_on(browser: Client, submit: Submit, grading_redis: Redis) -> None:
    say_alive(grading_redis, at=1.0)
    assert "No grading machine" in text_of(browser.get(reverse("submission", args=[submit().pk])))


def test_the_place_in_the_queue_counts_everybody(browser: Client, submit: Submit) -> None:
    for _ in range(2):
        submit(learner=UserFactory.create())
    assert "Queued: 3 of 3" in text_of(browser.get(reverse("submission_status", args=[submit().pk])))


def event(kind: EventKind, **values: Any) -> dict[Any, Any]:
    """One event of a stream."""
    return {"event": GradeEvent.model_validate({"kind": kind, "at": 0, **values}).model_dump_json()}


def test_the_part_follows_the_worker_and_answers_304_in_between(
    browser: Client, submit: Submit, grading_redis: Redis
) -> None:
    say_alive(grading_redis)
    submission = submit()
    attempt = attempt_of(submission)
    address = reverse("submission_status", args=[submission.pk])
    first = browser.get(address)
    again = browser.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    stream = events_key(attempt.pk)
    grading_redis.xadd(stream, event(EventKind.STAGE, stage=Stage.COMPILING))
    grading_redis.xadd(stream, event(EventKind.LOG, stage=Stage.COMPILING, text="warning: <b>unused</b>"))
    compiling = browser.get(address, headers={"If-None-Match": first["ETag"]})
    assert compiling.status_code == 200
    assert "Compiling." in text_of(compiling)
    assert "warning: &lt;b&gt;unused&lt;/b&gt;" in compiling.content.decode()
    grading_redis.xadd(stream, event(EventKind.TEST, stage=Stage.TESTING, index=1, total=2, test=make_test()))
    grading_redis.xadd(stream, {"event": "{not json"})
    testing = browser.get(address, headers={"If-None-Match": compiling["ETag"]})
    assert "Testing 1 of 2." in text_of(testing)
    assert "Adds a few numbers" in text_of(testing)
    assert "hx-trigger" in testing.content.decode()

    services.record_report(make_report(attempt))
    done = browser.get(address, headers={"If-None-Match": testing["ETag"]})
    page = done.content.decode()
    assert "hx-trigger" not in page
    assert done["HX-Trigger"] == "submission-changed"
    assert "5 of 5 points." in text_of(done)
    assert browser.get(address, headers={"If-None-Match": done["ETag"]}).status_code == 304


def test_a_redis_that_is_down_leaves_the_page_standing(
    browser: Client, submit: Submit, redis_server: Any, tiny_lab: Lab
) -> None:
    submission = submit()
    redis_server.stop()
    try:
        for address in (submission.get_absolute_url(), tiny_lab.get_absolute_url()):
            response = browser.get(address)
            assert response.status_code == 200
            assert "The queue cannot be reached" in text_of(response)
    finally:
        redis_server.start()


FAILED = make_test(
    name="second", title="Adds nothing", passed=False, verdict="wrong_answer", points=0.0, max_points=3.0,
    message="One number is missing.", hint="Read until the input ends.", expected="12\n", seen="7\n", detail="line 1",
    command="python main.py",
)  # fmt: skip


def test_the_result_opens_the_first_failure_and_says_how_to_repeat_it(browser: Client, submit: Submit) -> None:
    submission = submit()
    tests = [make_test(), FAILED, {**FAILED, "name": "third", "title": "Adds more"}]
    services.record_report(
        make_report(
            attempt_of(submission), verdict="partial", score=2.0, tests=tests, message="Passed: 1 of 3 tests.",
            build_log="main.py:3: warning", seed=1234,
            diagnostics=[{"file": "main.py", "line": 3, "column": 1, "severity": "warning", "message": "</script>"}],
        )
    )  # fmt: skip
    response = browser.get(reverse("submission", args=[submission.pk]))
    page, words = response.content.decode(), text_of(response)
    assert page.count('data-state="failed" open') == 1
    assert page.index("Adds nothing") > page.index('data-state="failed" open') > page.index("Adds a few numbers")
    verdict = (
        "Partly accepted",
        "2 of 5 points.",
        "Passed: 1 of 3 tests.",
        "Hint: Read until the input ends.",
        "12",
        "7",
    )
    machine = ("bubblewrap: no network", "0.5.0 (0c1e57098bba)", "Python 3.11", "A processor", "r1")
    for part in (*verdict, *machine):
        assert part in words
    assert "python -m grader run --lab lab-tiny --submission . --seed 1234" in words
    data = re.search(r'<script id="diagnostics" type="application/json">(.*?)</script>', page)
    assert data is not None
    assert json.loads(data[1])[0]["message"] == "</script>"
    assert RIGHT.decode().splitlines()[2] in page.replace("&quot;", '"')


def test_our_own_fault_says_that_it_does_not_count(browser: Client, submit: Submit, tiny_lab: Lab) -> None:
    submission = submit()
    for _ in range(MAX_ATTEMPTS):
        services.record_report(make_report(attempt_of(submission), verdict="grader_error", score=0.0, tests=[]))
    page = text_of(browser.get(reverse("submission", args=[submission.pk])))
    assert "This was our fault, not yours, and it does not count." in page
    assert "does not count" in text_of(browser.get(tiny_lab.get_absolute_url()))


def test_the_lab_page_shows_the_latest_result_and_the_history(browser: Client, submit: Submit, tiny_lab: Lab) -> None:
    first, second = submit(), submit()
    services.record_report(make_report(attempt_of(first), verdict="wrong_answer", score=0.0))
    services.record_report(make_report(attempt_of(second)))
    response = browser.get(tiny_lab.get_absolute_url())
    page = response.content.decode()
    assert "5 of 5 points." in text_of(response)
    assert page.index(second.get_absolute_url()) < page.index(first.get_absolute_url())
    before = browser.get(second.get_absolute_url()).content.decode()
    assert f'rel="prev" href="{first.get_absolute_url()}"' in before
    assert 'rel="next"' not in before


def test_a_rejudge_shows_the_verdict_that_still_holds(browser: Client, submit: Submit, admin: User) -> None:
    submission = submit()
    services.record_report(make_report(attempt_of(submission)))
    submission.refresh_from_db()
    services.rejudge(submission, by=admin)
    page = text_of(browser.get(reverse("submission", args=[submission.pk])))
    assert "It is being judged again" in page
    assert "Accepted" in page
