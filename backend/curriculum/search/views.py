"""The search page, and the answer to every key while somebody types."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backend.curriculum.search import selectors, services
from backend.curriculum.search.asking import LONGEST_QUERY
from backend.curriculum.search.models import SearchEntry


def _count(request: HttpRequest) -> None:
    if request.user.is_authenticated:
        services.count_search(who=f"person {request.user.pk}", allowed=services.PER_MINUTE)
    else:
        address = get_adapter(request).get_client_ip(request)
        services.count_search(who=f"address {address}", allowed=services.PER_MINUTE_AND_ADDRESS)


def _kind(request: HttpRequest) -> SearchEntry.Kind | None:
    asked = request.GET.get("kind", "")
    return SearchEntry.Kind(asked) if asked in SearchEntry.Kind.values else None


def _page(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else 1


def _refused(request: HttpRequest, error: services.TooManySearches, template: str, typed: str) -> HttpResponse:
    context = {"typed": typed, "refused": str(error)}
    response = render(request, template, context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(error.wait_seconds)
    return response


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Everything found, by kind; `kind` and `page` show more of one."""
    typed = request.GET.get("q", "")[:LONGEST_QUERY]
    kind = _kind(request)
    context: dict[str, object] = {"typed": typed, "kind": kind}
    if typed.strip():
        try:
            _count(request)
        except services.TooManySearches as error:
            return _refused(request, error, "curriculum/search/search.html", typed)
        exactly = "exactly" in request.GET
        found = selectors.search(typed, kind=kind, page=_page(request), as_typed=exactly)
        context["found"] = found
        context["asked"] = urlencode({"q": found.corrected_from or found.text} | ({"exactly": ""} if exactly else {}))
        context["filters"] = [
            (choice, found.counts.get(choice, 0))
            for choice in SearchEntry.Kind
            if found.counts and (choice in found.counts or choice == kind)
        ]
    return render(request, "curriculum/search/search.html", context)


@require_safe
def instant(request: HttpRequest) -> HttpResponse:
    """The best results as a fragment, for the box that opens with `/`."""
    typed = request.GET.get("q", "")[:LONGEST_QUERY]
    if not typed.strip():
        return render(request, "curriculum/search/_instant.html", {"typed": ""})
    try:
        _count(request)
    except services.TooManySearches as error:
        return _refused(request, error, "curriculum/search/_instant.html", typed)
    return render(request, "curriculum/search/_instant.html", {"typed": typed, "found": selectors.search(typed)})
