"""What the GPU of this machine can do at all, measured by a small program in the sandbox, kept by device and driver."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from grader.benchmark.roofline import peaks
from grader.benchmark.roofline.peaks import Peak, RooflineFault
from grader.languages import gpu, nvcc
from grader.sandbox import Limits, Sandbox, SandboxFault
from grader.sandbox.interface import MIB

PROBE = Path(__file__).parent / "probe.cu"
LIMITS = Limits(
    cpu_seconds=60, wall_seconds=120, memory_bytes=4096 * MIB, output_bytes=64 * 1024, processes=64,
    disk_bytes=64 * MIB,
)  # fmt: skip
WARPGROUP_CAPABILITY, WARPGROUP_FACTOR = 9.0, 2.0
"""From this compute capability on a device has matrix instructions for groups of warps, which are up to so much quicker
than those of one warp, which the probe measures and every device has."""


class DeviceRoofline(BaseModel):
    """Of one GPU. Copies count what is read and what is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device: str
    capability: str
    driver: str
    measured_at: datetime
    copy_far: Peak
    """GB/s, between buffers of four times the L2 cache each."""
    copy_near: Peak
    """GB/s, within the L2 cache."""
    arithmetic: Peak
    """GFLOP/s of single-precision multiply-adds."""
    matrix: Peak
    """GFLOP/s of the matrix units: half precision, added in single."""

    @property
    def most_operations(self) -> float:
        """GFLOP/s that nothing in half precision or more can exceed here."""
        wider = WARPGROUP_FACTOR if float(self.capability) >= WARPGROUP_CAPABILITY else 1.0
        return max(self.arithmetic.best, wider * self.matrix.best)

    def joined(self, other: DeviceRoofline) -> DeviceRoofline:
        """The best of both."""
        names = ("copy_far", "copy_near", "arithmetic", "matrix")
        return other.model_copy(update={name: getattr(self, name).joined(getattr(other, name)) for name in names})


@dataclass(frozen=True)
class DeviceStore:
    """Measured devices on disk, one file for each kind of device and driver."""

    folder: Path

    @classmethod
    def of_this_machine(cls) -> DeviceStore:
        """See `peaks.folder_of_this_machine`."""
        return cls(peaks.folder_of_this_machine())

    def path(self, device: gpu.Device) -> Path:
        """The file of a device."""
        key = f"{device.name}/{device.capability}/{device.memory_mb}/{device.driver}/".encode() + PROBE.read_bytes()
        return self.folder / f"device-{hashlib.sha256(key).hexdigest()[:16]}.json"

    def read(self, device: gpu.Device) -> DeviceRoofline | None:
        """What was measured before."""
        return peaks.read(self.path(device), DeviceRoofline)

    def keep(self, device: gpu.Device, roofline: DeviceRoofline) -> None:
        """Remember it."""
        peaks.keep(self.path(device), roofline)


def of_device(
    device: gpu.Device, sandbox: Sandbox, *, again: bool = False, store: DeviceStore | None = None
) -> DeviceRoofline:
    """The device's roofline, measured when it is not known; `again` measures in any case and keeps the better.

    Raises:
        RooflineFault: it could not be measured.
    """
    store = store or DeviceStore.of_this_machine()
    known = store.read(device)
    if known is not None and not again:
        return known
    found = _measure(device, sandbox)
    if known is not None:
        found = known.joined(found)
    store.keep(device, found)
    return found


def build(device: gpu.Device, sandbox: Sandbox) -> bytes:
    """The probe for a device.

    Raises:
        RooflineFault: there is no nvcc, or the probe does not compile.
        SandboxFault: the box could not be started.
    """
    toolkit = nvcc.find_nvcc()
    if toolkit is None:
        raise RooflineFault(gpu.NO_COMPILER)
    command = [f"{nvcc.TOOLKIT}/bin/nvcc", "-std=c++17", "-O3", "-cudart", "static", f"-arch={device.architecture}"]
    built = sandbox.run(
        [*command, "-o", "/box/probe", "/src/probe.cu"],
        limits=nvcc.LIMITS,
        files_in={"/src/probe.cu": PROBE.read_bytes()},
        mounts=toolkit.mounts,
        files_out=["probe"],
    )
    if built.exit_code != 0 or "probe" not in built.files:
        said = (built.stdout + built.stderr).decode(errors="replace")[-300:].strip()
        raise RooflineFault(f"the device's probe does not compile: {said}")
    return built.files["probe"]


def read_samples(device: gpu.Device, said: bytes) -> DeviceRoofline:
    """The roofline from what the probe printed.

    Raises:
        ValueError: it is not what the probe prints.
        TypeError: the same.
    """
    samples = json.loads(said)
    found = {name: Peak.of(samples[name]) for name in samples}
    return DeviceRoofline(
        device=device.name,
        capability=device.capability,
        driver=device.driver,
        measured_at=datetime.now(UTC),
        **found,
    )


def _measure(device: gpu.Device, sandbox: Sandbox) -> DeviceRoofline:
    try:
        probe = build(device, sandbox)
        ran = sandbox.run(
            ["/box/probe"],
            limits=LIMITS,
            files_in={"/box/probe": probe},
            mounts=gpu.device_mounts(sandbox.name),
            env=gpu.ENVIRONMENT,
        )
    except SandboxFault as error:
        raise RooflineFault(str(error)) from error
    try:
        return read_samples(device, ran.stdout)
    except (ValueError, TypeError, IndexError) as error:
        said = ran.stderr.decode(errors="replace").strip()[-300:]
        raise RooflineFault(f"the device's probe ended with {ran.exit_code} and no result. {said}".strip()) from error


def table(roofline: DeviceRoofline) -> str:
    """For people."""
    named = [
        ("copy, device memory", roofline.copy_far, "GB/s"),
        ("copy, L2 cache", roofline.copy_near, "GB/s"),
        ("multiply-add, single precision", roofline.arithmetic, "GFLOP/s"),
        ("matrix units, half precision", roofline.matrix, "GFLOP/s"),
    ]
    head = f"{roofline.device}, driver {roofline.driver}, measured {roofline.measured_at:%Y-%m-%d %H:%M} UTC"
    return "\n".join([head, *peaks.rows(named)])
