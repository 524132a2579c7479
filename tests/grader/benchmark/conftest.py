"""What benchmarks remember of a machine lies in a folder of the tests' own."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def peaks(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("peaks"))


@pytest.fixture(autouse=True)
def own_memory(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, peaks: str) -> None:
    monkeypatch.setenv("GRADER_ROOFLINE_DIR", peaks)
    monkeypatch.setenv("GRADER_BASELINE_DIR", str(tmp_path_factory.mktemp("baselines")))
