"""CUDA programs that pages show: run on the processor with every access watched, and compiled by nvcc where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.kernels import Studied, study
from grader.languages import nvcc
from grader.sandbox import Bubblewrap, Sandbox
from grader.toolchain import Toolchain
from tests.content import programs

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    """The real sandbox."""
    return Bubblewrap()


def studied(source: Path, engine: Toolchain, sandbox: Sandbox, *arguments: str) -> Studied:
    return study({source.name: source.read_bytes()}, arguments, engine, sandbox)


@pytest.mark.parametrize("source", programs.kernels(), ids=lambda path: path.name)
def test_every_kernel_computes_what_its_host_code_checks_and_touches_only_its_own(
    source: Path, engine: Toolchain, sandbox: Sandbox
) -> None:
    result = studied(source, engine, sandbox)
    assert result.plain is not None, result.built.log.decode(errors="replace")
    assert result.plain.stdout.startswith(b"PASS: "), result.plain.stdout + result.plain.stderr
    assert result.plain.exit_code == 0
    assert result.observed.complete
    assert [one for one in result.observed.findings if one.severity == "error"] == []
    assert result.observed.kernels


@pytest.mark.parametrize("source", programs.kernels(), ids=lambda path: path.name)
def test_every_kernel_compiles_without_a_warning(source: Path, engine: Toolchain, sandbox: Sandbox) -> None:
    result = studied(source, engine, sandbox)
    assert result.built.log == b""
    if nvcc.find_nvcc() is None:
        assert "nvcc is not installed" in result.compiled.note
    else:
        assert result.compiled.diagnostics == ()
        assert {one.architecture for one in result.compiled.kernels} == {"sm_80", "sm_90"}
        assert all(one.spill_stores == one.spill_loads == 0 for one in result.compiled.kernels)


def test_the_check_of_an_example_can_fail(engine: Toolchain, sandbox: Sandbox) -> None:
    source = next(path for path in programs.kernels() if path.name == "kernel_matmul_tiled.cu")
    text = source.read_text()
    barrier = "__syncthreads();  // nobody overwrites a tile that is still being read"
    broken = text.replace(barrier, "")
    assert broken != text
    result = study({source.name: broken.encode()}, (), engine, sandbox)
    assert [one.kind.value for one in result.observed.findings if one.severity == "error"][:1] == ["race"]
    assert studied(source, engine, sandbox, "16").plain is not None


def test_tiles_of_16_read_a_sixteenth_of_what_the_naive_product_reads(engine: Toolchain, sandbox: Sandbox) -> None:
    by_name = {path.name: path for path in programs.kernels()}
    read = {
        kind: studied(by_name[f"kernel_matmul_{kind}.cu"], engine, sandbox, "64").observed.kernels[0].bytes_read
        for kind in ("naive", "tiled")
    }
    assert read["naive"] == 16 * read["tiled"]


def test_a_padded_tile_needs_a_quarter_of_the_sectors(engine: Toolchain, sandbox: Sandbox) -> None:
    source = next(path for path in programs.kernels() if path.name == "kernel_transpose_tiled.cu")
    naive, tiled = studied(source, engine, sandbox, "64", "64").observed.kernels
    assert tiled.sectors == tiled.ideal_sectors
    assert tiled.shared_passes == tiled.shared_requests
    assert naive.sectors > 4 * tiled.sectors
