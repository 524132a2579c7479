"""Every kind of page, as a visitor, a learner and an administrator see it: axe, widths, weights, and no faults.

`LLSYS_PICTURES=FOLDER` keeps a picture of each, for people to look at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Request

from tests.bench.site import record
from tests.e2e.lived_in import furnish
from tests.e2e.person import Person
from tests.stack import LiveStack

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCREENS: dict[str, dict[str, Any]] = {
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "reduced_motion": "reduce"},
    "desk, light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "large, light": {"viewport": {"width": 1920, "height": 1080}, "color_scheme": "light"},
}
_TOO_WIDE = """document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.querySelectorAll("main *")]
  .filter((one) => one.getBoundingClientRect().right > window.innerWidth).map((one) => one.outerHTML.slice(0, 160))"""
PICTURES = os.environ.get("LLSYS_PICTURES", "")
HTML_KB, TEXT_KB, TOTAL_KB, EDITOR_KB = 14, 45, 100, 330
"""Most that a page may weigh: the first window of a connection, a long text, all of a page, a page with an editor."""
TEXTS = {"lesson", "lesson with notes", "tutorial", "glossary", "references", "lab", "lab of a visitor"}
NOT_LOOKED_AT = {
    # Answers to what is pressed: each is seen on the page that it leads to.
    "enrol", "lesson_done", "lesson_undone", "lesson_position", "quiz_start", "quiz_answer", "quiz_notice_read",
    "lab_submit", "lab_draft", "lab_reset", "submission_again", "notice_read", "regrade_decide", "practice_start",
    "practice_draft", "practice_give", "practice_tick", "practice_rate", "practice_undo", "mock_start", "mock_note",
    "mock_move_on", "mock_hint", "mock_finish", "mock_score", "live_offer", "live_book", "live_withdraw",
    "live_cancel", "notebook_mark", "notebook_note", "lesson_report", "self_rating", "certification_request",
    "request_withdraw", "plan_anew", "plan_drop", "plan_pause", "plan_resume", "plan_reminders", "plan_feed_renew",
    # Parts of pages, files and addresses for programs.
    "search_instant", "submission_status", "lab_history", "mock_moment", "figure", "example_download",
    "verify_setup_script", "submission_file", "submission_zip", "submission_sources", "lab_download", "live_calendar",
    "plan_feed", "healthz",
    # Published with the projects of later modules.
    "project",
}  # fmt: skip


@pytest.fixture
def site(transactional_db: None, tmp_path: Path, small_content: Path) -> Iterator[LiveStack]:
    """The web side alone, on the published content."""
    cache.clear()
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_content", content=small_content, force=True, verbosity=0)
    stack = LiveStack(tmp_path, settings.REDIS_URL)
    stack.start_web()
    yield stack
    stack.stop()


def test_every_kind_of_page_is_accessible_fits_and_says_nothing_wrong(
    site: LiveStack, person: Callable[..., Person]
) -> None:
    parts = dict(zip(("", "ada@example.org", "root@example.org"), furnish(), strict=True))
    found: list[str] = []
    for screen, options in SCREENS.items():
        for email, paths in parts.items():
            somebody = person(email, **options)
            if email:
                somebody.sign_in()
            for name, path in paths.items():
                found += [f"{name} on {screen}: {fault}" for fault in faults(somebody, path)]
                if PICTURES:
                    file = re.sub(r"\W+", "-", f"{name}-{screen}-{email.partition('@')[0] or 'visitor'}")
                    somebody.page.screenshot(path=Path(PICTURES) / f"{file}.png", full_page=True)
            if "no such page" in paths:
                somebody.faults = [fault for fault in somebody.faults if "404" not in fault]
    assert not found, "\n".join(found)


def test_pages_are_light_also_at_a_first_visit(site: LiveStack, person: Callable[..., Person]) -> None:
    weights: dict[str, dict[str, float]] = {}
    for email, paths in zip(("", "ada@example.org", "root@example.org"), furnish(), strict=True):
        somebody = person(email)
        if email:
            somebody.sign_in()
        weights |= {name: weight(somebody, path) for name, path in paths.items() if name != "no such page"}
    record("page_weights", {"unit": "KB, compressed", "pages": weights})
    assert len(weights) > len(TEXTS)
    heavy = {
        name: one
        for name, one in weights.items()
        if one["html"] > (TEXT_KB if name in TEXTS else HTML_KB)
        or one["total"] > (EDITOR_KB if _edits(name) else TOTAL_KB)
    }
    assert not heavy


def _edits(name: str) -> bool:
    return name.startswith("lab") or name == "mock_session, running"


def weight(somebody: Person, path: str) -> dict[str, float]:
    """What comes over the wire for a page at a first visit, in thousands of bytes."""
    came: list[Request] = []

    def keep(request: Request) -> None:
        came.append(request)

    network = somebody.page.context.new_cdp_session(somebody.page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    somebody.page.on("requestfinished", keep)
    somebody.open(path)
    somebody.page.wait_for_load_state("networkidle")
    somebody.page.remove_listener("requestfinished", keep)
    sizes = {one.url: one.sizes()["responseBodySize"] for one in came if not one.url.startswith("data:")}
    network.detach()
    html = sum(size for url, size in sizes.items() if url == somebody.page.url.partition("#")[0])
    return {"html": round(html / 1000, 1), "total": round(sum(sizes.values()) / 1000, 1)}


def test_no_kind_of_page_is_forgotten(site: LiveStack) -> None:
    names = {name.partition(",")[0].partition(":")[0] for paths in furnish() for name in paths}
    known = set(_names(get_resolver().url_patterns))
    forgotten = known - names - NOT_LOOKED_AT
    assert not forgotten, f"no picture is taken of, and no check is made on: {sorted(forgotten)}"
    assert known >= NOT_LOOKED_AT, sorted(NOT_LOOKED_AT - known)


def faults(somebody: Person, path: str) -> list[str]:
    """What is wrong with a page, in words."""
    page = somebody.open(path)
    page.evaluate(AXE.read_text())
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    violations = page.evaluate("options => axe.run(document, options)", options)["violations"]
    found = [
        f"{one['id']}: {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for one in violations
        for node in one["nodes"][:3]
    ]
    return found + [f"wider than the window: {html}" for html in page.evaluate(_TOO_WIDE)]


def _names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """Names of addresses of pages: those of the administration, the API and of libraries' steps have their own."""
    for pattern in patterns:
        place = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            if not place.startswith(("admin/", "api/")):
                yield from _names(pattern.url_patterns, place)
        elif pattern.name and not place.startswith("accounts/"):
            yield pattern.name
