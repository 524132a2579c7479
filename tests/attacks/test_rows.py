"""Every row of the catalogue is attacked, here or by a test that is named and exists."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from grader.contract import Verdict
from tests.attacks.cases import CONTROLS, HERE, ROWS, attacks, group

ROOT = HERE.parents[1]
GROUPS = sorted(ROWS)


@cache
def _tests(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("name", GROUPS)
def test_every_row_is_attacked(name: str) -> None:
    rows = group(name).rows
    assert sorted(rows) == sorted(f"{name}{number}" for number in range(1, ROWS[name] + 1))
    attacked = {attack.expected.row for attack in attacks() if attack.group == name}
    assert [row for row in rows if row not in attacked and not rows[row].covered_by] == []


@pytest.mark.parametrize("name", GROUPS)
def test_the_tests_that_a_row_names_exist(name: str) -> None:
    named = [test for row in group(name).rows.values() for test in row.covered_by]
    missing = []
    for test in named:
        file, _, function = test.partition("::")
        if not (ROOT / file).is_file() or function.partition("[")[0] not in _tests(ROOT / file):
            missing.append(test)
    assert missing == []


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_has_right_and_wrong_controls(name: str) -> None:
    controls = [attack for attack in attacks() if attack.group == name and attack.expected.row == CONTROLS]
    assert any(attack.expected.verdict == [Verdict.ACCEPTED] for attack in controls)
    assert any(Verdict.ACCEPTED not in attack.expected.verdict for attack in controls)


def test_every_attack_says_its_own_row() -> None:
    assert [attack.name for attack in attacks() if attack.folder.parent.name != attack.expected.row] == []


def test_a_row_without_anything_to_attack_has_a_test_that_would_notice() -> None:
    rows = {name: row for letter in GROUPS for name, row in group(letter).rows.items()}
    assert [name for name, row in rows.items() if row.not_applicable and not row.covered_by] == []
