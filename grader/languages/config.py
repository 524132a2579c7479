"""Configuration files, judged by the parsers that their real users have: nothing a learner hands in is ever run.

The parsers work in a box, over the learner's bytes: BuildKit's parser for Dockerfiles, the pinned engine's sampler for
GBNF, jsonschema for JSON Schema, a PromQL parser for Prometheus rules, PyYAML, and nginx's own crossplane. A file
that one of them refuses, or that ends it, does not "compile". A case then asks about the parsed file; see
`grader.checks.config`.
"""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

from grader.contract import Diagnostic
from grader.lab import LabSpec
from grader.languages import inside
from grader.languages.python import ENVIRONMENT, interpreter
from grader.languages.source import BuildResult, Program, SourceTree
from grader.sandbox import Limits, Mount, Outcome, Sandbox, SandboxFault
from grader.sandbox.interface import MIB
from grader.text import clip
from grader.toolchain import Toolchain

LIMITS = Limits(
    cpu_seconds=10, wall_seconds=20, memory_bytes=1024 * MIB, output_bytes=4 * MIB, processes=32, disk_bytes=16 * MIB
)
PARSERS = "/parsers"
VOCABULARY = "/vocabulary/tiny.gguf"
"""A small model's file, of which only the vocabulary is read."""
_PROGRAM = inside.files(
    "parse", "reading", "docker_file", "gbnf_file", "nginx_file", "prometheus_file", "schema_file", "yaml_file"
)
_MODULES = {
    "dockerfile": ("dockerfile",),
    "gbnf": (),
    "json": (),
    "json_schema": (
        "jsonschema", "jsonschema_specifications", "referencing", "rpds", "attr", "attrs", "typing_extensions",
    ),
    "nginx": ("crossplane",),
    "prometheus_rules": ("yaml", "promql_parser"),
    "yaml": ("yaml",),
}  # fmt: skip
"""What each parser imports, from the grader's own packages."""
_WITH_ENGINE = ("gbnf", "json_schema")


def flags(spec: LabSpec) -> str:
    """See `Language.flags`."""
    return ", ".join(f"{name}: {spec.build.formats[name]}" for name in spec.entry.files)


@cache
def _places(module: str) -> tuple[Path, ...]:
    """Folder or file of an installed module, with the libraries that its wheel brought.

    Raises:
        SandboxFault: it is not installed on this machine.
    """
    found = importlib.util.find_spec(module)
    if found is None or not (found.origin or found.submodule_search_locations):
        raise SandboxFault(f"the parser {module!r} is not installed here; install the project's packages again")
    place = Path(found.origin or "")
    own = place.parent if found.submodule_search_locations else place
    libraries = own.parent / f"{module}.libs"
    return (own, libraries) if libraries.is_dir() else (own,)


def _mounts(kind: str, toolchain: Toolchain) -> list[Mount]:
    mounts = [Mount(place, f"{PARSERS}/{place.name}") for name in _MODULES[kind] for place in _places(name)]
    if kind in _WITH_ENGINE:
        mounts.append(Mount(toolchain.models_dir / "tiny-f16.gguf", VOCABULARY))
    return mounts


def build(source: SourceTree, spec: LabSpec, toolchain: Toolchain, sandbox: Sandbox) -> BuildResult:
    """See `Language.build`: every file is parsed once, and what its parser refuses is located in it."""
    python, base = interpreter(toolchain)
    files = source.in_box() | _PROGRAM
    env = ENVIRONMENT | {"PYTHONPATH": f"{inside.FOLDER}:{PARSERS}", "BOX_VOCABULARY": VOCABULARY}
    mounts = list(base)
    faults: list[Diagnostic] = []
    for name in spec.entry.files:
        kind = spec.build.formats[name]
        own = _mounts(kind, toolchain)
        mounts += [mount for mount in own if mount not in mounts]
        command = [python, "-s", "-B", "-m", "inside.parse", kind, f"/src/{name}"]
        outcome = sandbox.run(command, limits=LIMITS, files_in=files, mounts=[*base, *own], env=env)
        faults += _faults(name, outcome)
    if faults:
        first = faults[0]
        place = f"{first.file}:{first.line}" if first.line else first.file
        log = "\n".join(f"{row.file}:{row.line}:{row.column}: {row.message}" for row in faults)
        return BuildResult(None, log.encode(), tuple(faults), clip(f"{place}: {first.message}", 500))
    return BuildResult(Program((python, "-s", "-B", "-m", "inside.parse"), files, tuple(mounts), env))


def _faults(name: str, outcome: Outcome) -> list[Diagnostic]:
    """Why a file is refused; a parser that a hostile file ends, ends with a fault of the file.

    Raises:
        SandboxFault: the parser did not start, which no file can cause.
    """
    last = outcome.stderr.strip().rsplit(b"\n", 1)[-1]
    if outcome.exit_code != 0 and last.startswith((b"ModuleNotFoundError: ", b"ImportError: ")):
        raise SandboxFault(f"the parser does not start: {clip(outcome.stderr[-300:], 300).strip()}")
    if outcome.limit is not None or outcome.exit_code != 0:
        within = "its limits" if outcome.limit is not None else "all it tried"
        return [Diagnostic(file=name, line=0, message=f"The parser could not read this file within {within}.")]
    answer: dict[str, Any] = json.loads(outcome.stdout)
    return [
        Diagnostic(
            file=name, line=max(0, row["line"]), column=max(0, row["column"]), message=clip(row["message"], 2000)
        )
        for row in answer.get("faults", ())
    ]
