"""Reads the whole content folder into one typed value. Touches no database."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.curriculum.faults import Faults
from backend.curriculum.loading import figures, lab_folder, library, programs
from backend.curriculum.loading.documents import Document, MarkdownFile, read_markdown, read_yaml
from backend.curriculum.loading.questions import QuestionsFile
from backend.curriculum.loading.schema import (
    CurriculumFile,
    LabEntry,
    ModuleEntry,
    ModuleFront,
    OutlineFile,
    PageFront,
    PieceEntry,
)
from backend.curriculum.loading.snapshot import CURRICULUM_FILE, MODULES, Snapshot

FOLDERS = {"lesson": "docs", "tutorial": "tutorials"}


@dataclass(frozen=True)
class PageFile:
    """A lesson or tutorial of an outline, with its file when there is one."""

    entry: PieceEntry
    kind: str
    section: int | None
    """Position of the section, for lessons."""
    path: str
    file: MarkdownFile[PageFront] | None


@dataclass
class ModuleFolder:
    """Everything in a module's folder, checked by itself but not yet against the rest."""

    entry: ModuleEntry
    folder: str
    outline: Document[OutlineFile]
    readme: MarkdownFile[ModuleFront]
    pages: list[PageFile] = field(default_factory=list)
    labs: list[lab_folder.LabFolder] = field(default_factory=list)
    programs: list[programs.Program] = field(default_factory=list)
    figures: list[figures.Drawing] = field(default_factory=list)
    questions: Document[QuestionsFile] | None = None


@dataclass(frozen=True)
class ContentFolder:
    """The whole content folder."""

    curriculum: Document[CurriculumFile]
    modules: list[ModuleFolder]
    library: library.LibraryFolder
    unreadable: tuple[str, ...]
    """Folders and files whose own faults hide what is in them: references into them are not judged."""


def read(snapshot: Snapshot, faults: Faults) -> ContentFolder | None:
    """Read everything; None when the curriculum itself cannot be read."""
    curriculum = read_yaml(CurriculumFile, CURRICULUM_FILE, snapshot, faults)
    if curriculum is None:
        return None
    known = {entry.slug for entry in curriculum.value.modules}
    for name in snapshot.folders_in(MODULES):
        if name not in known:
            path = f"{MODULES}/{name}"
            faults.add(path, 1, "The curriculum does not list this module.", f"Add it to {CURRICULUM_FILE}.")
    modules = [_module(entry, snapshot, faults) for entry in curriculum.value.modules]
    readable = [module for module in modules if module is not None]
    known = {module.entry.slug for module in readable}
    unreadable = [f"{MODULES}/{entry.slug}/" for entry in curriculum.value.modules if entry.slug not in known]
    for module in readable:
        unreadable += [page.path for page in module.pages if page.file is None and page.path in snapshot.files]
        figures_there = (
            f"{module.folder}/docs/figures/{name}" for name in snapshot.names_in(f"{module.folder}/docs/figures")
        )
        shown = {f"{module.folder}/docs/figures/{drawing.name}" for drawing in module.figures}
        unreadable += [path for path in figures_there if path not in shown]
        unreadable += [lab.path for lab in module.labs if lab.graded is None and lab.path in snapshot.files]
    return ContentFolder(curriculum, readable, library.read(snapshot, faults), tuple(unreadable))


def _module(entry: ModuleEntry, snapshot: Snapshot, faults: Faults) -> ModuleFolder | None:
    folder = f"{MODULES}/{entry.slug}"
    outline = read_yaml(OutlineFile, f"{folder}/outline.yml", snapshot, faults)
    readme = read_markdown(ModuleFront, f"{folder}/README.md", snapshot, faults)
    for name in ("outline.yml", "README.md"):
        if f"{folder}/{name}" not in snapshot.files:
            faults.add(f"{folder}/{name}", 1, "The file is missing.", f"Every module in {CURRICULUM_FILE} has one.")
    if outline is None or readme is None:
        return None
    module = ModuleFolder(entry, folder, outline, readme)
    if readme.front.value.title != entry.title:
        line = readme.front.source.line(["title"])
        message = f"The title differs from “{entry.title}” in {CURRICULUM_FILE}."
        faults.add(readme.file, line, message, "Make them equal.")
    _check_outline(module, faults)
    _read_pages(module, snapshot, faults)
    _read_labs(module, snapshot, faults)
    _read_programs(module, snapshot, faults)
    _read_figures(module, snapshot, faults)
    module.questions = read_yaml(QuestionsFile, f"{folder}/questions.yml", snapshot, faults)
    _check_scripts(module, snapshot, faults)
    return module


