"""What anyone can read about a build, also when nobody builds or the record is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.toolchain import Stage, ToolchainError, progress
from grader.toolchain.lock import exclusive
from grader.toolchain.progress import Reporter
from grader.toolchain.recipe import Recipe, pinned
from grader.toolchain.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


def test_without_a_build_there_is_none(store: Store) -> None:
    assert progress(store).stage is Stage.ABSENT
    assert not progress(store).running


def test_a_record_that_is_cut_off_counts_as_none(store: Store) -> None:
    Reporter(store).stage(Stage.COMPILE, "at work")
    store.progress.write_bytes(store.progress.read_bytes()[:20])
    assert progress(store).stage is Stage.ABSENT


def test_a_running_stage_without_a_process_is_an_interrupted_build(store: Store) -> None:
    with exclusive(store.lock):
        Reporter(store).stage(Stage.COMPILE, "at work", total=4)
        assert progress(store).stage is Stage.COMPILE
    assert progress(store).stage is Stage.INTERRUPTED
    assert "compile" in progress(store).detail


def test_a_failure_outlives_its_process_and_keeps_the_cure(store: Store) -> None:
    with exclusive(store.lock):
        report = Reporter(store)
        report.stage(Stage.DOWNLOAD, "fetching")
        report.fail(str(ToolchainError("No network.", cure="Plug it in.")))
    state = progress(store)
    assert (state.stage, state.error) == (Stage.FAILED, "No network. Plug it in.")
    assert "download" in state.detail


def test_percent_grows_within_a_stage_and_from_stage_to_stage(store: Store) -> None:
    report = Reporter(store)
    seen = []
    for stage in (stage for stage in Stage if stage not in (Stage.ABSENT, Stage.FAILED, Stage.INTERRUPTED)):
        report.stage(stage, "")
        for done in range(4):
            report.advance(done, 3)
            seen.append(report.state.percent)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 100)


def test_equal_inputs_give_an_equal_id_and_each_input_another(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("numpy==2")
    recipe = Recipe("engine", "1", "0" * 64, requirements=lock, flags=("-A",))

    def identity(recipe: Recipe = recipe, compiler: str = "g++ 12", python: str = "3.11", machine: str = "m") -> str:
        return recipe.identity(compiler=compiler, python=python, machine=machine)

    first = identity()
    others = [
        identity(Recipe("engine", "2", "0" * 64, lock, ("-A",))),
        identity(Recipe("engine", "1", "1" * 64, lock, ("-A",))),
        identity(Recipe("engine", "1", "0" * 64, lock, ("-B",))),
        identity(compiler="g++ 13"),
        identity(python="3.12"),
        identity(machine="n"),
    ]
    assert identity() == first
    lock.write_text("numpy==3")
    others.append(identity())
    assert len({first, *others}) == 1 + len(others)


@pytest.mark.parametrize(
    "text",
    ["", "a==1", f"a==1 --hash=sha256:{'0' * 64}\nb==1 --hash=sha256:{'0' * 64}", f"a>=1 --hash=sha256:{'0' * 64}"],
    ids=["empty", "no-hash", "two", "no-exact-version"],
)  # fmt: skip
def test_a_pin_that_does_not_pin_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "pin.txt").write_text(text)
    with pytest.raises(ToolchainError, match="one line"):
        pinned(tmp_path / "pin.txt")
