"""Hostile names and bytes: stored as they are or refused with a message, shown without harm, never a 500."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs import services
from backend.labs.models import Submission
from backend.labs.uploads import MAX_REQUEST_BYTES
from grader.lab import MAX_FILE_BYTES
from tests.backend.labs.hand import Submit, attempt_of, make_report, make_test

BrowserOf = Callable[[User], Client]
NAMES = [
    "../main.py/", "..", "../../etc/passwd", "/etc/passwd", "C:\\main.py.exe", "a\\b", "main.py.", "main．py", " main",
    "x" * 900, "y" * 255, "m\u0430in.py", "Main.py", "MAIN.PY", "é.py", "e\u0301.py", "CON", "-rf", "--help",
    ".main.py", "main.py;rm", "main.py\u202etxt.", "<img src=x onerror=alert(1)>.py", "{{ 7 }}.py", "%2e%2e%2fmain.py",
    "main.py%00", "main.py\0.txt", "main.py\n.txt", "",
]  # fmt: skip
BYTES = {
    "not utf-8": b"\xff\xfe\xfa print(1)",
    "bom": b"\xef\xbb\xbfprint(1)",
    "utf-16": "print(1)".encode("utf-16"),
    "lone surrogate": b"\xed\xa0\x80",
    "nul": b"print(1)\0\0",
    "controls": bytes(range(32)),
    "terminal": b"\x1b]8;;http://evil\x07x\x1b]8;;\x07\x1b[2J",
    "right to left": "\u202e\u2066".encode(),
    "one long line": b"x" * (MAX_FILE_BYTES - 1),
    "many lines": b"\n" * MAX_FILE_BYTES,
    "empty": b"",
    "html": b"</pre></textarea><script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": b"{{ settings.SECRET_KEY }}{% load x %}",
}


@pytest.fixture
def browser(learner: User, browser_of: BrowserOf) -> Client:
    """The learner's browser."""
    return browser_of(learner)


def upload(browser: Client, lab: Lab, *files: SimpleUploadedFile, **more: str) -> Any:
    """Send files in place of typed text."""
    return browser.post(reverse("lab_submit", args=[lab.slug]), {"key": str(uuid4()), "upload": list(files), **more})


def send_raw(browser: Client, lab: Lab, name: str) -> Any:
    """Send one file under a name that no well-behaved browser would send."""
    head = f'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n{uuid4()}\r\n'
    part = f'--b\r\nContent-Disposition: form-data; name="upload"; filename="{name}"\r\n\r\nprint(1)\r\n--b--\r\n'
    address = reverse("lab_submit", args=[lab.slug])
    return browser.post(address, (head + part).encode(), content_type="multipart/form-data; boundary=b")


