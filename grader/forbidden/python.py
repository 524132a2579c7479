"""Forbidden names in Python."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from grader.forbidden.tokens import Chain, Finding, Rule, Token, chains, made_of, resolved

_TOKEN = re.compile(
    r"""
    \#[^\n]*
  | (?P<prefix>[bBrRuUfFtT]{0,2})(?P<triple>\"{3}|'{3})(?P<long>(?:\\.|.)*?)(?:(?P=triple)|\Z)
  | (?P<prefix2>[bBrRuUfFtT]{0,2})(?:"(?P<double>(?:\\.|[^"\\\n])*)"?|'(?P<single>(?:\\.|[^'\\\n])*)'?)
  | (?P<number>\.?\d(?:[eE][+-]|[\w.])*)
  | (?P<name>[^\W\d]\w*)
  | (?P<break>\n)
  | \\\r?\n
  | (?P<sign>[^\s])
    """,
    re.X | re.S,
)
_REPLACEMENT = re.compile(r"\{([^{}]*)\}")
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_PLAIN = frozenset(["utf8", "ascii", "usascii", "latin1", "iso88591"])
_REACH_ANYTHING = frozenset(["eval", "exec", "__builtins__", "builtins", "__import__", "importlib"])
_LOOK_UP = frozenset(
    ["getattr", "vars", "globals", "locals", "__dict__", "__getattribute__", "attrgetter", "methodcaller", "modules"]
)
_MAX_BEHIND = 400
"""Tokens of a look-up's brackets that are read; behind that, any string of the file may be meant."""
_UNREADABLE = "this lab forbids names, and what this reaches cannot be read from the code"
_ENCODED = "this lab forbids names, which can be read in UTF-8 only"


def find(files: Mapping[str, bytes], rules: Sequence[Rule]) -> Finding | None:
    """See `grader.forbidden.find`."""
    for file, content in files.items():
        text = content.decode("utf-8-sig", errors="replace")
        found = _encoded(file, text) or _in_text(file, text, rules)
        if found is not None:
            return found
    return None


def _encoded(file: str, text: str) -> Finding | None:
    for number, line in enumerate(text.splitlines()[:2], start=1):
        match = _COOKIE.match(line)
        if match and re.sub(r"[-_]", "", match[1].lower()) not in _PLAIN:
            return Finding(file, number, match[1][:40], _ENCODED)
    return None


def _tokens(text: str, line: int = 1) -> Iterator[Token]:
    position = 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        content = next((match[name] for name in ("long", "double", "single") if match[name] is not None), None)
        if content is not None:
            yield Token("string", content, line)
            if set((match["prefix"] or "") + (match["prefix2"] or "")) & set("fFtT"):
                for part in _REPLACEMENT.findall(content):
                    yield Token("break", "\n", line)
                    yield from _tokens(part, line)
                    yield Token("break", "\n", line)
        elif match.lastgroup == "name":
            yield Token("name", unicodedata.normalize("NFKC", match["name"]), line)
        elif match.lastgroup is not None:
            yield Token(match.lastgroup, match[match.lastgroup], line)


def _in_text(file: str, text: str, rules: Sequence[Rule]) -> Finding | None:
    tokens = list(_tokens(text))
    # A chain may go on behind a line's end only inside brackets or behind a backslash: a break ends nothing real.
    solid = [token for token in tokens if token.kind != "break"]
    aliases, opened = _imports(tokens)
    aliases = _assigned(solid) | aliases
    for first, _, chain in chains(solid, "."):
        candidates = [chain, resolved(chain, aliases), *((*module, *chain) for module in opened)]
        line = solid[first].line
        after_joint = first > 0 and solid[first - 1].text == "."
        for rule in rules:
            if any(rule.in_chain(candidate) for candidate in candidates):
                return rule.found(file, line)
            if after_joint and len(rule.parts) > 2 and chain[: len(rule.parts) - 1] == rule.parts[1:]:
                return rule.found(file, line)
        if not after_joint and chain[0] in _REACH_ANYTHING:
            return Finding(file, line, chain[0], _UNREADABLE)
    return _looked_up(file, solid, rules)


