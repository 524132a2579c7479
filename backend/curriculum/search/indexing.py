"""Brings the index to the content. Writes only what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

from django.db import connection

from backend.curriculum.search import documents
from backend.curriculum.search.documents import Document
from backend.curriculum.search.models import SearchEntry, SearchWord
from backend.curriculum.search.words import identifiers, quoted, spaced, tokens

_LONGEST_WORD = 60
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
    stored = dict(SearchEntry.objects.values_list("key", "digest"))
    gone = stored.keys() - wanted.keys()
    changed = [document for key, document in wanted.items() if stored.get(key) != document.digest]
    if not gone and not changed:
        return 0
    SearchEntry.objects.filter(key__in=gone).delete()
    for document in changed:
        _write(document)
    _write_words(wanted.values())
    return len(gone) + len(changed)


def _texts(document: Document) -> dict[str, str]:
    return {
        "title": f"{document.label} {document.title}",
        "summary": document.summary,
        "headings": "\n".join(section.title for section in document.sections),
        "body": "\n".join(section.text for section in document.sections),
    }


def _write(document: Document) -> None:
    values = {
        "kind": document.kind,
        "label": document.label,
        "title": document.title,
        "summary": document.summary,
        "address": document.address,
        "module_id": document.module_id,
        "status": document.status,
        "sections": [asdict(section) for section in document.sections],
        "boost": document.boost,
        "digest": document.digest,
    }
    entry, _ = SearchEntry.objects.update_or_create(key=document.key, defaults=values)
    texts = _texts(document)
    parameters: dict[str, str | int] = {name: spaced(text) for name, text in texts.items()}
    # The weight of an identifier is that of the best place where it stands whole.
    weights = {
        whole: weight
        for name, weight in (("body", "D"), ("headings", "C"), ("summary", "B"), ("title", "A"))
        for whole in identifiers(texts[name])
    }
    parameters["wholes"] = " ".join(f"{quoted(whole)}:1{weight}" for whole, weight in sorted(weights.items()))
    parameters["pk"] = entry.pk
    with connection.cursor() as cursor:
        cursor.execute(_VECTOR, parameters)


def _write_words(found: Iterable[Document]) -> None:
    counts: Counter[str] = Counter()
    for document in found:
        text = "\n".join(_texts(document).values())
        counts.update({part for token in tokens(text) for part in token.parts if len(part) <= _LONGEST_WORD})
    SearchWord.objects.all().delete()
    SearchWord.objects.bulk_create(
        (SearchWord(word=word, entries=number) for word, number in sorted(counts.items())), batch_size=2000
    )
