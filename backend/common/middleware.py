"""What holds for every response."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def private_pages(get_response: GetResponse) -> GetResponse:
    """Keep pages of a signed-in person out of shared caches, and out of the browser's after signing out."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        # Asking who it is costs two queries and makes the response vary by cookie: not for what says it is public.
        if not response.has_header("Cache-Control") and request.user.is_authenticated:
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return middleware


def browser_permissions(get_response: GetResponse) -> GetResponse:
    """Deny every page the browser features that none of ours needs."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response

    return middleware
