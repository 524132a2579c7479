"""What reviewers see and decide. For everybody else these pages do not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.models import User
from backend.certification import selectors, services
from backend.certification.errors import CertificationError
from backend.certification.forms import JudgementForm, ReturnForm, RevocationForm
from backend.certification.models import CertificationRequest, Evidence
from backend.certification.rules import criteria
from backend.certification.standing import since_request

P = ParamSpec("P")


def reviewers_only(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A 404 for signed-in people who do not review; sign-in for everybody else."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not _reviewer(request).can_review:
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))


def _reviewer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@reviewers_only
@require_safe
def review_queue(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first."""
    kind, track = request.GET.get("kind", ""), request.GET.get("track", "")
    queue = selectors.review_queue(_reviewer(request), kind=kind, track=track)
    return render(request, "certification/queue.html", {"queue": queue})


@reviewers_only
@require_http_methods(["GET", "HEAD", "POST"])
def review_evidence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Evidence beside what its criterion demands; met or not met."""
    evidence = get_object_or_404(selectors.evidence_for(request.user), pk=pk)
    form = JudgementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.judge_evidence(
                evidence=evidence,
                by=_reviewer(request),
                met=form.cleaned_data["decision"] == "met",
                comment=form.cleaned_data["comment"],
            )
        except CertificationError as refusal:
            messages.error(request, str(refusal))
            return redirect(evidence)
        messages.success(request, "Your judgement is recorded.")
        return redirect("review_queue")
    context = {
        "evidence": evidence,
        "criterion": criteria().criterion(evidence.criterion),
        "waiting": evidence.state == Evidence.State.WAITING,
        "earlier": selectors.earlier_evidence(evidence),
        "form": form,
    }
    return render(request, "certification/review_evidence.html", context, status=_status(request))


@reviewers_only
@require_http_methods(["GET", "HEAD", "POST"])
def review_request(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The dossier of a request; grant, return, or later revoke."""
    asked = get_object_or_404(selectors.requests_for(request.user), pk=pk)
    forms: dict[str, Form] = {"return": ReturnForm(), "revoke": RevocationForm()}
    if request.method == "POST":
        action = request.POST.get("action", "")
        if action in forms:
            forms[action] = type(forms[action])(request.POST)
        if action == "grant" or (action in forms and forms[action].is_valid()):
            try:
                messages.success(request, _decide(action, asked, _reviewer(request), forms, _read_to(request)))
            except CertificationError as refusal:
                messages.error(request, str(refusal))
            return redirect(asked)
    context = {
        "asked": asked,
        "certificate": getattr(asked, "certificate", None),
        "open": asked.state == CertificationRequest.State.OPEN,
        "since": since_request(asked),
        "earlier": selectors.earlier_requests(asked),
        "return_form": forms["return"],
        "revocation_form": forms["revoke"],
    }
    return render(request, "certification/review_request.html", context, status=_status(request))


def _decide(action: str, asked: CertificationRequest, by: User, forms: dict[str, Form], read_to: int) -> str:
    """Do what the pressed button says; what to tell the reviewer."""
    if action == "grant":
        services.grant(request=asked, by=by, read_to=read_to)
        return "The certificate is granted."
    if action == "return":
        services.return_request(request=asked, by=by, reason=forms["return"].cleaned_data["reason"])
        return "The request is returned with your reason."
    reason = forms["revoke"].cleaned_data["revocation_reason"]
    certificate = getattr(asked, "certificate", None)
    if certificate is None:
        raise Http404
    services.revoke(certificate=certificate, by=by, reason=reason)
    return "The certificate is revoked; its page says since when."


def _read_to(request: HttpRequest) -> int:
    """Up to which change of a result the page had told the reviewer."""
    given = request.POST.get("read_to", "")
    return int(given) if given.isdecimal() and len(given) < 19 else 0


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200
