"""A running site with published content, and people in front of real browsers."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from playwright.sync_api import Browser, Playwright, sync_playwright
from redis import Redis

from tests.e2e.person import Person
from tests.e2e.small_content import write_small_content
from tests.stack import LiveStack

RESULTS = Path(__file__).resolve().parents[2] / "test-results"
_FAILED: pytest.StashKey[bool] = pytest.StashKey()
CHROMIUM = os.environ.get("LLSYS_BROWSER", "/usr/bin/chromium")
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver. Its event loop runs in this thread, which Django would otherwise refuse."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One browser for all tests; every person gets a profile of their own."""
    executable = CHROMIUM if Path(CHROMIUM).exists() else None
    browser = playwright.chromium.launch(executable_path=executable, args=_QUIET)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def small_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Content whose tracks can be finished."""
    return write_small_content(tmp_path_factory.mktemp("content") / "content")


@pytest.fixture
def site(transactional_db: None, tmp_path: Path, small_content: Path) -> Iterator[LiveStack]:
    """Web, worker, scheduler and a grading machine on the published content."""
    cache.clear()  # rate limits of the test before
    with Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushall()  # and jobs that it left behind
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_content", content=small_content, force=True, verbosity=0)
    stack = LiveStack(tmp_path, settings.REDIS_URL)
    stack.start_web()
    stack.start_backend()
    stack.start_grader()
    yield stack
    stack.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Remember that a test failed, for the pictures."""
    report = yield
    if report.when == "call" and report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture
def person(chromium: Browser, site: LiveStack, request: pytest.FixtureRequest) -> Iterator[Callable[..., Person]]:
    """`person("ada@example.org")`: somebody with a browser; faults in their console fail the test.

    After a failure there is a picture of what everybody saw, in test-results/.
    """
    people: list[Person] = []

    def make(email: str = "", **options: object) -> Person:
        somebody = Person(chromium, site.url, email, Path(settings.MAIL_DIR), **options)
        people.append(somebody)
        return somebody

    yield make
    if request.node.stash.get(_FAILED, False):
        for number, somebody in enumerate(people):
            somebody.page.screenshot(path=RESULTS / f"{request.node.name}-{number}.png", full_page=True)
    faults = [fault for somebody in people for fault in somebody.faults]
    for somebody in people:
        somebody.close()
    assert not faults, faults
