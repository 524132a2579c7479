"""`certification.yml`: read, checked, and read again when it changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from backend.certification.rules import CriteriaError, criteria

_ONE = """version: 1
date: 2026-01-01
resubmission_after_days: 7
criteria:
  - {id: labs, title: Labs, why: Because., judged_by: system, per: track, evidence: Yours.,
     rule: {kind: labs_accepted, gpu_stages_block: false}}
"""


@pytest.fixture
def file(tmp_path: Path, settings: Settings) -> Path:
    settings.CONTENT_DIR = tmp_path
    return tmp_path / "certification.yml"


def test_the_projects_own_criteria_are_valid_and_cover_the_brief() -> None:
    found = criteria()
    assert {item.rule.kind for item in found.criteria} == {
        "modules_complete", "quizzes_passed", "labs_accepted", "production_projects", "mock_interview",
        "capstone_project", "take_home", "portfolio_review",
    }  # fmt: skip
    demands = {item.rule.kind: item.rule.demand for item in found.criteria}
    assert "70 %" in demands["quizzes_passed"]
    assert demands["production_projects"].startswith("3 projects")
    assert "System design and coding within 90 days" in demands["mock_interview"]


def test_a_changed_file_is_read_again(file: Path) -> None:
    file.write_text(_ONE)
    assert criteria().version == 1
    assert criteria() is criteria()
    file.write_text(_ONE.replace("version: 1", "version: 2"))
    os.utime(file, ns=(1, 1))
    assert criteria().version == 2


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("gpu_stages_block: false", "gpu_stages_block: true"), "criteria.0"),
        (("gpu_stages_block: false", "gpu_stages_block: false, extra: 1"), "criteria.0"),
        (("labs_accepted", "labs_perhaps"), "criteria.0"),
        (("judged_by: system", "judged_by: reviewer"), "is judged by system"),
        (("version: 1", "version: 0"), "version"),
        (("criteria:", "other:"), "criteria"),
        (("version: 1", "version: ["), "not YAML"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(file: Path, change: tuple[str, str], complaint: str) -> None:
    file.write_text(_ONE.replace(*change))
    with pytest.raises(CriteriaError, match=complaint):
        criteria()


def test_a_missing_file_is_named(file: Path) -> None:
    with pytest.raises(CriteriaError, match=r"certification\.yml"):
        criteria()
