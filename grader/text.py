"""Making bytes from a learner's program fit for a report: valid text, no NUL, of bounded length."""

from __future__ import annotations


def clip(text: str | bytes, limit: int) -> str:
    """At most `limit` characters; what is cut is said. Undecodable bytes and NUL become visible signs."""
    if isinstance(text, bytes):
        text = text[: 4 * limit + 4].decode("utf-8", errors="replace")
    text = text.replace("\0", "␀").encode("utf-8", errors="replace").decode("utf-8")
    if len(text) <= limit:
        return text
    note = "\n… (cut here)"
    return text[: max(0, limit - len(note))] + note if limit > len(note) else text[:limit]


def clip_bytes(text: str | bytes, limit: int) -> str:
    """Like `clip`, with the limit in bytes of UTF-8."""
    clipped = clip(text, limit)
    while len(clipped.encode()) > limit:
        clipped = clip(clipped, len(clipped) - max(1, (len(clipped.encode()) - limit) // 4))
    return clipped