def _check_scripts(module: ModuleFolder, snapshot: Snapshot, faults: Faults) -> None:
    if module.questions is None:
        return
    for at, question in enumerate(module.questions.value.root):
        if question.check is not None and f"{module.folder}/{question.check.run}" not in snapshot.files:
            line = module.questions.source.line([at, "check", "run"])
            message = f"There is no script {question.check.run} that recomputes the answer."
            faults.add(
                module.questions.source.file, line, message, "Correct the path; it starts in the module's folder."
            )


def _entries(module: ModuleFolder) -> list[tuple[str, PieceEntry, list[str | int]]]:
    """Every piece of the outline: its kind, itself, and where it stands in the file."""
    outline = module.outline.value
    found: list[tuple[str, PieceEntry, list[str | int]]] = []
    for at, section in enumerate(outline.sections):
        found += [("lesson", e, ["sections", at, "lessons", i]) for i, e in enumerate(section.lessons)]
    found += [("tutorial", entry, ["tutorials", i]) for i, entry in enumerate(outline.tutorials)]
    found += [("lab", entry, ["labs", i]) for i, entry in enumerate(outline.labs)]
    return found


def _check_outline(module: ModuleFolder, faults: Faults) -> None:
    seen: set[str] = set()
    for kind, entry, loc in _entries(module):
        file, line = f"{module.folder}/outline.yml", module.outline.source.line(loc)
        prefix = f"{kind}-{entry.number}-"
        if not entry.slug.startswith(prefix):
            faults.add(file, line, f"The slug {entry.slug} does not start with {prefix}.", "Correct slug or number.")
        if entry.number.partition(".")[0] != str(module.entry.number):
            message = f"{entry.number} is not a number of module {module.entry.number}."
            faults.add(file, line, message, "Numbers start with the module's.")
        keys = {entry.slug, f"{kind} {entry.number}"}
        if keys & seen:
            message = f"The {kind} {entry.number}, {entry.slug}, is listed twice."
            faults.add(file, line, message, "Give every piece its own number and slug.")
        seen |= keys


def _read_pages(module: ModuleFolder, snapshot: Snapshot, faults: Faults) -> None:
    outline = module.outline.value
    listed = [
        (entry, "lesson", at) for at, section in enumerate(outline.sections, start=1) for entry in section.lessons
    ]
    for entry, kind, section in [*listed, *((entry, "tutorial", None) for entry in outline.tutorials)]:
        path = f"{module.folder}/{FOLDERS[kind]}/{entry.slug}.md"
        page = read_markdown(PageFront, path, snapshot, faults)
        module.pages.append(PageFile(entry, kind, section, path, page))
    known = {page.path for page in module.pages}
    for folder in FOLDERS.values():
        for name in snapshot.names_in(f"{module.folder}/{folder}"):
            path = f"{module.folder}/{folder}/{name}"
            if name.endswith(".md") and path not in known:
                cure = "Add it to outline.yml, correct its name, or delete it."
                faults.add(path, 1, "The module's outline does not list this page.", cure)


def _read_labs(module: ModuleFolder, snapshot: Snapshot, faults: Faults) -> None:
    known: dict[str, LabEntry] = {entry.slug: entry for entry in module.outline.value.labs}
    for entry in known.values():
        module.labs.append(lab_folder.read(f"{module.folder}/labs/{entry.slug}", entry, snapshot, faults))
    for name in snapshot.folders_in(f"{module.folder}/labs"):
        if name not in known:
            path = f"{module.folder}/labs/{name}"
            faults.add(path, 1, "The module's outline does not list this lab.", "Add it to outline.yml, or delete it.")


def _read_programs(module: ModuleFolder, snapshot: Snapshot, faults: Faults) -> None:
    for name in snapshot.names_in(f"{module.folder}/code"):
        path = f"{module.folder}/code/{name}"
        text = snapshot.text(path, faults)
        program = None if text is None else programs.read(path, text, faults)
        if program is not None:
            module.programs.append(program)


def _read_figures(module: ModuleFolder, snapshot: Snapshot, faults: Faults) -> None:
    for name in snapshot.names_in(f"{module.folder}/docs/figures"):
        path = f"{module.folder}/docs/figures/{name}"
        text = snapshot.text(path, faults)
        drawing = None if text is None else figures.read(path, name, text, faults)
        if drawing is not None:
            module.figures.append(drawing)
