"""What the machine must have before a build is worth starting."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from grader.toolchain.errors import ToolchainError
from grader.toolchain.process import first_line

NEEDED_BYTES = 3 * 1000**3
_CMAKE_MINIMUM = (3, 21)
_APT = "On Debian or Ubuntu: apt-get install"


@dataclass(frozen=True)
class Machine:
    """The programs that build the engine.

    Attributes:
        compiler: first line of the C++ compiler's version text.
        cmake: version of cmake.
        generator: the cmake generator to use.
    """

    compiler: str
    cmake: str
    generator: str


def inspect() -> Machine:
    """Look for compiler, cmake and a build program.

    Raises:
        ToolchainError: one is missing or too old; says which and how to get it.
    """
    compiler = first_line([os.environ.get("CXX", "c++"), "--version"])
    if compiler is None or first_line([os.environ.get("CC", "cc"), "--version"]) is None:
        raise ToolchainError("There is no C++ compiler.", cure=f"{_APT} g++. On macOS: xcode-select --install.")
    text = first_line(["cmake", "--version"]) or ""
    found = re.search(r"(\d+)\.(\d+)[.\d]*", text)
    if found is None:
        raise ToolchainError("There is no cmake.", cure=f"{_APT} cmake. On macOS: brew install cmake.")
    if (int(found[1]), int(found[2])) < _CMAKE_MINIMUM:
        wanted = ".".join(map(str, _CMAKE_MINIMUM))
        raise ToolchainError(f"cmake {found[0]} is too old.", cure=f"Version {wanted} or later is needed.")
    if shutil.which("ninja"):
        generator = "Ninja"
    elif shutil.which("make"):
        generator = "Unix Makefiles"
    else:
        raise ToolchainError("There is neither ninja nor make.", cure=f"{_APT} ninja-build.")
    return Machine(compiler=compiler, cmake=found[0], generator=generator)


def check_space(folder: Path, needed: int = NEEDED_BYTES) -> None:
    """Make sure that sources, object files and the result fit.

    Raises:
        ToolchainError: less than `needed` bytes are free where the folder is.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ToolchainError(
            f"{free / 1e9:.1f} GB are free in {folder}, and the build needs {needed / 1e9:.1f} GB.",
            cure="Free some space, or name another folder in LLSYS_TOOLCHAIN_DIR.",
        )


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