class Tags(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def harm(self) -> list[str]:
        """Whatever a browser would run or load that is none of ours."""
        found = []
        for tag, attributes in self.seen:
            if tag == "script" and "src" not in attributes and attributes.get("type") != "application/json":
                found.append("inline script")
            if tag in {"img", "iframe", "object", "embed"} or any(name.startswith("on") for name in attributes):
                found.append(f"<{tag} {attributes}>")
            if any((value or "").strip().lower().startswith("javascript:") for value in attributes.values()):
                found.append(f"link {attributes}")
        return found


@pytest.mark.parametrize("name", NAMES)
def test_a_name_the_lab_does_not_ask_for_is_refused_with_a_message(browser: Client, tiny_lab: Lab, name: str) -> None:
    response = send_raw(browser, tiny_lab, name)
    assert response.status_code == 400
    page = response.content.decode()
    assert "Not submitted." in page
    assert Tags(page).harm() == []
    assert not Submission.objects.exists()


def test_a_name_longer_than_any_is_refused(browser: Client, tiny_lab: Lab) -> None:
    assert send_raw(browser, tiny_lab, "x" * 4096).status_code == 400


@pytest.mark.parametrize("name", ["../../main.py", "C:\\work\\main.py", "/main.py", "main\u202e.py", "ma\0in.py"])
def test_a_name_is_stripped_of_its_folders_and_of_what_nobody_can_see(
    browser: Client, tiny_lab: Lab, name: str
) -> None:
    assert send_raw(browser, tiny_lab, name).status_code == 302
    assert [file.name for file in Submission.objects.get().files.all()] == ["main.py"]


@pytest.mark.parametrize("content", BYTES.values(), ids=BYTES.keys())
def test_bytes_are_stored_as_they_are_and_shown_without_harm(browser: Client, tiny_lab: Lab, content: bytes) -> None:
    response = upload(browser, tiny_lab, SimpleUploadedFile("main.py", content, content_type="text/html"))
    assert response.status_code == 302
    page = browser.get(response["Location"])
    assert page.status_code == 200
    assert Tags(page.content.decode()).harm() == []
    saved = browser.get(reverse("submission_file", args=[Submission.objects.get().pk, "main.py"]))
    assert saved.content == content
    assert browser.get(tiny_lab.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("text", ["\ufeffx", "a\0b", "\u202e", "</textarea><script>alert(1)</script>", "\r\n\r\n", ""])
def test_typed_text_of_any_kind_is_taken(browser: Client, tiny_lab: Lab, text: str) -> None:
    response = browser.post(
        reverse("lab_submit", args=[tiny_lab.slug]), {"key": str(uuid4()), "file:main.py": text, "revision": "1"}
    )
    assert response.status_code == 302
    assert bytes(Submission.objects.get().files.get().content).decode() == text.replace("\r\n", "\n")
    page = browser.get(tiny_lab.get_absolute_url())
    assert Tags(page.content.decode()).harm() == []


@pytest.mark.parametrize(
    ("size", "status"), [(0, 302), (MAX_FILE_BYTES - 1, 302), (MAX_FILE_BYTES, 302), (MAX_FILE_BYTES + 1, 400)]
)
def test_the_limit_of_a_file_is_exact(browser: Client, tiny_lab: Lab, size: int, status: int) -> None:
    assert upload(browser, tiny_lab, SimpleUploadedFile("main.py", b"#" * size)).status_code == status


def test_a_request_that_announces_too_much_is_refused_before_it_is_read(browser: Client, tiny_lab: Lab) -> None:
    response = upload(browser, tiny_lab, SimpleUploadedFile("main.py", b"#" * (MAX_REQUEST_BYTES + 1)))
    assert response.status_code in {400, 413}
    assert not Submission.objects.exists()


def test_many_files_and_many_fields_are_refused(browser: Client, tiny_lab: Lab) -> None:
    files = [SimpleUploadedFile(f"f{number}.py", b"") for number in range(100)]
    assert upload(browser, tiny_lab, *files).status_code in {400, 413}
    fields = {f"file:{number}": "" for number in range(1000)}
    assert browser.post(reverse("lab_submit", args=[tiny_lab.slug]), fields).status_code in {400, 413}


def test_one_name_twice_is_refused(browser: Client, tiny_lab: Lab) -> None:
    twice = [SimpleUploadedFile("main.py", content) for content in (b"1", b"2")]
    assert upload(browser, tiny_lab, *twice).status_code == 400


def test_an_uploaded_file_takes_the_place_of_the_typed_text(browser: Client, tiny_lab: Lab) -> None:
    upload(browser, tiny_lab, SimpleUploadedFile("main.py", b"uploaded"), **{"file:main.py": "typed"})
    assert bytes(Submission.objects.get().files.get().content) == b"uploaded"


def test_a_file_is_saved_by_the_browser_and_never_shown(browser: Client, submit: Submit) -> None:
    response = browser.get(reverse("submission_file", args=[submit(b"<script>alert(1)</script>").pk, "main.py"]))
    assert response["Content-Disposition"] == 'attachment; filename="main.py"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("name", ["other.py", "..", "%2e%2e", "main.py%00", "main.py/", "<x>"])
def test_a_file_that_was_not_handed_in_is_not_found(browser: Client, submit: Submit, name: str) -> None:
    assert browser.get(f"{submit().get_absolute_url()}files/{name}").status_code == 404


CANARY = "<img src=x onerror=alert(1)></pre></script><script>alert(1)</script>"


def test_nothing_a_program_or_a_worker_says_becomes_markup(
    browser: Client, submit: Submit, browser_of: BrowserOf, reviewer: User, learner: User
) -> None:
    learner.display_name = "<img src=x onerror=alert(1)>"
    learner.save()
    submission = submit(CANARY.encode())
    texts = dict.fromkeys(("title", "message", "hint", "detail", "command", "expected", "seen", "stderr"), CANARY)
    diagnostic = {"file": CANARY, "line": 1, "column": 1, "severity": CANARY, "message": CANARY}
    report = make_report(
        attempt_of(submission), verdict="wrong_answer", score=0.0, message=CANARY, build_log=CANARY,
        diagnostics=[diagnostic], tests=[make_test(passed=False, points=0.0, verdict="wrong_answer", **texts)],
        phases={CANARY: 1.0},
    )  # fmt: skip
    report["environment"] = {name: CANARY if value and isinstance(value, str) else value
                             for name, value in report["environment"].items()}  # fmt: skip
    report["environment"]["isolation"] = [CANARY]
    assert services.record_report(report) is None
    for reader in (browser, browser_of(reviewer)):
        for name in ("submission", "submission_status"):
            page = reader.get(reverse(name, args=[submission.pk])).content.decode()
            assert Tags(page).harm() == []
            assert "&lt;img src=x onerror" in page


def test_a_part_without_a_token_is_refused(learner: User, tiny_lab: Lab) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(learner, backend="allauth.account.auth_backends.AuthenticationBackend")
    for name in ("lab_submit", "lab_draft", "lab_reset"):
        response = strict.post(reverse(name, args=[tiny_lab.slug]), {"key": str(uuid4()), "file:main.py": "x"})
        assert response.status_code == 403
