"""Loading the content into the tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from backend.curriculum.faults import Faults
from backend.curriculum.loading import assembling, reading, snapshot, storing
from backend.curriculum.loading.rows import Rows
from backend.curriculum.models import ContentState
from backend.curriculum.search import indexing

_LOCK = 0x11C_0DE
"""Key of the advisory lock: one load at a time, whoever starts it."""


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    digest: str
    changes: storing.Changes | None
    """None: this state of the content was loaded before, and nothing was looked at."""


def _assemble(taken: snapshot.Snapshot, faults: Faults) -> Rows:
    content = reading.read(taken, faults)
    if content is None:
        faults.raise_if_any()
        raise AssertionError("a content folder that cannot be read has faults")
    rows = assembling.assemble(content, faults)
    faults.raise_if_any()
    return rows


def check_content(root: Path) -> None:
    """Read and render everything, store nothing.

    Raises:
        ContentError: with all faults.
    """
    faults = Faults()
    _assemble(snapshot.take(root, faults), faults)


def load_content(root: Path, *, force: bool = False) -> Loaded:
    """Bring the tables to the state of the content folder, all or nothing.

    Does nothing when this state was loaded before, unless `force`; even then only what differs is written. Two loads
    at once: the second waits, and then finds nothing to do.

    Raises:
        ContentError: with all faults; the tables are as they were.
    """
    faults = Faults()
    taken = snapshot.take(root, faults)
    faults.raise_if_any()
    digest = taken.digest
    if not force and ContentState.objects.filter(digest=digest).exists():
        return Loaded(digest, None)
    rows = _assemble(taken, faults)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if not force and ContentState.objects.filter(digest=digest).exists():
            return Loaded(digest, None)
        changes = storing.store(rows)
        indexing.rebuild()
        if not ContentState.objects.filter(digest=digest).exists():
            ContentState.objects.update_or_create(singleton=True, defaults={"digest": digest})
    return Loaded(digest, changes)
