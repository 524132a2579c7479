"""What to do next, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from backend.accounts.models import User
from backend.curriculum.models import Lesson, Status
from backend.progress.models import Completion, Visit
from backend.progress.selectors.track import ModuleProgress, TrackProgress, current_enrolment, track_progress

QUIZ_MINUTES = 20


@dataclass(frozen=True)
class NextStep:
    """One thing to do.

    Attributes:
        verb: what the button says.
        minutes: about how long it takes; 0 when unknown.
        reason: why this and not something else.
    """

    title: str
    url: str
    verb: str
    minutes: int
    reason: str


def next_step(learner: User) -> NextStep | None:
    """The next step on the current track; None without a track or when nothing published is left."""
    enrolment = current_enrolment(learner)
    return next_step_in(learner, track_progress(learner, enrolment.track)) if enrolment else None


def next_step_in(learner: User, progress: TrackProgress) -> NextStep | None:
    """The next step, given progress that was read already."""
    return _interrupted(learner) or next(_open_steps(progress), None)


def _interrupted(learner: User) -> NextStep | None:
    visit = (
        Visit.objects.filter(learner=learner, lesson__status=Status.READY, lesson__retired=False)
        .exclude(lesson__in=Completion.objects.filter(learner=learner).values("lesson"))
        .select_related("lesson")
        .defer("lesson__body_html")
        .order_by("-at")
        .first()
    )
    if visit is None:
        return None
    fragment = f"#{visit.heading}" if visit.heading else ""
    return NextStep(
        title=str(visit.lesson),
        url=visit.lesson.get_absolute_url() + fragment,
        verb="Continue",
        minutes=visit.lesson.minutes,
        reason="You were here last and have not marked it done.",
    )


def _open_steps(progress: TrackProgress) -> Iterator[NextStep]:
    for module in progress.modules:
        yield from _open_lessons(module)
        yield from _open_labs(module)
        yield from _open_quiz(module)


def _open_lessons(module: ModuleProgress) -> Iterator[NextStep]:
    for item in module.lessons:
        if item.published and not item.done:
            kind = "tutorial" if item.lesson.kind == Lesson.Kind.TUTORIAL else "lesson"
            yield NextStep(
                title=str(item.lesson),
                url=item.lesson.get_absolute_url(),
                verb=f"Read the {kind}",
                minutes=item.lesson.minutes,
                reason=f"The next {kind} of {module.module.title} that you have not marked done.",
            )


def _open_labs(module: ModuleProgress) -> Iterator[NextStep]:
    for item in module.labs:
        if item.published and not item.accepted:
            started = item.result is not None
            yield NextStep(
                title=f"Lab {item.lab}",
                url=item.lab.get_absolute_url(),
                verb="Go on with the lab" if started else "Start the lab",
                minutes=item.lab.minutes,
                reason="Your submissions so far were not accepted."
                if started
                else f"You have read what is published of {module.module.title}; now build with it.",
            )


def _open_quiz(module: ModuleProgress) -> Iterator[NextStep]:
    if module.quiz_required and module.quiz_available and not module.quiz_passed:
        yield NextStep(
            title=f"Quiz: {module.module.title}",
            url=reverse("quiz", args=[module.module.slug]),
            verb="Take the quiz",
            minutes=QUIZ_MINUTES,
            reason="Lessons and labs are done; the quiz shows what stayed.",
        )
