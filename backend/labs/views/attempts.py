"""What learners take out of the site: their files, and comparisons of two attempts."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from backend.labs import selectors
from backend.labs.archives import packed
from backend.labs.forms import typed_texts
from backend.labs.models import Submission
from backend.labs.views.access import open_lab_or_404, signed_in, visible_or_404


def _saved(content: bytes, name: str) -> HttpResponse:
    """An answer that a browser saves under a name, and never shows."""
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_POST
@signed_in
def lab_download(request: HttpRequest, slug: str) -> HttpResponse:
    """What stands in the editor, given back as a file, or as a zip where the lab has several."""
    lab = open_lab_or_404(slug)
    shown = selectors.files_to_edit(lab, selectors.draft_of(request.user, lab), typed_texts(request))
    files = {file.name: file.text.encode("utf-8", "replace") for file in shown}
    if len(files) == 1:
        ((name, content),) = files.items()
        return _saved(content, name)
    return _saved(packed(files, at=timezone.now()), f"{lab.slug}.zip")


@require_GET
@signed_in
def submission_file(request: HttpRequest, pk: uuid.UUID, name: str) -> HttpResponse:
    """One file as it was handed in. Never shown by the browser, always saved."""
    files = selectors.files_of(visible_or_404(request, pk))
    if name not in files:
        raise Http404
    return _saved(files[name], name)


@require_GET
@signed_in
def submission_zip(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """All files of a submission, as they were handed in."""
    submission = visible_or_404(request, pk)
    at = submission.created_at
    return _saved(packed(selectors.files_of(submission), at=at), f"{submission.lab.slug}-{at:%Y-%m-%d-%H%M%S}.zip")


@require_GET
@signed_in
def submission_sources(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """Name -> text of what was handed in, for the editor to compare with."""
    files = selectors.files_of(visible_or_404(request, pk))
    return JsonResponse({"files": {name: content.decode("utf-8", "replace") for name, content in files.items()}})


@require_GET
@signed_in
def submission_compare(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One attempt beside another of the same learner and lab: `?with=ID`, else the one before."""
    submission = visible_or_404(request, pk)
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
