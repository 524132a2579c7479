"""Renders one text. What the author wrote passes the allow-list; code, figures and anchor links are put in after it."""

from __future__ import annotations

import itertools
import posixpath
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import escape, strip_tags
from markdown import Markdown

from backend.curriculum.faults import Faults
from backend.curriculum.rendering import code, fences, links
from backend.curriculum.rendering.sanitise import refused_tags, sanitise
from backend.curriculum.rendering.site_map import SiteMap
from backend.curriculum.rendering.terms import GlossaryEntry, TermLinker
from backend.curriculum.rendering.tree import PageExtension

_EXTENSIONS = ["tables", "sane_lists", "def_list", "footnotes", "admonition", "md_in_html", "pymdownx.details"]
# Nobody who writes content can guess it, so nobody can write a stand-in.
_KEY = f"stand-in-{secrets.token_hex(8)}-"
_STAND_IN = re.compile(rf"(?:<span>)?{_KEY}(\d+)-(?:</span>)?")
_TABLE = '<div class="table-scroll" tabindex="0" role="region" aria-label="Table {number}"><table>'
_STAND_IN_PARAGRAPH = re.compile(rf"<p>\s*{_STAND_IN.pattern}\s*</p>")


@dataclass(frozen=True)
class Heading:
    """An entry of a page's contents."""

    id: str
    title: str
    level: int


@dataclass(frozen=True)
class Anchor:
    """A link to a heading, to be checked once all pages are rendered."""

    file: str
    line: int
    page: str
    fragment: str


@dataclass(frozen=True)
class Rendered:
    """A text as HTML."""

    html: str
    contents: list[Heading]
    ids: frozenset[str]
    anchors: list[Anchor]
    words: int
    """Words of prose; code does not count."""
    included: str
    """Text of all parts of programs that the page shows."""


@dataclass
class _Page:
    """The page in progress (see `tree.PageInProgress`)."""

    text: str
    file: str
    first_line: int
    site: SiteMap
    faults: Faults
    must_be_marked: bool
    pieces: list[str] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)
    anchors: list[Anchor] = field(default_factory=list)
    included: list[str] = field(default_factory=list)

    def fault(self, line: int, message: str, cure: str) -> None:
        """`line` counts from 1 at the start of the text."""
        self.faults.add(self.file, self.first_line + line - 1, message, cure)

    def line_of(self, needle: str) -> int:
        """Where the text first has `needle`; Markdown does not keep lines."""
        at = self.text.find(needle)
        return self.text.count("\n", 0, at) + 1 if at >= 0 else 1

    def stand_in(self, html: str) -> str:
        self.pieces.append(html)
        return f"{_KEY}{len(self.pieces) - 1}-"

    def heading(self, level: int, title: str, identifier: str) -> str:
        if level == 1:
            self.fault(self.line_of(title), "A page has one title, from its front matter.", "Use ## for headings.")
        self.headings.append(Heading(identifier, title, level))
        label = escape(f"Link to “{title}”")
        return self.stand_in(f' <a class="heading-link" href="#{escape(identifier)}" aria-label="{label}">#</a>')

    def link(self, href: str) -> tuple[str, bool] | None:
        line = self.line_of(href)
        try:
            target = links.resolve(href, self.file, self.site)
        except links.BadLinkError as error:
            self.fault(line, str(error), error.cure)
            return None
        if target.page is not None and target.fragment:
            self.anchors.append(Anchor(self.file, self.first_line + line - 1, target.page, target.fragment))
        self.addresses.add(target.address)
        return target.address, target.outside

    def image(self, source: str, alternative: str, title: str) -> str:
        line = self.line_of(source)
        if not alternative.strip():
            self.fault(line, f"The figure {source} has no alternative text.", "Say in the brackets what it shows.")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.file), source))
        figure = self.site.figures.get(path)
        if figure is None and path in self.site.unreadable:
            return ""
        if figure is None:
            self.fault(line, f"There is no figure {path}.", "Put the SVG into docs/figures/, or correct the path.")
            return ""
        picture = (
            f'<img src="{escape(figure.address)}" alt="{escape(alternative)}"'
            f' width="{figure.width}" height="{figure.height}" loading="lazy" decoding="async">'
        )
        caption = f"<figcaption>{escape(title)}</figcaption>" if title else ""
        return self.stand_in(f'<figure class="drawing">{picture}{caption}</figure>')

    def fence(self, fence: fences.Fence) -> str:
        for problem in fence.problems:
            self.fault(fence.line, problem, "The content guide lists what may stand after the backticks.")
        if fence.language == fences.OUTPUT:
            return self.stand_in(code.output(fence.code))
        include, region = fence.attributes.get("include"), fence.attributes.get("lines", "")
        text, language = fence.code, fence.language
        reason = fence.attributes.get("reason", "")
        caption = code.caption(language=language, marker=fence.marker, reason=reason)
        if include is not None:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(self.file), include))
            program = self.site.programs.get(path)
            if program is not None and program.regions is None:
                return ""
            if program is None or program.regions is None or (region and region not in program.regions):
                missing = f"region “{region}” in {path}" if program else f"program {path}"
                self.fault(fence.line, f"There is no {missing}.", "Mark it with `region NAME` and `endregion NAME`.")
                return ""
            text = program.regions[region] if region else program.text
            self.included.append(text)
            caption = code.caption(
                language=language, marker=None, program=program.name, address=program.address, region=region
            )
        elif fence.marker is None and self.must_be_marked and not fence.problems:
            cure = 'Mark it run, compile, help or sketch reason="...", or include it from code/.'
            self.fault(fence.line, "The code block does not say how it is checked.", cure)
        try:
            return self.stand_in(code.block(text, language, caption=caption))
        except code.UnknownLanguageError:
            cure = "Use a name that Pygments knows, or text."
            self.fault(fence.line, f"“{language}” is not a language that can be highlighted.", cure)
            return ""


