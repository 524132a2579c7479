"""C++ built once more with sanitizers, to say where a program that failed went wrong.

Never part of a verdict. A report is believed only as far as it names a line that the learner's file has: the program
could have written it itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from grader.contract import Finding, FindingKind
from grader.lab import LabSpec
from grader.languages import cpp
from grader.languages.source import BuildResult, SourceTree
from grader.sandbox import Limits, Sandbox
from grader.sandbox.interface import MIB
from grader.text import clip
from grader.toolchain import Toolchain

FLAGS = ("-g", "-O1", "-fno-omit-frame-pointer", "-fsanitize=address,undefined")
ENVIRONMENT = {
    # A leak search needs ptrace, and a box sets its own core limit; the engine's libraries are not instrumented.
    "ASAN_OPTIONS": "detect_leaks=0:disable_coredump=0:detect_container_overflow=0:abort_on_error=0:"
    "allocator_may_return_null=1",
    "UBSAN_OPTIONS": "print_stacktrace=0",
}
MAX_FINDINGS = 10
_UNDEFINED = re.compile(
    r"^(?:/src/)(?P<file>[^:\n]{1,200}):(?P<line>\d{1,7}):(?P<column>\d{1,7}): runtime error: (?P<words>[^\n]*)$", re.M
)
_ADDRESS = re.compile(r"ERROR: AddressSanitizer: (?:attempting )?(?P<what>[A-Za-z][A-Za-z-]*)(?P<rest>[^\n]*)\n")
_ACCESS = re.compile(r"^(?P<kind>READ|WRITE) of size (?P<size>\d{1,12}) ", re.M)
_FRAME = re.compile(r"^ +#\d+ 0x[0-9a-f]+ (?:in .*? )?/src/(?P<file>[^:\n ]{1,200}):(?P<line>\d{1,7})", re.M)
_REGION = re.compile(
    r"is located (?P<offset>\d{1,12}) bytes (?P<side>before|after|inside of|to the left of|to the right of) "
    r"(?P<size>\d{1,12})-byte region"
)
_KINDS = {
    "heap-buffer-overflow": (FindingKind.OUT_OF_BOUNDS, "beyond a block of the heap"),
    "stack-buffer-overflow": (FindingKind.OUT_OF_BOUNDS, "beyond a variable on the stack"),
    "stack-buffer-underflow": (FindingKind.OUT_OF_BOUNDS, "before a variable on the stack"),
    "dynamic-stack-buffer-overflow": (FindingKind.OUT_OF_BOUNDS, "beyond an array on the stack"),
    "global-buffer-overflow": (FindingKind.OUT_OF_BOUNDS, "beyond a global variable"),
    "heap-use-after-free": (FindingKind.USE_AFTER_FREE, "in a block that was freed"),
    "stack-use-after-return": (FindingKind.USE_AFTER_FREE, "in a variable of a function that has returned"),
    "stack-use-after-scope": (FindingKind.USE_AFTER_FREE, "in a variable whose scope has ended"),
    "double-free": (FindingKind.USE_AFTER_FREE, "A block was freed twice"),
    "SEGV": (FindingKind.OUT_OF_BOUNDS, "at an address where there is nothing"),
    "FPE": (FindingKind.UNDEFINED, "An arithmetic error, usually a division by zero"),
    "stack-overflow": (FindingKind.OTHER, "The stack is full: the recursion is too deep or a local array too large"),
    "alloc-dealloc-mismatch": (FindingKind.OTHER, "A block was freed in another way than it was allocated"),
    "bad-free": (FindingKind.OTHER, "Something was freed that was not allocated"),
    "allocation-size-too-big": (FindingKind.OTHER, "An allocation asked for an impossible size"),
    "negative-size-param": (FindingKind.OUT_OF_BOUNDS, "A size became negative"),
}


def build(source: SourceTree, spec: LabSpec, toolchain: Toolchain, sandbox: Sandbox) -> BuildResult:
    """Like `cpp.build`, with sanitizers."""
    built = cpp.build_with(FLAGS, source, spec, toolchain, sandbox)
    if built.program is None:
        return built
    return replace(built, program=replace(built.program, env={**built.program.env, **ENVIRONMENT}))


def limits(own: Limits) -> Limits:
    """What a sanitized run may use: several times the memory and time of the plain one."""
    return replace(
        own,
        cpu_seconds=min(3 * own.cpu_seconds, 15.0),
        wall_seconds=min(3 * own.wall_seconds, 15.0),
        memory_bytes=3 * own.memory_bytes + 1024 * MIB,
        output_bytes=max(own.output_bytes, 256 * 1024),
    )


def findings(stderr: bytes, files: Mapping[str, bytes]) -> list[Finding]:
    """What the sanitizers reported, at lines that the learner's files really have."""
    text = stderr[-256 * 1024 :].decode(errors="replace")
    lengths = {name: content.count(b"\n") + 1 for name, content in files.items()}
    found: dict[tuple[str, int, FindingKind], Finding] = {}
    for one in (*_addresses(text), *_undefined(text)):
        if not 0 < one.line <= lengths.get(one.file, 0):
            continue
        key = (one.file, one.line, one.kind)
        if key in found:
            found[key] = found[key].model_copy(update={"count": found[key].count + 1})
        elif len(found) < MAX_FINDINGS:
            found[key] = one
    return list(found.values())


def _undefined(text: str) -> Iterator[Finding]:
    for match in _UNDEFINED.finditer(text):
        words = match["words"]
        kind = FindingKind.UNDEFINED
        if "misaligned address" in words:
            kind = FindingKind.MISALIGNED
        elif "out of bounds" in words or "insufficient space" in words:
            kind = FindingKind.OUT_OF_BOUNDS
        yield Finding(
            kind=kind,
            file=match["file"],
            line=int(match["line"]),
            column=int(match["column"]),
            message=clip(words[:1].upper() + words[1:] + ".", 2000),
        )


def _addresses(text: str) -> Iterator[Finding]:
    for match in _ADDRESS.finditer(text):
        report = text[match.end() : match.end() + 8000]
        frame = _FRAME.search(report)
        if frame is None:
            continue
        kind, words = _KINDS.get(match["what"], (FindingKind.OTHER, f"AddressSanitizer: {match['what']}"))
        yield Finding(
            kind=kind, file=frame["file"], line=int(frame["line"]), message=clip(_sentence(words, report), 2000)
        )


def _sentence(words: str, report: str) -> str:
    access, region = _ACCESS.search(report), _REGION.search(report)
    sentence = words
    if words[0].islower():
        verb = {"READ": "It reads", "WRITE": "It writes"}[access["kind"]] if access else "It reads or writes"
        size = f" {access['size']} bytes" if access else ""
        sentence = f"{verb}{size} {words}"
    if region is not None:
        side = {"to the left of": "before", "to the right of": "after", "inside of": "inside"}
        place = side.get(region["side"], region["side"])
        sentence += f": {region['offset']} bytes {place} a block of {region['size']} bytes"
        made = report.find("allocated by")
        if made >= 0 and (frame := _FRAME.search(report, made)) is not None:
            sentence += f", which {frame['file']}:{frame['line']} allocated"
    return f"{sentence}."
