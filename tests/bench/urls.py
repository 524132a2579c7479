"""The site's addresses and the bare view."""

from __future__ import annotations

import os

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

QUERIES = int(os.environ.get("LLSYS_BENCH_QUERIES", "4"))


def bare(request: HttpRequest) -> HttpResponse:
    """As many queries as the page it is compared with, two of them for session and person, and no work."""
    signed_in = request.user.is_authenticated
    with connection.cursor() as cursor:
        for _ in range(QUERIES - 2):
            cursor.execute("SELECT 1")
            cursor.fetchall()
    return HttpResponse("ok" if signed_in else "no")


urlpatterns = [path("bare/", bare), path("", include("backend.config.urls"))]
