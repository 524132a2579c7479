"""Tracks: numbers of lessons and labs become slugs, pace plans find their track."""

from __future__ import annotations

from backend.curriculum.faults import Faults
from backend.curriculum.loading.reading import ContentFolder, ModuleFolder
from backend.curriculum.loading.rows import TrackModuleRows, Values
from backend.curriculum.loading.schema import TrackEntry, TrackModuleEntry
from backend.curriculum.loading.snapshot import CURRICULUM_FILE

_LISTS = {"lessons": "lesson", "optional_lessons": "lesson", "labs": "lab", "optional_labs": "lab"}


def make(content: ContentFolder, faults: Faults) -> dict[str, tuple[Values, list[TrackModuleRows]]]:
    """Track slug -> columns and parts."""
    curriculum = content.curriculum.value
    slugs = [track.slug for track in curriculum.tracks]
    for at, slug in enumerate(slugs):
        if slug in slugs[:at]:
            _fault(content, faults, ["tracks", at], f"The track {slug} is listed twice.", "Remove one.")
    for at, plan in enumerate(curriculum.pace_plans):
        if set(plan.periods) != set(slugs):
            message = f"The pace plan {plan.slug} does not name exactly the tracks {', '.join(slugs)}."
            _fault(content, faults, ["pace_plans", at, "periods"], message, "Give each track its number of periods.")
    numbers = {module.entry.slug: _numbers(module) for module in content.modules}
    made = {}
    for at, track in enumerate(curriculum.tracks):
        parts = [
            _part(content, faults, entry, numbers, ["tracks", at, "modules", index])
            for index, entry in enumerate(track.modules)
        ]
        made[track.slug] = (_values(content, track, at), [part for part in parts if part is not None])
    return made


def _fault(content: ContentFolder, faults: Faults, loc: list[str | int], message: str, cure: str) -> None:
    faults.add(CURRICULUM_FILE, content.curriculum.source.line(loc), message, cure)


def _numbers(module: ModuleFolder) -> dict[str, str]:
    """`lesson 1.1` -> slug, for lessons and labs."""
    outline = module.outline.value
    lessons = {f"lesson {entry.number}": entry.slug for section in outline.sections for entry in section.lessons}
    return lessons | {f"lab {entry.number}": entry.slug for entry in outline.labs}


def _part(
    content: ContentFolder,
    faults: Faults,
    entry: TrackModuleEntry,
    numbers: dict[str, dict[str, str]],
    loc: list[str | int],
) -> TrackModuleRows | None:
    if entry.module not in numbers:
        if entry.module not in {module.slug for module in content.curriculum.value.modules}:
            _fault(content, faults, loc, f"There is no module {entry.module}.", "Correct the slug.")
        return None
    known = numbers[entry.module]
    found: dict[str, list[str]] = {}
    for name, kind in _LISTS.items():
        found[name] = []
        for index, number in enumerate(getattr(entry, name)):
            slug = known.get(f"{kind} {number}")
            if slug is None:
                message = f"{entry.module} has no {kind} {number}."
                _fault(content, faults, [*loc, name, index], message, "Correct the number, or add it to outline.yml.")
            elif slug in [other for slugs in found.values() for other in slugs]:
                _fault(content, faults, [*loc, name, index], f"The {kind} {number} is listed twice.", "Remove one.")
            else:
                found[name].append(slug)
    for number in entry.variants:
        if number not in [*entry.labs, *entry.optional_labs]:
            message = f"The variant is of lab {number}, which the track does not list."
            _fault(content, faults, [*loc, "variants", number], message, "List the lab, or remove the variant.")
    return TrackModuleRows(entry.module, entry.scope.value, **found)


def _values(content: ContentFolder, track: TrackEntry, position: int) -> Values:
    plans = [
        {
            "slug": plan.slug,
            "title": plan.title,
            "hours_per_period": list(plan.hours_per_period),
            "period": plan.period,
            "periods": plan.periods.get(track.slug, 0),
            "strategy": plan.strategy,
        }
        for plan in content.curriculum.value.pace_plans
    ]
    return {
        "position": position + 1,
        "title": track.title,
        "audience": track.audience,
        "summary": track.summary,
        "hours_low": track.hours[0],
        "hours_high": track.hours[1],
        "outcomes": track.outcomes,
        "skips": track.skips,
        "pace_plans": plans,
    }
