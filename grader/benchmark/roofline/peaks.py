"""One measured limit of a machine, and where such limits are kept."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_Kept = TypeVar("_Kept", bound=BaseModel)


class RooflineFault(RuntimeError):
    """The machine could not be measured; the message says what failed."""


class Peak(BaseModel):
    """One of the machine's limits: the best of many short samples, and how they spread."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    best: float = Field(gt=0)
    low: float = Field(gt=0)
    """Twentieth percentile."""
    middle: float = Field(gt=0)

    @classmethod
    def of(cls, samples: list[float]) -> Self:
        """From samples. Disturbance only ever makes a sample smaller, so the best is the machine's."""
        ordered = sorted(samples)
        return cls(best=ordered[-1], low=ordered[len(ordered) // 5], middle=ordered[len(ordered) // 2])

    def joined(self, other: Peak) -> Peak:
        """The better of two measurements."""
        return self if self.best >= other.best else other


def folder_of_this_machine() -> Path:
    """`GRADER_ROOFLINE_DIR`, by default `~/.cache/llsys/roofline`."""
    return Path(os.environ.get("GRADER_ROOFLINE_DIR") or Path.home() / ".cache" / "llsys" / "roofline")


def read(path: Path, kind: type[_Kept]) -> _Kept | None:
    """What was measured before; None where nothing usable is kept."""
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def keep(path: Path, found: BaseModel) -> None:
    """Remember it; a folder that cannot be written only costs time."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            file.write(found.model_dump_json(indent=1))
        Path(file.name).replace(path)


def rows(named: list[tuple[str, Peak, str]]) -> list[str]:
    """Lines for people: what it is, the peak, its unit."""
    return [
        f"  {name:<32} {peak.best:>9.1f} {unit:<8} (middle {peak.middle:.1f}, low {peak.low:.1f})"
        for name, peak, unit in named
    ]
