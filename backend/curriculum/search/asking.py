"""What somebody typed, as a question to PostgreSQL. Nothing that can be typed is a syntax error."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from functools import reduce

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable

from backend.curriculum.search.words import Token, quoted, tokens

LONGEST_QUERY = 200
"""Characters that are looked at."""
_MOST_TERMS = 12
_PHRASE = re.compile(r'"([^"]*)"')
_SPELLED = re.compile(r"^(?P<stem>\w{3,}[iy])(?P<letter>[sz])(?P<rest>e|ed|es|er|ers|ing|ation|ations)$")
# Asked together with other words they only say that it is a question.
_SMALL_WORDS = {
    *("a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "how", "i", "in", "into"),
    *("is", "it", "its", "my", "of", "on", "or", "that", "the", "this", "to", "was", "what", "when", "where", "which"),
    *("why", "with", "you"),
}


class LexemeQuery(SearchQuery):
    """A tsquery from its text form, which no dictionary changes."""

    template = "%(expressions)s::tsquery"


@dataclass(frozen=True)
class Term:
    """One thing that has to be found."""

    parts: tuple[str, ...]
    whole: str
    unfinished: bool = False
    """It was typed last, so it may go on."""
    phrase: bool = False
    """It stood in quotation marks: the parts as they are."""

    @property
    def query(self) -> SearchQueryCombinable:
        """Finds the term whole, by its parts in this order, and, when it is a word, in its other forms."""
        last = ":*" if self.unfinished and len(self.parts[-1]) > 1 else ""
        in_order = " <-> ".join(map(quoted, self.parts)) + last
        if self.phrase:
            return LexemeQuery(in_order)
        if len(self.parts) > 1:
            return LexemeQuery(f"{quoted(self.whole)}:* | ({in_order})")
        query: SearchQueryCombinable = LexemeQuery(in_order)
        for spelling in _spellings(self.parts[0]):
            query = query | SearchQuery(spelling, config="english", search_type="plain")
        return query


def terms(text: str) -> list[Term]:
    """What somebody looks for; empty when the text has no word. The last word may be unfinished."""
    text = text.replace("\0", " ")[:LONGEST_QUERY]
    found: list[Term] = []
    at = 0
    for phrase in _PHRASE.finditer(text):
        found += _loose(text[at : phrase.start()])
        words = tuple(part for token in tokens(phrase[1]) for part in token.parts)
        if words:
            found.append(Term(words, " ".join(words), phrase=True))
        at = phrase.end()
    rest = _loose(text[at:])
    if rest and not text[-1:].isspace():
        rest[-1] = Term(rest[-1].parts, rest[-1].whole, unfinished=True)
    found += rest
    large = [term for term in found if term.phrase or term.whole not in _SMALL_WORDS]
    return (large or found)[:_MOST_TERMS]


def all_of(wanted: list[Term]) -> SearchQueryCombinable:
    """Entries with every term."""
    return reduce(operator.and_, (term.query for term in wanted))


def any_of(wanted: list[Term]) -> SearchQueryCombinable:
    """Entries with at least one term."""
    return reduce(operator.or_, (term.query for term in wanted))


def _loose(text: str) -> list[Term]:
    return [_term(token) for token in tokens(text)]


def _term(token: Token) -> Term:
    return Term(token.parts, token.whole)


def _spellings(word: str) -> list[str]:
    """The word, and as the other side of the Atlantic spells it."""
    found = _SPELLED.match(word)
    other = [] if found is None else [found["stem"] + ("z" if found["letter"] == "s" else "s") + found["rest"]]
    return [word, *other]
