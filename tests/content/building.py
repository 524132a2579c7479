"""Commands that build llama.cpp, carried out as far as is cheap: they configure the pinned tree for real, and their
targets are looked up in what that gives. Compiling is left to the engine's own build, from the same tree.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from backend.curriculum.faults import Faults
from backend.curriculum.rendering.fences import Fence
from tests.content import options
from tests.content.blocks import Desk, matches
from tests.content.options import Command
from tests.content.pages import Page
from tests.content.source_names import SourceTree

SECONDS = 180.0
_VENDORS = ("-DGGML_CUDA=ON", "-DGGML_HIP=ON")
"""Need a vendor's compiler, which the machine of the checks does not have."""
_UNUSED = "Manually-specified variables were not used by the project"


def steps(fence: Fence) -> list[Command]:
    """The commands of a block that configure or build with CMake."""
    if fence.marker != "sketch" or fence.language not in ("bash", "sh") or any(one in fence.code for one in _VENDORS):
        return []
    found = options.commands(fence.code)
    return [one for one in found if one.words[0] == "cmake" and {"-B", "--build"} & set(one.words)]


@contextmanager
def clone(tree: SourceTree, at: Desk) -> Iterator[Desk]:
    """A desk inside something like a fresh clone, which is also its own folder `llama.cpp`; the tree is only read."""
    folder = at.folder / "clone"
    folder.mkdir()
    for entry in tree.root.iterdir():
        (folder / entry.name).symlink_to(entry)
    (folder / "llama.cpp").symlink_to(tree.root)
    yield replace(at, folder=folder)


def check_building(page: Page, at: Desk, faults: Faults) -> None:
    """Configure everything that a page builds, in order; its targets exist, and what it quotes of the output."""
    for fence in page.fences:
        printed = []
        for step in steps(fence):
            outcome = at.start(_words(step), SECONDS)
            said = outcome.text.splitlines()
            printed += said
            line = fence.line + 1 + step.line
            if outcome.status != 0:
                cure = f"Correct it. It printed:\n{outcome.text[-1500:]}"
                faults.add(page.file, line, f"`{shlex.join(step.words)}` ends with {outcome.status}.", cure)
            elif _UNUSED in outcome.text:
                cure = "Correct the name; CMake takes any and only warns."
                faults.add(page.file, line, "The pinned build does not use every variable that is set.", cure)
            for target in _wanted(step):
                if not any(one.split()[:2] == ["...", target] for one in said):
                    cure = "`cmake --build build --target help` lists what there is."
                    faults.add(page.file, line, f"The pinned build has no target {target}.", cure)
        if printed:
            for number, shown in _shown(page, fence):
                if not any(matches(shown, one) for one in printed):
                    cure = "Show what CMake prints."
                    faults.add(page.file, number, f"The configure step does not print “{shown}”.", cure)


def _words(step: Command) -> list[str]:
    """The command itself; in place of building, the targets are listed."""
    if "--build" not in step.words:
        return list(step.words)
    at = step.words.index("--build")
    return ["cmake", *step.words[at : at + 2], "--target", "help"]


def _wanted(step: Command) -> list[str]:
    """Targets that the command builds, where it names them."""
    return [after for word, after in zip(step.words, step.words[1:], strict=False) if word in ("--target", "-t")]


def _shown(page: Page, fence: Fence) -> Iterator[tuple[int, str]]:
    """Lines of the configure step that the block quotes in comments, or that the block after it quotes."""
    for number, text in enumerate(fence.code.split("\n"), start=fence.line + 1):
        if text.startswith("# -- "):
            yield number, text[2:]
    for after in page.fences[page.fences.index(fence) + 1 :][:1]:
        if after.language == "text" and after.code.startswith("-- "):
            yield from enumerate(after.code.split("\n"), start=after.line + 1)
