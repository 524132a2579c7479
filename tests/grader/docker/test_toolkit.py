"""GPUs are given to containers only where the toolkit's hooks are known to be sound."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.sandbox import SandboxUnavailable
from grader.sandbox.docker import toolkit
from grader.sandbox.docker.sandbox import Docker
from grader.sandbox.docker.settings import Settings


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("NVIDIA Container Toolkit CLI version 1.17.8\ncommit: f202b80a9b9d0db00d9b1d73c0128c8962c55f4d\n", ""),
        ("NVIDIA Container Toolkit CLI version 1.18.1\n", ""),
        ("NVIDIA Container Toolkit CLI version 2.0.0\n", ""),
        ("NVIDIA Container Toolkit CLI version 1.17.7\n", "1.17.7 has hooks"),
        ("NVIDIA Container Toolkit CLI version 1.9.12\n", "1.9.12 has hooks"),
        ("", "cannot be told"),
        ("nvidia-ctk: command not found", "cannot be told"),
    ],
)
def test_only_a_toolkit_without_known_holes_is_trusted(said: str, word: str) -> None:
    found = toolkit.problem(said)
    assert (word in found) if word else found == ""


def test_an_old_toolkit_stops_the_sandbox_before_a_container_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "nvidia-ctk"
    program.write_text("#!/bin/sh\necho 'NVIDIA Container Toolkit CLI version 1.16.1'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SandboxUnavailable, match=r"1[.]16[.]1 has hooks that a container can take over"):
        Docker(Settings(gpus=("all",), host="unix:///nonexistent.sock"))
