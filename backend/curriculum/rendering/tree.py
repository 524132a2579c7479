"""What happens to headings, links and images between Markdown and HTML."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Protocol
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.toc import slugify_unicode
from markdown.treeprocessors import Treeprocessor

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# Ids that the page around the text uses.
_TAKEN = {"main", "messages", "contents", "body", "top"}


class PageInProgress(Protocol):
    """The page that is being rendered: decides about addresses, remembers headings."""

    def heading(self, level: int, title: str, identifier: str) -> str:
        """Note a heading; the answer is the text that stands in for its anchor link."""

    def link(self, href: str) -> tuple[str, bool] | None:
        """Address of a link and whether it leaves the site; None takes the link away."""

    def image(self, source: str, alternative: str, title: str) -> str:
        """The text that stands in for an image."""


class PageTreeprocessor(Treeprocessor):
    """Asks the page about every heading, link and image. Runs after everything else."""

    def __init__(self, md: Markdown, page: Callable[[], PageInProgress]) -> None:
        super().__init__(md)
        self._page = page

    def run(self, root: Element) -> None:
        page = self._page()
        used = set(_TAKEN)
        for element in root.iter():
            if element.tag in _HEADINGS:
                self._heading(element, page, used)
            elif element.tag == "a" and "footnote" not in element.get("class", ""):
                self._link(element, page)
            elif element.tag == "img":
                mark = page.image(element.get("src", ""), element.get("alt", ""), element.get("title", ""))
                tail = element.tail
                element.clear()
                element.tag, element.text, element.tail = "span", mark, tail

    def _heading(self, element: Element, page: PageInProgress, used: set[str]) -> None:
        title = html.unescape("".join(element.itertext())).strip()
        base = slugify_unicode(title, "-") or "section"
        identifier, number = base, 1
        while identifier in used:
            number += 1
            identifier = f"{base}-{number}"
        used.add(identifier)
        element.set("id", identifier)
        mark = page.heading(_HEADINGS[str(element.tag)], title, identifier)
        if len(element):
            element[-1].tail = (element[-1].tail or "") + mark
        else:
            element.text = (element.text or "") + mark

    def _link(self, element: Element, page: PageInProgress) -> None:
        answer = page.link(html.unescape(element.get("href", "")))
        if answer is None:
            element.attrib.pop("href", None)
            return
        address, outside = answer
        element.set("href", address)
        if outside:
            element.set("rel", "noreferrer")


class PageExtension(Extension):
    """Puts the tree processor in its place, and takes out what would hide an address from it."""

    def __init__(self, page: Callable[[], PageInProgress]) -> None:
        super().__init__()
        self._page = page

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Markdown's
        md.inlinePatterns.deregister("automail")
        md.treeprocessors.register(PageTreeprocessor(md, self._page), "page", -10)
