"""Reads of the index, in a fixed number of queries however much there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchQueryCombinable, SearchRank
from django.db.models import Case, Count, F, FloatField, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.safestring import SafeString

from backend.curriculum.search import asking
from backend.curriculum.search.asking import Term
from backend.curriculum.search.models import SearchEntry
from backend.curriculum.search.snippets import Marker
from backend.curriculum.search.spelling import vocabulary
from backend.curriculum.selectors import content_revision

PER_KIND = 5
"""Results of each kind on a page of all kinds."""
PER_PAGE = 20
"""Results on a page of one kind."""
MOST_PAGES = 10
_WEIGHTS = [0.1, 0.3, 0.6, 1.0]
_NORMALISED_BY_LENGTH = 1
_SAME_TITLE = 2.0
_FEW = 3
"""So few results make a better spelling worth a question."""


@dataclass(frozen=True)
class Result:
    """One thing found, ready to be shown."""

    entry: SearchEntry
    title: SafeString
    heading: SafeString
    text: SafeString
    address: str


@dataclass(frozen=True)
class Group:
    """Results of one kind."""

    kind: SearchEntry.Kind
    total: int
    results: Sequence[Result]

    @property
    def more(self) -> int:
        """How many are not shown here."""
        return self.total - len(self.results)


@dataclass(frozen=True)
class Found:
    """The answer to one search."""

    text: str
    """What was looked for."""
    groups: Sequence[Group] = ()
    counts: dict[str, int] = field(default_factory=dict)
    """Kind -> number of results, whatever kind is shown."""
    corrected_from: str | None = None
    """Nothing has what was typed; the results are for `text` instead."""
    suggestion: str | None = None
    """A spelling that may have been meant."""
    some_words: bool = False
    """Nothing has all words; the results have some of them."""
    page: int = 1
    pages: int = 1

    @property
    def total(self) -> int:
        """Number of results of all kinds."""
        return sum(self.counts.values())


def search(text: str, *, kind: SearchEntry.Kind | None = None, page: int = 1, as_typed: bool = False) -> Found:
    """What has all words of `text`; else what has those of its likeliest correction; else what has some of them.

    `kind` shows one kind alone, in pages; a page that is not there is the nearest one. `as_typed` corrects nothing.
    """
    text = " ".join(text.replace("\0", " ")[: asking.LONGEST_QUERY].split())
    terms = asking.terms(text)
    if not terms:
        return Found(text)
    words = vocabulary(content_revision())
    counts = _counts(asking.all_of(terms))
    if counts:
        suggestion = words.corrected(text, rare=True) if sum(counts.values()) <= _FEW and not as_typed else None
        return _shown(Found(text, counts=counts, suggestion=suggestion), terms, asking.all_of(terms), kind, page)
    better = None if as_typed else words.corrected(text)
    if better is not None:
        corrected = asking.terms(better)
        counts = _counts(asking.all_of(corrected))
        if counts:
            found = Found(better, counts=counts, corrected_from=text)
            return _shown(found, corrected, asking.all_of(corrected), kind, page)
        terms = corrected if len(corrected) > 1 else terms
    if len(terms) == 1:
        return Found(text, suggestion=better)
    query = asking.any_of(terms)
    return _shown(Found(text, counts=_counts(query), some_words=True, suggestion=better), terms, query, kind, page)


def _matching(query: SearchQueryCombinable) -> QuerySet[SearchEntry]:
    return SearchEntry.objects.filter(vector=query)


def _counts(query: SearchQueryCombinable) -> dict[str, int]:
    rows = _matching(query).values("kind").annotate(number=Count("pk")).values_list("kind", "number")
    return dict(rows)


def _shown(
    found: Found, terms: list[Term], query: SearchQueryCombinable, kind: SearchEntry.Kind | None, page: int
) -> Found:
    rank = SearchRank(F("vector"), query, weights=_WEIGHTS, normalization=Value(_NORMALISED_BY_LENGTH)) * F("boost")
    same_title = Case(When(title__iexact=found.text, then=_SAME_TITLE), default=0.0, output_field=FloatField())
    entries = _matching(query).select_related("module").defer("vector", "module__body_html")
    ranked = entries.annotate(rank=rank + same_title)
    pages = 1
    if kind is None:
        place = Window(RowNumber(), partition_by=F("kind"), order_by=[F("rank").desc(), F("key").asc()])
        rows: Iterable[SearchEntry] = ranked.annotate(place=place).filter(place__lte=PER_KIND).order_by("-rank", "key")
    else:
        pages = min(MOST_PAGES, max(1, -(-found.counts.get(kind, 0) // PER_PAGE)))
        page = min(max(page, 1), pages)
        rows = ranked.filter(kind=kind).order_by("-rank", "key")[(page - 1) * PER_PAGE : page * PER_PAGE]
    marker = Marker(terms)
    grouped: dict[str, list[Result]] = {}
    for entry in rows:
        grouped.setdefault(entry.kind, []).append(_result(entry, marker))
    groups = [
        Group(SearchEntry.Kind(name), found.counts.get(name, len(results)), results)
        for name, results in grouped.items()
    ]
    return Found(
        found.text,
        groups=groups,
        counts=found.counts,
        corrected_from=found.corrected_from,
        suggestion=found.suggestion,
        some_words=found.some_words,
        page=page if kind else 1,
        pages=pages,
    )


def _result(entry: SearchEntry, marker: Marker) -> Result:
    snippet = marker.snippet(entry.summary, entry.sections)
    address = f"{entry.address}#{snippet.anchor}" if snippet.anchor and "#" not in entry.address else entry.address
    return Result(entry, marker.mark(entry.title), snippet.heading, snippet.text, address)
