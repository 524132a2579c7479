"""Finding: identifiers whole and by their parts, slips of the finger, only what is published, never an answer."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.curriculum.models import Status
from backend.curriculum.search import indexing, selectors
from backend.curriculum.search.models import SearchEntry, SearchWord
from backend.curriculum.search.words import identifiers, spaced, tokens
from backend.curriculum.services import load_content
from tests.backend.curriculum.conftest import FIRST, LESSON, Folder
from tests.factories import LabFactory, LessonFactory, ModuleFactory, QuestionFactory

pytestmark = pytest.mark.django_db
Kind = SearchEntry.Kind


def _titles(text: str, **options: object) -> list[str]:
    found = selectors.search(text, **options)  # type: ignore[arg-type]
    return [result.entry.title for group in found.groups for result in group.results]


def _lesson(title: str, body: str, **fields: object) -> None:
    LessonFactory.create(title=title, body_html=body, summary="", **fields)


@pytest.fixture
def engine() -> None:
    """Four lessons about an engine, one of them named like the others."""
    module = ModuleFactory.create()
    _lesson("Cells", "<p>The class <code>llama_kv_cache</code> lives in src/llama-kv-cache.cpp.</p>", module=module)
    _lesson("Offload", "<p>Give <code>--n-gpu-layers 99</code> to put layers on the GPU.</p>", module=module)
    _lesson("Medium", "<h2 id='mix'>The mix</h2><p>Q4_K_M keeps some tensors at 6 bits.</p>", module=module)
    _lesson("Small", "<p>Q4_K_S does not. Quantization costs quality. FlashAttention helps.</p>", module=module)
    indexing.rebuild()


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("llama_kv_cache", "Cells"),
        ("LLAMA_KV_CACHE", "Cells"),
        ("kv_cache", "Cells"),
        ("kv cache", "Cells"),
        ("llama_kv_ca", "Cells"),
        ("src/llama-kv-cache.cpp", "Cells"),
        ("llama-kv-cache", "Cells"),
        ("--n-gpu-layers", "Offload"),
        ("n_gpu_layers", "Offload"),
        ("gpu layers", "Offload"),
        ("Q4_K_M", "Medium"),
        ("q4_k_s", "Small"),
        ("Q4_K", "Medium"),
        ("quantizing", "Small"),
        ("quantisation", "Small"),
        ("quantizat", "Small"),
        ("flash attention", "Small"),
        ("FlashAttention", "Small"),
        ('"some tensors"', "Medium"),
        ("what is the mix", "Medium"),
    ],
)
def test_identifiers_and_words_are_found_whole_and_by_their_parts(text: str, first: str) -> None:
    assert _titles(text)[0] == first


@pytest.mark.usefixtures("engine")
def test_words_in_quotation_marks_are_found_in_this_order_only() -> None:
    assert _titles('"tensors some"') == []
    assert _titles("tensors some") == ["Medium"]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("typed", "meant", "first"),
    [
        ("qunatization", "quantization", "Small"),
        ("quantizaton costs", "quantization costs", "Small"),
        ("llama_kv_cahce", "llama_kv_cache", "Cells"),
        ("tensros", "tensors", "Medium"),
    ],
)
def test_a_slip_finds_what_was_meant_and_says_so(typed: str, meant: str, first: str) -> None:
    found = selectors.search(typed)
    assert (found.text, found.corrected_from) == (meant, typed)
    assert found.groups[0].results[0].entry.title == first
    as_typed = selectors.search(typed, as_typed=True)
    assert as_typed.corrected_from is None
    assert as_typed.text == typed


@pytest.mark.usefixtures("engine")
def test_words_that_never_stand_together_are_found_one_by_one() -> None:
    found = selectors.search("tensors offload")
    assert found.some_words
    assert {result.entry.title for group in found.groups for result in group.results} == {"Medium", "Offload"}


def test_a_rare_word_beside_a_frequent_one_is_asked_about() -> None:
    module = ModuleFactory.create()
    for _ in range(12):
        _lesson("Many", "<p>All logits.</p>", module=module)
    _lesson("Odd", "<p>A legits.</p>", module=module)
    indexing.rebuild()
    found = selectors.search("legits")
    assert (found.total, found.corrected_from, found.suggestion) == (1, None, "logits")
    assert selectors.search("logits").suggestion is None
    assert selectors.search("legits", as_typed=True).suggestion is None


def test_a_title_weighs_more_than_a_summary_and_that_more_than_a_heading_and_that_more_than_text() -> None:
    module = ModuleFactory.create()
    _lesson("In text", "<h2 id='a'>Other</h2><p>About perplexity and more words here.</p>", module=module)
    _lesson("In heading", "<h2 id='a'>Perplexity</h2><p>About something and more words here.</p>", module=module)
    LessonFactory.create(title="In summary", summary="Perplexity.", body_html="<p>More.</p>", module=module)
    _lesson("Perplexity", "<h2 id='a'>Other</h2><p>About something and more words here.</p>", module=module)
    indexing.rebuild()
    assert _titles("perplexity") == ["Perplexity", "In summary", "In heading", "In text"]


@pytest.mark.usefixtures("engine")
def test_a_result_leads_to_the_section_that_has_the_words_and_marks_them() -> None:
    result = selectors.search("tensors").groups[0].results[0]
    assert result.address.endswith("#mix")
    assert result.heading == "The mix"
    assert "some <mark>tensors</mark> at 6 bits" in result.text


def test_marks_never_let_markup_of_a_text_through() -> None:
    _lesson("<b>Bold</b> & tensors", "<p>Say &lt;script&gt;alert(1)&lt;/script&gt; of tensors.</p>")
    indexing.rebuild()
    result = selectors.search("tensors script").groups[0].results[0]
    assert result.title == "&lt;b&gt;Bold&lt;/b&gt; &amp; <mark>tensors</mark>"
    assert "&lt;<mark>script</mark>&gt;alert(1)" in result.text
    assert "<script" not in result.text


def test_what_is_planned_or_retired_is_never_found() -> None:
    module, gone = ModuleFactory.create(), ModuleFactory.create(retired=True)
    _lesson("Zebra planned", "<p>zebra</p>", module=module, status=Status.PLANNED)
    _lesson("Zebra retired", "<p>zebra</p>", module=module, retired=True)
    _lesson("Zebra of a retired module", "<p>zebra</p>", module=gone)
    LabFactory.create(title="Zebra lab", module=module, status=Status.IN_PROGRESS)
    QuestionFactory.create(module=module, prompt_html="<p>A zebra?</p>", retired=True)
    _lesson("Zebra draft", "<p>zebra</p>", module=module, status=Status.IN_PROGRESS)
    indexing.rebuild()
    assert _titles("zebra") == ["Zebra draft"]


def test_a_piece_that_is_retired_is_found_no_more_after_the_next_load(folder: Folder) -> None:
    folder.append(LESSON, "\nThe okapi is here.\n")
    folder.load()
    assert _titles("okapi") == ["Lesson one"]
    folder.change(LESSON, "status: ready", "status: planned")
    folder.load()
    assert _titles("okapi") == []
    assert not SearchWord.objects.filter(word="okapi").exists()


def test_of_a_question_nothing_but_its_prompt_is_found(folder: Folder) -> None:
    QuestionFactory.create(
        prompt_html='<p>Which wombat?</p><div class="code-frame"><pre>int lemur;</pre></div>',
        explanation_html="<p>The gibbon explains.</p>",
        choices=[{"id": "right", "html": "the tapir"}, {"id": "wrong", "html": "the ocelot"}],
        key={"correct": ["right"], "reasons": {"wrong": "because of the jackal"}, "accepted": ["the marmot"]},
    )
    indexing.rebuild()
    assert _titles("wombat") == ["Which wombat?"]
    for word in ("lemur", "gibbon", "tapir", "ocelot", "jackal", "marmot"):
        assert selectors.search(word, as_typed=True).total == 0
        assert not SearchWord.objects.filter(word=word).exists()


def test_every_kind_of_the_content_is_found(folder: Folder) -> None:
    folder.load()
    kinds = set(SearchEntry.objects.values_list("kind", flat=True))
    assert {Kind.LESSON, Kind.TUTORIAL, Kind.LAB, Kind.EXAMPLE, Kind.QUESTION} <= kinds
    assert _titles("greet.py")[0] == "greet.py"


def test_loading_unchanged_content_writes_nothing_to_the_index(folder: Folder) -> None:
    folder.load()
    before = dict(SearchEntry.objects.values_list("key", "digest"))
    assert before
    with CaptureQueriesContext(connection) as queries:
        load_content(folder.root, force=True)
    assert not [q for q in queries if "search" in q["sql"] and not q["sql"].startswith("SELECT")]
    folder.change(f"{FIRST}/code/greet.py", "Greets", "Welcomes")
    folder.load()
    after = dict(SearchEntry.objects.values_list("key", "digest"))
    assert [key for key in before if before[key] != after[key]] == ["example/01-first/greet.py"]


def test_one_kind_alone_comes_in_pages_that_end() -> None:
    module = ModuleFactory.create()
    LessonFactory.create_batch(45, module=module, summary="About llamas.")
    LabFactory.create_batch(7, module=module, summary="About llamas.")
    indexing.rebuild()
    overview = selectors.search("llamas")
    assert overview.counts == {Kind.LESSON: 45, Kind.LAB: 7}
    shown = {(group.kind, len(group.results), group.more) for group in overview.groups}
    assert shown == {(Kind.LESSON, 5, 40), (Kind.LAB, 5, 2)}
    third = selectors.search("llamas", kind=Kind.LESSON, page=3)
    assert (third.page, third.pages, len(third.groups[0].results)) == (3, 3, 5)
    assert selectors.search("llamas", kind=Kind.LESSON, page=10**9).page == 3
    assert selectors.search("llamas", kind=Kind.LESSON, page=-7).page == 1
    seen = [
        result.entry.pk
        for page in (1, 2, 3)
        for result in selectors.search("llamas", kind=Kind.LESSON, page=page).groups[0].results
    ]
    assert len(set(seen)) == 45


def test_pages_of_one_kind_stop_at_the_tenth() -> None:
    LessonFactory.create_batch(230, module=ModuleFactory.create(), summary="About llamas.")
    indexing.rebuild()
    found = selectors.search("llamas", kind=Kind.LESSON, page=500)
    assert (found.page, found.pages, len(found.groups[0].results)) == (10, 10, 20)


def test_texts_fall_into_the_words_that_people_type() -> None:
    assert identifiers(tokens("Use --n-gpu-layers, Q4_K_M and src/llama-kv-cache.cpp; std::vector.")) == {
        *("n-gpu-layers", "q4_k_m", "src/llama-kv-cache.cpp", "std::vector"),
    }
    assert spaced(tokens("PagedAttention in C++, GGUFs at 0.25.3")) == "paged attention in cpp ggufs at 0 25 3"
