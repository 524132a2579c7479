"""Papers, projects, guides and references: from files to pages, with filters and honest empty states."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from backend.accounts.models import User
from backend.curriculum.library.models import LibraryPage, Reference
from backend.curriculum.search import selectors as search
from backend.curriculum.services import load_content
from tests.backend.curriculum.conftest import Folder

pytestmark = pytest.mark.django_db
PAPER = """\
---
title: On llamas
summary: What a llama is.
authors: [Ada Lovelace, Alan Turing]
year: 1943
venue: Notes
address: https://example.org/llamas
order: 1
lessons: [lesson-1.1-one]
status: ready
---

## The wool

Llamas have [a lesson](../../modules/01-first/docs/lesson-1.1-one.md) and a quagga.
"""
PROJECT = """\
---
title: Shearing shed
summary: Shear many llamas.
module: 01-first
hours: [10, 20]
production: true
status: ready
---

## Problem

Wool everywhere.
"""
GUIDE = """\
---
title: Pasture
summary: Prepare a pasture.
order: 1
minutes: 15
status: ready
---

## Fence

Post by post.
"""
REFERENCES = """\
- title: Animals
  entries:
    - title: Of camels
      address: https://example.org/camels
      purpose: Their *humps*.
      lessons: [lesson-1.1-one]
      checked: 2026-01-02
    - title: Source
      address: llama.cpp:include/llama.h
      purpose: All calls.
- title: Plants
  entries:
    - {title: Of hay, address: "https://example.org/hay", purpose: Dry.}
