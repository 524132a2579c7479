"""What learners take out of the site: their files, and comparisons of two attempts."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lab, Status
from backend.labs import selectors
from backend.labs.archives import packed
from backend.labs.forms import typed_texts
from backend.labs.models import Submission


def saved(content: bytes, name: str) -> HttpResponse:
    """An answer that a browser saves under a name, and never shows."""
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _visible_or_404(request: HttpRequest, pk: uuid.UUID) -> Submission:
    return get_object_or_404(selectors.submissions_visible_to(request.user), pk=pk)


@require_POST
@login_required
def lab_download(request: HttpRequest, slug: str) -> HttpResponse:
    """What stands in the editor, given back as a file, or as a zip where the lab has several."""
    try:
        lab = curriculum.lab(slug)
    except Lab.DoesNotExist:
        raise Http404 from None
    if lab.status != Status.READY or not lab.digest:
        raise Http404
    shown = selectors.files_to_edit(lab, selectors.draft_of(request.user, lab), typed_texts(request))
    files = {file.name: file.text.encode("utf-8", "replace") for file in shown}
    if len(files) == 1:
        ((name, content),) = files.items()
        return saved(content, name)
    return saved(packed(files, at=timezone.now()), f"{lab.slug}.zip")


@require_GET
@login_required
def submission_zip(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """All files of a submission, as they were handed in."""
    submission = _visible_or_404(request, pk)
    at = submission.created_at
    return saved(packed(selectors.files_of(submission), at=at), f"{submission.lab.slug}-{at:%Y-%m-%d-%H%M%S}.zip")


@require_GET
@login_required
def submission_sources(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """Name -> text of what was handed in, for the editor to compare with."""
    files = selectors.files_of(_visible_or_404(request, pk))
    return JsonResponse({"files": {name: content.decode("utf-8", "replace") for name, content in files.items()}})


@require_GET
@login_required
def submission_compare(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One attempt beside another of the same learner and lab: `?with=ID`, else the one before."""
    submission = _visible_or_404(request, pk)
    others = selectors.others_of(submission)
    wanted = request.GET.get("with", "")
    other: Submission | None
    if wanted:
        other = _other_or_404(submission, wanted)
    else:
        earlier = [one for one in others if one.created_at < submission.created_at]
        other = next(iter(earlier or others), None)
    context = {
        "submission": submission,
        "lab": submission.lab,
        "other": other,
        "others": others if other is None or other in others else [other, *others],
        "comparison": selectors.compare(submission, other) if other else None,
    }
    return render(request, "labs/compare.html", context)


def _other_or_404(submission: Submission, wanted: str) -> Submission:
    try:
        pk = uuid.UUID(wanted)
    except ValueError:
        raise Http404 from None
    same = Submission.objects.filter(learner_id=submission.learner_id, lab_id=submission.lab_id)
    return get_object_or_404(same.exclude(pk=submission.pk), pk=pk)
