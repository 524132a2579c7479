"""A lab's folder: the instructions, and what the grader reads of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.curriculum.faults import Faults
from backend.curriculum.loading.documents import MarkdownFile, read_markdown, read_yaml
from backend.curriculum.loading.schema import LabEntry, LabFront
from backend.curriculum.loading.snapshot import Snapshot
from grader.lab import SPEC_FILE, Lab, LabError, LabSpec, load_lab


@dataclass(frozen=True)
class LabFolder:
    """A lab of an outline, with what its folder holds so far."""

    entry: LabEntry
    path: str
    """Of the instructions."""
    started: bool
    """Whether there is a folder at all."""
    instructions: MarkdownFile[LabFront] | None = None
    graded: Lab | None = None
    starter: dict[str, str] = field(default_factory=dict)
    """Path below the content folder -> text: what instructions may include. Never more than the starter."""


def read(folder: str, entry: LabEntry, snapshot: Snapshot, faults: Faults) -> LabFolder:
    """Read a lab. A folder without instructions is work in progress and not looked into."""
    path = f"{folder}/{entry.slug}.md"
    started = any(name.startswith(folder + "/") for name in snapshot.files)
    if path not in snapshot.files:
        return LabFolder(entry, path, started)
    instructions = read_markdown(LabFront, path, snapshot, faults)
    graded = _graded(folder, entry, snapshot, faults)
    if graded is not None and instructions is not None:
        minutes = instructions.front.value.minutes
        if minutes is not None and minutes != graded.spec.minutes:
            line = instructions.front.source.line(["minutes"])
            message = f"{minutes} minutes here, {graded.spec.minutes} in {SPEC_FILE}."
            faults.add(path, line, message, "Make them equal, or say it only there.")
    starter = {}
    for name in graded.starter if graded is not None else ():
        text = snapshot.text(f"{folder}/starter/{name}", faults)
        if text is not None:
            starter[f"{folder}/starter/{name}"] = text
    return LabFolder(entry, path, started, instructions, graded, starter)


def _graded(folder: str, entry: LabEntry, snapshot: Snapshot, faults: Faults) -> Lab | None:
    """The lab as the grader reads it; None, with faults, when it cannot."""
    name = f"{folder}/{SPEC_FILE}"
    spec = read_yaml(LabSpec, name, snapshot, faults)
    if spec is None and name in snapshot.files:
        return None
    try:
        graded = load_lab(snapshot.root / folder)
    except LabError as error:
        faults.add(name, 1, f"The lab cannot be graded: {error}.", "Add the file, or correct the name.")
        return None
    if spec is not None and graded.spec.language != entry.language:
        message = f"The language is {graded.spec.language}, the outline says {entry.language}."
        faults.add(name, spec.source.line(["language"]), message, "Make them equal.")
    return graded
