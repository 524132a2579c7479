"""HTTP of practice."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.models import User
from backend.interviews.clock import database_time
from backend.interviews.errors import DraftOutdated, InterviewError
from backend.interviews.models import Confidence, PracticeAnswer
from backend.interviews.practice import selectors, services
from backend.interviews.practice.errors import AlreadyAnswered
from backend.interviews.practice.filters import CATEGORIES, DIFFICULTIES, Filters
from backend.interviews.practice.forms import AnswerForm, DraftForm, KeyForm, RateForm, ticks
from backend.interviews.practice.plots import plot
from backend.interviews.practice.queue import NEW_PER_DAY, standing
from backend.interviews.practice.readiness import FEWEST, LATEST, readiness


def _learner(request: HttpRequest) -> User:
    return cast(User, request.user)


def _answer(request: HttpRequest, pk: UUID) -> PracticeAnswer:
    return get_object_or_404(selectors.answers_visible_to(request.user), pk=pk)


@never_cache
@login_required
@require_safe
def practice(request: HttpRequest) -> HttpResponse:
    """What is due, what is new, and how ready the learner is."""
    learner, filters, now = _learner(request), Filters.read(request.GET), database_time()
    stands = standing(learner, now)
    estimates = readiness(learner, stands.questions, now)
    context = {
        "queue": stands.queue(filters),
        "standing": stands,
        "filters": filters,
        "estimates": estimates,
        "plot": plot(estimates),
        "new_per_day": NEW_PER_DAY,
        "fewest": FEWEST,
        "latest": LATEST,
        **_choices(),
    }
    return render(request, "interviews/practice.html", context)


def _choices() -> dict[str, Any]:
    return {"categories": CATEGORIES, "difficulties": DIFFICULTIES}


@login_required
@require_POST
def practice_start(request: HttpRequest) -> HttpResponse:
    """Begin a question: the one named, or what the queue says comes next."""
    learner, filters = _learner(request), Filters.read(request.POST)
    slug = request.POST.get("question", "")
    if not slug:
        waiting = standing(learner, database_time()).queue(filters)
        more = waiting.unseen[:1] if request.POST.get("more") else []
        first = next(iter([*waiting.today, *more]), None)
        if first is None:
            messages.info(request, "Nothing more is due today.")
            return redirect(reverse("practice") + filters.query)
        slug = first.slug
    try:
        answer = services.begin(learner=learner, question=slug)
    except InterviewError as refusal:
        messages.warning(request, str(refusal))
        return redirect("practice")
    return redirect(answer.get_absolute_url() + filters.query)


@never_cache
@login_required
@require_safe
def practice_answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One question: to be answered, to be rated, or rated."""
    return _page(request, _answer(request, pk), Filters.read(request.GET))


def _page(
    request: HttpRequest,
    answer: PracticeAnswer,
    filters: Filters,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    **more: Any,
) -> HttpResponse:
    category, difficulty = selectors.names(answer.question)
    context: dict[str, Any] = {
        "answer": answer,
        "filters": filters,
        "category": category,
        "difficulty": difficulty,
        "history": [one for one in selectors.history(_learner(request), answer.question) if one.pk != answer.pk],
        "typed": answer.text,
        "window": uuid.uuid4(),
        "seen": answer.draft_revision,
    }
    solution = selectors.solution(answer)
    if solution is None:
        context["confidences"] = Confidence.choices
        return render(request, "interviews/answer.html", context | more, status=status)
    context |= {"solution": solution, "rubric": selectors.rubric(answer, solution)}
    if answer.rated_at is None:
        context["ratings"] = selectors.rating_choices(answer, database_time())
    else:
        context |= {"card": selectors.card_of(answer), "can_undo": selectors.is_last_rating(answer)}
    return render(request, "interviews/compare.html", context | more, status=status)


@never_cache
@login_required
@require_POST
def practice_draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Save what is typed; answers with the line that says so."""
    answer, form = _answer(request, pk), DraftForm(request.POST)
    context: dict[str, Any] = {"answer": answer}
    if not form.is_valid():
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    try:
        context["answer"] = services.save_draft(answer=answer, **form.cleaned_data)
    except AlreadyAnswered:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    except DraftOutdated as refusal:
        context |= {"refusal": str(refusal), "current": refusal.current}
    except InterviewError as refusal:
        context["refusal"] = str(refusal)
    return render(request, "interviews/_saved.html", context)


@never_cache
@login_required
@require_POST
def practice_give(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make the own answer final, then show the model answer."""
    answer, form, filters = _answer(request, pk), AnswerForm(request.POST), Filters.read(request.POST)
    typed = str(request.POST.get("text", "")).replace("\r\n", "\n")
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        return _page(request, answer, filters, status=HTTPStatus.UNPROCESSABLE_ENTITY, problem=problem, typed=typed)
    try:
        services.give_answer(answer=answer, **form.cleaned_data)
    except DraftOutdated as refusal:
        more: dict[str, Any] = {"problem": str(refusal), "typed": typed, "other": answer.text, "seen": refusal.current}
        return _page(request, answer, filters, status=HTTPStatus.CONFLICT, **more)
    except InterviewError as refusal:
        more = {"problem": str(refusal), "typed": typed, "chosen": form.cleaned_data["confidence"]}
        return _page(request, answer, filters, status=HTTPStatus.UNPROCESSABLE_ENTITY, **more)
    return redirect(answer.get_absolute_url() + filters.query)


@never_cache
@login_required
@require_POST
def practice_tick(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Save the ticked points; answers with how many there are."""
    answer = _answer(request, pk)
    try:
        answer = services.tick(answer=answer, ticks=ticks(request))
    except InterviewError:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "interviews/_ticked.html", {"answer": answer, "points": len(answer.revision.rubric)})


@never_cache
@login_required
@require_POST
def practice_rate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Rate the answer; sets when the question comes back."""
    answer, form, filters = _answer(request, pk), RateForm(request.POST), Filters.read(request.POST)
    if not form.is_valid():
        messages.warning(request, "Choose one of the four ratings.")
    else:
        try:
            services.rate(answer=answer, ticks=ticks(request), **form.cleaned_data)
        except InterviewError as refusal:
            messages.warning(request, str(refusal))
    return redirect(answer.get_absolute_url() + filters.query)


@never_cache
@login_required
@require_POST
def practice_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the last rating back."""
    answer, form, filters = _answer(request, pk), KeyForm(request.POST), Filters.read(request.POST)
    if form.is_valid():
        try:
            services.undo(answer=answer, key=form.cleaned_data["key"])
        except InterviewError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, "The rating is taken back. The card is as it was before.")
    return redirect(answer.get_absolute_url() + filters.query)


@never_cache
@login_required
@require_safe
def practice_questions(request: HttpRequest) -> HttpResponse:
    """Every question that practice may ask, and how the learner stands with it."""
    filters = Filters.read(request.GET)
    stands = standing(_learner(request), database_time())
    context = {"queue": stands.queue(filters), "standing": stands, "filters": filters, **_choices()}
    return render(request, "interviews/questions.html", context)


@never_cache
@login_required
@require_safe
def practice_history(request: HttpRequest, slug: str) -> HttpResponse:
    """The learner's answers to one question."""
    question = get_object_or_404(selectors.question_seen_by(request.user), slug=slug)
    category, difficulty = selectors.names(question)
    context = {
        "question": question,
        "category": category,
        "difficulty": difficulty,
        "history": selectors.history(_learner(request), question),
    }
    return render(request, "interviews/history.html", context)
