"""The pinned engine: llama.cpp built once from the pinned source distribution, for C++ and Python alike.

`current()` finds a finished toolchain and never builds, `build()` makes one or resumes an interrupted
build, `progress()` tells anyone how far a running build is. `python -m grader.toolchain` is the same
as a command line.
"""

from grader.toolchain.builder import build
from grader.toolchain.errors import BuildRunningError, ToolchainError
from grader.toolchain.installed import Toolchain, current
from grader.toolchain.manifest import Manifest
from grader.toolchain.progress import Progress, Stage, progress

__all__ = [
    "BuildRunningError",
    "Manifest",
    "Progress",
    "Stage",
    "Toolchain",
    "ToolchainError",
    "build",
    "current",
    "progress",
]
