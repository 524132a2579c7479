"""HTTP of mock interviews, for the learner."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from backend.interviews.access import learners_only, person
from backend.interviews.clock import database_time
from backend.interviews.errors import DraftOutdated, InterviewError
from backend.interviews.mock import selectors, services
from backend.interviews.mock.errors import AlreadyScored, NotYet, Over
from backend.interviews.mock.scripts import scripts
from backend.interviews.models import MockNote, MockSession
from backend.interviews.practice.forms import DraftForm


def _session(request: HttpRequest, pk: UUID) -> MockSession:
    return get_object_or_404(selectors.sessions_visible_to(request.user), pk=pk)


def _number(given: str | None) -> int:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 4 else -1


@learners_only
@require_safe
def mocks(request: HttpRequest) -> HttpResponse:
    """The scripts, and what became of those that were used."""
    learner = person(request)
    services.settle(learner)
    past = selectors.past(learner)
    context = {
        "scripts": scripts().values(),
        "running": next((session for session in past if session.finished_at is None), None),
        "past": [session for session in past if session.finished_at is not None],
        "again_days": services.AGAIN_AFTER.days,
    }
    return render(request, "interviews/mocks.html", context)


@learners_only
@require_safe
def mock_script(request: HttpRequest, slug: str) -> HttpResponse:
    """What an interview asks of one, before its clock runs."""
    script = scripts().get(slug)
    if script is None:
        raise Http404
    services.settle(person(request))
    return render(request, "interviews/mock_script.html", {"script": script, "again_days": services.AGAIN_AFTER.days})


@learners_only
@require_POST
def mock_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin, or go on with the one that runs."""
    try:
        session = services.start(learner=person(request), script=slug)
    except InterviewError as refusal:
        messages.warning(request, str(refusal))
        return redirect("mocks")
    if session.slug != slug:
        messages.info(request, "This interview still runs. Another can be begun when it is over.")
    return redirect(session)


@learners_only
@require_safe
def mock_session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The interview while it runs; its scores when it is over."""
    session = _session(request, pk)
    moment = selectors.moment(session, database_time())
    if moment.over:
        return _result(request, session)
    return render(request, "interviews/mock_session.html", {"moment": moment, "window": uuid.uuid4()})


def _result(
    request: HttpRequest, session: MockSession, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    levels, reasons = posted_scores(request)
    context = {"result": selectors.result(session), "problem": problem, "rows": rows(session, levels, reasons)}
    return render(request, "interviews/mock_result.html", context, status=status)


@learners_only
@require_safe
def mock_moment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What changed since the page was loaded: time, turns, hints, and phases that began."""
    session = _session(request, pk)
    moment = selectors.moment(session, database_time())
    if moment.over:
        return HttpResponse(headers={"HX-Refresh": "true"})
    shown = _number(request.GET.get("shown"))
    new = [phase for phase in moment.phases if phase.number >= max(shown, 0)]
    known = [phase for phase in moment.phases if phase.number < shown]
    context = {"moment": moment, "new": new, "known": known, "window": uuid.uuid4()}
    return render(request, "interviews/_mock_moment_changed.html", context)


@learners_only
@require_POST
def mock_note(request: HttpRequest, pk: UUID, phase: str, part: str) -> HttpResponse:
    """Save what is written; answers with the line that says so, or leads back."""
    session, form = _session(request, pk), DraftForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    context: dict[str, Any] = {"session": session, "phase_id": phase, "note": MockNote(part=part)}
    try:
        context["note"] = services.save_note(session=session, phase=phase, part=part, **form.cleaned_data)
    except DraftOutdated as refusal:
        context |= {"refusal": str(refusal), "current": refusal.current}
    except Over:
        return HttpResponse(headers={"HX-Refresh": "true"}) if _by_script(request) else redirect(session)
    except InterviewError as refusal:
        context["refusal"] = str(refusal)
    if not _by_script(request):
        if "refusal" in context:
            messages.warning(request, context["refusal"])
        return redirect(session)
    return render(request, "interviews/_mock_saved.html", context)


def _by_script(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


@learners_only
@require_POST
def mock_move_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Leave the current phase early."""
    number = _number(request.POST.get("number"))
    return _done(request, pk, lambda session: services.move_on(session=session, number=number))


@learners_only
@require_POST
def mock_hint(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a hint."""
    phase, number = request.POST.get("phase", ""), _number(request.POST.get("number"))
    return _done(request, pk, lambda session: services.take_hint(session=session, phase=phase, number=number))


@learners_only
@require_POST
def mock_finish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End the interview before its time."""
    return _done(request, pk, lambda session: services.finish(session=session))


def _done(request: HttpRequest, pk: UUID, act: Callable[[MockSession], object]) -> HttpResponse:
    session = _session(request, pk)
    try:
        act(session)
    except InterviewError as refusal:
        messages.warning(request, str(refusal))
    return redirect(session)


@learners_only
@require_POST
def mock_score(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Score one's own interview."""
    session = _session(request, pk)
    levels, reasons = posted_scores(request)
    try:
        services.score_self(session=session, levels=levels, reasons=reasons)
    except (NotYet, AlreadyScored) as refusal:
        messages.warning(request, str(refusal))
        return redirect(session)
    except InterviewError as refusal:
        return _result(request, session, problem=str(refusal), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, "Your score is recorded. A reviewer gives the second one.")
    return redirect(session)


def rows(
    session: MockSession, levels: Mapping[str, str], reasons: Mapping[str, str]
) -> list[tuple[Mapping[str, Any], str, str]]:
    """The rubric as a form: criterion, chosen level, reason."""
    return [
        (criterion, levels.get(criterion["id"], ""), reasons.get(criterion["id"], ""))
        for criterion in session.script["rubric"]
    ]


def posted_scores(request: HttpRequest) -> tuple[dict[str, str], dict[str, str]]:
    """Level and reason by criterion, as the form has them."""
    fields = {name: str(value) for name, value in request.POST.items()}
    return (
        {name.removeprefix("level-"): value for name, value in fields.items() if name.startswith("level-")},
        {name.removeprefix("reason-"): value for name, value in fields.items() if name.startswith("reason-")},
    )
