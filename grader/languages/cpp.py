"""C++ against the pinned engine, with g++. The flags are the lab's; nothing a learner hands in reaches them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.contract import Diagnostic
from grader.lab import LabSpec
from grader.languages import precompiled
from grader.languages.source import BuildResult, Program, SourceTree, engine_mount
from grader.sandbox import Limit, Limits, Outcome, Sandbox
from grader.sandbox.interface import MIB
from grader.text import clip
from grader.toolchain import Toolchain

COMPILER = "g++"
LIMITS = Limits(
    cpu_seconds=20, wall_seconds=40, memory_bytes=2048 * MIB, output_bytes=256 * 1024, processes=64,
    disk_bytes=512 * MIB, files_bytes=64 * MIB,
)  # fmt: skip
ENVIRONMENT = {"LD_LIBRARY_PATH": "/engine/lib", "GGML_NO_BACKTRACE": "1"}
"""The engine's libraries find each other wherever they were built; a failed assertion starts no debugger."""
MAX_DIAGNOSTICS = 200
_LIBRARIES = {"llama": ("-lllama",), "ggml": ("-lggml", "-lggml-cpu", "-lggml-base"), "common": ("-lllama-common",)}
_SOURCES = (".cpp", ".cc", ".cxx", ".c")
_LINE = re.compile(r"^(?P<file>/[^:\n]+):(?P<line>\d+):(?:(?P<column>\d+):)? (?P<severity>(?:fatal )?error|warning): (?P<text>.*)$")  # fmt: skip  # noqa: E501
_LINKER = re.compile(
    r"(?P<file>[\w./-]+\.(?:cpp|cc|cxx|c)):.*?(?P<text>(?:undefined reference|multiple definition) .*)$"
)


def compile_flags(spec: LabSpec) -> list[str]:
    """Flags of the compilation, the same for every learner of a lab."""
    flags = [f"-std={spec.build.standard}", "-O2", "-Wall", "-Wextra", "-pthread", "-pipe"]
    # System headers: their warnings are not the learner's.
    return [*flags, "-isystem/engine/include/common"] if "common" in spec.build.libraries else flags


def link_flags(spec: LabSpec) -> list[str]:
    """Flags of the link step. The run path is of the transitive kind: the engine's libraries need each other."""
    flags = [flag for name in ("common", "llama", "ggml") if name in spec.build.libraries for flag in _LIBRARIES[name]]
    if "common" in spec.build.libraries and "llama" not in spec.build.libraries:
        flags.append("-lllama")
    if flags and "ggml" not in spec.build.libraries:
        flags += ["-lggml", "-lggml-base"]
    if not flags:
        return []
    return ["-L/engine/lib", "-Wl,-rpath,/engine/lib", "-Wl,-rpath-link,/engine/lib", "-Wl,--disable-new-dtags", *flags]


def flags(spec: LabSpec) -> str:
    """See `Language.flags`."""
    return " ".join([COMPILER, *compile_flags(spec), *(flag for flag in link_flags(spec) if flag.startswith("-l"))])


def build(source: SourceTree, spec: LabSpec, toolchain: Toolchain, sandbox: Sandbox) -> BuildResult:
    """See `Language.build`."""
    header = precompiled.find(source, compile_flags(spec), toolchain)
    result = _compile(source, spec, toolchain, sandbox, header)
    if header is not None and result.program is None:
        # A learner sees what the plain compiler says, also in the rare case that only the shortcut failed.
        result = _compile(source, spec, toolchain, sandbox, None)
    return result


def build_with(
    extra: Sequence[str], source: SourceTree, spec: LabSpec, toolchain: Toolchain, sandbox: Sandbox
) -> BuildResult:
    """Like `build`, with flags behind the lab's own."""
    return _compile(source, spec, toolchain, sandbox, None, extra)


def _compile(
    source: SourceTree,
    spec: LabSpec,
    toolchain: Toolchain,
    sandbox: Sandbox,
    header: precompiled.Header | None,
    extra: Sequence[str] = (),
) -> BuildResult:
    files = source.in_box()
    units = [path for path in files if path.endswith(_SOURCES)]
    mounts = [engine_mount(toolchain), *([header.mount] if header else [])]
    command = [COMPILER, *compile_flags(spec), *extra, "-fdiagnostics-color=never", "-fmax-errors=20"]
    command += header.options if header else ()
    command += ["-I/src", "-I/harness", "-I/engine/include", "-o", "/box/program", *units, *link_flags(spec)]
    outcome = sandbox.run(command, limits=LIMITS, files_in=files, mounts=mounts, files_out=["program"])
    log = tidy(outcome.stderr)
    diagnostics = parse_diagnostics(outcome.stderr)
    binary = outcome.files.get("program")
    if outcome.exit_code == 0 and outcome.limit is None and binary is not None:
        program = Program(("/box/program",), {"/box/program": binary}, (engine_mount(toolchain),), ENVIRONMENT)
        return BuildResult(program, log, diagnostics)
    return BuildResult(None, log, diagnostics, reason(outcome, diagnostics))


def reason(outcome: Outcome, diagnostics: tuple[Diagnostic, ...]) -> str:
    """Why a compilation left no program, in one sentence."""
    match outcome.limit:
        case Limit.CPU | Limit.WALL:
            return f"The compiler did not finish within {LIMITS.cpu_seconds:g} seconds."
        case Limit.MEMORY:
            return f"The compiler needed more than {LIMITS.memory_bytes // MIB} MiB of memory."
        case Limit.OUTPUT:
            return "The compiler wrote more messages than can be kept; the first ones are in the log."
    errors = [row for row in diagnostics if row.severity == "error"]
    if errors:
        first = errors[0]
        place = f"{first.file}:{first.line}" if first.line else first.file
        more = f" ({len(errors)} errors in all)" if len(errors) > 1 else ""
        return clip(f"It does not compile: {place}: {first.message}{more}", 500)
    if outcome.exit_code == 0:
        return "The compiler made a program that is too large to be run here."
    return "It does not compile; the log has the compiler's words."


def tidy(stderr: bytes) -> bytes:
    """Compiler messages with the learner's own file names."""
    return stderr.replace(b"/src/", b"").replace(b"/harness/", b"harness/")


def _own_name(path: str) -> str:
    return path.removeprefix("/src/") if path.startswith("/src/") else path.removeprefix("/")


def parse_diagnostics(stderr: bytes) -> tuple[Diagnostic, ...]:
    """Errors and warnings of g++, ld and clang++ in learner or harness files; others stay in the log."""
    found: list[Diagnostic] = []
    for line in stderr.decode(errors="replace").splitlines():
        if len(found) == MAX_DIAGNOSTICS:
            break
        if (match := _LINE.match(line[:4000])) is not None:
            if match["file"].startswith(("/src/", "/harness/")) or "error" in match["severity"]:
                found.append(
                    Diagnostic(
                        file=clip(_own_name(match["file"]), 500),
                        line=int(match["line"][:9]),
                        column=int((match["column"] or "0")[:9]),
                        severity="warning" if match["severity"] == "warning" else "error",
                        message=clip(match["text"], 2000),
                    )
                )
        elif (match := _LINKER.search(line[:4000])) is not None:
            name = clip(_own_name(match["file"]), 500)
            found.append(Diagnostic(file=name, line=0, message=clip(match["text"], 2000)))
    return tuple(found)