"""


@pytest.fixture
def library(folder: Folder) -> Folder:
    """A content folder with one of each."""
    folder.write("papers/quantization/llamas.md", PAPER)
    folder.write("projects/shearing-shed/README.md", PROJECT)
    folder.write("resources/setup-guides/pasture.md", GUIDE)
    folder.write("resources/references.yml", REFERENCES)
    folder.load()
    return folder


@pytest.mark.usefixtures("library")
def test_a_paper_has_its_facts_text_and_the_lessons_that_use_it(client: Client) -> None:
    page = client.get("/papers/llamas/").content.decode()
    assert "Ada Lovelace, Alan Turing" in page
    assert "Notes, first posted in 1943" in page
    assert 'href="https://example.org/llamas" rel="noreferrer"' in page
    assert 'id="the-wool"' in page
    assert page.count('href="/lessons/lesson-1.1-one/"') == 2
    assert client.get("/papers/none/").status_code == 404
    assert client.get("/projects/llamas/").status_code == 404


@pytest.mark.usefixtures("library")
def test_papers_are_listed_and_filtered_by_shelf(client: Client) -> None:
    assert "Ada Lovelace and others" in client.get("/papers/").content.decode()
    assert "On llamas" in client.get("/papers/", {"shelf": "quantization"}).content.decode()
    other = client.get("/papers/", {"shelf": "foundations"}).content.decode()
    assert "On llamas" not in other
    assert "Nothing on this shelf yet" in other
    assert "On llamas" in client.get("/papers/", {"shelf": "x' OR 1=1\0"}).content.decode()


@pytest.mark.usefixtures("library")
def test_projects_are_listed_with_the_mini_projects_of_the_modules(client: Client) -> None:
    page = client.get("/projects/").content.decode()
    assert "Shearing shed" in page
    assert "Counts as a production project" in page
    assert "At the end of each module" in page
    assert "Wool everywhere" in client.get("/projects/shearing-shed/").content.decode()


@pytest.mark.usefixtures("library")
def test_references_say_what_for_and_when_they_were_checked(client: Client) -> None:
    page = client.get("/references/").content.decode()
    assert "Their <em>humps</em>." in page
    assert "2 January 2026" in page
    assert "Not checked yet" in page
    assert re.search(r"github\.com/ggml-org/llama\.cpp/blob/[0-9a-f]{40}/include/llama\.h", page)
    plants = client.get("/references/", {"section": "Plants"}).content.decode()
    assert "Of hay" in plants
    assert "Of camels" not in plants


@pytest.mark.usefixtures("library")
def test_guides_are_listed_and_found(client: Client) -> None:
    assert "Pasture" in client.get("/setup/").content.decode()
    assert "Post by post" in client.get("/setup/pasture/").content.decode()
    keys = {result.entry.key for group in search.search("post").groups for result in group.results}
    assert "guide/pasture" in keys
    assert [group.kind for group in search.search("quagga").groups] == ["paper"]


def test_a_planned_page_is_named_and_neither_opened_nor_found(folder: Folder, client: Client) -> None:
    folder.write("papers/quantization/llamas.md", PAPER.replace("status: ready", "status: planned"))
    folder.load()
    page = client.get("/papers/").content.decode()
    assert "On llamas" in page
    assert "/papers/llamas/" not in page
    assert client.get("/papers/llamas/").status_code == 404
    assert search.search("quagga", as_typed=True).total == 0


def test_empty_shelves_say_so(client: Client) -> None:
    for address, words in (
        ("/papers/", "Nothing yet"),
        ("/projects/", "No briefs yet"),
        ("/references/", "No references yet"),
        ("/setup/", "No guides yet"),
        ("/library/", "0 terms"),
    ):
        assert words in client.get(address).content.decode()


def test_what_is_gone_from_the_folder_is_gone(library: Folder) -> None:
    library.remove("papers/quantization/llamas.md")
    library.remove("resources/references.yml")
    library.load()
    assert set(LibraryPage.objects.values_list("kind", flat=True)) == {"project", "guide"}
    assert not Reference.objects.exists()


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        ("papers/quantization/llamas.md", "https://example.org/llamas", "javascript:alert(1)", "address"),
        ("papers/quantization/llamas.md", "lesson-1.1-one]", "lesson-1.8-none]", "There is no lesson lesson-1.8-none"),
        ("papers/quantization/llamas.md", "## The wool", "# The wool", "one title"),
        ("projects/shearing-shed/README.md", "hours: [10, 20]", "hours: 10", "hours"),
        ("resources/references.yml", "lesson-1.1-one", "lesson-1.8-none", "There is no lesson lesson-1.8-none"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(library: Folder, path: str, old: str, new: str, message: str) -> None:
    library.change(path, old, new)
    faults = library.faults()
    assert any(re.search(message, fault.message) and fault.file == path for fault in faults), faults


def test_a_paper_on_an_unknown_shelf_is_a_fault(library: Folder) -> None:
    library.write("papers/gossip/llamas-2.md", PAPER)
    assert library.fault("no such shelf").cure == "Papers stand in foundations, quantization, optimization."


def test_pages_take_few_queries_for_a_signed_in_learner(
    learner: User, browser_of: Callable[[User], Client], django_assert_max_num_queries: Callable[..., object]
) -> None:
    LibraryPage.objects.bulk_create(
        LibraryPage(kind="paper", slug=f"p{n}", position=n, title="T", summary="S", status="ready", source_path="x",
                    shelf="foundations", facts={"authors": ["A"], "year": 2020, "venue": "V"})
        for n in range(100)
    )  # fmt: skip
    Reference.objects.bulk_create(
        Reference(position=n, section=f"S{n // 10}", title="T", address="https://example.org/") for n in range(100)
    )
    browser = browser_of(learner)
    for address in ("/library/", "/papers/", "/papers/p1/", "/projects/", "/references/", "/setup/", "/glossary/"):
        with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
            assert browser.get(address).status_code == 200


@pytest.mark.parametrize(
    "paper", sorted((Path(settings.CONTENT_DIR) / "papers").rglob("*.md")), ids=lambda path: path.stem
)
def test_programs_in_papers_print_what_the_page_says(paper: Path) -> None:
    blocks = re.findall(r"```python run\n(.*?)```\n```output\n(.*?)```", paper.read_text(), re.DOTALL)
    assert blocks
    for program, output in blocks:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
        assert done.stdout == output


def test_the_real_library_loads_and_every_page_opens(client: Client) -> None:
    load_content(settings.CONTENT_DIR)
    assert LibraryPage.objects.filter(kind="paper").count() >= 2
    assert Reference.objects.count() >= 20
    for page in LibraryPage.objects.exclude(status="planned"):
        assert client.get(page.get_absolute_url()).status_code == 200
