"""./up and its parts, as a shell runs them, on machines that lack this and that."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
BASIC = ("sh", "env", "dirname", "cat", "cut", "tr", "sed", "id", "uname", "grep", "rm", "mkdir")


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A folder for PATH with what every system has, and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in BASIC:
        # Scripts and not links: a test that replaces one must never write through to the system's own.
        _program(folder, name, f'exec {shutil.which(name)} "$@"')
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the scripts in a folder whose name has spaces."""
    folder = tmp_path / "my first project"
    (folder / "deploy").mkdir(parents=True)
    shutil.copytree(PROJECT / "deploy" / "setup", folder / "deploy" / "setup")
    for name in ("up", "test"):
        shutil.copy(PROJECT / name, folder / name)
    return folder


def _program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    assert not path.is_symlink()
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def _run(*command: str | Path, path: Path | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path) if path else os.environ["PATH"], "HOME": "/nonexistent"}
    return subprocess.run(
        [str(part) for part in command], env=environment, cwd=cwd or PROJECT, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("script", ["up", "test"])
def test_help_explains_the_command_and_changes_nothing(checkout: Path, script: str) -> None:
    before = sorted(checkout.rglob("*"))
    result = _run(checkout / script, "--help", cwd=Path("/"))
    assert result.returncode == 0
    assert f"usage: ./{script}" in result.stdout
    assert sorted(checkout.rglob("*")) == before


@pytest.mark.parametrize("arguments", [["--prot", "80"], ["--port"]])
def test_a_wrong_option_is_named_before_anything_is_done(checkout: Path, arguments: list[str]) -> None:
    result = _run(checkout / "up", *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("up: ")
    assert not (checkout / ".venv").exists()


def test_all_that_is_missing_is_named_in_one_message_with_the_command_that_installs_it(
    checkout: Path, bare_path: Path
) -> None:
    _program(bare_path, "id", "echo 1000")
    _program(bare_path, "apt-get", "exit 1")
    _program(bare_path, "uname", "echo Linux")
    result = _run(checkout / "up", path=bare_path)
    assert result.returncode == 1
    command = "sudo apt-get install python3 python3-venv g++ cmake ninja-build bubblewrap"
    assert command in result.stderr
    for purpose in ("Python 3.11, 3.12 or 3.13", "a C++ compiler", "the sandbox for submitted programs"):
        assert purpose in result.stderr
    assert "Nothing has been changed" in result.stderr
    assert not (checkout / ".venv").exists()


def test_without_a_grader_no_compiler_is_asked_for(checkout: Path, bare_path: Path) -> None:
    _program(bare_path, "id", "echo 1000")
    result = _run(checkout / "up", "--no-grader", path=bare_path)
    assert "python3-venv" in result.stderr
    assert "g++" not in result.stderr


def test_a_mac_is_told_what_brew_installs(checkout: Path, bare_path: Path) -> None:
    _program(bare_path, "uname", "echo Darwin")
    result = _run(checkout / "up", path=bare_path)
    assert "brew install python@3.13 cmake ninja" in result.stderr
    assert "bubblewrap" not in result.stderr


def test_a_python_that_is_too_old_does_not_count(checkout: Path, bare_path: Path) -> None:
    _program(bare_path, "id", "echo 1000")
    _program(bare_path, "python3", "exit 1")
    assert "Python 3.11, 3.12 or 3.13" in _run(checkout / "up", path=bare_path).stderr


def test_root_has_the_missing_packages_installed_without_a_question(checkout: Path, bare_path: Path) -> None:
    log = checkout / "apt.log"
    _program(bare_path, "id", "echo 0")
    _program(bare_path, "apt-get", f'echo "$DEBIAN_FRONTEND $*" >>"{log}"')
    result = _run(checkout / "up", path=bare_path)
    update, install = log.read_text().splitlines()
    assert update == "noninteractive update -qq"
    assert install.startswith("noninteractive install -y ")
    assert {"python3", "python3-venv", "g++", "cmake", "ninja-build", "bubblewrap"} <= set(install.split())
    # This apt-get installs nothing: what is still missing is named.
    assert result.returncode == 1
    assert "This machine lacks" in result.stderr


def test_what_was_installed_and_built_is_not_made_again_until_its_sources_change(checkout: Path) -> None:
    (checkout / "requirements").mkdir()
    (checkout / "requirements" / "app.txt").write_text("")
    front_end = checkout / "frontend"
    (front_end / "src").mkdir(parents=True)
    (front_end / "src" / "main.ts").write_text("1")
    (front_end / "package-lock.json").write_text("{}")
    _program(front_end, "npm", f'cd "{front_end}"\nmkdir -p dist node_modules\necho "$*" >>calls')
    first = _run(checkout / "up", "--no-grader", "--prepare-only")
    assert first.returncode == 0, first.stderr
    assert (front_end / "calls").read_text().splitlines() == [
        "ci --no-audit --no-fund --loglevel=error",
        "run --silent build",
    ]
    second = _run(checkout / "up", "--no-grader", "--prepare-only")
    assert (second.returncode, second.stdout) == (0, "")
    (front_end / "src" / "main.ts").write_text("2")
    third = _run(checkout / "up", "--no-grader", "--prepare-only")
    assert third.stdout.splitlines() == ["==> Building the front end"]

    # A run that was killed while it installed leaves this mark.
    (checkout / ".venv" / "unfinished").touch()
    fourth = _run(checkout / "up", "--no-grader", "--prepare-only")
    assert "==> Creating the virtual environment" in fourth.stdout.splitlines()
