"""HTTP of mock interviews, for reviewers. For everybody else these pages do not exist."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from backend.interviews.access import person, reviewers_only
from backend.interviews.errors import InterviewError
from backend.interviews.mock import selectors, services
from backend.interviews.mock.errors import AlreadyScored
from backend.interviews.mock.views import posted_scores, rows


@reviewers_only
@require_safe
def mock_queue(request: HttpRequest) -> HttpResponse:
    """Interviews that wait for a reviewer's score."""
    return render(request, "interviews/mock_queue.html", {"waiting": selectors.review_queue(person(request))})


@reviewers_only
@require_http_methods(["GET", "HEAD", "POST"])
def mock_review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """An interview beside its sheet; score it once."""
    session = get_object_or_404(selectors.sessions_for(request.user), pk=pk)
    levels, reasons = posted_scores(request)
    problem = ""
    if request.method == "POST":
        try:
            services.review(session=session, by=person(request), levels=levels, reasons=reasons)
        except AlreadyScored as refusal:
            messages.warning(request, str(refusal))
            return redirect("mock_review", session.pk)
        except InterviewError as refusal:
            problem = str(refusal)
        else:
            messages.success(request, "Your score is recorded; the learner sees it now.")
            return redirect("mock_queue")
    context = {
        "result": selectors.result(session),
        "problem": problem,
        "rows": rows(session, levels, reasons),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "interviews/mock_review.html", context, status=status)
