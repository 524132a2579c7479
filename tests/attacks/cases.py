"""The corpus of attacks: folders of submissions with what must come of each.

`GROUP/ROW/NAME/` is one attack: the files that are handed in, and `expect.yml`. `GROUP/rows.yml` lists the rows of a
group; a row whose attack cannot be a submission names the test that makes it. `GROUP/controls/` holds submissions that
attack nothing: right ones must pass and wrong ones fail, so that neither "refuse everything" nor "believe everything"
survives.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from grader import lab as labs
from grader.contract import Verdict
from grader.lab import Lab
from pydantic import BaseModel, ConfigDict, Field

HERE = Path(__file__).parent
ROWS = {"R": 18, "E": 18, "F": 14, "B": 24, "H": 8, "U": 10}
"""Rows of each group: R resources, E escapes, F forged results, B benchmarks, H hidden tests, U uploads."""
CONTROLS = "controls"
ROOM: dict[str, int | float] = {"cpu_seconds": 10, "wall_seconds": 20}
"""What attacks that are not about time may take, so that a busy machine changes no verdict."""

Box = Literal["bubblewrap", "bubblewrap-user", "docker"]
"""`bubblewrap-user` is bubblewrap started by somebody who is not root."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expectation(_File):
    """`expect.yml`."""

    row: str
    why: str
    """What the submission tries, in one sentence."""
    verdict: list[Verdict] = Field(min_length=1)
    """One of these; an escape is written so that "accepted" says that all it tried was refused."""
    says: str = ""
    """A part of some message that the learner must see."""
    origin: str = ""
    """Where this class of attack was published, as OWNER/REPOSITORY with the issue or file."""
    sandboxes: list[Box] = Field(default_factory=list)
    """Where it runs; as `rows.yml` of its group says when empty."""
    lab: str = ""
    """A folder below `lab/`; by default the tiny lab of the submission's language."""
    limits: dict[str, int | float] = Field(default_factory=dict)
    """Limits of the lab that are different for this attack."""
    compile: dict[str, Any] = Field(default_factory=dict)
    """Limits of the compiler that are different for this attack, so that a bomb need not burn for long."""
    score: float | None = None
    """Exactly these points."""
    device: Literal["cpu", "gpu"] = "cpu"
    explain: bool | None = None
    """Whether the failure is explained as well, with sanitizers and other inputs; as its group says when unset."""
    gain: float | None = None
    """The highest ratio to honest code that a benchmark may credit."""


class Row(_File):
    """One row of the catalogue."""

    what: str
    covered_by: list[str] = Field(default_factory=list)
    """Tests elsewhere, as `tests/FILE.py::test_name`."""
    not_applicable: str = ""
    """Why the product has nothing that this row could attack; a test in `covered_by` must notice when it gets it."""


class Group(_File):
    """`rows.yml`."""

    sandboxes: list[Box]
    explain: bool = True
    runner: str = "tests/attacks/test_attacks.py"
    rows: dict[str, Row]


@dataclass(frozen=True)
class Attack:
    """One submission of the corpus."""

    folder: Path
    expected: Expectation

    @property
    def group(self) -> str:
        return self.folder.parent.parent.name

    @property
    def name(self) -> str:
        """Such as "R1-threads"."""
        row = self.folder.parent.name
        return f"{self.group}-{self.folder.name}" if row == CONTROLS else f"{row}-{self.folder.name}"

    @property
    def files(self) -> dict[str, bytes]:
        """What is handed in."""
        paths = (path for path in sorted(self.folder.iterdir()) if path.is_file() and path.name != "expect.yml")
        return {path.name: path.read_bytes() for path in paths}

    @property
    def lab(self) -> Lab:
        """The lab it is handed in to."""
        name = self.expected.lab or ("cpp" if (self.folder / "main.cpp").exists() else "python")
        room = {} if Verdict.TIME_LIMIT in self.expected.verdict else ROOM
        lab = tiny_lab(name, **(room | self.expected.limits))
        changes: dict[str, object] = {"device": self.expected.device}
        explain = self.expected.explain
        if not (group(self.group).explain if explain is None else explain):
            changes["explain"] = labs.ExplainSpec(seconds=0, runs=0, sanitizers="off")
        return labs.Lab(lab.slug, lab.digest, lab.spec.model_copy(update=changes), lab.files)

    @property
    def sandboxes(self) -> list[Box]:
        return self.expected.sandboxes or group(self.group).sandboxes


def tiny_lab(name: str, **limits: float) -> Lab:
    """A lab of `lab/`, with some of its limits changed."""
    lab = labs.load_lab(HERE / "lab" / name)
    if not limits:
        return lab
    changed = labs.LimitsSpec.model_validate(lab.spec.limits.model_dump() | limits)
    return labs.Lab(lab.slug, lab.digest, lab.spec.model_copy(update={"limits": changed}), lab.files)


@cache
def group(name: str) -> Group:
    """A group's `rows.yml`."""
    return Group.model_validate(yaml.safe_load((HERE / name / "rows.yml").read_text()))


@cache
def attacks() -> tuple[Attack, ...]:
    """Every attack and control, in the order of groups and rows."""
    found = []
    for path in HERE.glob("*/*/*/expect.yml"):
        if path.relative_to(HERE).parts[0] in ROWS:
            found.append(Attack(path.parent, Expectation.model_validate(yaml.safe_load(path.read_text()))))
    return tuple(sorted(found, key=_order))


def _order(attack: Attack) -> tuple[int, int, str]:
    row = attack.folder.parent.name
    number = int(row[1:]) if row[1:].isdigit() else 0
    return list(ROWS).index(attack.group), number, attack.folder.name