class Renderer:
    """Renders texts of one state of the content. Keeps the Markdown parser, which is costly to make."""

    def __init__(self, site: SiteMap, faults: Faults) -> None:
        self._site = site
        self._faults = faults
        self._page: _Page | None = None
        self._terms = TermLinker()
        self._markdown = Markdown(
            extensions=[*_EXTENSIONS, PageExtension(self._current)],
            extension_configs={"tables": {"use_align_attribute": True}, "footnotes": {"BACKLINK_TEXT": "↩"}},
            output_format="html",
        )

    def _current(self) -> _Page:
        if self._page is None:
            raise RuntimeError("no page is being rendered")
        return self._page

    def explain(self, entries: Sequence[GlossaryEntry]) -> None:
        """Link these terms in all pages that are rendered from now on and ask for it."""
        self._terms = TermLinker(entries)

    def render(
        self,
        text: str,
        *,
        file: str,
        first_line: int = 1,
        must_be_marked: bool = False,
        link_terms: bool = False,
    ) -> Rendered:
        """Render a text that starts at `first_line` of `file`. What is wrong with it goes to the faults.

        `must_be_marked`: every code block has to say how it is checked. `link_terms`: first uses of glossary terms
        become links.
        """
        page = self._page = _Page(text, file, first_line, self._site, self._faults, must_be_marked)
        prose = fences.replace(text, page.fence)
        html = self._markdown.reset().convert(prose)
        for tag in refused_tags(html):
            cure = "Put it in backticks if it is text; otherwise say it in Markdown."
            page.fault(page.line_of(f"<{tag}"), f"The element <{tag}> does not reach the page.", cure)
        ids = frozenset(heading.id for heading in page.headings)
        html = sanitise(html, addresses=page.addresses, ids=ids)
        words = len(strip_tags(_STAND_IN.sub("", html)).split())
        html, definitions = self._terms.link(html) if link_terms else (html, "")
        return Rendered(
            html=_put_in(html, page) + definitions,
            contents=[heading for heading in page.headings if heading.level in (2, 3)],
            ids=ids,
            anchors=page.anchors,
            words=words,
            included="\n".join(page.included),
        )

    def render_line(self, text: str, *, file: str, first_line: int) -> str:
        """Render a short text; without a paragraph around it when it is only one."""
        html = self.render(text, file=file, first_line=first_line).html
        single = re.fullmatch(r"<p>((?:(?!</?p[ >]).)*)</p>", html, re.DOTALL)
        return single[1] if single else html


def _put_in(html: str, page: _Page) -> str:
    """The HTML with code, figures and anchors where their stand-ins are, and tables that can scroll sideways."""
    numbers = itertools.count(1)
    html = re.sub("<table>", lambda _: _TABLE.format(number=next(numbers)), html).replace("</table>", "</table></div>")
    html = html.replace("<th></th>", "<td></td>")  # the corner of a table that names rows and columns heads nothing
    html = _STAND_IN_PARAGRAPH.sub(lambda found: page.pieces[int(found[1])], html)
    return _STAND_IN.sub(lambda found: page.pieces[int(found[1])], html).strip()
