"""A learner's way to a certificate."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import User
from backend.certification import selectors, services
from backend.certification.assessment import assess
from backend.certification.errors import CertificationError
from backend.certification.forms import EvidenceForm
from backend.curriculum.models import Track
from backend.progress.selectors import current_enrolment


def _learner(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _track(request: HttpRequest) -> Track:
    """The track that everything here is about."""
    enrolment = current_enrolment(_learner(request))
    if enrolment is None:
        raise Http404
    return enrolment.track


@login_required
@require_safe
def certification(request: HttpRequest) -> HttpResponse:
    """Each criterion, met or not, and the state of what was asked for."""
    page = selectors.certification_page(_learner(request), timezone.now())
    return render(request, "certification/certification.html", {"page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def evidence_submit(request: HttpRequest, criterion: str) -> HttpResponse:
    """Put evidence forward for one criterion, beside everything put forward before."""
    learner, track = _learner(request), _track(request)
    finding = assess(learner, track, timezone.now()).finding(criterion)
    if finding is None or not finding.criterion.by_reviewer:
        raise Http404
    form = EvidenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.put_forward_evidence(learner=learner, track=track, criterion=criterion, **form.cleaned_data)
        except CertificationError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Your evidence is with the reviewers.")
            return redirect("certification")
    status = 422 if request.method == "POST" else 200
    context = {"finding": finding, "form": form, "track": track}
    return render(request, "certification/evidence.html", context, status=status)


@login_required
@require_POST
def certification_request(request: HttpRequest) -> HttpResponse:
    """Ask for the certificate of the current track."""
    try:
        services.request_certificate(learner=_learner(request), track=_track(request))
    except CertificationError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Your request is with the reviewers.")
    return redirect("certification")


@login_required
@require_POST
def request_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an open request back."""
    own = get_object_or_404(selectors.requests_of(request.user), pk=pk)
    try:
        services.withdraw(request=own, by=_learner(request))
    except CertificationError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Your request is withdrawn. You can ask again at any time.")
    return redirect("certification")
