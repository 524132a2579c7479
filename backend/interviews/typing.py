"""Saving what is typed, so that no window overwrites another unasked."""

from __future__ import annotations

from uuid import UUID

from backend.interviews.clock import database_time
from backend.interviews.errors import DraftOutdated, InvalidText
from backend.interviews.models.typed import TypedText

MOST_CHARACTERS = 20_000
COLUMNS = ("text", "draft_revision", "draft_window", "saved_at")
"""What `take` sets, for `save(update_fields=...)`."""


def take(row: TypedText, text: str, *, window: UUID, seen: int) -> None:
    """Put a text into a row that is locked, typed in a window that was opened when save number `seen` was stored.

    Raises:
        InvalidText: too long, or with a NUL character.
        DraftOutdated: another window saved a different text meanwhile; the row is as it was.
    """
    text = text.replace("\r\n", "\n")
    if "\0" in text:
        raise InvalidText("The text holds a character that cannot be stored (NUL). Remove it and save again.")
    if len(text) > MOST_CHARACTERS:
        raise InvalidText(f"A text may have {MOST_CHARACTERS:,} characters; this one has {len(text):,}. Shorten it.")
    if row.draft_revision != seen and row.draft_window != window and row.text != text:
        raise DraftOutdated(row.draft_revision)
    row.text, row.draft_window, row.saved_at = text, window, database_time()
    row.draft_revision += 1
