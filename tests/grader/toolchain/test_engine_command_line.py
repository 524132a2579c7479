"""`python -m grader.toolchain` as a stranger meets it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grader.toolchain import Stage
from grader.toolchain.lock import exclusive
from grader.toolchain.progress import Reporter
from grader.toolchain.recipe import PROJECT
from grader.toolchain.store import ENVIRONMENT_VARIABLE, Store

COMMAND = [sys.executable, "-m", "grader.toolchain"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


def environment(store: Store) -> dict[str, str]:
    """Where the command line finds the store."""
    return {**os.environ, ENVIRONMENT_VARIABLE: str(store.path)}


def run(store: Store, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command, run to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], cwd=PROJECT, env=environment(store), capture_output=True, text=True, check=False
    )


def test_help_names_every_command_and_exit_status(store: Store) -> None:
    done = run(store, "--help")
    assert done.returncode == 0
    for word in ("build", "status", "path", "verify", "clean", "exit status:", "130", ENVIRONMENT_VARIABLE):
        assert word in done.stdout


@pytest.mark.parametrize("command", ["status", "path", "verify"])
def test_without_an_engine_every_question_is_answered_with_how_to_build_it(store: Store, command: str) -> None:
    done = run(store, command)
    assert done.returncode == 1
    assert "python -m grader.toolchain build" in done.stderr


def test_a_wrong_command_line_is_refused(store: Store) -> None:
    assert run(store, "make").returncode == 2


def test_status_tells_why_a_build_failed(store: Store) -> None:
    report = Reporter(store)
    report.stage(Stage.DOWNLOAD, "fetching")
    report.fail("No network. Plug it in.")
    done = run(store, "status")
    assert done.returncode == 1
    assert "Plug it in." in done.stdout


def test_who_does_not_want_to_wait_is_told_that_another_builds(store: Store) -> None:
    with exclusive(store.lock):
        for arguments in (("build", "--no-wait"), ("clean",)):
            done = run(store, *arguments)
            assert done.returncode == 4
            assert "Another process" in done.stderr


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_waiting_build_shows_the_progress_of_the_other_and_ends_on_a_signal(
    store: Store, number: signal.Signals, status: int
) -> None:
    with exclusive(store.lock):
        Reporter(store).stage(Stage.COMPILE, "Compiling llama.cpp: ggml.c", total=8)
        process = subprocess.Popen(
            [*COMMAND, "build"], cwd=PROJECT, env=environment(store), stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        assert process.stderr.readline() == " 11 % compile (0/8): Compiling llama.cpp: ggml.c\n"
        process.send_signal(number)
        assert process.wait(timeout=10) == status
        assert "resumes" in process.stderr.read()


def test_clean_leaves_nothing_of_an_unfinished_build_but_the_lock(store: Store) -> None:
    store.downloads.mkdir(parents=True)
    (store.downloads / "archive").write_bytes(bytes(2_000_000))
    (store.place("abc").build).mkdir(parents=True)
    done = run(store, "clean", "--all")
    assert done.returncode == 0
    assert done.stdout == "2 MB removed.\n"
    assert [path.name for path in store.path.iterdir()] == ["lock"]
