"""Whatever is sent along with a form or a document, nobody sets what is not theirs to set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

from backend.accounts.models import Role, User
from backend.curriculum.models import Lab
from backend.labs import services
from backend.labs.models import Submission
from backend.quizzes import services as quizzes
from tests.backend.labs.crawl import addresses
from tests.backend.labs.hand import RIGHT, Submit, attempt_of, make_report
from tests.factories import LessonFactory, QuestionFactory, UserFactory

BrowserOf = Callable[[User], Client]
Rows = dict[tuple[str, Any], dict[str, Any]]

ONES_OWN = {
    "accounts.User": {"display_name"},
    "labs.Draft": {"files", "revision", "saved_at"},
    "progress.Enrolment": {"current"},
    "progress.Visit": {"heading", "at"},
    "quizzes.QuizAttempt": {"finished_at", "score"},
    "quizzes.QuizAllowance": {"started_at", "used"},
    "quizzes.QuizResponse": {"answer", "answered_at", "first_answered_at", "flagged", "points", "shown_at"},
    "labs.Notice": {"read_at"},
    "notebook.Entry": {"text", "changed_at"},
    "notebook.PageReport": {"text"},
    "notebook.SelfRating": {"level", "rated_at"},
}
"""Columns that a person changes by using the site as it is meant."""
FIELDS_AT_ONCE = 150
"""Of a form; the site refuses larger ones unread."""


def own_models() -> list[type[models.Model]]:
    """Models of the site itself."""
    return [model for model in apps.get_models() if model.__module__.startswith("backend.")]


def bait_for(other: User) -> dict[str, str]:
    """A tempting value for every field of every model, under its name and its column's."""
    bait: dict[str, str] = {}
    for model in own_models():
        for field in model._meta.concrete_fields:
            bait |= dict.fromkeys((field.name, field.attname), _tempting(field, other))
    return bait | {
        "verdict": "accepted", "state": "finished", "role": Role.ADMIN.value, "score": "5", "is_correct": "true",
        "status": "accepted", "user": str(other.pk), "user_id": str(other.pk), "passed": "true",
        "learner": str(other.pk), "is_staff": "true", "is_superuser": "true", "groups": "1",
    }  # fmt: skip


def parts_of(bait: dict[str, str]) -> Iterator[dict[str, str]]:
    """Pieces that are small enough for one form."""
    names = iter(bait)
    while part := list(islice(names, FIELDS_AT_ONCE)):
        yield {name: bait[name] for name in part}


def _tempting(field: models.Field[Any, Any], other: User) -> str:
    if field.related_model is User:
        return str(other.pk)
    if field.choices:
        return str(list(field.flatchoices)[-1][0])
    if isinstance(field, models.BooleanField):
        return "true"
    if isinstance(field, models.UUIDField):
        return "00000000-0000-4000-8000-00000000ba17"
    if isinstance(field, models.DateTimeField):
        return "2001-02-03T04:05:06Z"
    if isinstance(field, models.FloatField | models.IntegerField):
        return "424242"
    return "bait-424242"


def rows() -> Rows:
    """Every row of the site."""
    found: Rows = {}
    for model in own_models():
        for row in model._default_manager.values():
            found[model._meta.label, row[model._meta.pk.name]] = row
    return found


def misdeeds(before: Rows, after: Rows, learner: User) -> Iterator[str]:
    """What changed that a learner must not change."""
    people = {
        model._meta.label: [f.attname for f in model._meta.concrete_fields if f.related_model is User]
        for model in own_models()
    }
    for key, row in after.items():
        label = key[0]
        old = before.get(key)
        if old is None:
            strangers = [name for name in people[label] if row[name] not in {None, learner.pk}]
            yield from (f"{label}: new row of somebody else by {name}" for name in strangers)
            theirs = {name: value for name, value in row.items() if name not in ONES_OWN.get(label, set())}
            if row.get("verdict") or row.get("passed") or row.get("role") or "424242" in repr(theirs):
                yield f"{label}: new row with {row}"
        elif old != row:
            changed = {name for name in row if row[name] != old[name]}
            # An answer belongs to whom its attempt belongs to.
            owner = before.get(("quizzes.QuizAttempt", row.get("attempt_id")), row)
            columns = [*people[label], "learner_id"]
            mine = key == ("accounts.User", learner.pk) or learner.pk in [owner.get(name) for name in columns]
            if row.get("passed") or row.get("points") or "424242" in repr([row[name] for name in changed]):
                yield f"{label}: {sorted(changed)} as sent"
            if not mine or changed - ONES_OWN.get(label, set()):
                yield f"{label}: {sorted(changed)} {'' if mine else 'of somebody else'}"
    yield from (f"{key[0]}: a row is gone" for key in before.keys() - after.keys())


