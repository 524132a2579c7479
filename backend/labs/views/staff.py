"""Pages of administrators: regrades, and submissions that the grader held."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import User
from backend.labs import selectors, services
from backend.labs.forms import DecisionForm, RegradeForm
from backend.labs.models import Regrade

_P = ParamSpec("_P")


def _staff_only(
    view: Callable[Concatenate[HttpRequest, _P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, _P], HttpResponse]:
    """A 404 for signed-in people who are no administrators; the sign-in for everybody else."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        if not _staff(request).is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))


def _staff(request: HttpRequest) -> User:
    return cast(User, request.user)


@_staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def regrades(request: HttpRequest) -> HttpResponse:
    """All regrades, and the form that starts one."""
    form = RegradeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return redirect(services.start_regrade(by=_staff(request), **form.cleaned_data))
        except services.RegradeRefused as refusal:
            form.add_error(None, str(refusal))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "labs/staff/regrades.html", {"form": form, "regrades": selectors.regrades()}, status=status)


@_staff_only
@require_safe
def regrade(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a regrade would change, or has changed; a part that follows it while it is graded or applied."""
    row = get_object_or_404(
        Regrade.objects.select_related("lab", "requested_by", "decided_by").defer(
            "lab__instructions_html", "lab__contents"
        ),
        pk=pk,
    )
    show = request.GET.get("show", "")
    show = show if show in selectors.SHOWS else "changed"
    context = {
        "regrade": row,
        "summary": selectors.regrade_summary(row),
        "page": selectors.regrade_items(row, show=show, page=request.GET.get("page", "1")),
        "show": show,
        "shows": selectors.SHOWS,
        "query": f"show={show}&",
    }
    name = "labs/staff/_regrade.html" if "HX-Request" in request.headers else "labs/staff/regrade.html"
    return render(request, name, context)


@_staff_only
@require_POST
def regrade_decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Apply, discard, or take in what was graded meanwhile."""
    row, by, action = get_object_or_404(Regrade, pk=pk), _staff(request), request.POST.get("action", "")
    try:
        if action == "apply":
            services.apply_regrade(regrade=row, by=by, never_lower="never_lower" in request.POST)
            messages.success(request, "The regrade counts. Results are replaced one by one; this page shows how far.")
        elif action == "discard":
            services.discard_regrade(regrade=row, by=by)
            messages.success(request, "The regrade is discarded. No result changed.")
        elif action == "add":
            added = services.add_submissions(row)
            messages.success(request, f"{added} submission{'s' if added != 1 else ''} added.")
        else:
            raise Http404
    except services.RegradeRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(row)


@_staff_only
@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """Submissions that wait for a person, the oldest first."""
    return render(request, "labs/staff/held.html", {"submissions": selectors.held_submissions()[:200]})


@_staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def held_submission(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One held submission beside its report; accept it with points, or refuse it, with a reason."""
    submission = get_object_or_404(selectors.held_submissions(), pk=pk)
    view = selectors.report_for(submission)
    open_points = sum(shown.result.max_points - shown.result.points for shown in view.undecided) if view else 0.0
    proposed = min(submission.max_score, submission.score + open_points)
    form = DecisionForm(request.POST if request.method == "POST" else None, initial={"score": proposed})
    if form.is_bound and form.is_valid():
        try:
            services.decide_held(
                submission=submission,
                by=_staff(request),
                accept=form.cleaned_data["decision"] == "accept",
                score=form.cleaned_data["score"] or 0.0,
                reason=form.cleaned_data["reason"],
            )
        except services.DecisionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Your decision is recorded, and the learner is told.")
            return redirect("held")
    context = {"submission": submission, "lab": submission.lab, "view": view, "form": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "labs/staff/held_submission.html", context, status=status)
