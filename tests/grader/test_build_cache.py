"""The build cache: exactly what was built, for exactly what it was built from."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.ahead import prepare
from grader.build_cache import UNFINISHED_SECONDS, BuildCache, key_of
from grader.contract import Diagnostic, Verdict
from grader.languages import BuildResult, Program, SourceTree, cpp, precompiled
from grader.pipeline import Grading, grade
from grader.sandbox import Mount, Sandbox
from grader.toolchain import Toolchain
from tests.grader.machine import tiny_lab

RESULT = BuildResult(
    Program(("/box/program",), {"/box/program": b"\0binary\n" * 50}, (Mount(Path("/x"), "/engine"),), {"A": "b"}),
    b"main.cpp:1: warning\n",
    (Diagnostic(file="main.cpp", line=1, severity="warning", message="w"),),
)


def test_what_comes_out_is_what_went_in(tmp_path: Path) -> None:
    builds = BuildCache(tmp_path / "builds")
    assert builds.get("k" * 64) is None
    builds.put("k" * 64, RESULT)
    assert builds.get("k" * 64) == RESULT


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_damaged_entry_is_thrown_away(tmp_path: Path, place: int) -> None:
    builds = BuildCache(tmp_path)
    builds.put("k" * 64, RESULT)
    (entry,) = tmp_path.glob("*.built")
    raw = bytearray(entry.read_bytes())
    raw[place] ^= 1
    entry.write_bytes(raw)
    assert builds.get("k" * 64) is None
    assert not entry.exists()


def test_an_entry_under_another_name_is_not_taken(tmp_path: Path) -> None:
    builds = BuildCache(tmp_path)
    builds.put("k" * 64, RESULT)
    (entry,) = tmp_path.glob("*.built")
    entry.rename(tmp_path / f"{'m' * 64}.built")
    assert builds.get("m" * 64) is None


def test_what_did_not_build_is_not_kept(tmp_path: Path) -> None:
    builds = BuildCache(tmp_path)
    builds.put("k" * 64, BuildResult(None, b"error"))
    assert list(tmp_path.iterdir()) == []


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    builds = BuildCache(tmp_path, limit_bytes=3000)
    for number, key in enumerate("abcd"):
        builds.put(key * 64, RESULT)
        for entry in tmp_path.glob("*.built"):
            os.utime(entry, (number, number)) if entry.name[0] == key else None
        builds.get("a" * 64)
    kept = sorted(entry.name[0] for entry in tmp_path.glob("*.built"))
    assert "a" in kept
    assert "b" not in kept
    assert sum(entry.stat().st_size for entry in tmp_path.iterdir()) <= 3000


def test_what_a_killed_grader_began_to_write_does_not_stay(tmp_path: Path) -> None:
    builds = BuildCache(tmp_path)
    for name, age in (("new-old", 2 * UNFINISHED_SECONDS), ("new-young", 0)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
    builds.put("k" * 64, RESULT)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [f"{'k' * 64}.built", "new-young"]


def test_a_program_for_one_device_is_not_kept_for_another(
    toolchain: Toolchain, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, source = tiny_lab("cuda").spec, SourceTree({"solution.cu": b""})
    keys = set()
    for name in ("", "card, compute capability 8.0", "card, compute capability 9.0"):
        monkeypatch.setattr("grader.build_cache.gpu_model", lambda name=name: name)
        keys.add(key_of(source, spec, toolchain, sandbox))
    assert len(keys) == 3


def test_every_input_of_a_build_is_in_its_key(toolchain: Toolchain, sandbox: Sandbox) -> None:
    lab = tiny_lab("cpp")
    spec, source = lab.spec, SourceTree({"main.cpp": b"int main() {}"}, {"h.cpp": b"1"})

    class Other:
        name = "other"

    class Image:
        name = sandbox.name
        identity = "sha256:1"

    other_build = spec.build.model_copy(update={"standard": "c++20"})
    keys = {
        key_of(source, spec, toolchain, sandbox),
        key_of(SourceTree({"main.cpp": b"int main() { }"}, source.harness), spec, toolchain, sandbox),
        key_of(SourceTree(source.files, {"h.cpp": b"2"}), spec, toolchain, sandbox),
        key_of(SourceTree({**source.files, "x.h": b""}, source.harness), spec, toolchain, sandbox),
        key_of(source, spec.model_copy(update={"build": other_build}), toolchain, sandbox),
        key_of(source, spec, replace(toolchain, id="another"), sandbox),
        key_of(source, spec, toolchain, Other()),  # type: ignore[arg-type]
        key_of(source, spec, toolchain, Image()),  # type: ignore[arg-type]
        key_of(source, spec, toolchain, sandbox, variant=("-g",)),
    }  # fmt: skip
    assert len(keys) == 9
    assert key_of(source, spec, toolchain, sandbox) in keys


class Watched:
    """The real sandbox, counting compiler runs."""

    def __init__(self, sandbox: Sandbox, name: str = "") -> None:
        self._sandbox = sandbox
        self.name = name or sandbox.name
        self.compilations = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    def run(self, command: Any, **words: Any) -> Any:
        self.compilations += command[0] == cpp.COMPILER
        return self._sandbox.run(command, **words)


def graded(files: Mapping[str, bytes], toolchain: Toolchain, sandbox: Any, builds: BuildCache) -> Grading:
    return grade(tiny_lab("cpp"), files, toolchain=toolchain, sandbox=sandbox, seed=1, builds=builds)


@pytest.mark.slow
def test_unchanged_source_is_compiled_once_and_its_tests_run_again(
    toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path
) -> None:
    watched, builds = Watched(sandbox), BuildCache(tmp_path)
    files = tiny_lab("cpp").reference
    first, second = (graded(files, toolchain, watched, builds) for _ in range(2))
    assert (first.verdict, second.verdict) == (Verdict.ACCEPTED, Verdict.ACCEPTED)
    assert watched.compilations == 1
    assert second.build_log == first.build_log
    graded({"main.cpp": files["main.cpp"] + b"\n"}, toolchain, watched, builds)
    assert watched.compilations == 2


@pytest.mark.slow
def test_without_a_sandbox_nothing_is_kept(toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path) -> None:
    builds = BuildCache(tmp_path)
    graded(tiny_lab("cpp").reference, toolchain, Watched(sandbox, "none"), builds)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_submission_cannot_see_or_change_what_is_kept(toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path) -> None:
    builds = BuildCache(tmp_path / "builds")
    reference = tiny_lab("cpp").reference
    graded(reference, toolchain, sandbox, builds)
    (entry,) = builds.folder.glob("*.built")
    kept = entry.read_bytes()
    source = f"""#include <cstdio>
