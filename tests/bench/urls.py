"""The site's addresses and the bare view."""

from __future__ import annotations

import os

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from backend.accounts.models import User

QUERIES = int(os.environ.get("LLSYS_BENCH_QUERIES", "4"))


def bare(request: HttpRequest) -> HttpResponse:
    """As many queries as the page it is compared with: session, person, and plain look-ups of one row."""
    if not isinstance(request.user, User):
        return HttpResponse("no")
    rows = [User.objects.filter(email=str(request.user.email)).first() for _ in range(QUERIES - 2)]
    return HttpResponse("ok" if all(rows) else "no")


urlpatterns = [path("bare/", bare), path("", include("backend.config.urls"))]
