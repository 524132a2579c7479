"""Markdown becomes pages that are right, and harmless whatever it says."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from backend.curriculum.faults import Faults
from backend.curriculum.rendering import FigureFile, ProgramFile, Renderer, SiteMap

FILE = "modules/01-first/docs/lesson.md"
SITE = SiteMap(
    commit="c0ffee",
    pages={"modules/01-first/docs/other.md": "/lessons/other/"},
    figures={"modules/01-first/docs/figures/box.svg": FigureFile("/figures/box.svg?v=1", 120, 40)},
    programs={
        "modules/01-first/code/x.cpp": ProgramFile("x.cpp", "/code/x.cpp", "int main() {}", {"part": "int a < b;"})
    },
)


def _render(text: str, faults: Faults | None = None, *, must_be_marked: bool = False) -> str:
    return Renderer(SITE, faults or Faults()).render(text, file=FILE, must_be_marked=must_be_marked).html


def test_code_keeps_every_character_and_shows_no_marker() -> None:
    html = _render("```text run\na\tb <b> & `c` | $d$ *e*\n```\n")
    assert "a\tb &lt;b&gt; &amp; `c` | $d$ *e*" in html
    assert "text run" not in html
    assert ">checked<" in html


def test_a_sketch_says_why_it_was_not_run() -> None:
    html = _render('```bash sketch reason="needs a <GPU> and \\"luck\\""\nnvcc x.cu\n```\n')
    assert "Not run here: needs a &lt;GPU&gt; and &quot;luck&quot;" in html
    assert "checked" not in html


def test_output_stands_right_after_what_printed_it() -> None:
    html = _render("```bash run\nls\n```\n```output\n<a>\n  b\n```\n")
    assert '</pre></div></div>\n<pre class="output"' in html
    assert "&lt;a&gt;\n  b</samp>" in html


def test_a_program_is_included_by_region_with_a_link_to_all_of_it() -> None:
    html = _render('```cpp include="../code/x.cpp" lines="part"\n```\n')
    assert '<a href="/code/x.cpp">x.cpp</a>' in html
    assert "&lt;" in html
    assert "main" not in html


def test_code_in_lists_and_in_folded_answers_stays_where_it_is() -> None:
    html = _render(
        "1. One\n\n    ```text run\n    in list\n    ```\n\n2. Two\n\n"
        '??? question "Q?"\n\n    ```text run\n      x\n    ```\n'
    )
    assert html.index("in list") < html.index("Two") < html.index("</ol>")
    assert "<details" in html
    assert html.index("<summary>") < html.index("  x") < html.index("</details>")
    assert html.count("<ol>") == 1


def test_headings_get_ids_links_and_a_place_in_the_contents() -> None:
    rendered = Renderer(SITE, Faults()).render(
        "## Why `a<b`?\n\n### Why\n\n## Main\n\n## Why\n\n#### deep\n", file=FILE
    )
    assert [(h.id, h.level) for h in rendered.contents] == [("why-ab", 2), ("why", 3), ("main-2", 2), ("why-2", 2)]
    assert rendered.contents[0].title == "Why a<b?"
    assert '<h2 id="why-ab">' in rendered.html
    assert 'href="#why-2"' in rendered.html
    assert "deep" in rendered.html


def test_links_lead_to_pages_programs_and_the_pinned_source() -> None:
    html = _render(
        "[a](other.md) [b](other.md#h) [c](../code/x.cpp) [d](llama.cpp:src/a-b.cpp) <https://example.org/?a=1&b=2>"
    )
    assert '<a href="/lessons/other/">a</a>' in html
    assert '<a href="/lessons/other/#h">b</a>' in html
    assert '<a href="/code/x.cpp">c</a>' in html
    assert '<a href="https://github.com/ggml-org/llama.cpp/blob/c0ffee/src/a-b.cpp" rel="noreferrer">d</a>' in html
    assert '<a href="https://example.org/?a=1&amp;b=2" rel="noreferrer">' in html


def test_a_figure_has_its_size_its_text_and_its_caption() -> None:
    html = _render('![A "box" <b>](figures/box.svg "The caption")')
    assert 'src="/figures/box.svg?v=1"' in html
    assert 'alt="A &quot;box&quot; &lt;b&gt;"' in html
    assert 'width="120" height="40"' in html
    assert "<figcaption>The caption</figcaption>" in html
    assert "<p><figure" not in html


def test_tables_scroll_and_align_without_inline_style() -> None:
    html = _render("| a | b |\n| --- | ---: |\n| `x | y` | 1 |\n")
    assert '<div class="table-scroll"' in html
    assert '<td align="right">1</td>' in html
    assert "style" not in html


def test_footnotes_work() -> None:
    html = _render("Said[^1].\n\n[^1]: By whom.\n")
    assert 'href="#fn:1"' in html
    assert 'id="fn:1"' in html
    assert 'href="#fnref:1"' in html


def test_folded_html_blocks_may_hold_markdown() -> None:
    html = _render('<details markdown="1">\n<summary>Q</summary>\n\nIt is *so*.\n\n</details>\n')
    assert "<details>" in html
    assert "<em>so</em>" in html


HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<p onclick='alert(1)' style='position:fixed'>x</p>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](  javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](//example.org/x)",
    "[x](\\\\example.org\\x)",
    "![x](javascript:alert(1))",
    "![x](https://example.org/track.png)",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='https://example.org/phish'>x</a>",
    "<javascript:alert(1)>",
    "<iframe src='https://example.org'></iframe>",
    "<object data='x'></object><embed src='x'>",
    "<style>body{display:none}</style>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<base href=https://example.org>",
    "<form action=https://example.org><input name=password><button>Go</button></form>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<div id=main class='site-header'>x</div>",
    "<h2 id=main>x</h2>",
    "<div hx-get='/accounts/logout/' hx-trigger=load>x</div>",
    "<div data-island='editor'>x</div>",
    "```<script>\nx\n```",
    '```bash sketch reason="<script>alert(1)</script>"\nx\n```',
    '[x](other.md "\\" onmouseover=alert(1) x=\\"")',
    "## <img src=x onerror=alert(1)>",
    '??? question "<script>alert(1)</script>"\n    <script>alert(1)</script>\n',
    "[^1]\n\n[^1]: <script>alert(1)</script>\n",
    "<!-- <script>alert(1)</script> -->",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "stand-in-0000000000000000-0-",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_comes_out_harmless(text: str) -> None:
    class Reader(HTMLParser):
        found: list[tuple[str, dict[str, str | None]]]

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found.append((tag, dict(attrs)))

    reader = Reader()
    reader.found = []
    reader.feed(_render(text))
    reader.close()
    refused = {"script", "iframe", "object", "embed", "style", "link", "meta", "base", "form", "input", "button"}
    for tag, attributes in reader.found:
        assert tag not in refused | {"svg", "math", "img", "noscript"}, tag
        for name, value in attributes.items():
            assert not name.startswith(("on", "hx-", "data-island")), name
            assert name != "style"
            if name in ("href", "src"):
                assert (value or "").startswith(("/lessons/other/", "#")), value
            if name == "id":
                assert value != "main"
            if name == "class":
                assert value != "site-header"


def test_what_an_author_may_not_link_is_said_and_not_only_dropped() -> None:
    faults = Faults()
    _render("fine\n\n[x](javascript:alert(1))\n\n[y](https://ok.example)\n", faults)
    assert [(fault.file, fault.line) for fault in faults.found] == [(FILE, 3)]


def test_an_element_that_would_vanish_is_reported() -> None:
    faults = Faults()
    html = _render("fine `<int>`\n\na std::vector<int> of <b>bold</b> things\n", faults)
    assert [(fault.line, fault.message) for fault in faults.found] == [
        (1, "The element <int> does not reach the page."),
        (3, "The element <b> does not reach the page."),
    ]
    assert "<code>&lt;int&gt;</code>" in html


def test_a_short_text_has_no_paragraph_around_it() -> None:
    renderer = Renderer(SITE, Faults())
    assert renderer.render_line("a `b`", file=FILE, first_line=1) == "a <code>b</code>"
    assert renderer.render_line("a\n\nb", file=FILE, first_line=1).count("<p>") == 2
