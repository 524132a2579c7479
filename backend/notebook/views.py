"""The notebook beside a page, the page of all entries, and the reports that authors answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import Role, User
from backend.curriculum.models import Lesson, Module
from backend.notebook import selectors, services
from backend.notebook.forms import AnswerForm, NoteForm, ReportForm
from backend.notebook.models import Entry, PageReport

_P = ParamSpec("_P")
_PER_PAGE = 50


def _learner(request: HttpRequest) -> User:
    """The signed-in person; only behind `login_required`."""
    return cast(User, request.user)


def _authors_only(
    view: Callable[Concatenate[HttpRequest, _P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, _P], HttpResponse]:
    """A 404 for signed-in people who do not write the curriculum; the sign-in for everybody else."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        if _learner(request).role not in (Role.AUTHOR, Role.ADMIN):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))


def _lesson(slug: str) -> Lesson:
    return get_object_or_404(Lesson.objects.defer("body_html"), slug=slug, retired=False)


def _after(request: HttpRequest, lesson: Lesson, problem: str = "", status: int = 200) -> HttpResponse:
    """The notebook as it is now; the page itself for a browser without scripts."""
    if not request.headers.get("HX-Request"):
        if problem:
            messages.error(request, problem)
        return redirect(f"{lesson.get_absolute_url()}#notebook")
    context = {"notebook": selectors.lesson_notebook(_learner(request), lesson), "lesson": lesson, "problem": problem}
    return render(request, "notebook/_lesson.html", context, status=status)


@login_required
@require_safe
def notebook(request: HttpRequest) -> HttpResponse:
    """All bookmarks and notes, and the reader's reports with their answers."""
    learner = _learner(request)
    context = {"pages": selectors.notebook(learner), "reports": selectors.reports_of(learner)}
    return render(request, "notebook/notebook.html", context)


@login_required
@require_POST
def mark(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Set or take away a bookmark or a step: `on` is "1" or "0", so that a second click of a slow page does no harm."""
    if kind not in (Entry.Kind.BOOKMARK, Entry.Kind.STEP):
        raise Http404
    lesson, heading = _lesson(slug), request.POST.get("heading", "")[:120]
    act = services.put if request.POST.get("on") == "1" else services.take_away
    try:
        act(learner=_learner(request), lesson=lesson, kind=Entry.Kind(kind), heading=heading)
    except (services.NotThere, services.TooMany) as refusal:
        return _after(request, lesson, str(refusal))
    return _after(request, lesson)


@login_required
@require_POST
def note(request: HttpRequest, slug: str) -> HttpResponse:
    """Write, change or, with no text, take away a note."""
    lesson, form = _lesson(slug), NoteForm(request.POST)
    if not form.is_valid():
        return _after(request, lesson, "A note has at most 4,000 characters; nothing was saved.")
    words = form.cleaned_data
    try:
        services.put(
            learner=_learner(request), lesson=lesson, kind=Entry.Kind.NOTE, heading=words["heading"], text=words["text"]
        )
    except (services.NotThere, services.TooMany) as refusal:
        return _after(request, lesson, str(refusal))
    return _after(request, lesson)


@login_required
@require_POST
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that something on a page is wrong."""
    lesson, form = _lesson(slug), ReportForm(request.POST)
    if not form.is_valid():
        return _after(request, lesson, "Say in a few words, 2,000 characters at most, what is wrong.")
    words = form.cleaned_data
    try:
        services.report(
            reporter=_learner(request), lesson=lesson, kind=words["kind"], text=words["text"], heading=words["heading"]
        )
    except services.TooMany as refusal:
        response = _after(request, lesson, str(refusal))
        response.headers["Retry-After"] = "86400"
        return response
    except services.NotThere as refusal:
        return _after(request, lesson, str(refusal))
    messages.success(request, "Thank you. An author will look at it; the answer will be in your notebook.")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": f"{lesson.get_absolute_url()}#notebook"})
    return redirect("lesson", slug)


@login_required
@require_POST
def rate(request: HttpRequest, slug: str) -> HttpResponse:
    """Rate oneself on one line of a module's list."""
    module = get_object_or_404(Module, slug=slug)
    try:
        number, level = int(request.POST.get("line", "")), int(request.POST.get("level", ""))
        services.rate(learner=_learner(request), module=module, number=number, level=level)
    except (ValueError, services.NotThere):
        messages.error(request, "The list has changed. Choose again.")
        return redirect("module", slug)
    if not request.headers.get("HX-Request"):
        return redirect(f"{module.get_absolute_url()}#self-assessment")
    context = {"ratings": selectors.ratings(_learner(request), module), "module": module}
    return render(request, "notebook/_self_assessment.html", context)


@_authors_only
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Reports about pages, the open ones first."""
    state = request.GET.get("state", PageReport.State.OPEN)
    if state not in PageReport.State.values:
        raise Http404
    page = Paginator(selectors.reports(state), _PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "state": state, "states": PageReport.State.choices}
    return render(request, "notebook/reports.html", context)


@_authors_only
@require_http_methods(["GET", "HEAD", "POST"])
def report_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One report, and the form that closes it."""
    rows = PageReport.objects.select_related("lesson", "reporter", "answered_by").defer("lesson__body_html")
    found = get_object_or_404(rows, pk=pk)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        words = form.cleaned_data
        try:
            services.answer(report_id=pk, by=_learner(request), state=words["state"], text=words["answer"])
        except services.AlreadyAnswered as refusal:
            messages.error(request, str(refusal))
            return redirect("page_report", pk)
        messages.success(request, "Answered.")
        return redirect("page_reports")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "notebook/report.html", {"report": found, "form": form}, status=status)
