"""The engine that this project's recipe gives, as learners' programs and labs meet it."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from grader import lab as labs
from grader.contract import Verdict
from grader.lab import Lab
from grader.languages import cpp
from grader.languages import python as python_language
from grader.languages.source import SourceTree
from grader.pipeline import grade
from grader.proof import prove
from grader.sandbox import Limits, Mount, Sandbox
from grader.toolchain import Toolchain, current, models
from grader.toolchain.recipe import PROJECT
from tests.grader.machine import TINY_LABS

pytestmark = [pytest.mark.slow]

FIRST_LAB = PROJECT / "content" / "modules" / "01-foundations" / "labs" / "lab-1.1-build-and-link"
LIMITS = Limits(
    cpu_seconds=20, wall_seconds=60, memory_bytes=1 << 30, output_bytes=1 << 16, processes=16, disk_bytes=1 << 24
)
USES_COMMON = b"""
#include "chat.h"
#include "common.h"
#include "gguf.h"
#include "llama-cpp.h"
#include "sampling.h"
#include <cstdio>
int main() { std::printf("%zu\\n", string_split<std::string>("a,b,c", ',').size()); }
"""
COUNTS_TOKENS = b"""
import gguf, llama_cpp, numpy
model = llama_cpp.Llama("/models/tiny-q8_0.gguf", n_ctx=64, verbose=False)
text = model("The model", max_tokens=4, temperature=0)["choices"][0]["text"]
print(len(model.tokenize(b"The model")) > 0, isinstance(text, str))
"""


@pytest.fixture(scope="module")
def engine() -> Toolchain:
    """The built engine. There is nothing to prove without one: build it with `python -m grader.toolchain build`."""
    toolchain = current()
    assert toolchain is not None, "build the engine first: python -m grader.toolchain build"
    return toolchain


def tiny_lab(language: str, *libraries: str) -> Lab:
    """A lab that needs no more than a program."""
    lab = labs.load_lab(TINY_LABS / language)
    build = lab.spec.build.model_copy(update={"libraries": list(libraries)})
    return replace(lab, spec=lab.spec.model_copy(update={"build": build}))


@pytest.mark.parametrize(
    "name", ["llama-cli", "llama-bench", "llama-server", "llama-quantize", "llama-perplexity", "llama-tokenize"]
)
def test_the_tools_are_there_and_start(engine: Toolchain, name: str) -> None:
    done = subprocess.run([engine.tool(name), "--help"], capture_output=True, text=True, timeout=60, check=False)
    assert "usage" in (done.stdout + done.stderr).lower() or "--model" in done.stdout + done.stderr
    assert "error while loading shared libraries" not in done.stderr


def test_the_tools_tell_the_pinned_commit_and_not_this_projects(engine: Toolchain) -> None:
    done = subprocess.run([engine.tool("llama-cli"), "--version"], capture_output=True, text=True, check=True)
    assert f"commit {engine.manifest.llama_cpp_commit[:9]}" in done.stdout + done.stderr


def test_a_program_against_common_builds_and_runs_in_a_box(engine: Toolchain, sandbox: Sandbox) -> None:
    built = cpp.build(SourceTree({"main.cpp": USES_COMMON}), tiny_lab("cpp", "common").spec, engine, sandbox)
    assert built.program is not None, built.log.decode()
    assert not built.diagnostics
    program = built.program
    outcome = sandbox.run(
        program.command, limits=LIMITS, files_in=program.files_in, mounts=program.mounts, env=program.env
    )
    assert outcome.stdout == b"3\n", outcome.stderr


def test_python_generates_over_the_same_libraries_in_a_box(engine: Toolchain, sandbox: Sandbox) -> None:
    lab = tiny_lab("python")
    built = python_language.build(SourceTree({lab.spec.entry.files[0]: COUNTS_TOKENS}), lab.spec, engine, sandbox)
    assert built.program is not None, built.message
    program = built.program
    model = Mount(models.available(engine)["tiny-q8_0"], "/models/tiny-q8_0.gguf")
    outcome = sandbox.run(
        program.command, limits=LIMITS, files_in=program.files_in, mounts=[*program.mounts, model], env=program.env
    )
    assert outcome.stdout == b"True True\n", outcome.stderr


def test_the_binding_finds_its_libraries_without_being_told(engine: Toolchain) -> None:
    code = "import llama_cpp, ctypes; print(llama_cpp.llama_cpp._lib._name)"
    done = subprocess.run([engine.python, "-I", "-c", code], env={}, capture_output=True, text=True, check=True)
    assert (engine.root / "lib").samefile(done.stdout.strip().rpartition("/")[0])


def test_every_fixture_model_is_there_and_smaller_the_fewer_bits_it_has(engine: Toolchain) -> None:
    found = models.available(engine)
    assert set(found) == {models.BASE, *models.VARIANTS}
    assert models.up_to_date(engine.models_dir)
    sizes = [found[name].stat().st_size for name in (models.BASE, *models.VARIANTS)]
    assert sizes == sorted(sizes, reverse=True)


def test_the_first_lab_is_judged_rightly(engine: Toolchain, sandbox: Sandbox) -> None:
    lab = labs.load_lab(FIRST_LAB)
    assert not [proof for proof in prove(lab, FIRST_LAB, engine, sandbox) if not proof.holds]


def test_a_report_names_the_engine(engine: Toolchain, sandbox: Sandbox) -> None:
    lab = labs.load_lab(FIRST_LAB)
    grading = grade(lab, lab.starter, toolchain=engine, sandbox=sandbox, seed=1)
    assert grading.verdict is Verdict.WRONG_ANSWER
    assert grading.environment.llama_cpp_commit == engine.manifest.llama_cpp_commit


def test_the_runtime_s_gguf_is_the_pinned_tree_s(engine: Toolchain) -> None:
    pinned = engine.source / "gguf-py" / "gguf"
    names = sorted(path.name for path in pinned.glob("*.py"))
    assert "constants.py" in names
    for name in names:
        assert (engine.site_packages / "gguf" / name).read_bytes() == (pinned / name).read_bytes(), name
