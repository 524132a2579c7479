"""Faults of every kind, and a mix of them: nothing is lost, nothing is recorded twice, however they fall.

How soon grading goes on is measured by `python -m tests.faults --record`, on a machine that does nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.kinds import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
FAULTS = 40
_OWN = {"DATABASE_URL", "REDIS_URL", "GRADER_REDIS_URL", "LLSYS_DATA_DIR"}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of forty faults in two stacks of their own, side by side."""
    out = tmp_path_factory.mktemp("faults") / "account.json"
    command = [sys.executable, "-m", "tests.faults", "--faults", str(FAULTS), "--stacks", "2", "--out", str(out)]
    env = {name: value for name, value in os.environ.items() if name not in _OWN}
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert out.exists(), run.stderr[-4000:]
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def test_every_submission_has_one_verdict_and_the_right_one(account: dict[str, Any]) -> None:
    found = account["problems"]
    assert not found, f"{len(found)} with seeds {account['seeds']}: {'; '.join(found[:5])}"
    assert account["submissions"] > FAULTS


@pytest.mark.parametrize("kind", KINDS)
def test_it_really_happened_while_something_was_under_way(account: dict[str, Any], kind: str) -> None:
    assert account["faults"].get(kind, 0) >= 1, account["missed"]


def test_as_many_faults_were_injected_as_were_asked_for(account: dict[str, Any]) -> None:
    assert account["faults_in_all"] >= FAULTS


def test_machines_were_really_lost(account: dict[str, Any]) -> None:
    assert account["attempts_lost"] > 0
