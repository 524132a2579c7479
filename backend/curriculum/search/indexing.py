"""Brings the index to the content. Writes only what differs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

from django.db import connection

from backend.curriculum.search import documents
from backend.curriculum.search.documents import Document
from backend.curriculum.search.models import SearchEntry, SearchWord
from backend.curriculum.search.words import Token, identifiers, quoted, spaced, tokens

_LONGEST_WORD = 60
_COLUMNS = ["kind", "label", "title", "summary", "address", "module", "status", "sections", "boost", "digest"]
_VECTOR = """
UPDATE curriculum_searchentry SET vector =
  setweight(to_tsvector('english', %(title)s), 'A') || setweight(to_tsvector('simple', %(title)s), 'A')
  || setweight(to_tsvector('english', %(summary)s), 'B') || setweight(to_tsvector('simple', %(summary)s), 'B')
  || setweight(to_tsvector('english', %(headings)s), 'C') || setweight(to_tsvector('simple', %(headings)s), 'C')
  || setweight(to_tsvector('english', %(body)s), 'D') || setweight(to_tsvector('simple', %(body)s), 'D')
  || %(wholes)s::tsvector
WHERE id = %(pk)s
"""


def rebuild() -> int:
    """Bring the index to what is published; answers how many rows it wrote or deleted. Runs inside a transaction."""
    wanted = {document.key: document for document in documents.published()}
    stored = {key: (pk, digest) for key, pk, digest in SearchEntry.objects.values_list("key", "pk", "digest")}
    digests = {key: document.digest for key, document in wanted.items()}
    gone = stored.keys() - wanted.keys()
    changed = {key for key, digest in digests.items() if key not in stored or stored[key][1] != digest}
    if not gone and not changed:
        return 0
    SearchEntry.objects.filter(key__in=gone).delete()
    rows = [
        _entry(document, digests[key], stored[key][0] if key in stored else None)
        for key, document in wanted.items()
        if key in changed
    ]
    SearchEntry.objects.bulk_create([row for row in rows if row.pk is None])
    SearchEntry.objects.bulk_update([row for row in rows if row.key in stored], _COLUMNS, batch_size=100)
    keys = {row.key: row.pk for row in rows}
    counts: Counter[str] = Counter()
    with connection.cursor() as cursor:
        for key, document in wanted.items():
            analysed = {name: tokens(text) for name, text in _texts(document).items()}
            counts.update({part for found in analysed.values() for token in found for part in token.parts})
            if key in keys:
                cursor.execute(_VECTOR, _parameters(analysed) | {"pk": keys[key]})
    _write_words(counts)
    return len(gone) + len(changed)


def _entry(document: Document, digest: str, pk: int | None) -> SearchEntry:
    return SearchEntry(
        pk=pk,
        key=document.key,
        kind=document.kind,
        label=document.label,
        title=document.title,
        summary=document.summary,
        address=document.address,
        module_id=document.module_id,
        status=document.status,
        sections=[asdict(section) for section in document.sections],
        boost=document.boost,
        digest=digest,
    )


def _texts(document: Document) -> dict[str, str]:
    return {
        "title": f"{document.label} {document.title}",
        "summary": document.summary,
        "headings": "\n".join(section.title for section in document.sections),
        "body": "\n".join(section.text for section in document.sections),
    }


def _parameters(analysed: dict[str, list[Token]]) -> dict[str, str | int]:
    # The weight of an identifier is that of the best place where it stands whole.
    weights = {
        whole: weight
        for name, weight in (("body", "D"), ("headings", "C"), ("summary", "B"), ("title", "A"))
        for whole in identifiers(analysed[name])
    }
    parameters: dict[str, str | int] = {name: spaced(found) for name, found in analysed.items()}
    parameters["wholes"] = " ".join(f"{quoted(whole)}:1{weight}" for whole, weight in sorted(weights.items()))
    return parameters


def _write_words(counts: Counter[str]) -> None:
    wanted = {word: number for word, number in counts.items() if len(word) <= _LONGEST_WORD}
    stored = dict(SearchWord.objects.values_list("word", "entries"))
    SearchWord.objects.filter(word__in=stored.keys() - wanted.keys()).delete()
    SearchWord.objects.bulk_create(
        [SearchWord(word=word, entries=number) for word, number in wanted.items() if stored.get(word) != number],
        batch_size=2000,
        update_conflicts=True,
        update_fields=["entries"],
        unique_fields=["word"],
    )
