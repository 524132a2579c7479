"""Building an engine from a small source distribution: every step is the real one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grader.toolchain import BuildRunningError, Stage, Toolchain, ToolchainError, build, current, models, progress
from grader.toolchain.lock import exclusive, is_locked
from grader.toolchain.recipe import PROJECT, Recipe
from grader.toolchain.store import Place, Store
from tests.grader.toolchain import fake

pytestmark = pytest.mark.slow


@dataclass
class Site:
    """A store with a source distribution to build, and the content's model."""

    folder: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return Store(self.folder / "store")

    @property
    def recipe(self) -> Recipe:
        return fake.recipe_of(self.store)

    @property
    def model(self) -> Path:
        return self.folder / "tiny.gguf"

    @property
    def gate(self) -> Path:
        return self.folder / "gate"

    def compiled(self) -> list[str]:
        """Units in the order they were compiled in, by all builds so far."""
        log = self.folder / "compiled"
        return log.read_text().split() if log.exists() else []

    def build(self) -> Toolchain:
        return build(self.store, self.recipe, model=self.model)

    def start(self, **environment: str) -> subprocess.Popen[str]:
        """A build in a process of its own."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.grader.toolchain.fake", self.store.path, self.model],
            cwd=PROJECT,
            env={**os.environ, fake.LOG: str(self.folder / "compiled"), **environment},
            text=True,
        )
        self.started.append(process)
        return process

    def start_and_get_stuck(self, **environment: str) -> subprocess.Popen[str]:
        """A build that stands still in the middle of a unit."""
        process = self.start(**{fake.GATE: str(self.gate), **environment})
        fake.until(lambda: fake.STUCK_UNIT in self.compiled())
        return process


def _new_site(folder: Path) -> Site:
    site = Site(folder)
    fake.offer(site.store)
    site.model.write_bytes(b"weights")
    return site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A store in which nothing has been built; no build outlives its test."""
    site = _new_site(tmp_path)
    yield site
    site.gate.touch()
    for process in site.started:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A store with a finished toolchain; whoever damages it builds it again."""
    site = _new_site(tmp_path_factory.mktemp("built"))
    site.build()
    return site


def _without_ninja(folder: Path) -> str:
    """A PATH with every program of this machine but ninja."""
    folder.mkdir()
    for place in os.get_exec_path():
        for program in Path(place).glob("*"):
            if program.name != "ninja" and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return str(folder)


def test_a_build_gives_headers_libraries_tools_python_and_models(built: Site) -> None:
    toolchain = built.build()

    assert (toolchain.root / "include" / "llama.h").is_file()
    assert (toolchain.root / "include" / "common" / "common.h").is_file()
    assert (toolchain.root / "lib" / "libllama.so").is_file()
    assert (toolchain.models_dir / "tiny-q8_0.gguf").read_text() == "Q8_0 of weights by 0"
    assert (toolchain.models_dir / "tiny-f16.gguf").read_bytes() == b"weights"
    manifest = toolchain.manifest
    assert (manifest.llama_cpp_version, manifest.ggml_version) == ("4.5.6", "7.8.9")
    assert manifest.llama_cpp_commit == fake.COMMIT
    assert {"include/llama.h", "lib/libllama.so", "bin/llama-quantize"} <= set(manifest.files)
    assert current(built.store, built.recipe) == toolchain
    assert not built.store.place(toolchain.id).build.exists()


def test_the_engine_works_wherever_it_is_mounted(built: Site, tmp_path: Path) -> None:
    toolchain = built.build()
    moved = tmp_path / "elsewhere"
    shutil.copytree(toolchain.root, moved, symlinks=True)
    toolchain.root.rename(hidden := tmp_path / "hidden")
    try:
        subprocess.run([moved / "bin" / "llama-quantize", "/dev/null", tmp_path / "out", "Q1"], check=True)
        python = [str(moved / "python" / "bin" / "python"), "-I", "-c", "import llama_cpp; print(llama_cpp.unit(5))"]
        said = subprocess.run(python, check=True, capture_output=True, text=True).stdout
    finally:
        hidden.rename(toolchain.root)
    assert (tmp_path / "out").read_text().startswith("Q1 of")
    assert said == "5\n"


def test_building_again_does_nothing(built: Site) -> None:
    toolchain = built.build()
    before = {path: path.stat().st_mtime_ns for path in built.store.path.rglob("*") if path.is_file()}
    assert built.build() == toolchain
    assert before == {path: path.stat().st_mtime_ns for path in built.store.path.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: (place.engine / "lib" / "libllama.so").write_bytes(b"other"),
        lambda place: (place.engine / "bin" / "llama-quantize").unlink(),
        lambda place: place.manifest.write_text("{"),
        lambda place: place.python.unlink(),
    ],
    ids=["changed-library", "lost-tool", "half-a-manifest", "lost-interpreter"],
)
def test_a_damaged_toolchain_is_not_current(built: Site, damage: Callable[[Place], object], tmp_path: Path) -> None:
    toolchain = built.build()
    shutil.copytree(built.store.path, tmp_path / "store", symlinks=True)
    copy = Store(tmp_path / "store")
    assert current(copy, built.recipe) is not None
    damage(copy.place(toolchain.id))
    assert current(copy, built.recipe) is None


def test_a_damaged_toolchain_is_made_anew(built: Site) -> None:
    toolchain = built.build()
    (toolchain.root / "lib" / "libllama.so").write_bytes(b"other")
    (toolchain.root / "lib" / "libold.so").write_bytes(b"left over")
    assert built.build().id == toolchain.id
    assert current(built.store, built.recipe) is not None
    assert not (toolchain.root / "lib" / "libold.so").exists()
    assert (toolchain.models_dir / "tiny-q8_0.gguf").read_text() == "Q8_0 of weights by 0"


def test_models_follow_the_content_and_the_engine_stays(built: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    toolchain = built.build()
    (toolchain.models_dir / "tiny-of-old.gguf").write_text("no longer made")
    built.model.write_bytes(b"better weights")
    try:
        # Whoever compiled now would not find a compiler.
        monkeypatch.setenv("CXX", "/nowhere/c++")
        assert current(built.store, built.recipe) == toolchain
        assert built.build() == toolchain
        assert (toolchain.models_dir / "tiny-q2_k.gguf").read_text() == "Q2_K of better weights by 0"
        assert set(models.available(toolchain)) == {models.BASE, *models.VARIANTS}
    finally:
        built.model.write_bytes(b"weights")
        monkeypatch.undo()
        built.build()


def test_a_lost_variant_is_made_again(built: Site) -> None:
    toolchain = built.build()
    (toolchain.models_dir / "tiny-q4_0.gguf").unlink()
    built.build()
    assert (toolchain.models_dir / "tiny-q4_0.gguf").read_text() == "Q4_0 of weights by 0"


@pytest.mark.parametrize("program", ["ninja", "make"])
def test_a_build_killed_in_the_middle_of_a_unit_resumes_there(site: Site, program: str, tmp_path: Path) -> None:
    environment = {"PATH": _without_ninja(tmp_path / "programs")} if program == "make" else {}
    process = site.start_and_get_stuck(**environment)
    place = next(site.store.path.glob("*/build")).parent
    assert (place / "build" / "build.ninja").exists() == (program == "ninja")
    fake.until(lambda: [half.read_bytes() for half in place.glob(f"build/**/{fake.STUCK_UNIT}.o")] == [b"half"])

    process.kill()
    process.wait()

    fake.until(lambda: not is_locked(site.store.lock))
    assert progress(site.store).stage is Stage.INTERRUPTED
    assert "compile" in progress(site.store).detail
    assert current(site.store, site.recipe) is None
    before = site.compiled()

    site.gate.touch()
    python_made = (place / "engine" / "python" / "pyvenv.cfg").stat().st_mtime_ns
    assert site.start(**environment).wait() == 0

    toolchain = current(site.store, site.recipe)
    assert toolchain is not None
    assert (toolchain.models_dir / "tiny-q8_0.gguf").read_text() == "Q8_0 of weights by 0"
    assert (place / "engine" / "python" / "pyvenv.cfg").stat().st_mtime_ns == python_made
    assert fake.STUCK_UNIT in site.compiled()[len(before) :]
    if program == "ninja":
        finished = set(before[: before.index(fake.STUCK_UNIT)][:-1])
        assert not finished & set(site.compiled()[len(before) :])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_compilers_and_leaves_a_build_to_resume(site: Site, number: signal.Signals) -> None:
    process = site.start_and_get_stuck()
    process.send_signal(number)
    process.wait()
    fake.until(lambda: not is_locked(site.store.lock), within=3)
    assert progress(site.store).stage is Stage.INTERRUPTED


def test_progress_only_grows_and_ends_with_ready(site: Site) -> None:
    process = site.start(**{fake.PAUSE: "0.3"})
    seen = []
    while process.poll() is None:
        seen.append(progress(site.store))
    seen.append(progress(site.store))
    assert process.returncode == 0
    running = [state for state in seen if state.stage is not Stage.ABSENT]
    percents = [state.percent for state in running]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    order = list(dict.fromkeys(state.stage for state in running))
    assert order == [stage for stage in Stage if stage in order]
    assert {Stage.PYTHON, Stage.COMPILE, Stage.BINDING, Stage.READY} <= set(order)
    assert any(state.stage is Stage.COMPILE and state.total >= fake.UNITS and state.done for state in running)


def test_only_one_builds_at_a_time(site: Site) -> None:
    with exclusive(site.store.lock), pytest.raises(BuildRunningError, match="Another process"):
        build(site.store, site.recipe, wait=False, model=site.model)
    process = site.start_and_get_stuck()
    second = site.start()
    with pytest.raises(BuildRunningError):
        build(site.store, site.recipe, wait=False, model=site.model)
    site.gate.touch()
    assert (process.wait(), second.wait()) == (0, 0)
    compiled = site.compiled()
    assert len(compiled) == len(set(compiled))


def test_an_archive_with_another_digest_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pinned = site.recipe
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / pinned.archive_name).write_bytes(fake.archive({**fake.files(), "README": "not what was pinned"}))
    (site.store.downloads / pinned.archive_name).unlink()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    with pytest.raises(ToolchainError, match=r"(?i)hash"):
        build(site.store, pinned, model=site.model)
    state = progress(site.store)
    assert state.stage is Stage.FAILED
    assert pinned.sha256 in state.error
    assert not list(site.store.path.glob("*/source"))

    (wheels / pinned.archive_name).write_bytes(fake.archive(fake.files()))
    assert build(site.store, pinned, model=site.model).manifest.source_sha256 == pinned.sha256


def test_code_that_does_not_compile_is_told_with_the_compilers_words(site: Site) -> None:
    recipe = fake.offer(site.store, broken=True)
    with pytest.raises(ToolchainError, match="quick brown fox"):
        build(site.store, recipe, model=site.model)
    state = progress(site.store)
    assert state.stage is Stage.FAILED
    assert "build.log" in state.error
    assert current(site.store, recipe) is None


def test_a_machine_without_compiler_is_told_how_to_get_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "/nowhere/c++")
    with pytest.raises(ToolchainError, match=r"no C\+\+ compiler.*apt-get install"):
        site.build()
    assert progress(site.store).stage is Stage.FAILED
