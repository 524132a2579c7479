"""Runs the code blocks of a page as its reader would: in order, in one folder, with the pinned engine."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from backend.curriculum.faults import Faults
from backend.curriculum.rendering.fences import Fence
from grader.toolchain import Toolchain
from tests.content.pages import CONTENT, Page

PAGE_SECONDS = 240.0
# The pinned tools print through a logger that drops what it has queued when the process ends (lesson 1.3 shows it).
# So a block that uses one of them is repeated when it does not print what the page shows.
ATTEMPTS = 20
_BUILT = re.compile(r"\bcode/([\w-]+)(?![\w.-])")
# Blanks at the end of a printed line are gone, so none can be asked for before dots that stand for nothing.
_BEFORE_DOTS = re.compile(r"[ \t]+\.\.\.$", re.MULTILINE)
_NOT_STARTED = (126, 127)
_ENDED_BY_SIGNAL = 128
_SHOWN_CHARACTERS = 1500


@dataclass(frozen=True)
class Outcome:
    """What a block printed, stdout and stderr as they came, and the status it ended with; None: it took too long."""

    text: str
    status: int | None


@dataclass(frozen=True)
class Desk:
    """A reader's working folder, laid out like a module's: `code/`, `models/`, and the content's models above.

    Attributes:
        folder: where blocks start.
        environment: the engine's programs come first in PATH, then its Python.
        flags: what a C++ program needs to compile and link against the engine, and to find it when it starts.
    """

    folder: Path
    environment: dict[str, str]
    flags: tuple[str, ...]

    def run(self, language: str, code: str, seconds: float) -> Outcome:
        """Run one block. Whatever it leaves running is ended.

        Raises:
            ValueError: nobody knows how to run this language.
        """
        build = shlex.join(["g++", "block.cpp", *self.flags, "-o", "block"])
        commands = {
            "bash": ["bash", "-c", code],
            "sh": ["sh", "-c", code],
            "python": ["python", "-c", code],
            "cpp": ["bash", "-c", f"{build} && ./block"],
        }
        if language not in commands:
            raise ValueError(language)
        if language == "cpp":
            (self.folder / "block.cpp").write_text(code, encoding="utf-8")
        return self.start(commands[language], seconds)

    def start(self, command: Sequence[str], seconds: float) -> Outcome:
        """Run a program of the desk's PATH, without input."""
        program = shutil.which(command[0], path=self.environment["PATH"])
        assert program is not None, f"{command[0]} is not installed"
        process = subprocess.Popen(
            [program, *command[1:]],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate(timeout=max(seconds, 0.1))
            status: int | None = process.returncode
        except subprocess.TimeoutExpired:
            _end_group(process)
            printed, status = process.communicate()[0], None
        finally:
            _end_group(process)
        return Outcome(printed.decode("utf-8", "replace"), status)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def flags(engine: Toolchain) -> tuple[str, ...]:
    """Compiler flags for a program that may use every library of the engine."""
    lib = engine.root / "lib"
    libraries = ("llama-common", "mtmd", "llama", "ggml", "ggml-base")
    include = [f"-I{engine.root / 'include'}", f"-I{engine.root / 'include' / 'common'}"]
    link = [f"-L{lib}", f"-Wl,-rpath,{lib}", "-Wl,--as-needed", *(f"-l{name}" for name in libraries)]
    return ("-std=c++17", "-Wall", "-Wextra", "-Werror", *include, *link, "-pthread")


@contextmanager
def desk(engine: Toolchain, module: Path) -> Iterator[Desk]:
    """A working folder with copies, so that no block can change the content or the fixture models."""
    with tempfile.TemporaryDirectory(prefix="llsys-content-") as scratch:
        folder = Path(scratch) / "content" / "modules" / module.name
        folder.mkdir(parents=True)
        if (module / "code").is_dir():
            shutil.copytree(module / "code", folder / "code")
        if (module / "questions.yml").is_file():
            shutil.copy(module / "questions.yml", folder)
        shutil.copytree(engine.models_dir, folder / "models")
        shutil.copytree(CONTENT / "models", Path(scratch) / "content" / "models")
        (Path(scratch) / "tmp").mkdir()
        path = [engine.root / "bin", engine.python.parent, "/usr/local/bin", "/usr/bin", "/bin"]
        environment = {
            "PATH": os.pathsep.join(map(str, path)),
            "HOME": scratch,
            "TMPDIR": f"{scratch}/tmp",
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        yield Desk(folder, environment, flags(engine))


def run_page(page: Page, at: Desk, faults: Faults, *, seconds: float = PAGE_SECONDS) -> list[str]:
    """Run every block marked `run`. The answer names the blocks that had to be repeated, and how often.

    A block that fails does not end the page: an author wants to see all that is wrong.
    """
    deadline = time.monotonic() + seconds
    repeated = []
    _build_programs(page, at, faults)
    for fence in page.marked("run"):
        expected = page.expected(fence)
        attempt, attempts = 1, ATTEMPTS if "llama-" in fence.code else 1
        problem = _problem(at, fence, expected, deadline - time.monotonic())
        while problem is not None and attempt < attempts and time.monotonic() < deadline:
            attempt += 1
            problem = _problem(at, fence, expected, deadline - time.monotonic())
        if problem is not None:
            faults.add(page.file, fence.line, *problem)
        elif attempt > 1:
            repeated.append(f"{page.file}:{fence.line} (run {attempt} times)")
        if time.monotonic() > deadline:
            cure = "Make the page's blocks quicker, or mark one that must be slow as a sketch with the reason."
            faults.add(page.file, fence.line, f"The page's blocks take longer than {seconds:.0f} s together.", cure)
            break
    return repeated


def _build_programs(page: Page, at: Desk, faults: Faults) -> None:
    """Build the programs of `code/` that blocks call by their name without an ending, each beside its source."""
    for fence in page.marked("run"):
        for name in dict.fromkeys(_BUILT.findall(fence.code)):
            source, program = f"code/{name}.cpp", f"code/{name}"
            if (at.folder / program).exists() or not (at.folder / source).is_file():
                continue
            outcome = at.start(["g++", "-O2", source, *at.flags, "-o", program], PAGE_SECONDS)
            if outcome.status != 0:
                faults.add(page.file, fence.line, f"{source} cannot be built: {outcome.text}", "Correct the program.")


def _problem(at: Desk, fence: Fence, expected: str | None, seconds: float) -> tuple[str, str] | None:
    """What is wrong with a block, and the cure."""
    try:
        outcome = at.run(fence.language, fence.code, seconds)
    except ValueError:
        return f"Blocks of “{fence.language}” cannot be run.", "Use bash, sh, python or cpp, or another marker."
    printed = f"It printed:\n{outcome.text.rstrip()[-_SHOWN_CHARACTERS:]}\n"
    if outcome.status is None:
        return "The block does not end in time.", f"Give it an end. {printed}"
    if outcome.status in _NOT_STARTED or outcome.status > _ENDED_BY_SIGNAL or outcome.status < 0:
        return f"The block ends with status {outcome.status}.", f"Correct the command. {printed}"
    if expected is None:
        if outcome.status != 0:
            cure = f"Correct it, or show what it prints in an output block. {printed}"
            return f"The block ends with status {outcome.status}.", cure
        return None
    if not matches(expected, outcome.text):
        return "The output block does not match.", f"Show what the block prints. {printed}"
    return None


def matches(expected: str, printed: str) -> bool:
    """Whether a page shows what was printed: `...` stands for anything, also across lines; line ends are trimmed.

    Blank lines at the beginning and at the end do not count.
    """
    first, *others = _BEFORE_DOTS.sub("...", _trimmed(expected)).split("...")
    text = _trimmed(printed)
    if not others:
        return first == text
    *middle, last = others
    if not text.startswith(first):
        return False
    at = len(first)
    for piece in middle:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(text) - len(last) >= at and text.endswith(last)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
