"""Pages of labs and submissions, as learners meet them."""

from __future__ import annotations

import hashlib
import uuid
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags, quote_etag, url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lab, Status
from backend.labs import selectors, services
from backend.labs.forms import DraftForm, SubmitForm, handed_in, typed_texts
from backend.labs.models import Submission
from backend.labs.views.access import lab_or_404, open_lab_or_404, signed_in, visible_or_404


@require_GET
def lab(request: HttpRequest, slug: str) -> HttpResponse:
    """Instructions, editor and results of one lab; what is planned of one that does not exist yet."""
    lab = lab_or_404(slug)
    if lab.status != Status.READY or not lab.digest:
        return render(request, "labs/lab_planned.html", {"lab": lab})
    return _lab_page(request, lab)


def _lab_page(
    request: HttpRequest, lab: Lab, *, problem: str = "", texts: dict[str, str] | None = None, key: str = ""
) -> HttpResponse:
    draft = selectors.draft_of(request.user, lab)
    files = selectors.files_to_edit(lab, draft, texts or {})
    history = selectors.submissions_of(request.user, lab)
    context = {
        "lab": lab,
        "spec": curriculum.lab_bundle(lab.digest).spec,
        "draft": draft,
        "next_revision": draft.revision + 1 if draft else 1,
        "files": files,
        "history": history,
        # The page asks for this part again as soon as there is a verdict; until then the queue is what matters.
        "best": selectors.personal_best(request.user, lab) if history and history[0].verdict else None,
        "idempotency_key": key or uuid.uuid4(),
        "problem": problem,
    }
    if history:
        history[0].lab = lab
        context |= _status(history[0])
    return render(request, "labs/lab.html", context)


