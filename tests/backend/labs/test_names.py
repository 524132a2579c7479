"""Odd names, bytes, types and sizes of uploaded files, through every door and back out of every page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs import selectors
from backend.labs.models import Submission
from backend.labs.selectors.reports import SHOWN_BYTES
from grader.lab import MAX_FILE_BYTES, LabSpec, UploadRejected, check_upload
from tests.backend.labs.hand import Submit

BrowserOf = Callable[[User], Client]
NAMES = [
    "../main.py", "..\\main.py", "/main.py", "//main.py", "\\\\host\\share\\main.py", "C:main.py", "C:\\main.py",
    "main.py/", "main.py/.", "./main.py", "main.py/../main.py", "main\uff0epy", "main\u2024py", "\u2215main.py",
    "ｍain.py", "main.py ", " main.py", "main.py.", "main.py\t", "main.py\n", "main.py\r\nX: y", "main.py\0",
    "main.py\x7f", "main\u202e.py", "\u2066main.py\u2069", "m\u0430in.py", "MAIN.PY", "main.pY", "main.py:stream",
    "main.py::$DATA", "CON", "NUL.py", "COM1", "aux.main.py", "-main.py", "--", "~main.py", "~root/main.py",
    "$HOME/main.py", "$(id).py", "`id`.py", "%2e%2e/main.py", "main%2epy", "é.py", "e\u0301.py", "x" * 255, "x" * 4096,
    "main.py;type=x", 'main".py', "main'.py", "<main>.py", "{{main}}.py", "main.py?x", "main.py#x", ".", "..", "",
    "\ud800.py",
]  # fmt: skip
BYTES = {
    "nul": b"print(1)\0\0",
    "utf-16": "print(1)".encode("utf-16"),
    "utf-16 without mark": "print(1)".encode("utf-16-le"),
    "utf-32": "print(1)".encode("utf-32"),
    "mark": b"\xef\xbb\xbfprint(1)",
    "lone surrogate": b"\xed\xa0\x80\xed\xb0\x80",
    "overlong": b"\xc0\xae\xc0\xae/",
    "cut short": b"print('\xe2\x82",
    "all bytes": bytes(range(256)),
    "non-characters": "\ufffe\uffff\U0010ffff".encode(),
    "line ends": b"a\rb\nc\r\nd\x0be\x0cf\xc2\x85g\xe2\x80\xa8h",
}
KINDS = {
    "page.html": ("text/html", b"<script>alert(1)</script>"),
    "drawing.svg": ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "paper.pdf": ("application/pdf", b"%PDF-1.7 /OpenAction << /JS (app.alert(1)) >>"),
    "feed.xml": ("text/xml", b"<?xml-stylesheet href='javascript:alert(1)'?><x/>"),
    "worker.js": ("text/javascript", b"self.addEventListener('fetch', e => e)"),
    "picture.gif": ("image/gif", b"GIF89a/*<script>alert(1)</script>*/"),
}
SPEC = LabSpec.model_validate(
    {
        "title": "Any lab", "summary": "A lab with two files.", "language": "cpp",
        "entry": {"files": ["main.cpp", "more.h"]},
        "stages": {"tests": [{"id": "a", "title": "A test", "points": 1}]},
    }
)  # fmt: skip


@pytest.fixture
def browser(learner: User, browser_of: BrowserOf) -> Client:
    """The learner's browser."""
    return browser_of(learner)


def send_upload(browser: Client, lab: Lab, name: str) -> int:
    """By the form, under a name that no browser would send."""
    field = name.encode("utf-8", "surrogatepass").replace(b'"', b'\\"')
    body = b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + str(uuid4()).encode() + b"\r\n"
    body += (
        b'--b\r\nContent-Disposition: form-data; name="upload"; filename="' + field + b'"\r\n\r\nprint(1)\r\n--b--\r\n'
    )
    address = reverse("lab_submit", args=[lab.slug])
    return browser.post(address, body, content_type="multipart/form-data; boundary=b").status_code


def send_typed(browser: Client, lab: Lab, name: str) -> int:
    """By the editor's field."""
    form = {"key": str(uuid4()), f"file:{name}".encode("utf-8", "replace").decode(): "print(1)"}
    return browser.post(reverse("lab_submit", args=[lab.slug]), form).status_code


def send_json(browser: Client, lab: Lab, name: str) -> int:
    """By the interface for programs."""
    document = json.dumps({"key": str(uuid4()), "files": {name: "print(1)"}})
    return browser.post(f"/api/v1/labs/{lab.slug}/submissions/", document, content_type="application/json").status_code


