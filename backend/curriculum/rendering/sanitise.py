"""What of an author's HTML may reach a page. Everything that is not listed goes."""

from __future__ import annotations

import re
from collections.abc import Set

import nh3

_TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "div", "span"),
    *("a", "em", "strong", "code", "kbd", "samp", "var", "sub", "sup", "del", "abbr", "details", "summary", "pre"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES: dict[str, set[str]] = {
    **{heading: {"id"} for heading in ("h2", "h3", "h4", "h5")},
    "a": {"href", "rel", "title"},
    "details": {"open"},
    "ol": {"start"},
    "li": {"id"},
    "sup": {"id"},
    "th": {"align"},
    "td": {"align"},
    "abbr": {"title"},
}
_KINDS = {"note", "tip", "warning", "danger", "question"}
_CLASSES: dict[str, set[str]] = {
    "div": {"admonition", "footnote", *_KINDS},
    "details": _KINDS,
    "p": {"admonition-title"},
    "a": {"footnote-ref", "footnote-backref"},
}
_FOOTNOTE = re.compile(r"^#?fn(ref\d*)?:[\w-]+$")


def refused_tags(html: str) -> list[str]:
    """Names of elements that `sanitise` would take away, in order: an author should hear of it.

    First headings are left to who counts headings.
    """
    names = (found[1].lower() for found in re.finditer(r"<([a-zA-Z][^\s/>]*)", html))
    return [name for name in dict.fromkeys(names) if name not in _TAGS and name != "h1"]


def sanitise(html: str, *, addresses: Set[str], ids: Set[str]) -> str:
    """The HTML with nothing in it but listed elements and attributes.

    Only `addresses`, which the renderer resolved itself, are followed, and only `ids`, which it gave itself, are kept.
    """

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "href":
            return value if value in addresses or _FOOTNOTE.match(value) else None
        if attribute == "id":
            return value if value in ids or _FOOTNOTE.match(value) else None
        if attribute == "rel":
            return value if value == "noreferrer" else None
        return value

    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "embed", "template", "noscript", "math", "svg"},
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        allowed_classes=_CLASSES,
        link_rel=None,
        url_schemes={"https", "http", "mailto"},
    )
