"""A person in front of a browser: what people do, in the words of the product."""

from __future__ import annotations

import email
import email.message
import re
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from backend.quizzes.models import QuizAttempt, QuizResponse

PASSWORD = "a long enough passphrase"
GRADING_MILLISECONDS = 120_000


class Person:
    """Somebody with a browser profile of their own.

    Attributes:
        page: the open page.
        faults: errors of the browser's console, answers of status 500, and requests that left the site.
    """

    def __init__(self, browser: Browser, url: str, address: str, mail_dir: Path, **options: Any) -> None:
        self.url = url
        self.email = address
        self.faults: list[str] = []
        self._mail_dir = mail_dir
        self._scripts = options.get("java_script_enabled", True)
        self._old_mail = set(mail_dir.glob("*.eml"))
        self._context = browser.new_context(viewport=options.pop("viewport", {"width": 1280, "height": 900}), **options)
        self._context.set_default_timeout(15_000)
        self.page: Page = self._context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("console", self._listen)
        self.page.on("response", lambda answer: self._look_at(answer.url, answer.status))

    def _listen(self, line: ConsoleMessage) -> None:
        if line.type == "error":
            self.faults.append(f"{line.text} ({line.location.get('url', '')})")

    def _look_at(self, url: str, status: int) -> None:
        if status >= 500:
            self.faults.append(f"{status} {url}")
        if not url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"a request left the site: {url}")

    def close(self) -> None:
        """Put the browser away."""
        self._context.close()

    def open(self, path: str) -> Page:
        """Go to an address of the site, and wait until all of its scripts are at work, as somebody who reads would."""
        self.page.goto(self.url + path)
        if self._scripts:
            self.page.locator("html[data-ready]").wait_for(state="attached")
        return self.page

    def press(self, name: str, *, exact: bool = False) -> None:
        """Press a button by what it says."""
        self.page.get_by_role("button", name=name, exact=exact).first.click()

    def follow(self, name: str) -> None:
        """Follow a link by what it says, in the main part of the page."""
        self.page.get_by_role("main").get_by_role("link", name=name).first.click()

    # --- account -----------------------------------------------------------------------------------------------------

    def sign_up(self) -> None:
        """From the front page to a confirmed account."""
        self.open("/")
        self.follow("Start learning")
        self._fill_in({"email": self.email, "password1": PASSWORD})
        self.page.wait_for_url("**/confirm-email/")
        self.page.goto(self.url + self.mailed_path(r"/accounts/confirm-email/\S+"))
        self._fill_in({})
        self.page.wait_for_url(self.url + "/")

    def sign_in(self) -> None:
        """With the address and the password everybody here has."""
        self.open("/accounts/login/")
        self._fill_in({"login": self.email, "password": PASSWORD})
        self.page.wait_for_url(self.url + "/")

    def _fill_in(self, fields: dict[str, str]) -> None:
        main = self.page.get_by_role("main")
        for name, value in fields.items():
            main.locator(f"[name={name}]").fill(value)
        main.locator("button[type=submit]").first.click()

    def mailed_path(self, pattern: str) -> str:
        """The path of a link in the newest mail to this person."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for path in sorted(set(self._mail_dir.glob("*.eml")) - self._old_mail, reverse=True):
                message = email.message_from_bytes(path.read_bytes())
                found = re.search(pattern, _text(message))
                if message["To"] == self.email and found:
                    return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no mail to {self.email} with {pattern}")

    # --- reading and quiz --------------------------------------------------------------------------------------------

    def read_lesson(self, path: str) -> None:
        """Open a lesson and mark it done."""
        self.open(path)
        expect(self.page.locator("article.prose")).to_contain_text(re.compile(r"\w{5}"))
        self.press("Mark as done")
        expect(self.page.locator("#completion")).to_contain_text("Not done after all")

    def take_quiz(self, module: str, *, right: bool = True) -> None:
        """From the start page to the result; gives the right answer, or none, to every question."""
        self.open(f"/modules/{module}/quiz/")
        self.press("Start")
        attempt = QuizAttempt.objects.get(learner__email=self.email, finished_at=None)
        for response in attempt.responses.select_related("question__question").order_by("position"):
            expect(self.page.locator("h1")).to_contain_text(f"Question {response.position}")
            if right:
                self._answer(response)
            self.page.locator("#question-form button.button-primary").click()
        self.press("Finish and see the result")
        self.page.wait_for_url("**/result/")

    def _answer(self, response: QuizResponse) -> None:
        kind, key = response.question.question.kind, response.question.key
        if kind in {"single", "multiple", "bug"}:
            for choice in key["correct"]:
                place = str(response.order.index(choice) + 1)
                self.page.locator(f"[name=answer][value='{place}']").check()
        elif kind in {"order", "match"}:
            self._arrange(response)
        else:
            self.page.locator("[name=answer]").fill(str(key["answer"] if kind == "numeric" else key["accepted"][0]))

    def _arrange(self, response: QuizResponse) -> None:
        key, choices = response.question.key, response.question.choices
        selects = self.page.locator("#question-form select")
        if response.question.question.kind == "order":
            shown = response.order
            for index, choice in enumerate(shown):
                selects.nth(index).select_option(str(key["order"].index(choice) + 1))
            return
        for index, left in enumerate(choices["left"]):
            place = response.order.index(key["pairs"][left["id"]]) + 1
            selects.nth(index).select_option(str(place))

    # --- labs --------------------------------------------------------------------------------------------------------

    def write_in_editor(self, text: str) -> None:
        """Replace what is in the editor, as fast typing would."""
        self.page.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(text)

    def expect_verdict(self, words: str) -> None:
        """Wait for a verdict in the results pane."""
        line = self.page.locator("#submission-status .verdict-line")
        expect(line).to_contain_text(words, timeout=GRADING_MILLISECONDS)


def _text(message: email.message.Message) -> str:
    parts = [part for part in message.walk() if part.get_content_type() == "text/plain"]
    content = (parts[0] if parts else message).get_payload(decode=True)
    return content.decode() if isinstance(content, bytes) else ""
