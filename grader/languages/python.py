"""Python with the runtime of the pinned engine: numpy, gguf and llama_cpp over the same shared libraries."""

from __future__ import annotations

import json

from grader.contract import Diagnostic
from grader.lab import LabSpec
from grader.languages import inside
from grader.languages.source import BuildResult, Program, SourceTree, engine_mount
from grader.sandbox import Limit, Limits, Mount, Sandbox, SandboxFault
from grader.sandbox.interface import MIB
from grader.text import clip
from grader.toolchain import Toolchain

LIMITS = Limits(
    cpu_seconds=10, wall_seconds=20, memory_bytes=1024 * MIB, output_bytes=64 * 1024, processes=16, disk_bytes=16 * MIB
)
ENVIRONMENT = {
    "LLAMA_CPP_LIB_PATH": "/engine/lib",
    "GGML_NO_BACKTRACE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "2",
}
CALLS = "/in/calls.json"
_CALLS = inside.files("call", "values")
_SYNTAX_CHECK = """
import json, sys, warnings
warnings.simplefilter("ignore")
for path in sys.argv[1:]:
    try:
        compile(open(path, "rb").read(), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        print(json.dumps([path, error.lineno or 1, error.offset or 0, f"{type(error).__name__}: {error.msg}"]))
    except (ValueError, RecursionError, MemoryError) as error:
        print(json.dumps([path, 1, 0, f"{type(error).__name__}: {error}"]))
"""


def flags(spec: LabSpec) -> str:
    """See `Language.flags`."""
    del spec
    return "python -s -B"


def interpreter(toolchain: Toolchain) -> tuple[str, tuple[Mount, ...]]:
    """Path of the interpreter in the box, and what it needs mounted."""
    path = f"/engine/{toolchain.python.relative_to(toolchain.root).as_posix()}"
    mounts = [engine_mount(toolchain)]
    if not toolchain.python_prefix.is_relative_to("/usr"):
        mounts.append(Mount(toolchain.python_prefix, str(toolchain.python_prefix)))
    return path, tuple(mounts)


def build(source: SourceTree, spec: LabSpec, toolchain: Toolchain, sandbox: Sandbox) -> BuildResult:
    """See `Language.build`: nothing is compiled ahead, but a syntax error is found here and not in every test."""
    python, mounts = interpreter(toolchain)
    files = source.in_box()
    paths = [path for path in files if path.startswith("/src/") and path.endswith(".py")]
    outcome = sandbox.run(
        [python, "-I", "-S", "-c", _SYNTAX_CHECK, *paths], limits=LIMITS, files_in=files, mounts=mounts
    )
    faults = tuple(_diagnostic(line) for line in outcome.stdout.splitlines()[:20])
    if outcome.limit in (Limit.CPU, Limit.WALL, Limit.MEMORY) or outcome.exit_code < 0:
        return BuildResult(None, outcome.stderr, faults, "Python cannot parse this file within its limits.")
    if faults:
        first = faults[0]
        reason = clip(f"Python cannot read it: {first.file}:{first.line}: {first.message}", 500)
        log = "\n".join(f"{row.file}:{row.line}:{row.column}: {row.message}" for row in faults)
        return BuildResult(None, log.encode(), faults, reason)
    if outcome.exit_code != 0:
        raise SandboxFault(f"the Python runtime does not start: {clip(outcome.stderr[-300:], 300).strip()}")
    if spec.entry.functions:
        command = (python, "-s", "-B", "-m", "inside.call", f"/src/{spec.entry.files[0]}", CALLS)
        env = ENVIRONMENT | {"PYTHONPATH": inside.FOLDER}
        return BuildResult(Program(command, files | _CALLS, mounts, env))
    start = f"/harness/{spec.build.harness[0]}" if spec.build.harness else f"/src/{spec.entry.files[0]}"
    env = ENVIRONMENT | ({"PYTHONPATH": "/src"} if spec.build.harness else {})
    return BuildResult(Program((python, "-s", "-B", start), files, mounts, env))


def _diagnostic(line: bytes) -> Diagnostic:
    """One line of the check. The learner's code is only parsed there, never run, so the line is the check's own."""
    path, number, column, message = json.loads(line)
    return Diagnostic(file=path.removeprefix("/src/"), line=number, column=max(0, column), message=clip(message, 2000))
