"""Programs that pages show, compiled against the pinned engine."""

from __future__ import annotations

from pathlib import Path

from backend.curriculum.faults import Faults
from tests.content.blocks import Desk
from tests.content.pages import CONTENT, Page, name_of

SECONDS = 120.0


def sources(content: Path = CONTENT) -> list[Path]:
    """Every program of the modules' `code/`, in order; a folder within it holds what checks run, not what is shown.

    CUDA programs are in `kernels`: they are run, and compiled in another way.
    """
    return sorted(path for path in content.glob("modules/*/code/*") if path.is_file() and path.suffix != ".cu")


def kernels(content: Path = CONTENT) -> list[Path]:
    """Every CUDA program of the modules' `code/`, in order."""
    return sorted(content.glob("modules/*/code/*.cu"))


def compile_block(page: Page, at: Desk, faults: Faults) -> None:
    """Compile every block marked `compile`; one with a main is linked too."""
    for fence in page.marked("compile"):
        if fence.language not in ("cpp", "c", "python"):
            cure = "Mark it sketch with the reason."
            faults.add(page.file, fence.line, f"Blocks of “{fence.language}” cannot be compiled.", cure)
            continue
        source = at.folder / f"block.{ {'python': 'py'}.get(fence.language, fence.language) }"
        source.write_text(fence.code, encoding="utf-8")
        problem = compiles(source, at)
        if problem is not None:
            faults.add(page.file, fence.line, f"The block does not compile: {problem}", "Correct it.")


def check_program(path: Path, at: Desk, faults: Faults) -> None:
    """Compile a program of `code/`."""
    try:
        problem = compiles(path, at)
    except KeyError:
        problem = "nobody knows how to compile it."
    if problem is not None:
        faults.add(name_of(path), 1, f"The program does not compile: {problem}", "Correct it.")


def compiles(source: Path, at: Desk) -> str | None:
    """What the compiler says, with all warnings as errors; None when it is content.

    Raises:
        KeyError: there is no compiler for this kind of file.
    """
    text = source.read_text(encoding="utf-8")
    stop = [] if "main(" in text else ["-c"]
    command = {
        ".cpp": ["g++", str(source), *stop, *at.flags, "-o", "compiled"],
        ".c": ["gcc", str(source), *stop, *at.flags[1:], "-o", "compiled"],
        ".py": ["python", "-c", f"compile(open({str(source)!r}).read(), {source.name!r}, 'exec')"],
        ".sh": ["bash", "-n", str(source)],
    }[source.suffix]
    outcome = at.start(command, SECONDS)
    return None if outcome.status == 0 else outcome.text
