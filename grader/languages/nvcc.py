"""The real compiler, where it is installed: what it makes of the learner's kernels, and what it complains about.

It is looked for in `GRADER_NVCC` (a path), on PATH, in /usr/local/cuda, and in the Python packages that carry it
(docs/cuda-without-a-gpu.md names them). It runs in the sandbox like every compiler.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from grader.contract import CompiledKernel, Diagnostic
from grader.lab import LabSpec
from grader.languages.source import SourceTree
from grader.sandbox import Limits, Mount, Outcome, Sandbox
from grader.sandbox.interface import MIB
from grader.text import clip

ARCHITECTURES = (80, 90)
TOOLKIT = "/runtime/cuda/toolkit"
LIMITS = Limits(
    cpu_seconds=60, wall_seconds=120, memory_bytes=4096 * MIB, output_bytes=512 * 1024, processes=64,
    disk_bytes=512 * MIB, files_bytes=64 * MIB,
)  # fmt: skip
MAX_KERNELS = 100
MAX_DIAGNOSTICS = 50
_MESSAGE = re.compile(r"^/?(?P<file>(?:src|harness)/[\w.\-]{1,80})\((?P<line>\d{1,7})\): (?P<grade>error|warning)(?: #[\w-]+)?: (?P<text>.*)$")  # fmt: skip  # noqa: E501
_ENTRY = re.compile(r"Compiling entry function '(?P<name>\w{1,2000})' for '(?P<architecture>sm_\w{1,20})'")
_STACK = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
_REGISTERS = re.compile(r"Used (\d+) registers")
_SHARED = re.compile(r"(\d+) bytes smem")
_CONSTANT = re.compile(r"(\d+) bytes cmem\[")


@dataclass(frozen=True)
class Toolkit:
    """An installed compiler: the folder that holds its `bin/nvcc`, headers and libraries."""

    root: Path

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """The toolkit in the box."""
        return (Mount(self.root, TOOLKIT),)


@dataclass(frozen=True)
class Compiled:
    """What nvcc said."""

    kernels: tuple[CompiledKernel, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    note: str = ""
    """Why there is nothing, in words."""


def find_nvcc() -> Toolkit | None:
    """The first usable toolkit; None where there is none."""
    for candidate in _candidates():
        root = candidate.resolve().parent.parent
        if candidate.is_file() and (root / "nvvm").is_dir() and (root / "include" / "cuda_runtime.h").is_file():
            return Toolkit(root)
    return None


def _candidates() -> list[Path]:
    named = [Path(path) for path in (os.environ.get("GRADER_NVCC"), shutil.which("nvcc")) if path]
    packages = [Path(folder) / "nvidia" for folder in sys.path if folder.endswith("-packages")]
    carried = [path for folder in packages for path in sorted(folder.glob("cu*/bin/nvcc"), reverse=True)]
    return [*named, Path("/usr/local/cuda/bin/nvcc"), *carried]


def command(units: list[str], spec: LabSpec) -> list[str]:
    """Device code only, for every architecture, with the assembler's statistics."""
    line = [f"{TOOLKIT}/bin/nvcc", "-fatbin", f"-std={spec.build.standard}", "-Xptxas", "-v"]
    line += ["-I", "/src", "-I", "/harness"]
    for one in ARCHITECTURES:
        line += ["-gencode", f"arch=compute_{one},code=sm_{one}"]
    return [*line, "-odir", "/box", *units]


