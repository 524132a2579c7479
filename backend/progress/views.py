"""Home, catalogue, tracks, modules, lessons and the dashboard."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lesson, Module, Track
from backend.interviews.practice.selectors import due_now
from backend.labs import selectors as labs
from backend.progress import selectors, services
from backend.progress.models import Plan
from backend.progress.plans.services import follow
from backend.progress.plans.views import overview
from backend.quizzes import selectors as quizzes


def _learner(request: HttpRequest) -> User:
    """The signed-in person; only behind `login_required`."""
    return cast(User, request.user)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, for strangers; what to do next, for learners."""
    if not request.user.is_authenticated:
        context = {"cards": selectors.track_cards(), "modules": curriculum.modules()}
        return render(request, "progress/welcome.html", context)
    learner = _learner(request)
    enrolment = selectors.current_enrolment(learner)
    if enrolment is None:
        return render(request, "progress/choose_track.html", {"cards": selectors.track_cards()})
    progress = selectors.track_progress(learner, enrolment.track)
    context = {
        "progress": progress,
        "step": selectors.next_step_in(learner, progress),
        "interview_questions_due": due_now(learner),
        "submissions": selectors.recent_submissions(learner),
    }
    return render(request, "progress/home.html", context)


@require_safe
def tracks(request: HttpRequest) -> HttpResponse:
    """The four tracks side by side."""
    enrolment = selectors.current_enrolment(request.user) if isinstance(request.user, User) else None
    return render(request, "progress/tracks.html", {"cards": selectors.track_cards(), "enrolment": enrolment})


@require_safe
def track(request: HttpRequest, slug: str) -> HttpResponse:
    """What a track includes and skips, and the reader's progress on it."""
    chosen = get_object_or_404(Track, slug=slug, retired=False)
    enrolment = progress = None
    if isinstance(request.user, User):
        enrolment = selectors.current_enrolment(request.user)
        progress = selectors.track_progress(request.user, chosen)
    context = {
        "track": chosen,
        "enrolment": enrolment,
        "progress": progress,
        "structure": selectors.track_structure(chosen),
    }
    return render(request, "progress/track.html", context)


@login_required
@require_POST
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a track the current one."""
    chosen = get_object_or_404(Track, slug=slug, retired=False)
    learner = _learner(request)
    services.enrol(learner=learner, track=chosen)
    planned = follow(learner, chosen, now=timezone.now())
    also = " Your plan follows it from today on." if planned else ""
    messages.success(
        request, f"Your track is now {chosen.title}. You can change it at any time and lose nothing.{also}"
    )
    return redirect("home" if Plan.objects.filter(learner=learner).exists() else "plan_edit")


@require_safe
def modules(request: HttpRequest) -> HttpResponse:
    """The nine modules as a map."""
    enrolment = selectors.current_enrolment(request.user) if isinstance(request.user, User) else None
    progress = selectors.track_progress(cast(User, request.user), enrolment.track) if enrolment else None
    by_module = {item.module.pk: item for item in progress.modules} if progress else {}
    rows = [(module, by_module.get(module.pk)) for module in curriculum.modules()]
    return render(request, "progress/modules.html", {"rows": rows, "enrolment": enrolment})


@require_safe
def module(request: HttpRequest, slug: str) -> HttpResponse:
    """One module: outcomes, everything in it with its state, quiz, self-assessment, mini-project."""
    try:
        page = selectors.module_page(request.user, slug)
    except Module.DoesNotExist as error:
        raise Http404 from error
    return render(request, "progress/module.html", {"page": page, "module": page.contents.module})


@require_safe
def lesson(request: HttpRequest, slug: str) -> HttpResponse:
    """A lesson or tutorial to read."""
    page = _lesson_page(request, slug)
    if isinstance(request.user, User):
        services.open_lesson(learner=request.user, lesson=page.lesson, last=page.visit)
    return render(request, "progress/lesson.html", {"page": page, "lesson": page.lesson})


@login_required
@require_POST
def lesson_done(request: HttpRequest, slug: str) -> HttpResponse:
    """Mark a lesson done."""
    page = _lesson_page(request, slug)
    try:
        services.mark_done(learner=_learner(request), lesson=page.lesson)
    except services.NotPublished:
        messages.error(request, "This piece is not published yet, so it cannot be marked done.")
    return _after_marking(request, slug)


@login_required
@require_POST
def lesson_undone(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the mark back."""
    services.take_back(learner=_learner(request), lesson=_lesson_page(request, slug).lesson)
    return _after_marking(request, slug)


@login_required
@require_POST
def lesson_position(request: HttpRequest, slug: str) -> HttpResponse:
    """Remember the heading that is in view."""
    found = get_object_or_404(Lesson.objects.only("id"), slug=slug, retired=False)
    services.remember_place(learner=_learner(request), lesson=found, heading=request.POST.get("heading", ""))
    return HttpResponse(status=204)


@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Progress on the current track, module by module."""
    learner = _learner(request)
    enrolment = selectors.current_enrolment(learner)
    if enrolment is None:
        return render(request, "progress/choose_track.html", {"cards": selectors.track_cards()})
    progress = selectors.track_progress(learner, enrolment.track)
    context = {
        "progress": progress,
        "enrolment": enrolment,
        "step": selectors.next_step_in(learner, progress),
        "interview_questions_due": due_now(learner),
        "submissions": selectors.recent_submissions(learner),
        "lab_notices": labs.unread_notices(learner),
        "quiz_notices": quizzes.unread_notices(learner),
        **overview(learner, now=timezone.now()),
    }
    return render(request, "progress/dashboard.html", context)


def _lesson_page(request: HttpRequest, slug: str) -> selectors.LessonPage:
    try:
        return selectors.lesson_page(request.user, slug)
    except Lesson.DoesNotExist as error:
        raise Http404 from error


def _after_marking(request: HttpRequest, slug: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return redirect("lesson", slug)
    page = _lesson_page(request, slug)
    return render(request, "progress/_completion.html", {"page": page, "lesson": page.lesson})
