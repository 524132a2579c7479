"""Forbidden names in C and C++."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from grader.forbidden.tokens import Chain, Finding, Rule, Token, chains, made_of, resolved, speaks_of

_S = r"(?:\\[ \t]*\r?\n)*"
"""Splices: a compiler takes them out before it looks for tokens, anywhere but in raw strings."""
_SPLICE = re.compile(r"\\[ \t]*\r?\n")
_PREFIX = rf"(?:u{_S}8{_S}|[uUL]{_S})?"
_TOKEN = re.compile(
    rf"""
    /{_S}/(?:\\[ \t]*\r?\n|[^\n])*
  | /{_S}\*.*?(?:\*{_S}/|\Z)
  | {_PREFIX}R{_S}"(?P<mark>[^()\\\s"]{{0,16}})\((?P<raw>.*?)(?:\)(?P=mark)"|\Z)
  | {_PREFIX}"(?P<string>(?:\\[ \t]*\r?\n|\\.|[^"\\\n])*)"?
  | {_PREFIX}'(?:\\[ \t]*\r?\n|\\.|[^'\\\n])*'?
  | (?P<number>\.?\d(?:{_S}(?:'{_S}\w|[eEpP][+-]|[\w.]))*)
  | (?P<name>[^\W\d](?:{_S}[\w$])*)
  | (?P<sign>:{_S}:|-{_S}>|\#{_S}\#|%{_S}:{_S}%{_S}:|[^\s\\])
    """,
    re.X | re.S,
)
_JOINTS = ("::", ".", "->")
_PASTE = ("##", "%:%:")
_NOT_A_TYPE = frozenset(
    ["return", "co_return", "co_yield", "co_await", "throw", "else", "do", "case", "goto", "new", "delete", "and", "or",
     "not", "xor", "bitand", "bitor", "compl", "sizeof", "alignof", "typeid", "if", "while", "for", "switch", "using",
     "operator"]
)  # fmt: skip
_BY_NAME = frozenset(["asm", "__asm", "__asm__", "dlsym", "dlvsym", "dlopen"])
"""With these a program reaches what a string names."""


def find(files: Mapping[str, bytes], rules: Sequence[Rule]) -> Finding | None:
    """See `grader.forbidden.find`."""
    read = {file: list(_tokens(content.decode("utf-8", errors="replace"))) for file, content in files.items()}
    own = {name for tokens in read.values() for name in _declared(tokens)}
    aliases: dict[str, Chain] = {}
    for tokens in read.values():
        aliases |= _aliases(tokens)
    for file, tokens in read.items():
        found = _by_token(file, tokens, rules, aliases, own) or _in_pieces(file, tokens, rules)
        if found is not None:
            return found
    return None


def _tokens(text: str) -> Iterator[Token]:
    line, position = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        kind = match.lastgroup
        if kind == "mark" or match["raw"] is not None:
            yield Token("string", match["raw"], line)
        elif kind is not None:
            yield Token(kind, _SPLICE.sub("", match[kind]), line)


def _declared(tokens: Sequence[Token]) -> Iterator[str]:
    """Names that the file itself gives to something: they follow a type's name, or have a body."""
    for place, token in enumerate(tokens):
        if token.kind != "name" or place == 0:
            continue
        before = tokens[place - 1]
        typed = before.kind == "name" and before.text not in _NOT_A_TYPE
        if typed or (before.text in {"*", "&", ">"} and _has_body(tokens, place + 1)):
            yield token.text


def _has_body(tokens: Sequence[Token], place: int) -> bool:
    if place >= len(tokens) or tokens[place].text != "(":
        return False
    depth = 0
    for end in range(place, min(place + 100, len(tokens))):
        depth += {"(": 1, ")": -1}.get(tokens[end].text, 0)
        if depth == 0:
            return end + 1 < len(tokens) and tokens[end + 1].text in {"{", "const", "noexcept", "->"}
    return False


def _aliases(tokens: Sequence[Token]) -> dict[str, Chain]:
    """Other names of namespaces and types, and macros that stand for one name."""
    found: dict[str, Chain] = {}
    for first, _, chain in chains(tokens, _JOINTS):
        words = [token.text for token in tokens[max(0, first - 4) : first]]
        if words[-1:] == ["::"]:
            words.pop()
        if len(words) >= 3 and words[-1] == "=" and words[-3] in {"namespace", "using"}:
            found[words[-2]] = chain
        elif len(words) >= 3 and words[-3:-1] == ["#", "define"]:
            found[words[-1]] = chain
    return found


def _by_token(
    file: str, tokens: Sequence[Token], rules: Sequence[Rule], aliases: dict[str, Chain], own: set[str]
) -> Finding | None:
    for first, end, chain in chains(tokens, _JOINTS):
        full = resolved(chain, aliases)
        bare = len(chain) == 1 and (first == 0 or tokens[first - 1].text not in _JOINTS) and chain[0] not in own
        called = end < len(tokens) and tokens[end].text in {"(", "<"}
        for rule in rules:
            # A bare call may mean the qualified name: by `using namespace`, or because of its arguments' types.
            if rule.in_chain(chain) or rule.in_chain(full) or (bare and called and chain[0] == rule.last):
                return rule.found(file, tokens[first].line)
    return None


def _in_pieces(file: str, tokens: Sequence[Token], rules: Sequence[Rule]) -> Finding | None:
    pieces = {token.text for token in tokens if token.kind in {"name", "number"}}
    paste = next((token for token in tokens if token.kind == "sign" and token.text in _PASTE), None)
    strings = [token for token in tokens if token.kind == "string"]
    joined = "".join(token.text for token in strings)
    for rule in rules:
        if paste is not None and made_of(rule.last, pieces):
            return rule.found(file, paste.line)
        if pieces & _BY_NAME and speaks_of(rule.last, [*(token.text for token in strings), joined]):
            return rule.found(file, strings[0].line)
    return None