def compile_kernels(source: SourceTree, units: list[str], spec: LabSpec, sandbox: Sandbox) -> Compiled:
    """Compile with nvcc. Never decides about a submission: what it says is shown beside the verdict."""
    toolkit = find_nvcc()
    if toolkit is None:
        return Compiled(note="nvcc is not installed on this machine, so the kernels were not compiled for a GPU.")
    cuda_units = [unit for unit in units if unit.endswith(".cu")]
    if not cuda_units:
        return Compiled()
    outcome = sandbox.run(command(cuda_units, spec), limits=LIMITS, files_in=source.in_box(), mounts=toolkit.mounts)
    if outcome.limit is not None:
        return Compiled(note="nvcc did not finish within its limits.")
    text = (outcome.stdout + outcome.stderr).decode(errors="replace")
    diagnostics = parse_messages(text)
    kernels = parse_statistics(text)
    if outcome.exit_code != 0 and not diagnostics:
        return Compiled(kernels, (), f"nvcc failed: {clip(_last_line(outcome), 300)}")
    return Compiled(_readable(kernels, sandbox), diagnostics)


def _last_line(outcome: Outcome) -> str:
    lines = outcome.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"exit status {outcome.exit_code}"


def parse_messages(text: str) -> tuple[Diagnostic, ...]:
    """nvcc's errors and warnings about the learner's files; severity `nvcc`, because they change no verdict."""
    found: list[Diagnostic] = []
    for line in text.splitlines():
        match = _MESSAGE.match(line[:4000])
        if match is not None and match["file"].startswith("src/") and len(found) < MAX_DIAGNOSTICS:
            message = f"{match['grade']}: {match['text']}"
            row = Diagnostic(
                file=match["file"].removeprefix("src/"), line=int(match["line"]), severity="nvcc",
                message=clip(message, 2000),
            )  # fmt: skip
            if row not in found:
                found.append(row)
    return tuple(found)


def parse_statistics(text: str) -> tuple[CompiledKernel, ...]:
    """`ptxas -v`, one row for each kernel and architecture, names as the assembler knows them."""
    found: list[CompiledKernel] = []
    name = architecture = ""
    stack = spill_stores = spill_loads = 0
    for line in text.splitlines():
        line = line[:4000]
        if (match := _ENTRY.search(line)) is not None:
            name, architecture = match["name"], match["architecture"]
            stack = spill_stores = spill_loads = 0
        elif (match := _STACK.search(line)) is not None:
            stack, spill_stores, spill_loads = (int(number[:15]) for number in match.groups())
        elif (match := _REGISTERS.search(line)) is not None and name and len(found) < MAX_KERNELS:
            found.append(
                CompiledKernel(
                    kernel=clip(name, 500),
                    architecture=architecture,
                    registers=int(match[1][:9]),
                    spill_stores=spill_stores,
                    spill_loads=spill_loads,
                    stack_bytes=stack,
                    shared_bytes=sum(int(number[:9]) for number in _SHARED.findall(line)),
                    constant_bytes=sum(int(number[:9]) for number in _CONSTANT.findall(line)),
                )
            )
            name = ""
    found.sort(key=lambda row: (row.kernel, row.architecture))
    return tuple(found)


def _readable(kernels: tuple[CompiledKernel, ...], sandbox: Sandbox) -> tuple[CompiledKernel, ...]:
    """The kernels by the names that their author gave them."""
    names = sorted({row.kernel for row in kernels})
    if not names:
        return kernels
    outcome = sandbox.run(["c++filt", *names], limits=LIMITS)
    shown = outcome.stdout.decode(errors="replace").splitlines()
    if outcome.exit_code != 0 or len(shown) != len(names):
        return kernels
    plain = {name: _without_parameters(text) for name, text in zip(names, shown, strict=True)}
    return tuple(row.model_copy(update={"kernel": clip(plain[row.kernel], 500)}) for row in kernels)


def _without_parameters(text: str) -> str:
    """`void scale<4>(float*, int)` -> `scale<4>`."""
    unnamed = "(anonymous namespace)"
    text = text.replace(unnamed, "\0")
    depth, end, start = 0, len(text), 0
    for at, sign in enumerate(text):
        if sign == "<":
            depth += 1
        elif sign == ">":
            depth -= 1
        elif depth == 0 and sign == " ":
            start = at + 1
        elif depth == 0 and sign == "(":
            end = at
            break
    return (text[start:end] or text).replace("\0", unnamed)
