"""Pages of authors: item statistics, and scoring again with a corrected key."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.models import Role, User
from backend.curriculum.models import Module, Question
from backend.quizzes.authors import counting, regrading, statistics
from backend.quizzes.authors.plots import bank_plot
from backend.quizzes.models import KeyRegrade

_P = ParamSpec("_P")
LISTED = 100
"""Changes that the preview lists."""


class RegradeForm(forms.Form):
    """Applying a corrected key."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "input"}),
        help_text="Learners whose score changes read this: what was wrong, in plain words.",
    )
    never_lower = forms.BooleanField(
        required=False, initial=True, label="Never lower: answers that would be worth less stay as they are"
    )


def _author(request: HttpRequest) -> User:
    return cast(User, request.user)


def _authors_only(
    view: Callable[Concatenate[HttpRequest, _P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, _P], HttpResponse]:
    """A 404 for signed-in people who do not write questions; the sign-in for everybody else."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        if _author(request).role not in (Role.AUTHOR, Role.ADMIN):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))


@_authors_only
@require_safe
def quiz_banks(request: HttpRequest) -> HttpResponse:
    """Modules with questions."""
    return render(request, "quizzes/authors/banks.html", {"modules": statistics.banks()})


@_authors_only
@require_safe
def quiz_items(request: HttpRequest, slug: str) -> HttpResponse:
    """Every question of a bank with its figures and flags; the flagged first."""
    module = get_object_or_404(Module.objects.defer("body_html"), slug=slug, retired=False)
    counted = counting.count_answers(module)
    items = sorted(statistics.items(module, counted), key=lambda item: not item.flags)
    context = {"module": module, "items": items, "plot": bank_plot(items), "fewest": statistics.FEWEST}
    context["counted_at"] = counted.at
    return render(request, "quizzes/authors/items.html", context)


@_authors_only
@require_http_methods(["GET", "HEAD", "POST"])
def quiz_item(request: HttpRequest, slug: str) -> HttpResponse:
    """One question with its answers, and what its present key would change about earlier ones."""
    if "\0" in slug:
        # No slug has a zero byte, and PostgreSQL refuses to look for one.
        raise Http404
    question = get_object_or_404(
        Question.objects.select_related("current", "module").defer("module__body_html"),
        slug=slug,
        retired=False,
        current__isnull=False,
    )
    form = RegradeForm(request.POST if request.method == "POST" else None, initial={"revision": question.current_id})
    if form.is_bound and form.is_valid():
        try:
            regrade = regrading.apply(question=question, by=_author(request), **form.cleaned_data)
        except regrading.RegradeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            words = f"Scored with the corrected key: {regrade.rescored}. Left as they were: {regrade.kept}."
            messages.success(request, words)
            return redirect("quiz_item", slug)
    item = next(item for item in statistics.items(question.module) if item.question.pk == question.pk)
    looked = regrading.preview(question)
    context = {
        "item": item,
        "form": form,
        "preview": looked,
        "changes": looked.changed[:LISTED],
        "regrades": KeyRegrade.objects.filter(question=question).select_related("by"),
        "fewest": statistics.FEWEST,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "quizzes/authors/item.html", context, status=status)
