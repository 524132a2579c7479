"""A lab as a learner may see it, and handing in."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID, uuid4

import pytest
from django.test import Client
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

from backend.accounts.models import User
from backend.curriculum.models import Lab, Status
from backend.labs.models import GradeAttempt, Submission
from backend.labs.services.submitting import MAX_UNFINISHED
from grader import lab as lab_format
from tests.backend.api.conftest import CANARY, BrowserOf, Post
from tests.backend.labs.hand import RIGHT, Submit
from tests.factories import LabFactory

pytestmark = pytest.mark.django_db


def test_a_lab_says_what_is_asked_for_and_where_to_start(secret_lab: Lab, learner: User, browser_of: BrowserOf) -> None:
    document = browser_of(learner).get("/api/v1/labs/lab-secret/").json()
    assert (document["title"], document["language"]) == ("Secret lab", "python")
    assert document["digest"] == secret_lab.digest
    assert document["starter"] == [{"name": "main.py", "text": "# your turn\n"}]
    spec = document["spec"]
    assert (spec["entry_files"], spec["signature"]) == (["main.py"], "main.py FILE")
    assert spec["tests"] == [
        {"id": "shown", "title": "Shown test", "points": 2.0, "hidden": False},
        {"id": "hidden", "title": "Hidden test", "points": 3.0, "hidden": True},
    ]
    assert spec["limits"]["memory_mb"] == 512
    assert spec["forbidden"] == [{"symbol": "eval", "reason": "It hides the point."}]


def test_nothing_that_judges_the_work_is_ever_in_an_answer(
    secret_lab: Lab, learner: User, reviewer: User, browser_of: BrowserOf, post: Post
) -> None:
    revision = secret_lab.revisions.get()
    assert CANARY in str(lab_format.unpack(bytes(revision.bundle), digest=secret_lab.digest).files)
    for person in (learner, reviewer):
        browser = browser_of(person)
        answers = [post(browser, "lab-secret", files={"main.py": "print()"})]
        answers.append(post(browser, "lab-secret", files={"wrong.py": ""}))
        answers += [
            browser.get(f"/api/v1/{address}")
            for address in (
                "labs/lab-secret/",
                "submissions/",
                f"submissions/{Submission.objects.get(learner=person).pk}/",
                f"modules/{secret_lab.module.slug}/",
                "tracks/",
                "progress/",
            )
        ]
        assert [answer.status_code for answer in answers] == [201, 400, *[200] * 6]
        assert not [answer.request["PATH_INFO"] for answer in answers if CANARY in answer.content.decode()]


def test_a_planned_lab_has_no_spec_and_takes_nothing(learner: User, browser_of: BrowserOf, post: Post) -> None:
    LabFactory.create(slug="lab-planned", status=Status.PLANNED)
    browser = browser_of(learner)
    document = browser.get("/api/v1/labs/lab-planned/").json()
    assert (document["status"], document["spec"], document["starter"]) == ("planned", None, None)
    answer = post(browser, "lab-planned")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert answer.json()["error"]["code"] == "lab_not_open"


def test_handing_in_answers_with_the_submission_and_its_place_in_the_queue(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, post: Post
) -> None:
    answer = post(browser_of(learner), "lab-tiny")
    submission = Submission.objects.get()
    assert answer.status_code == HTTPStatus.CREATED
    assert answer["Location"].endswith(f"/api/v1/submissions/{submission.pk}/")
    document = answer.json()
    assert (document["id"], document["lab"]) == (str(submission.pk), "lab-tiny")
    assert (document["state"]["text"], document["state"]["done"]) == ("Queued: 1 of 1", False)
    assert (document["verdict"], document["score"], document["report"]) == (None, None, None)
    assert (submission.learner, bytes(submission.files.get().content)) == (learner, RIGHT)


def test_text_is_stored_byte_for_byte(tiny_lab: Lab, learner: User, browser_of: BrowserOf, post: Post) -> None:
    text = "# ü\r\n\tprint('\0')\n\n  "
    assert post(browser_of(learner), "lab-tiny", files={"main.py": text}).status_code == HTTPStatus.CREATED
    assert bytes(Submission.objects.get().files.get().content) == text.encode()


def test_the_same_key_again_gives_the_same_submission(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, post: Post
) -> None:
    browser, key = browser_of(learner), str(uuid4())
    first, again = post(browser, "lab-tiny", key=key), post(browser, "lab-tiny", key=key, files={"main.py": "other"})
    assert (first.status_code, again.status_code) == (HTTPStatus.CREATED, HTTPStatus.OK)
    assert first.json()["id"] == again.json()["id"]
    assert GradeAttempt.objects.count() == 1


def test_one_learners_key_says_nothing_about_anothers(
    tiny_lab: Lab, learner: User, reviewer: User, browser_of: BrowserOf, post: Post
) -> None:
    key = str(uuid4())
    answers = [post(browser_of(person), "lab-tiny", key=key) for person in (learner, reviewer)]
    assert [answer.status_code for answer in answers] == [HTTPStatus.CREATED] * 2
    assert UUID(answers[0].json()["id"]) != UUID(answers[1].json()["id"])


def test_a_file_that_the_lab_does_not_ask_for_is_refused_in_its_words(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, post: Post
) -> None:
    answer = post(browser_of(learner), "lab-tiny", files={"other.py": ""})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.json() == {
        "error": {"code": "upload_rejected", "message": "Unexpected file “other.py”. This lab takes: main.py."}
    }


def test_too_many_unfinished_submissions_are_told_how_long_to_wait(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, post: Post
) -> None:
    browser = browser_of(learner)
    for _ in range(MAX_UNFINISHED):
        assert post(browser, "lab-tiny").status_code == HTTPStatus.CREATED
    answer = post(browser, "lab-tiny")
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    error = answer.json()["error"]
    assert (error["code"], error["retry_after"], answer["Retry-After"]) == ("rate_limited", 10, "10")
    assert "still being graded" in error["message"]


def test_a_post_without_the_csrf_token_is_refused_and_stores_nothing(tiny_lab: Lab, learner: User, post: Post) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(learner, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = post(browser, "lab-tiny")
    assert (answer.status_code, answer.json()["error"]["code"]) == (HTTPStatus.FORBIDDEN, "csrf_failed")
    assert not Submission.objects.exists()
    browser.get("/labs/lab-tiny/")
    token = browser.cookies["csrftoken"].value
    assert post(browser, "lab-tiny", headers={"X-CSRFToken": token}).status_code == HTTPStatus.CREATED


def test_who_asks_too_often_waits_each_for_themselves(
    submit: Submit, learner: User, browser_of: BrowserOf, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UserRateThrottle, "rate", "2/min", raising=False)
    monkeypatch.setattr(AnonRateThrottle, "rate", "1/min", raising=False)
    browser = browser_of(learner)
    assert [browser.get("/api/v1/submissions/").status_code for _ in range(3)] == [200, 200, 429]
    refused = browser.get("/api/v1/modules/")
    assert refused.json()["error"]["code"] == "throttled"
    assert 0 < refused.json()["error"]["retry_after"] <= 60
    assert refused["Retry-After"] == str(refused.json()["error"]["retry_after"])
    assert [
        client.get("/api/v1/modules/", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(2)
    ] == [200, 429], "nobody gets around it by claiming other addresses"