@pytest.fixture
def site(submit: Submit, learner: User, tiny_lab: Lab) -> dict[str, list[str]]:
    """Work of two people, and the ids under which everything can be addressed."""
    other = UserFactory.create()
    submissions = [submit(), submit(learner=other)]
    services.record_report(make_report(attempt_of(submissions[0]), verdict="partial", score=2.0))
    lesson = LessonFactory.create(module=tiny_lab.module)
    for _ in range(3):
        QuestionFactory.create(module=tiny_lab.module, lesson=lesson)
    quiz = [quizzes.start(person, tiny_lab.module) for person in (learner, other)]
    ids = [*(str(row.pk) for row in submissions), *(str(attempt_of(row).pk) for row in submissions)]
    return {
        "uuid": [*ids, *(str(attempt.pk) for attempt in quiz)],
        "slug": [tiny_lab.slug, tiny_lab.module.slug, lesson.slug],
        "file_name": ["main.py"],
        "file": ["main.py"],
        "int": ["1", "2"],
    }


@pytest.mark.slow
def test_no_field_of_any_model_can_be_set_by_sending_it(
    site: dict[str, list[str]], learner: User, browser_of: BrowserOf
) -> None:
    other = User.objects.exclude(pk=learner.pk).latest("pk")
    bait, browser, before = bait_for(other), browser_of(learner), rows()
    assert len(bait) > 100
    for address in [*addresses(site), "/accounts/profile/"]:
        answers = [ask(address, part) for part in parts_of(bait) for ask in (browser.post, browser.get)]
        for send in (browser.post, browser.put, browser.patch):
            answers.append(send(address, json.dumps(bait), content_type="application/json"))
        assert max(answer.status_code for answer in answers) < 500, address
    # A name of one's own is free, whatever it is.
    User.objects.filter(pk=learner.pk).update(display_name=learner.display_name)
    assert sorted(set(misdeeds(before, rows(), learner))) == []


def test_a_right_hand_in_with_surplus_fields_is_a_hand_in_and_nothing_more(
    site: dict[str, list[str]], learner: User, browser_of: BrowserOf, tiny_lab: Lab
) -> None:
    other = User.objects.exclude(pk=learner.pk).latest("pk")
    bait, browser, before = bait_for(other), browser_of(learner), rows()
    good = {"key": str(uuid4()), "file:main.py": RIGHT.decode(), "revision": "1"}
    for part in parts_of(bait):
        form = part | good | {"key": str(uuid4())}
        assert browser.post(reverse("lab_submit", args=[tiny_lab.slug]), form).status_code in {302, 429}
    document = bait | {"key": str(uuid4()), "files": {"main.py": RIGHT.decode()}}
    answer = browser.post(
        f"/api/v1/labs/{tiny_lab.slug}/submissions/", json.dumps(document), content_type="application/json"
    )
    assert answer.status_code in {201, 400}
    new = Submission.objects.exclude(pk__in=[key[1] for key in before])
    assert new.count() >= 1
    for submission in new:
        assert (submission.learner, submission.verdict, submission.score) == (learner, "", 0)
        assert submission.lab_digest == tiny_lab.digest
        attempt = attempt_of(submission)
        assert (attempt.state, attempt.report, attempt.rejudge, attempt.requested_by) == ("queued", None, False, None)
    assert sorted(set(misdeeds(before, rows(), learner))) == []
