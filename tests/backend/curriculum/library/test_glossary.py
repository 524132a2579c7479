"""The glossary: its file, its page, and the links that it puts into lessons."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.curriculum.library.models import GlossaryTerm
from backend.curriculum.models import Lesson
from backend.curriculum.rendering.terms import GlossaryEntry, TermLinker
from backend.curriculum.search import selectors
from backend.curriculum.services import load_content
from tests.backend.curriculum.conftest import LESSON, Folder

pytestmark = pytest.mark.django_db
GLOSSARY = "resources/glossary.yml"
TWO_TERMS = """\
- term: KV cache
  also: [key-value cache]
  definition: Keys and values of *earlier* tokens, kept.
  lesson: lesson-1.1-one
- term: logit
  definition: A number for each token. See [lesson two](../modules/01-first/docs/lesson-1.2-two.md).
- term: token
  linked: false
  definition: A piece of text.
"""


def _linker(*names: str) -> TermLinker:
    return TermLinker(
        [GlossaryEntry(name.lower().replace(" ", "-"), (name,), "What.", "/g/#x", None) for name in names]
    )


def _linked(html: str, *names: str) -> str:
    text, _ = _linker(*names).link(html)
    return re.sub(r'<a class="term"[^>]*>', "[", text).replace("</a>", "]")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>A logit and a logit.</p>", "<p>A [logit] and a logit.</p>"),
        ("<p>Logits are.</p>", "<p>[Logits] are.</p>"),
        ("<p>The KV cache, kv cache.</p>", "<p>The [KV cache], kv cache.</p>"),
        ("<p>KV caches</p>", "<p>[KV caches]</p>"),
        ("<p>KV\ncache</p>", "<p>[KV\ncache]</p>"),
        ("<p>logit-like, logits.txt, a/logit, logitx, mylogit</p>", None),
        ("<h2 id='a'>Logit</h2><p>logit</p>", "<h2 id='a'>Logit</h2><p>[logit]</p>"),
        ("<p><code>logit</code> <em>logit</em></p>", "<p><code>logit</code> <em>[logit]</em></p>"),
        (
            '<p><a href="/x" title="a > logit">logit</a> logit</p>',
            '<p><a href="/x" title="a > logit">logit] [logit]</p>',
        ),
        ("<details><summary>logit?</summary><p>logit</p></details>", None),
        ("<p>logit.</p>", "<p>[logit].</p>"),
    ],
)
def test_first_uses_become_links_outside_of_code_headings_and_links(html: str, expected: str | None) -> None:
    linked = _linked(html, "logit", "KV cache")
    if expected is None:
        assert linked.count("[") == html.count("<details>")
        assert "<summary>logit?</summary>" in linked or "details" not in html
    else:
        assert linked == expected


def test_the_longest_name_wins() -> None:
    assert _linked("<p>A unified KV cache.</p>", "KV cache", "unified KV cache") == "<p>A [unified KV cache].</p>"


def test_a_lesson_shows_the_definition_of_what_it_uses(folder: Folder, client: Client) -> None:
    folder.write(GLOSSARY, TWO_TERMS)
    folder.append(LESSON, "\nThe KV cache of a token, and `logit`.\n")
    folder.load()
    page = client.get("/lessons/lesson-1.1-one/").content.decode()
    assert '<a class="term" href="/glossary/#kv-cache" aria-describedby="term-kv-cache">KV cache</a>' in page
    assert 'id="term-kv-cache" popover="manual"' in page
    assert "<em>earlier</em>" in page
    assert "term-logit" not in page
    assert "term-token" not in page
    assert '<a href="/lessons/lesson-1.1-one/">1.1 Lesson one</a>' in page


def test_definitions_in_a_page_are_neither_its_words_nor_what_search_finds_there(folder: Folder) -> None:
    folder.append(LESSON, "\nThe KV cache.\n")
    folder.load()
    words = Lesson.objects.get(slug="lesson-1.1-one").words
    folder.write(GLOSSARY, TWO_TERMS.replace("earlier", "platypus"))
    folder.load()
    assert Lesson.objects.get(slug="lesson-1.1-one").words == words
    found = selectors.search("platypus")
    assert [result.entry.key for group in found.groups for result in group.results] == ["term/kv-cache"]
    assert found.groups[0].results[0].address == "/glossary/#kv-cache"


def test_the_page_has_every_term_with_its_anchor_and_filters(folder: Folder, client: Client) -> None:
    folder.write(GLOSSARY, TWO_TERMS)
    folder.load()
    page = client.get("/glossary/").content.decode()
    assert [page.count(f'<div id="{slug}">') for slug in ("kv-cache", "logit", "token")] == [1, 1, 1]
    assert "also key-value cache" in page
    assert 'href="/lessons/lesson-1.2-two/"' in page
    some = client.get("/glossary/", {"q": "KEY-value"}).content.decode()
    assert 'id="kv-cache"' in some
    assert 'id="logit"' not in some
    none = client.get("/glossary/", {"q": "<b>\0'%"})
    assert none.status_code == 200
    assert "No term contains “&lt;b&gt;" in none.content.decode()


def test_an_empty_glossary_says_so(client: Client) -> None:
    assert "No terms yet" in client.get("/glossary/").content.decode()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lesson-1.1-one", "lesson-1.9-none", "There is no lesson lesson-1.9-none"),
        ("- term: logit", "- term: KV cache", "explained under KV cache already"),
        ("also: [key-value cache]", "also: [logit]", "explained under KV cache already"),
        ("  linked: false", "  linkd: false", "not a known key"),
        ("../modules/01-first/docs/lesson-1.2-two.md", "javascript:alert(1)", "not allowed"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_with_its_line(folder: Folder, old: str, new: str, message: str) -> None:
    folder.write(GLOSSARY, TWO_TERMS)
    line = folder.change(GLOSSARY, old, new)
    fault = folder.fault(message)
    assert fault.file == GLOSSARY
    assert abs(fault.line - line) <= 6


def test_a_term_that_is_gone_leaves_page_lessons_and_search(folder: Folder) -> None:
    folder.write(GLOSSARY, TWO_TERMS)
    folder.append(LESSON, "\nThe KV cache.\n")
    folder.load()
    folder.write(GLOSSARY, TWO_TERMS[TWO_TERMS.index("- term: logit") :])
    folder.load()
    assert not GlossaryTerm.objects.filter(slug="kv-cache").exists()
    assert "term-kv-cache" not in Lesson.objects.get(slug="lesson-1.1-one").body_html
    assert selectors.search("kept", as_typed=True).total == 0


def test_loading_the_same_glossary_again_writes_nothing(folder: Folder) -> None:
    folder.write(GLOSSARY, TWO_TERMS)
    folder.load()
    with CaptureQueriesContext(connection) as queries:
        assert not load_content(folder.root, force=True).changes
    assert not [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


class _Descriptions(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.named: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.named += [values.get("aria-describedby") or ""] if values.get("class") == "term" else []


def test_the_real_glossary_explains_the_published_lessons(client: Client) -> None:
    load_content(settings.CONTENT_DIR)
    assert GlossaryTerm.objects.count() >= 60
    for lesson in Lesson.objects.filter(status="ready", kind="lesson"):
        parser = _Descriptions()
        parser.feed(lesson.body_html)
        assert parser.named, lesson
        assert len(set(parser.named)) == len(parser.named), lesson
        assert set(parser.named) <= set(parser.ids), lesson
        assert len(set(parser.ids)) == len(parser.ids), lesson
    for term in GlossaryTerm.objects.all():
        sentences = re.findall(r"[.?!](?:\s|$)", re.sub("<[^>]+>", "", term.definition_html))
        assert 1 <= len(sentences) <= 3, term


def test_the_page_takes_the_same_few_queries_for_many_terms(
    client: Client, django_assert_num_queries: Callable[..., object]
) -> None:
    GlossaryTerm.objects.bulk_create(
        GlossaryTerm(slug=f"t{n}", position=n, term=f"T{n}", definition_html="X.") for n in range(300)
    )
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert client.get("/glossary/").status_code == 200
