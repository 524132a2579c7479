"""The steps of a build. Each may be repeated after an interruption, from any point within it."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from grader.toolchain import fetch, preflight
from grader.toolchain import manifest as manifests
from grader.toolchain import recipe as recipes
from grader.toolchain.errors import ToolchainError
from grader.toolchain.manifest import Manifest
from grader.toolchain.preflight import Machine
from grader.toolchain.process import Runner
from grader.toolchain.progress import Reporter
from grader.toolchain.recipe import Recipe
from grader.toolchain.store import Place, Store

_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")
_LOCKED_INSTALL = ("install", "--progress-bar", "off", "--require-hashes", "--requirement")
_OFFLINE_INSTALL = ("install", "--no-index", "--no-deps", "--no-build-isolation", "--force-reinstall")
_NETWORK_CURE = "Check the network and pip's configuration (`pip config list`)."
_NINJA_LINE = re.compile(r"^\[(\d+)/(\d+)\] (.*)$")
_MAKE_LINE = re.compile(r"^\[ *(\d+)%\] (.*)$")
_SMOKE_TEST = "import llama_cpp; llama_cpp.llama_backend_init(); llama_cpp.llama_backend_free()"


@dataclass(frozen=True)
class Work:
    """What the steps of one build share."""

    recipe: Recipe
    store: Store
    place: Place
    machine: Machine
    runner: Runner
    report: Reporter


def make_python(work: Work) -> None:
    """The runtime's virtual environment with its locked packages."""
    environment = work.place.python_environment
    shutil.rmtree(environment, ignore_errors=True)
    work.runner.run(
        [sys.executable, "-m", "venv", environment],
        cure="The Python that runs this needs the module ensurepip. On Debian or Ubuntu: apt-get install python3-venv.",
    )
    if work.recipe.requirements is None:
        return
    work.report.advance(0, 0, "Installing the Python runtime's packages.")
    work.runner.run(
        [work.place.python, *_PIP, *_LOCKED_INSTALL, work.recipe.requirements],
        cure=_NETWORK_CURE,
    )


def download(work: Work) -> None:
    """The pinned source distribution, verified."""
    fetch.fetch(work.recipe, work.store, work.place, work.runner)


def unpack(work: Work) -> None:
    """The source distribution as a folder."""
    download(work)
    fetch.unpack(work.store.downloads / work.recipe.archive_name, work.recipe, work.place)


def configure(work: Work) -> None:
    """A fresh build folder, configured with the recipe's flags; the tools tell the commit they were made from."""
    place = work.place
    shutil.rmtree(place.build, ignore_errors=True)
    commit = f"-DLLAMA_BUILD_COMMIT={place.commit.read_text()[:9].strip()}"
    work.runner.run(
        ["cmake", "-S", place.llama_cpp, "-B", place.build, "-G", work.machine.generator, *work.recipe.flags, commit]
    )


def compile_all(work: Work) -> None:
    """Every target. ninja goes on where an interrupted run stopped: it distrusts outputs it did not record."""
    program = "ninja" if work.machine.generator == "Ninja" else "make"
    started = work.place.steps / "compile.started"
    if program == "make" and started.exists():
        # make takes the half-written object of a killed compiler for a finished one.
        work.runner.run([program, "-C", work.place.build, "clean"])
    started.touch()

    def on_line(line: str) -> None:
        if (match := _NINJA_LINE.match(line)) is not None:
            work.report.advance(int(match[1]), int(match[2]), _what(match[3]))
        elif (match := _MAKE_LINE.match(line)) is not None:
            work.report.advance(int(match[1]), 100, _what(match[2]))

    # The build program itself and not `cmake --build`: it ends its compilers when it is told to end.
    work.runner.run([program, "-C", work.place.build, f"-j{preflight.cores()}"], on_line=on_line)


def _what(text: str) -> str:
    """The file that a build program's line ends with."""
    return f"Compiling llama.cpp: {PurePath(text.split()[-1]).name.removesuffix('.o')}" if text.strip() else ""


def install(work: Work) -> None:
    """Headers, libraries and tools below the engine folder, and the headers of llama.cpp's own `common`."""
    engine = work.place.engine
    for name in ("include", "lib", "bin"):
        shutil.rmtree(engine / name, ignore_errors=True)
    work.runner.run(["cmake", "--install", work.place.build, "--prefix", engine])
    common = engine / "include" / "common"
    for folder, target in (
        ("common", common),
        ("common/jinja", common / "jinja"),
        ("vendor/nlohmann", common / "nlohmann"),
    ):
        for header in sorted((work.place.llama_cpp / folder).glob("*.h*")):
            target.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(header, target / header.name)


def install_binding(work: Work) -> None:
    """llama_cpp for the runtime, over the engine's own libraries: nothing is compiled a second time."""
    place = work.place
    work.runner.run(
        [place.python, *_PIP, *_OFFLINE_INSTALL, place.source],
        environment={"CMAKE_ARGS": "-DLLAMA_BUILD=OFF"},
    )
    packages = place.python_environment / "lib" / f"python{recipes.python_version()}" / "site-packages"
    package = packages / "llama_cpp"
    # The folder the binding looks into by itself. The link is relative: it holds wherever the engine is mounted.
    libraries = package / "lib"
    if not libraries.is_symlink():
        shutil.rmtree(libraries, ignore_errors=True)
        libraries.symlink_to(Path("../../../../../lib"))
    _use_pinned_gguf(place.llama_cpp / "gguf-py" / "gguf", packages / "gguf")
    work.runner.run([place.python, "-s", "-c", _SMOKE_TEST], cure="The binding and the libraries do not fit.")


def _use_pinned_gguf(pinned: Path, installed: Path) -> None:
    """The tree's own gguf instead of the released one of the same version, which knows fewer tensor types."""
    if pinned.is_dir():
        shutil.rmtree(installed, ignore_errors=True)
        shutil.copytree(pinned, installed)


def describe(work: Work) -> Manifest:
    """The record of a build whose steps are all done."""
    place, recipe, machine = work.place, work.recipe, work.machine
    python = recipes.python_version()
    files = [
        path
        for name in ("include", "lib", "bin")
        for path in (place.engine / name).rglob("*")
        if path.is_file() and not path.is_symlink()
    ]
    if not files:
        raise ToolchainError("The build installed nothing.", cure=f"See {place.log}.")
    return Manifest(
        id=place.path.name,
        llama_cpp_python_version=recipe.version,
        llama_cpp_version=fetch.cmake_version(place.llama_cpp / "CMakeLists.txt", "LLAMA"),
        llama_cpp_commit=place.commit.read_text().strip(),
        ggml_version=fetch.cmake_version(place.llama_cpp / "ggml" / "CMakeLists.txt", "GGML"),
        compiler=machine.compiler,
        cmake=machine.cmake,
        flags=recipe.flags,
        python_version=python,
        python_prefix=Path(sys.base_prefix).resolve(),
        machine=recipes.machine(),
        built_at=datetime.now(UTC),
        source_sha256=recipe.sha256,
        files=manifests.digests(place.engine, files),
    )
