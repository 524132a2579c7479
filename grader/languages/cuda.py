"""CUDA C++, run on the processor by `grader.cuda_cpu`, and looked at by nvcc where there is one.

For a lab (`language: cuda`):

* Every `.cu` and `.cpp` file of learner and harness is compiled, except those that another one includes by name
  (`#include "solution.cu"`). A harness is usually one `main.cu` that includes the learner's file, reads its input
  from standard input or `/in/...`, launches the kernels and prints the results; `checks.py` judges them.
* `cuda_runtime.h` is included by itself, as with nvcc. `GRADER_EMU` is defined here and not with nvcc.
* The judged output comes from the plain build. One case of every test (the smallest, or the one that failed) is run
  again by the traced build: `Run.findings` and `Run.kernels` tell `judge` what it saw, both empty for other cases;
  `Case.trace` overrides the choice. A finding of severity `error` fails the test by itself.
* `build.cuda` in `grading.yml` has the options; see `grader.lab.CudaSpec`.
"""

from __future__ import annotations

import re

from grader.contract import Diagnostic
from grader.cuda_cpu import library
from grader.cuda_cpu.translate import Translated, translate
from grader.lab import LabSpec
from grader.languages import cpp, gpu
from grader.languages.source import BuildResult, Program, SourceTree
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain

TRANSLATED = "/runtime/cuda/translated"
_UNITS = (".cu", ".cpp", ".cc", ".cxx")
_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"(?:\./)?([A-Za-z0-9_][A-Za-z0-9_.\-]*)"', re.M)
_LAYOUT = ("-fPIE", "-pie")
_TRACED = (
    # binutils 2.40 takes the wrong file for a line of DWARF 5 where `#line` named it.
    "-DCUDA_CPU_TRACE", "-gdwarf-4", "-fsanitize=thread",
    "--param", "tsan-instrument-func-entry-exit=0", "--param", "tsan-distinguish-volatile=1",
    # One access of the source stays one access, also where a vector is made on the way, and two stay two places.
    "-fno-inline", "-fno-tree-sra", "-fno-optimize-sibling-calls", "-fno-tree-tail-merge", "-fno-crossjumping",
    "-fno-ipa-icf", "-fno-builtin-memcpy", "-fno-builtin-memmove", "-fno-builtin-memset",
)  # fmt: skip
_LIBRARIES = ("-lstdc++", "-lm", "-lgcc_s", "-lgcc", "-lc")
_COMMON = (
    "-fno-strict-aliasing", "-fno-delete-null-pointer-checks", "-ffp-contract=off", "-Wno-sign-compare",
    "-Wno-unknown-pragmas",
)  # fmt: skip


def flags(spec: LabSpec) -> str:
    """See `Language.flags`."""
    if spec.device == "gpu":
        return f"nvcc -std={spec.build.standard} -O3 -lineinfo, for the device that is there"
    return " ".join([cpp.COMPILER, *_compile_flags(spec)])


def _compile_flags(spec: LabSpec) -> list[str]:
    return [f"-std={spec.build.standard}", "-O2", "-Wall", "-Wextra", "-pthread", "-pipe", *_COMMON]


def units(source: SourceTree) -> list[str]:
    """Box paths of the files that are compiled by themselves, the harness first."""
    trusted = {name for content in source.harness.values() for name in _included(content)}
    own = {name: _included(content) for name, content in source.files.items()}
    learner = {name for includer, names in own.items() for name in names if name != includer}
    harness = [f"/harness/{name}" for name in source.harness if name.endswith(_UNITS) and name not in trusted]
    skipped = trusted | learner
    return harness + [f"/src/{name}" for name in source.files if name.endswith(_UNITS) and name not in skipped]


def _included(content: bytes) -> set[str]:
    return {name.decode() for name in _INCLUDE.findall(content)}


def build(source: SourceTree, spec: LabSpec, toolchain: Toolchain, sandbox: Sandbox) -> BuildResult:
    """See `Language.build`. Labs for a device alone are built for that device.

    Raises:
        GpuUnavailable: the lab needs a GPU, and this machine has none.
    """
    del toolchain
    if spec.device == "gpu":
        return gpu.build(source, units(source), spec, sandbox)
    return _compile(source, spec, sandbox, [*_compile_flags(spec), *_LAYOUT], library.PLAIN)


def build_for_device(source: SourceTree, spec: LabSpec, toolchain: Toolchain, sandbox: Sandbox) -> BuildResult:
    """The program for the GPU of this machine, whatever the lab's tests run on: for benchmarks.

    Raises:
        GpuUnavailable: there is none, or no nvcc.
    """
    del toolchain
    return gpu.build(source, units(source), spec, sandbox)


def build_traced(source: SourceTree, spec: LabSpec, toolchain: Toolchain, sandbox: Sandbox) -> BuildResult:
    """The program whose runs leave a trace, `grader.cuda_cpu.trace.FILE`, behind."""
    del toolchain
    return _compile(source, spec, sandbox, [*_compile_flags(spec), *_LAYOUT, *_TRACED], library.TRACED)


def _compile(
    source: SourceTree, spec: LabSpec, sandbox: Sandbox, compile_flags: list[str], runtime: str
) -> BuildResult:
    files = source.in_box()
    translated = translate(files)
    files |= {f"{TRANSLATED}{path}": one.text for path, one in translated.items()}
    sources = [f"{TRANSLATED}{path}" if path in translated else path for path in units(source)]
    command = [cpp.COMPILER, *compile_flags, "-fdiagnostics-color=never", "-fmax-errors=20"]
    for folder in (f"{TRANSLATED}/src", f"{TRANSLATED}/harness", "/src", "/harness"):
        command += ["-I", folder]
    command += ["-isystem", library.HEADERS, "-include", "cuda_runtime.h", "-x", "c++", *sources]
    # No sanitizer's library: its entry points are the runtime's own.
    command += ["-x", "none", f"{library.OBJECTS}/{runtime}", "-o", "/box/program", "-nodefaultlibs", *_LIBRARIES]
    mounts = [library.header_mount(), library.object_mount(sandbox)]
    outcome = sandbox.run(command, limits=cpp.LIMITS, files_in=files, mounts=mounts, files_out=["program"])
    diagnostics = tuple(_own_columns(row, translated) for row in cpp.parse_diagnostics(outcome.stderr))
    log = cpp.tidy(outcome.stderr.replace(TRANSLATED.encode(), b""))
    binary = outcome.files.get("program")
    if outcome.exit_code == 0 and outcome.limit is None and binary is not None:
        return BuildResult(Program(("/box/program",), {"/box/program": binary}), log, diagnostics)
    return BuildResult(None, log, diagnostics, cpp.reason(outcome, diagnostics))


def _own_columns(row: Diagnostic, translated: dict[str, Translated]) -> Diagnostic:
    """A line that the translator changed has no columns that the author would know."""
    one = translated.get(f"/src/{row.file}") or translated.get(f"/{row.file}")
    return row.model_copy(update={"column": 0}) if one is not None and row.line in one.changed_lines else row
