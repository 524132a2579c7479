"""Writes the library's rows where they differ from the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backend.curriculum.library.models import GlossaryTerm, LibraryPage, Reference
from backend.curriculum.loading.library_rows import LibraryRows
from backend.curriculum.models import Lesson

Sync = Callable[[type[Any], Mapping[Any, Any], Mapping[Any, dict[str, Any]]], dict[Any, Any]]
"""Brings a table's rows to what is wanted: model, existing rows by key, wanted columns by key -> rows by key."""


def store(rows: LibraryRows, lessons: Mapping[str, Lesson], sync: Sync) -> None:
    """Bring the library's tables to `rows`. Must run inside a transaction."""
    sync(
        GlossaryTerm,
        {row.slug: row for row in GlossaryTerm.objects.all()},
        {
            slug: {**values, "slug": slug, "lesson_id": lessons[lesson].pk if lesson else None}
            for slug, (values, lesson) in rows.terms.items()
        },
    )
    pages = sync(
        LibraryPage,
        {(row.kind, row.slug): row for row in LibraryPage.objects.all()},
        {key: {**values, "kind": key[0], "slug": key[1]} for key, (values, _) in rows.pages.items()},
    )
    _sync_lessons(LibraryPage, {pages[key].pk: slugs for key, (_, slugs) in rows.pages.items()}, lessons)
    references = sync(
        Reference,
        {row.position: row for row in Reference.objects.all()},
        {at: {**values, "position": at} for at, (values, _) in enumerate(rows.references, start=1)},
    )
    wanted = {references[at].pk: slugs for at, (_, slugs) in enumerate(rows.references, start=1)}
    _sync_lessons(Reference, wanted, lessons)


def _sync_lessons(
    model: type[LibraryPage] | type[Reference], wanted: Mapping[int, list[str]], lessons: Mapping[str, Lesson]
) -> None:
    through: Any = model.lessons.through
    own = f"{model._meta.model_name}_id"
    stored = {(row[own], row["lesson_id"]): row["id"] for row in through.objects.values("id", own, "lesson_id")}
    pairs = {(pk, lessons[slug].pk) for pk, slugs in wanted.items() for slug in slugs}
    gone = [pk for pair, pk in stored.items() if pair not in pairs]
    if gone:
        through.objects.filter(pk__in=gone).delete()
    through.objects.bulk_create(
        through(**{own: pk, "lesson_id": lesson}) for pk, lesson in sorted(pairs - stored.keys())
    )
