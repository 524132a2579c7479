"""Writes rows where they differ from the tables. What is gone is retired; nothing a learner did is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from django.db import models

from backend.curriculum.loading import library_storing
from backend.curriculum.loading.question_rows import QuestionContent
from backend.curriculum.loading.rows import ModuleRows, Rows, TrackModuleRows, Values
from backend.curriculum.models import (
    Example,
    Figure,
    Lab,
    LabRevision,
    Lesson,
    Module,
    OpenQuestionRevision,
    Question,
    QuestionRevision,
    Section,
    Track,
    TrackModule,
)
from grader.lab import pack

Row = TypeVar("Row", bound=models.Model)
Key = TypeVar("Key", bound=Hashable)


@dataclass
class Changes:
    """How many rows were added, changed, retired, brought back or removed, by kind."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note(self, model: type[models.Model], what: str) -> None:
        """Count one row."""
        self.counts[(str(model._meta.verbose_name), what)] += 1

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __str__(self) -> str:
        kinds: dict[str, list[str]] = {}
        for (kind, what), count in self.counts.items():
            kinds.setdefault(kind, []).append(f"{count} {what}")
        return "; ".join(f"{kind}: {', '.join(parts)}" for kind, parts in kinds.items())


def store(rows: Rows) -> Changes:
    """Bring the tables to `rows`. Must run inside a transaction."""
    return _Store().store(rows)


