"""Code as HTML: highlighted with classes, captions that say how it was checked. Everything is escaped here."""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.html import escape
from pygments import highlight as pygments_highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_FORMATTER = HtmlFormatter(nowrap=True)
_BLANK = re.compile(r'<span class="w">(\s*)</span>')
_CHECKED = {
    "run": "Checked: this ran, and printed what is shown",
    "compile": "Checked: this compiles against the pinned version",
    "help": "Checked: every flag exists in the pinned version",
}


class UnknownLanguageError(ValueError):
    """The highlighter does not know the language."""


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer:
    try:
        return get_lexer_by_name(language or "text", stripnl=False)
    except ClassNotFound as error:
        raise UnknownLanguageError(language) from error


def highlight(code: str, language: str) -> str:
    """Spans with Pygments classes; each line is closed, so lines can be taken apart.

    Raises:
        UnknownLanguageError: no such language.
    """
    html = str(pygments_highlight(code, _lexer(language), _FORMATTER)).rstrip("\n")
    # A fifth of the bytes of a page would be spans around blanks.
    return _BLANK.sub(r"\1", html)


def block(code: str, language: str, *, caption: str = "") -> str:
    """A highlighted block. `caption` is HTML."""
    head = f'<div class="code-caption">{caption}</div>' if caption else ""
    name = escape(language or "text")
    return (
        f'<div class="code-frame" data-language="{name}">{head}'
        f'<div class="highlight"><pre tabindex="0"><code>{highlight(code, language)}</code></pre></div></div>'
    )


def numbered(code: str, language: str) -> str:
    """A highlighted program whose lines carry their numbers.

    Raises:
        UnknownLanguageError: no such language.
    """
    lines = highlight(code, language).split("\n")
    body = "\n".join(
        f'<span class="line"><span class="lineno" aria-hidden="true">{number}</span>{line}</span>'
        for number, line in enumerate(lines, start=1)
    )
    return (
        f'<div class="code-frame code-numbered" data-language="{escape(language)}">'
        f'<div class="highlight"><pre tabindex="0"><code>{body}</code></pre></div></div>'
    )


def output(text: str) -> str:
    """What the block before printed."""
    return f'<pre class="output" tabindex="0" aria-label="Output"><samp>{escape(text)}</samp></pre>'


def caption(
    *, language: str, marker: str | None, reason: str = "", program: str = "", address: str = "", region: str = ""
) -> str:
    """What stands above a block: where it is from or what it is, and how it was checked."""
    parts = []
    if not program and marker is not None:
        parts.append(f'<span class="code-language">{escape(language or "text")}</span>')
    if program:
        part = f' <span class="muted">{escape(region)}</span>' if region else ""
        name = escape(program)
        parts.append((f'<a href="{escape(address)}">{name}</a>' if address else f"<span>{name}</span>") + part)
    if marker == "sketch":
        parts.append(f'<span class="code-sketch">Not run here: {escape(reason)}</span>')
    elif marker is not None:
        parts.append(f'<span class="code-checked" title="{_CHECKED[marker]}">checked</span>')
    return " ".join(parts)
