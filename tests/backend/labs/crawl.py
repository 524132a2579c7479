"""Every address of the site with every id that a test knows, and what is found there."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

_PART = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_FOREIGN = ("admin/", "accounts/")
"""Address spaces of the framework; the site's own pages and interface are walked."""


def routes() -> list[str]:
    """Every route, with its parts still open, such as `labs/<lab_slug:slug>/`."""
    return sorted(set(_walk(get_resolver().url_patterns, "")))


def _walk(patterns: Sequence[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for entry in patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if not route.startswith(_FOREIGN):
                yield from _walk(entry.url_patterns, route)
        elif "^" not in route:
            yield "/" + route


def addresses(values: Mapping[str, Sequence[str]]) -> list[str]:
    """Every route filled with every value that fits the kind of its part: `{"uuid": [...], "slug": [...]}`.

    Kinds that nothing is given for take the values of "slug".
    """
    found = []
    for route in routes():
        kinds = [match["kind"] or "str" for match in _PART.finditer(route)]
        for choice in itertools.product(*(values.get(kind, values["slug"]) for kind in kinds)):
            parts = iter(choice)
            found.append(_PART.sub(lambda match, parts=parts: next(parts), route))  # type: ignore[misc]
    return found


def read_all(browser: Client, where: Sequence[str]) -> dict[str, bytes]:
    """Address -> whatever came, headers and all; fails on a fault of ours."""
    seen = {}
    for address in where:
        response = browser.get(address)
        assert response.status_code < 500, address
        body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
        seen[address] = body + repr(dict(response.headers)).encode()
    return seen
