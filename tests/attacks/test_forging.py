"""Forgeries that are no single submission: the same nothing handed in to every lab."""

from __future__ import annotations

from pathlib import Path

import pytest
from grader import lab as labs
from grader.contract import Verdict
from grader.pipeline import grade
from grader.sandbox import Bubblewrap
from grader.toolchain import current
from tests.attacks.cases import HERE

ROOT = HERE.parents[1]
LABS = sorted(
    path.parent for path in (*ROOT.glob("content/modules/*/labs/*/grading.yml"), *HERE.glob("lab/*/grading.yml"))
)
NOTHING = b" \n\t\n"


@pytest.mark.slow
@pytest.mark.parametrize("folder", LABS, ids=lambda folder: folder.name)
def test_starter_and_empty_files_get_no_points_in_any_lab(folder: Path) -> None:
    toolchain = current()
    assert toolchain is not None, "build the engine first: python -m grader.toolchain build"
    lab = labs.load_lab(folder)
    names = lab.spec.entry.files
    sent = {
        "the starter": {name: lab.starter[name] for name in names},
        "empty files": dict.fromkeys(names, b""),
        "files of blanks": dict.fromkeys(names, NOTHING),
        "the starter's first line": {name: lab.starter[name].partition(b"\n")[0] for name in names},
    }
    for what, files in sent.items():
        grading = grade(lab, files, toolchain=toolchain, sandbox=Bubblewrap(), seed=3)
        assert grading.score == 0, f"{what}: {[row.name for row in grading.tests if row.passed]}"
        assert grading.verdict not in {Verdict.ACCEPTED, Verdict.PARTIAL}, what
        assert grading.verdict is not Verdict.GRADER_ERROR, f"{what}: {grading.fault}"
