"""CUDA on a real device: finding it, building for it with nvcc, and giving a box what it needs to use it.

A machine has a GPU for the grader when the driver's own tool lists one and its device nodes are there. Labs with
`device: gpu` are built and run here only; labs with `device: cpu+gpu` are judged on the processor everywhere, and
their benchmarks are built here where there is a device.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.lab import LabSpec
from grader.languages import cpp, nvcc
from grader.languages.source import BuildResult, Program, SourceTree
from grader.sandbox import Mount, Sandbox
from grader.text import clip

QUERY = ("--query-gpu=index,name,compute_cap,memory.total,driver_version", "--format=csv,noheader,nounits")
DEVICE_FOLDER = Path("/dev")
_SHARED_NODES = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")
_NODE = re.compile(r"^nvidia\d+$")
# A context on a device reserves far more address space than memory; CUDA's cache of compiled code has no place to be.
ENVIRONMENT = {"CUDA_CACHE_DISABLE": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": "0"}
NO_DEVICE = (
    "This needs a GPU, and this machine has none that the NVIDIA driver shows (nvidia-smi lists it, /dev/nvidia0 is "
    "there). Start the grading worker for GPU jobs on a machine with one."
)
NO_COMPILER = (
    "This machine has a GPU but no nvcc. Install the CUDA toolkit, or `pip install nvidia-cuda-nvcc "
    "nvidia-cuda-cccl`, or name it in GRADER_NVCC."
)


class GpuUnavailable(RuntimeError):
    """Nothing can be built for or run on a device here; the message says what is missing, with a cure."""


@dataclass(frozen=True)
class Device:
    """A GPU that this machine has."""

    index: int
    name: str
    capability: str
    """Such as "9.0"."""
    memory_mb: int
    driver: str

    @property
    def architecture(self) -> str:
        """Such as "sm_90"."""
        return f"sm_{self.capability.replace('.', '')}"

    def __str__(self) -> str:
        return f"{self.name}, {self.memory_mb} MiB, compute capability {self.capability}, driver {self.driver}"


def _ask_driver() -> str:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ""
    try:
        return subprocess.run([tool, *QUERY], capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def find_devices(ask: Callable[[], str] = _ask_driver, folder: Path = DEVICE_FOLDER) -> list[Device]:
    """Devices that the driver lists and whose nodes are there."""
    found = []
    for line in ask().splitlines():
        fields = [part.strip() for part in line.split(",")]
        if len(fields) != 5 or not re.fullmatch(r"\d+\.\d+", fields[2]) or not fields[0].isdigit():
            continue
        if (folder / f"nvidia{fields[0]}").exists():
            memory = int(fields[3]) if fields[3].isdigit() else 0
            found.append(Device(int(fields[0]), clip(fields[1], 200), fields[2], memory, clip(fields[4], 50)))
    return found


def obstacle() -> str:
    """Why nothing can be built for and run on a device here, with a cure; "" when nothing is in the way."""
    if not find_devices():
        return NO_DEVICE
    return "" if nvcc.find_nvcc() is not None else NO_COMPILER


def device_mounts(sandbox_name: str, folder: Path = DEVICE_FOLDER) -> tuple[Mount, ...]:
    """The driver's nodes, for sandboxes that are given them one by one; Docker gets them by its own request."""
    if sandbox_name != "bubblewrap":
        return ()
    nodes = [folder / name for name in _SHARED_NODES if (folder / name).exists()]
    nodes += sorted(path for path in folder.iterdir() if _NODE.match(path.name))
    return tuple(Mount(path, f"/dev/{path.name}", device=True) for path in nodes)


def command(units: list[str], spec: LabSpec, device: Device) -> list[str]:
    """nvcc's command line for one device; the runtime is linked in, only the driver's library is the machine's."""
    line = [f"{nvcc.TOOLKIT}/bin/nvcc", f"-std={spec.build.standard}", "-O3", "-lineinfo", "-cudart", "static"]
    line += [f"-arch={device.architecture}", "-I", "/src", "-I", "/harness", "-o", "/box/program"]
    return [*line, *units]


def build(source: SourceTree, units: list[str], spec: LabSpec, sandbox: Sandbox) -> BuildResult:
    """Compile for the first device of this machine.

    Raises:
        GpuUnavailable: no device, or no compiler.
    """
    devices = find_devices()
    if not devices:
        raise GpuUnavailable(NO_DEVICE)
    toolkit = nvcc.find_nvcc()
    if toolkit is None:
        raise GpuUnavailable(NO_COMPILER)
    outcome = sandbox.run(
        command(units, spec, devices[0]),
        limits=nvcc.LIMITS,
        files_in=source.in_box(),
        mounts=toolkit.mounts,
        files_out=["program"],
    )
    text = outcome.stdout + outcome.stderr
    said = nvcc.parse_messages(text.decode(errors="replace"))
    diagnostics = tuple(
        row.model_copy(update={"severity": grade, "message": words})
        for row in said
        for grade, _, words in [row.message.partition(": ")]
    )
    log = cpp.tidy(text)
    binary = outcome.files.get("program")
    if outcome.exit_code == 0 and outcome.limit is None and binary is not None:
        program = Program(("/box/program",), {"/box/program": binary}, device_mounts(sandbox.name), ENVIRONMENT)
        return BuildResult(program, log, diagnostics)
    return BuildResult(None, log, diagnostics, cpp.reason(outcome, diagnostics))
