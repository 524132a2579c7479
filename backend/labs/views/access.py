"""Who gets to a page, and what there is to see on it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django_htmx.http import HttpResponseClientRedirect

from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lab, Status
from backend.labs import selectors
from backend.labs.models import Submission

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponseBase]


def signed_in(view: _View[_P]) -> _View[_P]:
    """Like `login_required`; a part of a page that finds nobody signed in takes the whole page to the sign-in."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        is_part = "HX-Request" in request.headers
        came_from = request.headers.get("HX-Current-URL", "") if is_part else request.get_full_path()
        back = came_from.removeprefix(settings.BASE_URL) if is_part or request.method == "GET" else ""
        address = resolve_url(settings.LOGIN_URL)
        if back.startswith("/"):
            address = f"{address}?{urlencode({'next': back})}"
        return HttpResponseClientRedirect(address) if is_part else redirect(address)

    return cast(_View[_P], wrapped)


def lab_or_404(slug: str) -> Lab:
    """The lab of this address, planned ones too."""
    try:
        return curriculum.lab(slug)
    except Lab.DoesNotExist:
        raise Http404 from None


def open_lab_or_404(slug: str) -> Lab:
    """A lab that can be worked on."""
    lab = lab_or_404(slug)
    if lab.status != Status.READY or not lab.digest:
        raise Http404
    return lab


def visible_or_404(request: HttpRequest, pk: uuid.UUID) -> Submission:
    """A submission that this person may see."""
    return get_object_or_404(selectors.submissions_visible_to(request.user), pk=pk)
