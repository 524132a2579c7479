"""Whether the pinned engine works inside a sandbox that has a system of its own, such as an image of containers.

The engine is built on the grading machine. In an older system its libraries would not load, and a program that is
linked there would not find what they need; better one sentence before the first job than a fault in each.
"""

from __future__ import annotations

import re

from grader.languages.python import interpreter
from grader.sandbox import Limits, Sandbox, SandboxFault
from grader.sandbox.interface import MIB
from grader.text import clip
from grader.toolchain import Toolchain

_LIMITS = Limits(30, 60, 1024 * MIB, 64 * 1024, 64, 16 * MIB)
_CURE = "Build the image on the same or a newer system: python -m grader.sandbox.docker build-image --base IMAGE."
_LOAD = """
import ctypes, glob, sys
for path in sorted(glob.glob("/engine/lib/libggml-base.so")) + sorted(glob.glob("/engine/lib/libllama.so")):
    ctypes.CDLL(path)
import gguf, numpy
"""


def misfit(sandbox: Sandbox, toolchain: Toolchain) -> str:
    """Why the engine does not work in the sandbox, with a cure; "" when it does.

    Raises:
        SandboxFault: the sandbox could not be started.
    """
    if sandbox.name != "docker":
        return ""
    python, mounts = interpreter(toolchain)
    environment = {"LD_LIBRARY_PATH": "/engine/lib"}
    loaded = sandbox.run([python, "-s", "-B", "-c", _LOAD], limits=_LIMITS, mounts=mounts, env=environment)
    if loaded.exit_code != 0:
        lines = loaded.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {loaded.exit_code}"]
        return f"The engine does not work in the sandbox's image ({clip(lines[-1], 300)}). {_CURE}"
    compiler = sandbox.run(["g++", "-dumpfullversion"], limits=_LIMITS, mounts=mounts)
    if compiler.exit_code != 0:
        return f"The sandbox's image has no g++. {_CURE}"
    there = compiler.stdout.decode(errors="replace").strip()
    built_with = re.search(r"(\d+)\.\d+\.\d+\s*$", toolchain.manifest.compiler)
    if built_with is not None and int(there.split(".")[0]) < int(built_with[1]):
        return f"The sandbox's image has g++ {there}, older than the engine's {toolchain.manifest.compiler}. {_CURE}"
    return ""


def problem(sandbox: Sandbox, toolchain: Toolchain) -> str:
    """As `misfit`; a sandbox that does not start is a problem, too."""
    try:
        return misfit(sandbox, toolchain)
    except SandboxFault as error:
        return f"The sandbox does not start: {error}."
