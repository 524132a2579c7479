"""What is due, what is new, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.html import strip_tags
from django.utils.text import Truncator

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.interviews.models import PracticeAnswer, PracticeCard
from backend.interviews.practice.filters import CATEGORIES, DIFFICULTIES, Filters
from backend.interviews.practice.memory import Memory

NEW_PER_DAY = 5
"""Questions that a day brings for the first time; the learner can ask for more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that practice may ask, and how the learner stands with it."""

    id: int
    slug: str
    category: str
    difficulty: int
    module: str
    module_title: str
    lesson_title: str
    opening: str
    """How the question begins."""
    memory: Memory | None
    """None: never rated."""
    begun: bool
    """An answer is open: not given, or not rated."""

    @property
    def category_name(self) -> str:
        """For people."""
        return CATEGORIES.get(self.category, self.category)

    @property
    def difficulty_name(self) -> str:
        """For people."""
        return DIFFICULTIES.get(self.difficulty, str(self.difficulty))


@dataclass(frozen=True, slots=True)
class Queue:
    """Today's questions under a choice."""

    all: Sequence[Asked]
    """Everything chosen, in the order of the modules."""
    due: Sequence[Asked]
    """Seen before and due now, the longest due first."""
    new: Sequence[Asked]
    """Begun, or never seen and within today's number of new ones."""
    unseen: Sequence[Asked]
    """Neither rated nor begun, whatever the number."""
    next_due: datetime | None
    """When the next one after now comes back."""

    @property
    def today(self) -> list[Asked]:
        """In the order they are asked."""
        return [*self.due, *self.new]

    @property
    def first(self) -> Asked | None:
        """What is asked next."""
        return next(iter(self.today), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """All questions of practice at one moment, and how the learner stands with them."""

    questions: Sequence[Asked]
    now: datetime
    new_left: int
    """How many more new questions today brings."""

    @property
    def modules(self) -> list[tuple[str, str]]:
        """Modules that have questions: slug, title."""
        return list({one.module: one.module_title for one in self.questions}.items())

    def queue(self, filters: Filters) -> Queue:
        """What of it a choice leaves."""
        chosen = [
            one
            for one in self.questions
            if filters.fits(category=one.category, module=one.module, difficulty=one.difficulty)
        ]
        due = [(one.memory.due, one) for one in chosen if one.memory is not None and one.memory.due <= self.now]
        later = [one.memory.due for one in chosen if one.memory is not None and one.memory.due > self.now]
        begun = [one for one in chosen if one.begun and (one.memory is None or one.memory.due > self.now)]
        unseen = [one for one in chosen if one.memory is None and not one.begun]
        return Queue(
            all=chosen,
            due=[one for _, one in sorted(due, key=lambda pair: pair[0])],
            new=[*begun, *unseen[: self.new_left]],
            unseen=unseen,
            next_due=min(later, default=None),
        )


def standing(learner: User, now: datetime) -> Standing:
    """The learner's questions. Three queries, whatever there is."""
    rows = list(
        curriculum.open_questions().values(
            *("pk", "slug", "category", "difficulty", "module__slug", "module__number", "module__title"),
            *("lesson__title", "open__prompt_html"),
        )
    )
    cards = {card.question_id: Memory.of(card) for card in PracticeCard.objects.filter(learner=learner)}
    begun = set(
        PracticeAnswer.objects.filter(learner=learner, rated_at__isnull=True).values_list("question_id", flat=True)
    )
    today = now.astimezone(UTC).date()
    used = sum(memory.first_review.astimezone(UTC).date() == today for memory in cards.values())
    return Standing(
        questions=[
            Asked(
                id=row["pk"],
                slug=row["slug"],
                category=row["category"],
                difficulty=row["difficulty"],
                module=row["module__slug"],
                module_title=f"{row['module__number']}. {row['module__title']}",
                lesson_title=row["lesson__title"] or "",
                opening=opening(row["open__prompt_html"]),
                memory=cards.get(row["pk"]),
                begun=row["pk"] in begun,
            )
            for row in rows
        ],
        now=now,
        new_left=max(0, NEW_PER_DAY - used - len(begun - cards.keys())),
    )


def opening(prompt_html: str) -> str:
    """How a question begins, as text."""
    return Truncator(" ".join(strip_tags(prompt_html).split())).words(18)
