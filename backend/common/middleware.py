"""What holds for every response."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
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


def sign_in_and_back(get_response: GetResponse) -> GetResponse:
    """Lead from the sign-in back to the page that somebody was on, where the request was for something else.

    A form's own address takes no visit, so it leads back to the page with the form. A part of a page that a script
    asks for would show the sign-in inside the page: it gets a 401, so that what it sent does not count as saved, and
    takes the whole page there.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_part = "HX-Request" in request.headers
        if not is_part and request.method in {"GET", "HEAD"}:
            return response
        address = urlsplit(response.headers.get("Location", ""))
        sign_in = resolve_url(settings.LOGIN_URL)
        if address.path != sign_in or "next=" not in address.query:
            return response
        page = urlsplit(request.headers.get("HX-Current-URL" if is_part else "Referer", ""))
        if page.netloc == request.get_host():
            sign_in += f"?{urlencode({'next': page._replace(scheme='', netloc='').geturl()})}"
        if is_part:
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": sign_in})
        response.headers["Location"] = sign_in
        return response

    return middleware


def browser_permissions(get_response: GetResponse) -> GetResponse:
    """Deny every page the browser features that none of ours needs."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response

    return middleware
