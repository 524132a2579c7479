"""How much of what the curriculum promises is there, counted from the content folder itself.

A lesson, tutorial or lab counts as ready when its own file says so, an example when it is in `code/` (all of them are
checked), a question when it is in the bank.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from backend.curriculum.faults import Faults
from backend.curriculum.loading import reading, snapshot
from backend.curriculum.loading.documents import MarkdownFile
from backend.curriculum.loading.reading import ContentFolder, ModuleFolder
from backend.curriculum.loading.schema import PageFront

KINDS = ("docs", "code", "labs", "tutorials", "questions")
CATEGORIES = ("system-design", "coding", "concepts", "debugging")
LANGUAGES = ("python", "cpp", "cuda")
LIBRARY = ("paper", "project")


@dataclass(frozen=True, slots=True)
class Count:
    """One row of what is promised.

    Attributes:
        part_of: the kind that it is a part of; "" for a kind itself.
        missing: names of what the outline plans and is not ready; empty where nothing is planned by name.
    """

    kind: str
    promised: int
    ready: int
    in_progress: int = 0
    part_of: str = ""
    missing: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.ready >= self.promised


@dataclass(frozen=True, slots=True)
class ModuleStatus:
    """One module; number 0 is the library, which belongs to none."""

    number: int
    title: str
    counts: tuple[Count, ...]

    @property
    def holds(self) -> bool:
        """Whether every promise is kept."""
        return all(count.holds for count in self.counts)


def content_status(root: Path) -> list[ModuleStatus]:
    """Every module in order, and the library last.

    Raises:
        ContentError: the folder cannot be read; with all faults.
    """
    faults = Faults()
    content = reading.read(snapshot.take(root, faults), faults)
    faults.raise_if_any()
    assert content is not None, "a folder that cannot be read has faults"
    return [*(_module(module) for module in content.modules), _library(content)]


def _module(module: ModuleFolder) -> ModuleStatus:
    promised: dict[str, int] = {str(kind): count for kind, count in module.entry.promised.items()}
    kinds: dict[str, int] = {str(kind): count for kind, count in module.entry.promised_kinds.items()}
    states = {
        "docs": {page.entry.slug: _state(page.file) for page in module.pages if page.kind == "lesson"},
        "tutorials": {page.entry.slug: _state(page.file) for page in module.pages if page.kind == "tutorial"},
        "labs": {
            lab.entry.slug: str(lab.instructions.front.value.status)
            if lab.instructions is not None
            else "in_progress"
            if lab.started
            else "planned"
            for lab in module.labs
        },
    }
    questions = module.questions.value.root if module.questions else []
    in_bank = Counter(str(question.category) for question in questions)
    in_code = Counter(program.language for program in module.programs)
    counts = []
    for kind in KINDS:
        wanted = promised.get(kind, 0)
        if kind in states:
            counts.append(_pieces(kind, wanted, states[kind]))
            continue
        found, names = (in_code, LANGUAGES) if kind == "code" else (in_bank, CATEGORIES)
        counts.append(Count(kind, wanted, found.total()))
        counts += [Count(name, kinds[name], found[name], part_of=kind) for name in names if name in kinds]
    return ModuleStatus(module.entry.number, module.entry.title, tuple(counts))


def _state(file: MarkdownFile[PageFront] | None) -> str:
    return "planned" if file is None else file.front.value.status


def _pieces(kind: str, promised: int, states: dict[str, str]) -> Count:
    in_all = Counter(states.values())
    missing = tuple(slug for slug, state in states.items() if state != "ready")
    return Count(kind, promised, in_all["ready"], in_all["in_progress"], missing=missing)


def _library(content: ContentFolder) -> ModuleStatus:
    wanted: dict[str, int] = {str(k): count for k, count in content.curriculum.value.promised_library.items()}
    found = Counter(str(page.kind) for page in content.library.pages if page.front.status == "ready")
    begun = Counter(str(page.kind) for page in content.library.pages if page.front.status == "in_progress")
    counts = tuple(Count(kind, wanted.get(kind, 0), found[kind], begun[kind]) for kind in LIBRARY)
    return ModuleStatus(0, "Papers and projects", counts)
