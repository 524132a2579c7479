"""Building a toolchain, step by step, so that an interrupted build resumes where it stopped."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from grader.toolchain import models, preflight, steps
from grader.toolchain import recipe as recipes
from grader.toolchain.errors import ManifestError, ToolchainError
from grader.toolchain.installed import Toolchain, current, load
from grader.toolchain.lock import exclusive
from grader.toolchain.process import Runner
from grader.toolchain.progress import Reporter, Stage, progress
from grader.toolchain.recipe import Recipe
from grader.toolchain.steps import Work
from grader.toolchain.store import Place, Store, default_store, write_atomically

# Each step in its order, with what people read while it runs.
_STEPS: tuple[tuple[Stage, str, Callable[[Work], None]], ...] = (
    (Stage.PYTHON, "Setting up the Python runtime.", steps.make_python),
    (Stage.DOWNLOAD, "Downloading the pinned source distribution.", steps.download),
    (Stage.UNPACK, "Unpacking the source.", steps.unpack),
    (Stage.CONFIGURE, "Configuring llama.cpp.", steps.configure),
    (Stage.COMPILE, "Compiling llama.cpp.", steps.compile_all),
    (Stage.INSTALL, "Installing headers, libraries and tools.", steps.install),
    (Stage.BINDING, "Installing the Python binding.", steps.install_binding),
)


def build(
    store: Store | None = None, recipe: Recipe | None = None, *, wait: bool = True, model: Path = models.SOURCE
) -> Toolchain:
    """Build the toolchain, resume a build, or return at once when it is complete.

    The fixture models are brought up to date in any case: they follow the content, not the engine.

    Args:
        store: where toolchains live; the default store when None.
        recipe: what to build; the project's own when None.
        wait: wait for another process that builds, instead of refusing.
        model: the fixture model that the quantized ones are made from.

    Raises:
        BuildRunningError: another process builds and `wait` is false.
        ToolchainError: a step failed; `progress` tells it too, and building again resumes there.
    """
    store = store or default_store()
    recipe = recipe or recipes.pinned()
    with exclusive(store.lock, wait=wait) as lock:
        ready = current(store, recipe)
        if ready is not None and models.up_to_date(ready.models_dir, model):
            if progress(store).stage is not Stage.READY:
                Reporter(store).stage(Stage.READY, ready.manifest.description)
            return ready
        report = Reporter(store)
        try:
            return _build(store, recipe, lock, report, ready, model)
        except ToolchainError as error:
            report.fail(str(error))
            raise
        except OSError as error:
            told = ToolchainError(f"The build cannot go on: {error}.", cure="Free space or mend the folder's rights.")
            report.fail(str(told))
            raise told from error


def _build(
    store: Store, recipe: Recipe, lock: int, report: Reporter, ready: Toolchain | None, model: Path
) -> Toolchain:
    if ready is None:
        report.stage(Stage.PREFLIGHT, "Looking for a compiler and cmake.")
        machine = preflight.inspect()
        place = store.place(
            recipe.identity(compiler=machine.compiler, python=recipes.python_version(), machine=recipes.machine())
        )
        ready = _complete(place, recipe)
        if ready is None:
            place.steps.mkdir(parents=True, exist_ok=True)
            preflight.check_space(place.path)
            work = Work(recipe, store, place, machine, Runner(log=place.log, lock=lock), report)
            ready = _run_steps(work, model)
    _make_models(store.place(ready.id), lock, report, model)
    write_atomically(store.pointer, ready.id + "\n")
    report.stage(Stage.READY, ready.manifest.description)
    return ready


def _make_models(place: Place, lock: int, report: Reporter, model: Path) -> None:
    if models.up_to_date(place.models, model):
        return
    report.stage(Stage.MODELS, "Quantizing the fixture models.", total=len(models.VARIANTS))
    runner = Runner(log=place.log, lock=lock)
    models.make(place.engine / "bin" / "llama-quantize", place.models, model, runner, report.advance)


def _complete(place: Place, recipe: Recipe) -> Toolchain | None:
    """The toolchain of an earlier build in this folder; a damaged one is cleared away, to be made anew."""
    if not place.manifest.exists():
        return None
    try:
        return load(place, recipe)
    except ManifestError:
        place.manifest.unlink()
        shutil.rmtree(place.steps, ignore_errors=True)
        shutil.rmtree(place.build, ignore_errors=True)
        shutil.rmtree(place.engine, ignore_errors=True)
        shutil.rmtree(place.models, ignore_errors=True)
        return None


def _run_steps(work: Work, model: Path) -> Toolchain:
    place = work.place
    todo = [step for step in _STEPS if not _mark(place, step[0]).exists()]
    for stage, detail, run in todo:
        work.report.stage(stage, detail)
        run(work)
        _mark(place, stage).touch()
    _make_models(place, work.runner.lock, work.report, model)
    work.report.stage(Stage.FINISH, "Writing the manifest.")
    write_atomically(place.manifest, steps.describe(work).model_dump_json(indent=1) + "\n")
    shutil.rmtree(place.build, ignore_errors=True)
    return load(place, work.recipe)


def _mark(place: Place, stage: Stage) -> Path:
    return place.steps / stage.value
