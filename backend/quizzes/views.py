"""HTTP of the quiz."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import User
from backend.curriculum.models import Module
from backend.quizzes import limits, pages, results, selectors, services
from backend.quizzes.authors import notices
from backend.quizzes.errors import AttemptFinished, InvalidAnswer, QuizError, TimeOver, TooManyRequests
from backend.quizzes.models import QuizAttempt, QuizResponse

_P = ParamSpec("_P")


def _learner(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _module(slug: str) -> Module:
    try:
        return selectors.module(slug)
    except Module.DoesNotExist as error:
        raise Http404 from error


def _attempt(request: HttpRequest, pk: UUID) -> QuizAttempt:
    """The learner's own attempt; one whose time is over is finished first."""
    attempt = get_object_or_404(selectors.attempts_visible_to(request.user), pk=pk)
    if attempt.finished_at is None and selectors.seconds_left(attempt) == 0:
        services.finish_overdue(attempt.learner)
        return selectors.attempts_visible_to(request.user).get(pk=pk)
    return attempt


def _counted(
    view: Callable[Concatenate[HttpRequest, _P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, _P], HttpResponse]:
    """A view whose POST requests count against the learner's allowance; 429 with the wait beyond it."""

    @wraps(view)
    def counted(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        if request.method == "POST":
            try:
                limits.count_request(_learner(request))
            except TooManyRequests as refusal:
                response = render(
                    request, "quizzes/wait.html", {"refusal": refusal}, status=HTTPStatus.TOO_MANY_REQUESTS
                )
                response["Retry-After"] = str(refusal.wait_seconds)
                return response
        return view(request, *args, **kwargs)

    return counted


@never_cache
@login_required
@require_safe
def quiz(request: HttpRequest, slug: str) -> HttpResponse:
    """What the quiz of a module asks, and how it went so far."""
    learner = _learner(request)
    services.finish_overdue(learner)
    module = _module(slug)
    context = {"page": pages.start_page(learner, module), "notices": selectors.unread_notices(learner, module)}
    return render(request, "quizzes/quiz.html", context)


@login_required
@require_POST
@_counted
def quiz_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin, or go on with what is open."""
    try:
        attempt = services.start(_learner(request), _module(slug), timed="timed" in request.POST)
    except QuizError as refusal:
        messages.warning(request, str(refusal))
        return redirect("quiz", slug)
    return redirect("quiz_attempt", attempt.pk)


@never_cache
@login_required
@require_safe
def quiz_attempt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One question of an open attempt."""
    attempt = _attempt(request, pk)
    if attempt.finished_at is not None:
        return redirect("quiz_result", attempt.pk)
    wanted = request.GET.get("q", "")
    position = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else None
    page = pages.question_page(attempt, position)
    if not page.was_shown:
        services.note_shown(attempt, page.position)
    return render(request, "quizzes/question.html", {"page": page})


@never_cache
@login_required
@require_POST
@_counted
def quiz_answer(request: HttpRequest, pk: UUID, position: int) -> HttpResponse:
    """Save an answer, then go where the pressed button says."""
    attempt = _attempt(request, pk)
    go = request.POST.get("go", "")
    error = ""
    try:
        try:
            services.answer(attempt, position, dict(request.POST.lists()))
        except InvalidAnswer as refusal:
            error = str(refusal)
        if go in {"flag", "unflag"}:
            services.flag(attempt, position, flagged=go == "flag")
    except AttemptFinished as refusal:
        # Of the time that ran out the result speaks itself.
        if not isinstance(refusal, TimeOver) and not attempt.ran_out:
            messages.warning(request, str(refusal))
        return _go_to(request, reverse("quiz_result", args=[attempt.pk]))
    except QuizResponse.DoesNotExist as missing:
        raise Http404 from missing
    if not error and not request.htmx:  # type: ignore[attr-defined]
        return redirect(_address_after(attempt, position, go))
    page = pages.question_page(attempt, position)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "quizzes/_progress.html", {"page": page, "error": error, "saved": not error})
    page = replace(page, text=request.POST.get("answer", page.text))
    return render(request, "quizzes/question.html", {"page": page, "error": error}, status=422)


def _address_after(attempt: QuizAttempt, position: int, go: str) -> str:
    if go == "finish":
        return reverse("quiz_finish", args=[attempt.pk])
    if go.isascii() and go.isdigit() and len(go) < 4:
        position = int(go)
    return f"{reverse('quiz_attempt', args=[attempt.pk])}?q={position}"


def _go_to(request: HttpRequest, address: str) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@_counted
def quiz_finish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask once more, then score."""
    attempt = _attempt(request, pk)
    if request.method == "POST":
        services.finish(attempt)
        return redirect("quiz_result", attempt.pk)
    if attempt.finished_at is not None:
        return redirect("quiz_result", attempt.pk)
    return render(request, "quizzes/finish.html", {"page": pages.finish_page(attempt)})


@never_cache
@login_required
@require_safe
def quiz_result(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Score, and every question with what was right and why."""
    attempt = _attempt(request, pk)
    if attempt.finished_at is None:
        return redirect("quiz_attempt", attempt.pk)
    context = {
        "page": results.result_page(attempt),
        "pass_percent": services.PASS_PERCENT,
        "changes": attempt.changes.select_related("regrade", "response").order_by("pk"),
    }
    return render(request, "quizzes/result.html", context)


@login_required
@require_POST
def quiz_notice_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a notice away; leads back to where it was read."""
    notices.mark_read(get_object_or_404(notices.of(_learner(request)), pk=pk))
    back = urlsplit(request.headers.get("Referer", "")).path
    return redirect(back if url_has_allowed_host_and_scheme(back, None) else "dashboard")
