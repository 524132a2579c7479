"""Whatever is sent, the answer is a sentence and never our fault."""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs.models import Submission
from backend.labs.uploads import MAX_REQUEST_BYTES
from grader.lab import MAX_FILE_BYTES
from tests.backend.api.conftest import BrowserOf, Post

pytestmark = pytest.mark.django_db
KEY = str(uuid4())

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "half an object": b'{"key":',
    "no JSON": b"key=1&files=2",
    "a NUL byte": b"\0",
    "a NUL byte inside": b'{"key": "\0"}',
    "no UTF-8": b'{"key": "\xff\xfe"}',
    "UTF-16": '{"key": 1}'.encode("utf-16"),
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "a string": b'"files"',
    "deep nesting": b"[" * 200_000,
    "deep objects": b'{"a":' * 200_000,
    "NaN": b'{"key": NaN}',
    "a name twice": b'{"key": "1", "key": "2"}',
    "a long number": b"9" * 5_000,
    "an exponent": b'{"key": 1e999999}',
}

PARTS: dict[str, dict[str, Any]] = {
    "no key": {"key": None},
    "a key with a NUL": {"key": "\0" + KEY},
    "a number as key": {"key": 7},
    "a huge number as key": {"key": 10**400},
    "a list as key": {"key": [KEY]},
    "half a surrogate as key": {"key": "\ud800"},
    "an object as key": {"key": {"hex": KEY}},
    "no files": {"files": None},
    "a list of files": {"files": ["main.py"]},
    "text as files": {"files": "main.py"},
    "a number as text": {"files": {"main.py": 1}},
    "null as text": {"files": {"main.py": None}},
    "a list as text": {"files": {"main.py": ["a"]}},
    "half a surrogate as text": {"files": {"main.py": "\udfff"}},
    "half a surrogate as name": {"files": {"\ud800": ""}},
    "a NUL in a name": {"files": {"main.py\0": ""}},
    "a path as name": {"files": {"../../main.py": ""}},
    "a long name": {"files": {"a" * 100_000: ""}},
    "many files": {"files": {f"{number}.py": "" for number in range(10_000)}},
    "a file too large": {"files": {"main.py": "a" * (MAX_FILE_BYTES + 1)}},
    "a file missing": {"files": {}},
}


def refused(answer: Any, status: int = HTTPStatus.BAD_REQUEST) -> dict[str, Any]:
    """The error of an answer that refuses, which is short and whole."""
    assert answer.status_code == status, answer.content[:200]
    assert answer["Content-Type"] == "application/json"
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"]
    assert 0 < len(error["message"]) <= 500
    assert not Submission.objects.exists()
    return error


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_hand_in_is_refused(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, post: Post, name: str
) -> None:
    refused(post(browser_of(learner), "lab-tiny", body=BODIES[name]))


@pytest.mark.parametrize("name", PARTS)
def test_a_hand_in_with_a_wrong_part_is_refused(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, post: Post, name: str
) -> None:
    refused(post(browser_of(learner), "lab-tiny", **PARTS[name]))


@pytest.mark.parametrize("charset", ["hex", "zlib_codec", "bz2_codec", "idna", "undefined", "nonsense", "utf-7"])
def test_the_charset_that_a_request_names_changes_nothing(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, post: Post, charset: str
) -> None:
    refused(post(browser_of(learner), "lab-tiny", body=b"xx", content_type=f"application/json; charset={charset}"))


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "application/xml", "/", "\0"],
)
def test_what_is_not_sent_as_json_is_refused(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, post: Post, content_type: str
) -> None:
    answer = post(browser_of(learner), "lab-tiny", body=b"--x\r\n", content_type=content_type)
    refused(answer, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("checked", [True, False])
def test_a_huge_body_is_refused_however_it_is_sent(
    tiny_lab: Lab, learner: User, post: Post, content_type: str, checked: bool
) -> None:
    browser = Client(enforce_csrf_checks=checked)
    browser.force_login(learner, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = post(browser, "lab-tiny", body=b'"' + b"a" * 2 * MAX_REQUEST_BYTES, content_type=content_type)
    assert answer.status_code in {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 415, 403}
    refused(answer, answer.status_code)
    if content_type == "application/json" and not checked:
        assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def cursor(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "sent",
    [
        "x", "%ff", "ü", cursor("o=-1"), cursor("r=x"), cursor("r=" + "9" * 5000), cursor("p="), cursor("p=x"),
        cursor("p=\0"), cursor("p=2026-01-01"), cursor("p=2026-01-01T00:00:00"),
        cursor("p=2026-99-01T00:00:00+00:00"), cursor("p=0001-01-01T00:00:00%2B23:59"),
    ],
)  # fmt: skip
def test_a_cursor_that_is_none_of_ours_is_a_404(learner: User, browser_of: BrowserOf, sent: str) -> None:
    refused(browser_of(learner).get(f"/api/v1/submissions/?cursor={sent}"), HTTPStatus.NOT_FOUND)


@pytest.mark.parametrize("sent", ["", "%00", "===", cursor("o=99999999999999999999"), cursor("x=y")])
def test_a_cursor_that_says_nothing_gives_a_page(learner: User, browser_of: BrowserOf, sent: str) -> None:
    assert browser_of(learner).get(f"/api/v1/submissions/?cursor={sent}").json()["results"] == []


@pytest.mark.parametrize("slug", ["%00", "lab%00tiny", "%ff", "..", "a" * 5000, "%F0%9F%98%80", "lab-none"])
@pytest.mark.parametrize("kind", ["labs", "modules", "submissions"])
def test_a_name_that_nothing_has_is_a_404(
    learner: User, browser_of: BrowserOf, post: Post, kind: str, slug: str
) -> None:
    browser = browser_of(learner)
    refused(browser.get(f"/api/v1/{kind}/{slug}/"), HTTPStatus.NOT_FOUND)
    refused(post(browser, slug), HTTPStatus.NOT_FOUND)


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", ";;;", "a/b/c", "\0", "application/json; q=x; indent=x"]
)
@pytest.mark.parametrize("query", ["", "?format=api", "?format=%00"])
def test_whatever_is_accepted_json_comes(client: Client, accept: str, query: str) -> None:
    answer = client.get(f"/api/v1/modules/{query}", headers={"Accept": accept})
    assert answer.status_code in {HTTPStatus.OK, HTTPStatus.NOT_ACCEPTABLE}
    assert answer["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("etag", ['"', "W/", "*", "\0", '"a", "b', "ü" * 1000])
def test_an_etag_that_is_none_of_ours_gets_the_whole_answer(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, post: Post, etag: str
) -> None:
    browser = browser_of(learner)
    location = post(browser, "lab-tiny")["Location"]
    assert browser.get(location, headers={"If-None-Match": etag}).status_code == HTTPStatus.OK


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize(
    "path", ["modules/", "labs/lab-tiny/", "submissions/", "progress/", "labs/lab-tiny/submissions/"]
)
def test_no_address_does_what_it_is_not_for(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, method: str, path: str
) -> None:
    refused(getattr(browser_of(learner), method)(f"/api/v1/{path}"), HTTPStatus.METHOD_NOT_ALLOWED)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=ANYTHING, files=ANYTHING)
def test_no_document_makes_it_fail(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, post: Post, key: Any, files: Any
) -> None:
    refused(post(browser_of(learner), "lab-tiny", key=key, files=files))