def _assigned(tokens: Sequence[Token]) -> dict[str, Chain]:
    """Names that are given the value of another name."""
    found: dict[str, Chain] = {}
    for _, end, chain in chains(tokens, "."):
        if len(chain) == 1 and [token.text for token in tokens[end : end + 1]] == ["="]:
            _, _, value = next(iter(chains(tokens[end + 1 : end + 12], ".")), (0, 0, ()))
            if value and tokens[end + 1].kind == "name":
                found.setdefault(chain[0], value)
    return found


def _imports(tokens: Sequence[Token]) -> tuple[dict[str, Chain], list[Chain]]:
    """(local name -> full name, modules of which everything was imported)."""
    aliases: dict[str, Chain] = {}
    opened: list[Chain] = []
    for statement in _statements(tokens):
        words = [token.text for token in statement if token.text not in "()"]
        if words[:1] == ["import"]:
            for part in _split(words[1:]):
                if "as" in part:
                    aliases[part[-1]] = tuple(word for word in part[: part.index("as")] if word != ".")
        elif words[:1] == ["from"] and "import" in words:
            cut = words.index("import")
            module = tuple(word for word in words[1:cut] if word != ".")
            for part in _split(words[cut + 1 :]):
                if part[:1] == ["*"]:
                    opened.append(module)
                elif part:
                    aliases[part[-1]] = (*module, part[0])
    return aliases, opened


def _statements(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    statement: list[Token] = []
    depth = 0
    for token in tokens:
        depth += (token.text in "([{") - (token.text in ")]}") if token.kind == "sign" else 0
        if (token.kind == "break" and depth <= 0) or (token.kind == "sign" and token.text in ";:"):
            yield statement
            statement, depth = [], 0 if token.kind == "break" else depth
        elif token.kind != "break":
            statement.append(token)
    yield statement


def _split(words: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for word in words:
        if word == ",":
            yield part
            part = []
        else:
            part.append(word)
    yield part


def _looked_up(file: str, tokens: Sequence[Token], rules: Sequence[Rule]) -> Finding | None:
    """Names that strings bring to a look-up by name, whole or in pieces."""
    places = [place for place, token in enumerate(tokens) if token.kind == "name" and token.text in _LOOK_UP]
    if not places:
        return None
    everywhere = {token.text for token in tokens if token.kind == "string"}
    brought: set[str] = set()
    for place in places:
        own = _strings_behind(tokens, place + 1)
        brought |= own or everywhere
    backwards = {text[::-1] for text in everywhere}
    line = tokens[places[0]].line
    for rule in rules:
        if _is_brought(rule.last, brought, everywhere, backwards):
            return rule.found(file, line)
    hidden = next((name for name in sorted(_REACH_ANYTHING) if _is_brought(name, brought, everywhere, backwards)), None)
    return Finding(file, line, hidden, _UNREADABLE) if hidden else None


def _is_brought(word: str, brought: set[str], everywhere: set[str], backwards: set[str]) -> bool:
    return (
        made_of(word, brought)
        or made_of(word, everywhere - {word})
        or (word not in everywhere and made_of(word, backwards))
    )


def _strings_behind(tokens: Sequence[Token], place: int) -> set[str]:
    """Strings in the brackets that follow a name: what a call or an index is given; none where they are too long."""
    found: set[str] = set()
    depth = 0
    for number, token in enumerate(tokens[place : place + _MAX_BEHIND], start=1):
        if number == _MAX_BEHIND:
            return set()
        depth += (token.text in "([{") - (token.text in ")]}") if token.kind == "sign" else 0
        if depth < 0 or (depth == 0 and token.text not in (")", "]", ".", "get")):
            break
        if token.kind == "string":
            found.add(token.text)
    return found
