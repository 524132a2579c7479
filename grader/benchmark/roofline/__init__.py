"""What this machine can do at all, measured by a small program in the sandbox and kept for each kind of processor.

A rate above it is an error of ours and never a pass; a rate below it is shown as a share of it, so that a laptop and a
server have one scale.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from grader.benchmark.roofline import peaks
from grader.benchmark.roofline.peaks import Peak, RooflineFault
from grader.environment import cpu_model
from grader.sandbox import Limits, Sandbox, SandboxFault
from grader.sandbox.interface import MIB

__all__ = ["Peak", "Roofline", "RooflineFault", "Store", "of_this_machine", "table"]

PROBE = Path(__file__).parent / "probe.cpp"
FLAGS = ("-std=c++17", "-O3", "-march=native", "-ffast-math", "-pthread")
LIMITS = Limits(
    cpu_seconds=120, wall_seconds=120, memory_bytes=1024 * MIB, output_bytes=64 * 1024, processes=300,
    disk_bytes=64 * MIB,
)  # fmt: skip


class Roofline(BaseModel):
    """Of one machine. Copies count what is read and what is written; operations are single precision."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cpu: str
    processors: int
    measured_at: datetime
    copy_far: Peak
    """GB/s, between memory that no near cache holds, one thread."""
    copy_near: Peak
    """GB/s, within the near caches, one thread."""
    arithmetic_one: Peak
    """GFLOP/s of multiply-adds on one processor."""
    arithmetic_all: Peak
    """GFLOP/s of multiply-adds on all."""

    def joined(self, other: Roofline) -> Roofline:
        """The best of both."""
        names = ("copy_far", "copy_near", "arithmetic_one", "arithmetic_all")
        best = {name: getattr(self, name).joined(getattr(other, name)) for name in names}
        return other.model_copy(update=best)


@dataclass(frozen=True)
class Store:
    """Measured rooflines on disk, one file for each kind of machine."""

    folder: Path

    @classmethod
    def of_this_machine(cls) -> Store:
        """See `peaks.folder_of_this_machine`."""
        return cls(peaks.folder_of_this_machine())

    def _path(self) -> Path:
        key = f"{cpu_model()}/{os.cpu_count()}/".encode() + PROBE.read_bytes()
        return self.folder / f"{hashlib.sha256(key).hexdigest()[:16]}.json"

    def read(self) -> Roofline | None:
        """What was measured before."""
        return peaks.read(self._path(), Roofline)

    def keep(self, roofline: Roofline) -> None:
        """Remember it."""
        peaks.keep(self._path(), roofline)


def of_this_machine(sandbox: Sandbox, *, again: bool = False, store: Store | None = None) -> Roofline:
    """The machine's roofline, measured when it is not known; `again` measures in any case and keeps the better.

    Raises:
        RooflineFault: it could not be measured.
    """
    store = store or Store.of_this_machine()
    known = store.read()
    if known is not None and not again:
        return known
    found = _measure(sandbox)
    if known is not None:
        found = known.joined(found)
    store.keep(found)
    return found


def _measure(sandbox: Sandbox) -> Roofline:
    try:
        built = sandbox.run(
            ["g++", *FLAGS, "-o", "/box/probe", "/src/probe.cpp"],
            limits=LIMITS,
            files_in={"/src/probe.cpp": PROBE.read_bytes()},
            files_out=["probe"],
        )
        if "probe" not in built.files:
            raise RooflineFault(f"the probe does not compile: {built.stderr.decode(errors='replace')[-300:].strip()}")
        ran = sandbox.run(["/box/probe"], limits=LIMITS, files_in={"/box/probe": built.files["probe"]})
    except SandboxFault as error:
        raise RooflineFault(str(error)) from error
    try:
        samples = json.loads(ran.stdout)
        found = {name: Peak.of(samples[name]) for name in samples}
        return Roofline(cpu=cpu_model(), processors=os.cpu_count() or 1, measured_at=datetime.now(UTC), **found)
    except (ValueError, TypeError, IndexError) as error:
        raise RooflineFault(f"the probe ended with {ran.exit_code} and no result") from error


def table(roofline: Roofline) -> str:
    """For people."""
    named = [
        ("copy, memory far away", roofline.copy_far, "GB/s"),
        ("copy, near caches", roofline.copy_near, "GB/s"),
        ("multiply-add, one processor", roofline.arithmetic_one, "GFLOP/s"),
        (f"multiply-add, all {roofline.processors} processors", roofline.arithmetic_all, "GFLOP/s"),
    ]
    return "\n".join([f"{roofline.cpu}, measured {roofline.measured_at:%Y-%m-%d %H:%M} UTC", *peaks.rows(named)])