@pytest.mark.parametrize("name", NAMES, ids=[ascii(name)[:24] for name in NAMES])
def test_whatever_a_file_is_called_it_is_stored_under_a_name_of_the_lab_or_refused(
    browser: Client, tiny_lab: Lab, name: str
) -> None:
    for send in (send_upload, send_typed, send_json):
        assert send(browser, tiny_lab, name) in {201, 302, 400, 413}, send.__name__
    stored = [file.name for submission in Submission.objects.all() for file in submission.files.all()]
    assert set(stored) <= {"main.py"}
    if send_json(browser, tiny_lab, name) == 201:
        pytest.fail("the interface for programs cleans no names")


@given(names=st.lists(st.text(max_size=80) | st.sampled_from(["main.cpp", "more.h"]), max_size=4))
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_only_exactly_the_files_of_the_lab_pass(names: list[str]) -> None:
    files = dict.fromkeys(names, b"x")
    if set(files) == {"main.cpp", "more.h"}:
        check_upload(SPEC, files)
        return
    with pytest.raises(UploadRejected) as refused:
        check_upload(SPEC, files)
    words = str(refused.value)
    assert len(words) < 600
    assert words.isprintable()
    assert words.encode()


def test_a_file_and_a_folder_of_one_name_are_refused() -> None:
    for names in (["main.cpp", "more.h", "main.cpp/more.h"], ["main.cpp", "more.h", "more.h/"]):
        with pytest.raises(UploadRejected, match="Unexpected file"):
            check_upload(SPEC, dict.fromkeys(names, b"x"))


@pytest.mark.parametrize("content", BYTES.values(), ids=BYTES.keys())
def test_bytes_of_any_kind_pass_through_every_page_and_answer(browser: Client, tiny_lab: Lab, content: bytes) -> None:
    upload = SimpleUploadedFile("main.py", content)
    assert (
        browser.post(reverse("lab_submit", args=[tiny_lab.slug]), {"key": str(uuid4()), "upload": upload}).status_code
        == 302
    )
    submission = Submission.objects.get()
    for address in (
        submission.get_absolute_url(),
        reverse("submission_status", args=[submission.pk]),
        reverse("lab_history", args=[tiny_lab.slug]),
        tiny_lab.get_absolute_url(),
        f"/api/v1/submissions/{submission.pk}/",
        "/api/v1/submissions/",
    ):
        response = browser.get(address)
        assert response.status_code == 200, address
        response.content.decode()
        assert b"\0" not in response.content
    saved = browser.get(reverse("submission_file", args=[submission.pk, "main.py"]))
    assert saved.content == content


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\0", "\ufffe", "\U0010ffff", "\u202e"])
def test_text_that_is_no_text_is_taken_or_refused_by_every_door(browser: Client, tiny_lab: Lab, text: str) -> None:
    document = json.dumps({"key": str(uuid4()), "files": {"main.py": text}})
    answer = browser.post(f"/api/v1/labs/{tiny_lab.slug}/submissions/", document, content_type="application/json")
    assert answer.status_code in {201, 400}
    raw = text.encode("utf-8", "surrogatepass")
    field = b'--b\r\nContent-Disposition: form-data; name="file:main.py"\r\n\r\n' + raw + b"\r\n"
    body = (
        field + b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + str(uuid4()).encode() + b"\r\n--b--\r\n"
    )
    for name in ("lab_submit", "lab_draft"):
        sent = browser.post(reverse(name, args=[tiny_lab.slug]), body, content_type="multipart/form-data; boundary=b")
        assert sent.status_code < 500
    for submission in Submission.objects.all():
        assert browser.get(submission.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_upload_is_served_as_an_attachment(browser: Client, tiny_lab: Lab, name: str) -> None:
    kind, content = KINDS[name]
    upload = SimpleUploadedFile("main.py", content, content_type=kind)
    browser.post(reverse("lab_submit", args=[tiny_lab.slug]), {"key": str(uuid4()), "upload": upload})
    address = reverse("submission_file", args=[Submission.objects.get().pk, "main.py"])
    for headers in ({}, {"Accept": kind}, {"Range": "bytes=0-10"}):
        response: Any = browser.get(address, headers=headers)
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("sign", [b"x", b"\n", b"\xff", b"&", b"\0", b"\xf0\x9f\x98\x80"])
def test_a_page_of_the_largest_files_is_bounded(browser: Client, submit: Submit, sign: bytes) -> None:
    content = (sign * MAX_FILE_BYTES)[:MAX_FILE_BYTES]
    submission = submit(content)
    page = browser.get(submission.get_absolute_url())
    assert page.status_code == 200
    # Nothing colours a learner's text: it is cut, escaped and shown, which takes no longer for one text than another.
    assert len(selectors.readable(content)) < SHOWN_BYTES + 100
    assert len(page.content) < 8 * SHOWN_BYTES
    assert b"cut here; the download is complete" in page.content
