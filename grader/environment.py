"""Where and with what a verdict is reached, for the report."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path

from grader.contract import Environment
from grader.lab import LabSpec
from grader.languages import gpu, language_of
from grader.sandbox import Sandbox
from grader.text import clip
from grader.toolchain import Toolchain


@cache
def grader_revision() -> str:
    """Digest of the grader's own source: two equal revisions judge alike."""
    outer = hashlib.sha256()
    root = Path(__file__).parent
    for path in sorted(path for path in root.rglob("*") if path.suffix in (".py", ".h", ".cpp", ".cu", ".S")):
        outer.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return outer.hexdigest()[:12]


@cache
def cpu_model() -> str:
    """The processor's own name for itself."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith(("model name", "Model")):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


@cache
def gpu_model() -> str:
    """The first GPU that the grader can use, in the driver's words; "" without one."""
    return next((str(device) for device in gpu.find_devices()), "")


def describe(spec: LabSpec, toolchain: Toolchain, sandbox: Sandbox, *, worker: str = "") -> Environment:
    """The environment of an attempt."""
    manifest = toolchain.manifest
    return Environment(
        grader_revision=grader_revision(),
        toolchain=toolchain.id,
        llama_cpp_version=manifest.llama_cpp_version,
        llama_cpp_commit=manifest.llama_cpp_commit,
        compiler=clip(f"Python {manifest.python_version}" if spec.language == "python" else manifest.compiler, 500),
        flags=clip(language_of(spec).flags(spec), 500),
        sandbox=sandbox.name,
        isolation=[clip(words, 500) for words in sandbox.isolation()],
        cpu=clip(cpu_model(), 500),
        gpu=clip(gpu_model(), 500) if spec.device != "cpu" else "",
        worker=clip(worker, 500),
    )
