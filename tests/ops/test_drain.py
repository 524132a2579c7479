"""Ending a site leaves its grader the time to finish what runs."""

from __future__ import annotations

from pathlib import Path

from backend.config.processes import children
from backend.config.supervisor import Child
from grader import worker


def grader_with(tmp_path: Path, **environment: str) -> Child:
    """The grader among the processes of a site."""
    told = {"REDIS_URL": "unix:///nowhere", **environment}
    found = {child.name: child for child in children(told, host="127.0.0.1", port=1, data_dir=tmp_path, grader=True)}
    return found["grader"]


def test_the_grader_gets_longer_to_end_than_its_attempts_get_to_finish(tmp_path: Path) -> None:
    assert grader_with(tmp_path).grace >= worker.DRAIN_SECONDS + 3
    assert grader_with(tmp_path, GRADER_DRAIN_SECONDS="90").grace >= 93


def test_the_grader_ends_before_the_worker_that_takes_in_its_last_reports(tmp_path: Path) -> None:
    told = {"REDIS_URL": "unix:///nowhere"}
    found = {child.name: child for child in children(told, host="127.0.0.1", port=1, data_dir=tmp_path, grader=True)}
    assert found["grader"].stage < found["worker"].stage