int main() {{
    FILE* there = fopen("{entry}", "r+");
    FILE* fresh = fopen("{builds.folder}/{"f" * 64}.built", "w");
    FILE* own = fopen("/box/program", "r+");
    if (there || fresh || own) {{ puts("reached"); return 1; }}
    long long sum = 0, one;
    while (scanf("%lld", &one) == 1) sum += one;
    printf("%lld", sum);
}}
"""
    grading = graded({"main.cpp": source.encode()}, toolchain, sandbox, builds)
    assert grading.verdict is Verdict.ACCEPTED, [row.seen for row in grading.tests]
    assert entry.read_bytes() == kept


def test_a_comment_that_never_ends_is_read_once() -> None:
    """The search holds the interpreter: every other grading of the machine would fall silent with it."""
    source = b"#include <vector>\n" + b"/* " * 80_000
    began = time.process_time()
    assert precompiled.included(SourceTree({"main.cpp": source})) == ("vector",)
    assert time.process_time() - began < 2


@pytest.mark.slow
def test_headers_of_a_lab_are_precompiled_before_the_first_submission(
    toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_PRECOMPILED_DIR", str(tmp_path))
    lab = tiny_lab("cpp")
    source, flags = SourceTree(lab.reference, lab.under("harness")), cpp.compile_flags(lab.spec)
    assert prepare([lab], toolchain, sandbox, idle=lambda: False) == 0
    assert precompiled.find(source, flags, toolchain) is None
    assert prepare([lab, tiny_lab("python")], toolchain, sandbox) >= 1
    assert precompiled.find(source, flags, toolchain) is not None
    assert prepare([lab], toolchain, sandbox) == 0