@require_POST
@signed_in
def lab_submit(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand in; answers with the status fragment (htmx) or leads to the submission's page."""
    lab, learner = lab_or_404(slug), cast(User, request.user)
    _keep_typed(request, lab, learner)
    form = SubmitForm(request.POST)
    if not form.is_valid():
        return _not_submitted(request, lab, str(form.errors["key"][0]), HTTPStatus.BAD_REQUEST)
    try:
        submission = services.submit(learner=learner, lab=lab, files=handed_in(request), key=form.cleaned_data["key"])
    except services.LabNotOpen:
        raise Http404 from None
    except services.UploadRejected as error:
        return _not_submitted(request, lab, str(error), HTTPStatus.BAD_REQUEST)
    except services.RateLimited as error:
        response = _not_submitted(request, lab, str(error), HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(error.wait_seconds)
        return response
    if "HX-Request" not in request.headers:
        return redirect("submission", pk=submission.pk)
    context = {**_status(submission), "new_key": uuid.uuid4()}
    response = render(request, "labs/_submitted.html", context)
    response["HX-Trigger"] = '{"submission-changed": "", "show-panel": "results"}'
    return response


def _keep_typed(request: HttpRequest, lab: Lab, learner: User) -> None:
    """Without scripts nothing saves what is typed, so the form carries a draft's number."""
    number = DraftForm(request.POST)
    if lab.digest and number.is_valid():
        try:
            services.save_draft(
                learner=learner, lab=lab, files=typed_texts(request), revision=number.cleaned_data["revision"]
            )
        except (services.DraftOutdated, services.UploadRejected):
            return


def _not_submitted(request: HttpRequest, lab: Lab, problem: str, status: HTTPStatus) -> HttpResponse:
    if lab.status != Status.READY or not lab.digest:
        raise Http404
    if "HX-Request" in request.headers:
        # htmx shows the text of successful answers only, so the status says that the answer is to be shown.
        return render(request, "labs/_not_submitted.html", {"problem": problem, "refused_with": status.value})
    key = str(request.POST.get("key", ""))[:36]
    response = _lab_page(request, lab, problem=problem, texts=typed_texts(request), key=key)
    response.status_code = status
    return response


@require_POST
@signed_in
def lab_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Save what is typed. Scripts get JSON; a form is led back to the lab."""
    lab, learner, form = open_lab_or_404(slug), cast(User, request.user), DraftForm(request.POST)
    by_form = "text/html" in request.headers.get("Accept", "")
    if not form.is_valid():
        return JsonResponse({"message": "revision must be a positive number"}, status=HTTPStatus.BAD_REQUEST)
    try:
        draft = services.save_draft(
            learner=learner, lab=lab, files=typed_texts(request), revision=form.cleaned_data["revision"]
        )
    except services.DraftOutdated as error:
        if by_form:
            return _not_submitted(request, lab, str(error), HTTPStatus.CONFLICT)
        return JsonResponse({"revision": error.current, "message": str(error)}, status=HTTPStatus.CONFLICT)
    except services.UploadRejected as error:
        if by_form:
            return _not_submitted(request, lab, str(error), HTTPStatus.BAD_REQUEST)
        return JsonResponse({"message": str(error)}, status=HTTPStatus.BAD_REQUEST)
    if by_form:
        return redirect("lab", slug=lab.slug)
    return JsonResponse({"revision": draft.revision, "saved_at": draft.saved_at.isoformat()})


@require_POST
@signed_in
def lab_reset(request: HttpRequest, slug: str) -> HttpResponse:
    """Go back to the starter."""
    lab = open_lab_or_404(slug)
    services.reset_draft(learner=cast(User, request.user), lab=lab)
    return redirect("lab", slug=lab.slug)


@require_GET
@signed_in
def lab_history(request: HttpRequest, slug: str) -> HttpResponse:
    """The table of the learner's submissions, for the lab page to renew."""
    lab = lab_or_404(slug)
    context = {
        "lab": lab,
        "history": selectors.submissions_of(request.user, lab),
        "best": selectors.personal_best(request.user, lab),
    }
    return render(request, "labs/_history.html", context)


def _status(submission: Submission) -> dict[str, Any]:
    """What the status fragment shows."""
    attempt = selectors.latest_attempt(submission)
    return {
        "submission": submission,
        "live": selectors.live_state(submission, attempt),
        "view": selectors.report_for(submission),
    }


@require_GET
@signed_in
def submission(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One submission: its state, its report and its files."""
    submission = visible_or_404(request, pk)
    before, after = selectors.neighbours(submission)
    files = [
        {"name": name, "lines": selectors.listed(name, content), "size": len(content)}
        for name, content in selectors.files_of(submission).items()
    ]
    context = {
        **_status(submission),
        "lab": submission.lab,
        "files": files,
        "before": before,
        "after": after,
        "changes": selectors.changes_of(submission),
    }
    return render(request, "labs/submission.html", context)


@require_POST
@signed_in
def submission_again(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Have files judged again whose verdict was taken over; asked twice, it happens once."""
    submission = visible_or_404(request, pk)
    if submission.learner_id != request.user.pk:
        raise Http404
    try:
        services.grade_again(submission, by=request.user)
    except services.BusyWithRegrade as refusal:
        messages.info(request, str(refusal))
    except services.NothingToGrade:
        pass  # the page says how far it is
    return redirect(submission)


@require_POST
@signed_in
def notice_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a notice away; leads back to where it was read."""
    services.mark_read(learner=cast(User, request.user), notice_id=pk)
    back = urlsplit(request.headers.get("Referer", "")).path
    return redirect(back if url_has_allowed_host_and_scheme(back, None) else "home")


@require_GET
@signed_in
def submission_status(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The part of a page that follows a submission; 304 while nothing has changed."""
    submission = visible_or_404(request, pk)
    attempt = selectors.latest_attempt(submission)
    version = selectors.version_of(submission, attempt)
    etag = quote_etag(hashlib.sha256(version.encode()).hexdigest()[:32])
    response: HttpResponseBase
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        response = render(request, "labs/_status.html", _status(submission))
        if selectors.is_settled(submission, attempt):
            response["HX-Trigger"] = "submission-changed"
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response
