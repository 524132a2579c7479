"""A grading machine for tests: the real sandbox and compiler, and a toolchain with everything but the engine."""

from __future__ import annotations

import contextlib
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader import lab as labs
from grader.lab import Lab
from grader.pipeline import Grading, grade
from grader.sandbox import Bubblewrap, Sandbox
from grader.toolchain import Manifest, Toolchain

TINY_LABS = Path(__file__).parent.parent / "attacks" / "lab"


def bare_toolchain(root: Path, *, base: Path = Path(sys.base_prefix)) -> Toolchain:
    """A toolchain whose engine folders are empty; its Python is the one of `base`, by default of this process."""
    engine = root / "engine"
    for name in ("include", "lib", "bin", "python/bin"):
        (engine / name).mkdir(parents=True, exist_ok=True)
    python = engine / "python" / "bin" / "python"
    with contextlib.suppress(FileExistsError):  # several threads of a worker may come first
        python.symlink_to((base / "bin" / "python3").resolve())
    (root / "models").mkdir(exist_ok=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    manifest = Manifest(
        id="bare",
        llama_cpp_python_version="0",
        llama_cpp_version="0",
        llama_cpp_commit="0" * 9,
        ggml_version="0",
        compiler="g++",
        cmake="",
        flags=(),
        python_version=version,
        python_prefix=base,
        machine=platform.machine(),
        built_at=datetime(2026, 1, 1, tzinfo=UTC),
        source_sha256="0" * 64,
        files={},
    )
    return Toolchain(
        root=engine,
        python=python,
        python_prefix=base,
        site_packages=engine / "python",
        source=root,
        id="bare",
        manifest=manifest,
        models_dir=root / "models",
    )


@pytest.fixture(scope="session")
def toolchain(tmp_path_factory: pytest.TempPathFactory) -> Toolchain:
    """A bare toolchain."""
    return bare_toolchain(tmp_path_factory.mktemp("toolchain"))


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    """The real sandbox."""
    return Bubblewrap()


def tiny_lab(language: str) -> Lab:
    """The lab that the attacks attack."""
    return labs.load_lab(TINY_LABS / language)


def graded(language: str, source: bytes, toolchain: Toolchain, sandbox: Sandbox, *, seed: int = 1) -> Grading:
    """A one-file submission to the tiny lab, graded."""
    lab = tiny_lab(language)
    return grade(lab, {lab.spec.entry.files[0]: source}, toolchain=toolchain, sandbox=sandbox, seed=seed)
