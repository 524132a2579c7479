"""Pages of a list, by cursor: rows that come meanwhile neither repeat nor hide others."""

from __future__ import annotations

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class NewestFirst(CursorPagination):
    """Twenty rows a page, by `created_at`."""

    page_size = 20
    ordering = "-created_at"

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place to go on from.

        Raises:
            NotFound: it is none of ours; the database is not asked about it.
        """
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and not _is_moment(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


def _is_moment(text: str) -> bool:
    try:
        moment = parse_datetime(text)
        return moment is not None and moment.tzinfo is not None and moment.year > 1
    except ValueError:
        return False
