"""Figures and programs: only what was there at load, with headers that let them do nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from backend.accounts.models import User
from backend.curriculum.models import Figure
from tests.backend.curriculum.conftest import FIRST, Folder

pytestmark = pytest.mark.django_db
BOX = "/modules/01-first/figures/box.svg"
GREET = "/modules/01-first/code/greet.py"


def test_a_figure_is_served_with_headers_that_let_it_only_draw(folder: Folder, client: Client) -> None:
    folder.load()
    response = client.get(BOX)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "script-src" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b'viewBox="0 0 120 40"' in response.content
    assert b"prefers-color-scheme" in response.content


def test_a_figure_that_the_browser_has_is_not_sent_again(folder: Folder, client: Client) -> None:
    folder.load()
    etag = client.get(BOX)["ETag"]
    again = client.get(BOX, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    folder.change(f"{FIRST}/docs/figures/box.svg", 'x="1"', 'x="2"')
    folder.load()
    assert client.get(BOX, headers={"if-none-match": etag}).status_code == 200


def test_the_address_in_a_page_may_be_kept_for_ever(folder: Folder, client: Client) -> None:
    folder.load()
    digest = Figure.objects.get().digest[:12]
    assert "immutable" in client.get(f"{BOX}?v={digest}")["Cache-Control"]
    assert "no-cache" in client.get(f"{BOX}?v=old")["Cache-Control"]


def test_a_figure_is_the_same_for_everybody(
    folder: Folder, learner: User, browser_of: Callable[[User], Client]
) -> None:
    folder.load()
    assert "Cookie" not in browser_of(learner).get(BOX).headers.get("Vary", "")


@pytest.mark.parametrize(
    "name",
    [
        "../lesson-1.1-one.md",
        "..%2flesson-1.1-one.md",
        "%2e%2e/%2e%2e/curriculum.yml",
        "box.svg/",
        "box.svg%00.png",
        "BOX.SVG",
        "other.svg",
        "late.svg",
    ],
)
def test_nothing_but_a_loaded_figure_is_served(folder: Folder, client: Client, name: str) -> None:
    folder.load()
    folder.write(f"{FIRST}/docs/figures/late.svg", "<svg/>")
    assert client.get(f"/modules/01-first/figures/{name}").status_code == 404
    assert client.get(f"/modules/02-second/figures/{name}").status_code == 404


def test_a_program_is_shown_highlighted_with_what_it_is(folder: Folder, client: Client) -> None:
    folder.load()
    page = client.get(GREET).content.decode()
    assert "<h1>greet.py</h1>" in page
    assert "Greets whoever is named." in page
    assert '<span class="k">def</span>' in page
    assert "&lt;you&gt;" in page
    assert "<you>" not in page
    assert f'href="{GREET}/download"' in page


def test_a_program_downloads_as_it_is(folder: Folder, client: Client) -> None:
    folder.load()
    response = client.get(f"{GREET}/download")
    assert response["Content-Disposition"] == 'attachment; filename="greet.py"'
    assert response["Content-Type"].startswith("text/plain")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content == (folder.root / FIRST / "code/greet.py").read_bytes()


@pytest.mark.parametrize("name", ["..%2foutline.yml", "other.py", "add.py", "checks.py", "q-numeric.py"])
def test_nothing_but_a_loaded_program_is_shown(folder: Folder, client: Client, name: str) -> None:
    folder.load()
    assert client.get(f"/modules/01-first/code/{name}").status_code == 404
    assert client.get(f"/modules/01-first/code/{name}/download").status_code == 404


def test_files_are_only_read(folder: Folder, client: Client) -> None:
    folder.load()
    assert client.post(BOX).status_code == 405
    assert client.post(GREET).status_code == 405
    assert client.head(BOX).status_code == 200