class _Store:
    def __init__(self) -> None:
        self.changes = Changes()

    def store(self, rows: Rows) -> Changes:
        modules = self._sync(
            Module,
            {row.slug: row for row in Module.objects.all()},
            {slug: {"slug": slug, "retired": False, **module.values} for slug, module in rows.modules.items()},
        )
        lessons = self._lessons(rows.modules, modules)
        labs = self._labs(rows.modules, modules)
        self._files(Example, {slug: module.examples for slug, module in rows.modules.items()}, modules)
        self._files(Figure, {slug: module.figures for slug, module in rows.modules.items()}, modules)
        self._questions(rows.modules, modules, lessons)
        self._tracks(rows, modules, lessons, labs)
        library_storing.store(rows.library, lessons, self._sync)
        return self.changes

    def _sync(self, model: type[Row], existing: Mapping[Key, Row], wanted: Mapping[Key, Values]) -> dict[Key, Row]:
        """Rows for `wanted`. Others are retired where the model can be, otherwise deleted."""
        self._retire(model, {key: row for key, row in existing.items() if key not in wanted})
        found: dict[Key, Row] = {}
        new: list[tuple[Key, Row]] = []
        for key, values in wanted.items():
            row = existing.get(key)
            if row is None:
                new.append((key, model(**values)))
                continue
            found[key] = row
            changed = [name for name, value in values.items() if getattr(row, name) != value]
            if changed:
                self.changes.note(model, "brought back" if "retired" in changed else "changed")
                for name in changed:
                    setattr(row, name, values[name])
                row.save(update_fields=changed)
        manager: models.Manager[Row] = model._default_manager
        for (key, _), row in zip(new, manager.bulk_create([row for _, row in new]), strict=True):
            self.changes.note(model, "added")
            found[key] = row
        return found

    def _retire(self, model: type[Row], gone: Mapping[Any, Row]) -> None:
        can_retire = any(column.name == "retired" for column in model._meta.get_fields())
        for row in gone.values():
            if not can_retire:
                row.delete()
                self.changes.note(model, "removed")
            elif not getattr(row, "retired", False):
                setattr(row, "retired", True)  # noqa: B010 - the type does not know which models have it
                row.save(update_fields=["retired"])
                self.changes.note(model, "retired")

    def _lessons(self, content: dict[str, ModuleRows], modules: dict[str, Module]) -> dict[str, Lesson]:
        existing = {(row.module_id, row.position): row for row in Section.objects.all()}
        wanted = {
            (modules[slug].pk, position): {"module_id": modules[slug].pk, "position": position, "title": title}
            for slug, module in content.items()
            for position, title in enumerate(module.sections, start=1)
        }
        # Sections that are gone go last: lessons must have left them before.
        sections = self._sync(Section, {key: row for key, row in existing.items() if key in wanted}, wanted)
        lessons = self._sync(
            Lesson,
            {row.slug: row for row in Lesson.objects.all()},
            {
                slug: {
                    **values,
                    "slug": slug,
                    "module_id": modules[module_slug].pk,
                    "section_id": sections[(modules[module_slug].pk, section)].pk if section is not None else None,
                    "retired": False,
                }
                for module_slug, module in content.items()
                for slug, (values, section) in module.lessons.items()
            },
        )
        self._retire(Section, {key: row for key, row in existing.items() if key not in wanted})
        return lessons

    def _labs(self, content: dict[str, ModuleRows], modules: dict[str, Module]) -> dict[str, Lab]:
        labs = self._sync(
            Lab,
            {row.slug: row for row in Lab.objects.all()},
            {
                slug: {**values, "slug": slug, "module_id": modules[module_slug].pk, "retired": False}
                for module_slug, module in content.items()
                for slug, (values, _) in module.labs.items()
            },
        )
        stored = set(LabRevision.objects.values_list("digest", flat=True))
        for module in content.values():
            for slug, (_, graded) in module.labs.items():
                if graded is not None and graded.digest not in stored:
                    LabRevision.objects.create(lab=labs[slug], digest=graded.digest, bundle=pack(graded))
                    self.changes.note(LabRevision, "added")
        return labs

    def _files(
        self, model: type[Example] | type[Figure], content: dict[str, dict[str, Values]], modules: dict[str, Module]
    ) -> None:
        rows: list[Any] = list(model._default_manager.all())
        self._sync(
            model,
            {(row.module_id, row.name): row for row in rows},
            {
                (modules[slug].pk, name): {**values, "module_id": modules[slug].pk, "name": name}
                for slug, files in content.items()
                for name, values in files.items()
            },
        )

    def _questions(
        self, content: dict[str, ModuleRows], modules: dict[str, Module], lessons: dict[str, Lesson]
    ) -> None:
        questions = self._sync(
            Question,
            {row.slug: row for row in Question.objects.all()},
            {
                question.slug: {
                    "slug": question.slug,
                    "module_id": modules[slug].pk,
                    "position": position,
                    "category": question.category,
                    "difficulty": question.difficulty,
                    "kind": question.kind,
                    "lesson_id": lessons[question.lesson].pk,
                    "retired": False,
                }
                for slug, module in content.items()
                for position, question in enumerate(module.questions, start=1)
            },
        )
        wordings = [question for module in content.values() for question in module.questions]
        existing = {(row.question_id, row.digest): row for row in QuestionRevision.objects.all()}
        current = {(questions[question.slug].pk, question.digest): question for question in wordings}
        kept = {key: row for key, row in existing.items() if key in current}
        revisions = self._sync(
            QuestionRevision,
            kept,
            {
                key: {
                    "question_id": key[0],
                    "digest": key[1],
                    "kind": question.kind,
                    "prompt_html": question.prompt_html,
                    "explanation_html": question.explanation_html,
                    "choices": question.choices,
                    "key": question.key,
                }
                for key, question in current.items()
            },
        )
        forms = self._open_forms(wordings, questions)
        for key, question in current.items():
            row, form = questions[question.slug], forms.get(question.slug)
            if row.current_id != revisions[key].pk or row.open_id != (form.pk if form else None):
                row.current, row.open = revisions[key], form
                row.save(update_fields=["current", "open"])

    def _open_forms(
        self, wordings: list[QuestionContent], questions: dict[str, Question]
    ) -> dict[str, OpenQuestionRevision]:
        """Slug of a question -> its open form as it is now."""
        wanted = {(questions[one.slug].pk, one.open.digest): one for one in wordings if one.open is not None}
        existing = {(row.question_id, row.digest): row for row in OpenQuestionRevision.objects.all()}
        stored = self._sync(
            OpenQuestionRevision,
            {key: row for key, row in existing.items() if key in wanted},
            {key: {"question_id": key[0], **asdict(one.open)} for key, one in wanted.items() if one.open is not None},
        )
        return {one.slug: stored[key] for key, one in wanted.items()}

    def _tracks(self, rows: Rows, modules: dict[str, Module], lessons: dict[str, Lesson], labs: dict[str, Lab]) -> None:
        tracks = self._sync(
            Track,
            {row.slug: row for row in Track.objects.all()},
            {slug: {**values, "slug": slug, "retired": False} for slug, (values, _) in rows.tracks.items()},
        )
        wanted: dict[tuple[int, int], TrackModuleRows] = {
            (tracks[slug].pk, modules[part.module].pk): part
            for slug, (_, parts) in rows.tracks.items()
            for part in parts
        }
        live = [track.pk for track in tracks.values()]
        parts = self._sync(
            TrackModule,
            {(row.track_id, row.module_id): row for row in TrackModule.objects.filter(track__in=live)},
            {key: {"track_id": key[0], "module_id": key[1], "scope": part.scope} for key, part in wanted.items()},
        )
        for relation, targets in (
            ("lessons", lessons),
            ("optional_lessons", lessons),
            ("labs", labs),
            ("optional_labs", labs),
        ):
            pairs = {
                (parts[key].pk, targets[slug].pk) for key, part in wanted.items() for slug in getattr(part, relation)
            }
            self._sync_pairs(relation, "lab" if "lab" in relation else "lesson", pairs)

    def _sync_pairs(self, relation: str, target: str, wanted: set[tuple[int, int]]) -> None:
        through: Any = getattr(TrackModule, relation).through
        column = f"{target}_id"
        existing = {
            (row["trackmodule_id"], row[column]): row["id"]
            for row in through.objects.filter(trackmodule__track__retired=False).values("id", "trackmodule_id", column)
        }
        gone = [pk for pair, pk in existing.items() if pair not in wanted]
        new = [through(trackmodule_id=pair[0], **{column: pair[1]}) for pair in sorted(wanted - existing.keys())]
        if gone:
            through.objects.filter(pk__in=gone).delete()
        through.objects.bulk_create(new)
        if gone or new:
            self.changes.note(TrackModule, "changed")
