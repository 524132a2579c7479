"""Who is asking."""

from __future__ import annotations

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request


class BrowserSession(SessionAuthentication):
    """The session of the pages. A visitor gets 401, a signed-in POST without the CSRF token 403."""

    def authenticate_header(self, request: Request) -> str:
        """The scheme that makes a visitor's answer a 401."""
        return "Session"

    def enforce_csrf(self, request: Request) -> None:
        """Refuse what another site could have sent."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as refusal:
            raise PermissionDenied(str(refusal.detail), code="csrf_failed") from None
