"""Who gets to which page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from backend.accounts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def person(request: HttpRequest) -> User:
    """Who is signed in; only behind one of the guards below."""
    return cast(User, request.user)


def learners_only(view: View[P]) -> View[P]:
    """Sign-in for strangers; kept by no cache, since what it shows changes by itself."""
    return never_cache(login_required(view))


def reviewers_only(view: View[P]) -> View[P]:
    """A 404 for signed-in people who do not review; sign-in for everybody else."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not person(request).can_review:
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))
