"""nvcc and real devices: finding them, what they are asked to do, and what is said where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import presence
from grader.contract import GRADE_QUEUES
from grader.languages import SourceTree, cuda, gpu, nvcc
from grader.machine import Machine
from grader.sandbox import Bubblewrap, Limits, Mount, Sandbox
from grader.sandbox.interface import MIB
from grader.toolchain import Toolchain
from tests.grader.cuda.conftest import LIMITS, SPEC

LISTED = "0, NVIDIA H100 80GB HBM3, 9.0, 81559, 580.65\n1, Tesla T4, 7.5, 15360, 580.65\nFailed to initialize NVML\n"
STATISTICS = """\
ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function '_Z4fillPfi' for 'sm_90'
ptxas info    : Function properties for _Z4fillPfi
    16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads
ptxas info    : Used 32 registers, used 1 barriers, 16 bytes cumulative stack size, 2048 bytes smem
ptxas info    : Compiling entry function '_Z4fillPfi' for 'sm_80'
ptxas info    : Function properties for _Z4fillPfi
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 30 registers, used 1 barriers, 2048 bytes smem, 364 bytes cmem[0], 8 bytes cmem[2]
"""


def test_statistics_become_one_row_for_each_kernel_and_architecture() -> None:
    rows = nvcc.parse_statistics(STATISTICS)
    assert [row.model_dump() for row in rows] == [
        {"kernel": "_Z4fillPfi", "architecture": "sm_80", "registers": 30, "spill_stores": 0, "spill_loads": 0,
         "stack_bytes": 0, "shared_bytes": 2048, "constant_bytes": 372},
        {"kernel": "_Z4fillPfi", "architecture": "sm_90", "registers": 32, "spill_stores": 8, "spill_loads": 12,
         "stack_bytes": 16, "shared_bytes": 2048, "constant_bytes": 0},
    ]  # fmt: skip


def test_messages_of_nvcc_are_marked_as_its_own() -> None:
    text = (
        '/src/main.cu(2): error: identifier "lost" is undefined\n'
        '/src/main.cu(2): error: identifier "lost" is undefined\n'
        '/src/main.cu(7): warning #177-D: variable "t" was declared but never referenced\n'
        "/harness/main.cu(3): error: no\n/usr/include/x.h(1): error: no\n"
    )
    assert [(row.file, row.line, row.severity, row.message) for row in nvcc.parse_messages(text)] == [
        ("main.cu", 2, "nvcc", 'error: identifier "lost" is undefined'),
        ("main.cu", 7, "nvcc", 'warning: variable "t" was declared but never referenced'),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("void scale<4, float>(float*, int)", "scale<4, float>"),
        ("fill(float*)", "fill"),
        ("void ns::k<(ns::Kind)1>(int)", "ns::k<(ns::Kind)1>"),
        ("(anonymous namespace)::k(int)", "(anonymous namespace)::k"),
        ("plain", "plain"),
    ],
)
def test_kernels_are_named_as_their_author_named_them(text: str, name: str) -> None:
    assert nvcc._without_parameters(text) == name


def test_without_nvcc_the_report_says_so(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    monkeypatch.setattr(nvcc, "_candidates", lambda: [Path("/nowhere/bin/nvcc")])
    compiled = nvcc.compile_kernels(SourceTree({"main.cu": b""}), ["/src/main.cu"], SPEC, sandbox)
    assert compiled.kernels == ()
    assert "nvcc is not installed" in compiled.note


def test_nvcc_is_found_where_packages_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "site-packages" / "nvidia" / "cu13"
    for folder in ("bin", "nvvm", "include"):
        (root / folder).mkdir(parents=True)
    (root / "bin" / "nvcc").touch()
    (root / "include" / "cuda_runtime.h").touch()
    monkeypatch.setattr("sys.path", [str(tmp_path / "site-packages")])
    monkeypatch.setattr("shutil.which", lambda name: None)
    found = [path for path in nvcc._candidates() if path.is_relative_to(tmp_path)]
    assert found == [root / "bin" / "nvcc"]
    monkeypatch.setattr(nvcc, "_candidates", lambda: found)
    assert nvcc.find_nvcc() == nvcc.Toolkit(root)


@pytest.mark.slow
@pytest.mark.skipif(
    nvcc.find_nvcc() is None, reason="nvcc is not installed here: what it makes of kernels is not tested"
)
def test_the_real_compiler_measures_kernels_and_says_what_it_thinks_of_them(sandbox: Sandbox) -> None:
    source = b"""
template <int N>
__global__ void scale(float* x) {
    __shared__ float tile[N];
    tile[threadIdx.x] = x[threadIdx.x];
    int unused = 3;
    __syncthreads();
    x[threadIdx.x] = tile[N - 1 - threadIdx.x];
}
int main() { scale<64><<<1, 64>>>(nullptr); }
"""
    compiled = nvcc.compile_kernels(SourceTree({"main.cu": source}), ["/src/main.cu"], SPEC, sandbox)
    rows = [(row.kernel, row.architecture, row.shared_bytes) for row in compiled.kernels]
    assert rows == [("scale<64>", "sm_80", 256), ("scale<64>", "sm_90", 256)]
    assert all(0 < row.registers < 64 for row in compiled.kernels)
    assert any(row.line == 6 and "unused" in row.message for row in compiled.diagnostics)


def test_devices_are_those_that_the_driver_lists_and_whose_nodes_are_there(tmp_path: Path) -> None:
    (tmp_path / "nvidia0").touch()
    (device,) = gpu.find_devices(lambda: LISTED, tmp_path)
    assert (device.name, device.architecture, device.memory_mb) == ("NVIDIA H100 80GB HBM3", "sm_90", 81559)
    assert gpu.find_devices(lambda: "", tmp_path) == []


def test_a_box_gets_the_nodes_and_docker_asks_by_itself(tmp_path: Path) -> None:
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "nvidia-caps", "null"):
        (tmp_path / name).touch()
    mounts = gpu.device_mounts("bubblewrap", tmp_path)
    assert [mount.target for mount in mounts] == ["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia0", "/dev/nvidia1"]
    assert all(mount.device for mount in mounts)
    assert gpu.device_mounts("docker", tmp_path) == ()


def test_the_command_line_is_for_the_device_that_is_there() -> None:
    device = gpu.Device(0, "H100", "9.0", 80000, "580")
    line = gpu.command(["/harness/main.cu"], SPEC, device)
    assert line[0] == f"{nvcc.TOOLKIT}/bin/nvcc"
    assert {"-arch=sm_90", "-std=c++17", "-O3"} <= set(line)
    assert line[-1] == "/harness/main.cu"


def test_a_lab_for_a_device_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, toolchain: Toolchain, sandbox: Sandbox
) -> None:
    monkeypatch.setattr(gpu, "find_devices", lambda: [])
    spec = SPEC.model_copy(update={"device": "gpu"})
    with pytest.raises(gpu.GpuUnavailable, match="needs a GPU"):
        cuda.build(SourceTree({"main.cu": b""}), spec, toolchain, sandbox)


@pytest.mark.parametrize(
    ("devices", "toolkit", "problem"),
    [
        ([], None, gpu.NO_DEVICE),
        ([gpu.Device(0, "H100", "9.0", 81559, "580")], None, gpu.NO_COMPILER),
        ([gpu.Device(0, "H100", "9.0", 81559, "580")], nvcc.Toolkit(Path("/usr/local/cuda")), ""),
    ],
)
def test_a_machine_that_listens_for_gpu_jobs_says_whether_it_can_do_them(
    devices: list[gpu.Device], toolkit: nvcc.Toolkit | None, problem: str,
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, toolchain: Toolchain,
) -> None:  # fmt: skip
    machine = Machine()
    monkeypatch.setattr(machine, "toolchain", lambda: toolchain)
    monkeypatch.setattr(machine, "sandbox", lambda: sandbox)
    monkeypatch.setattr(nvcc, "find_nvcc", lambda: toolkit)
    monkeypatch.setattr(presence, "gpu_model", lambda: next(map(str, devices), ""))
    told = presence.status(machine, name="worker", queues=[GRADE_QUEUES["gpu"]], at_once=1, at=0.0)
    assert (told.gpu, told.problem) == (next(map(str, devices), ""), problem)
    assert presence.status(machine, name="worker", queues=[GRADE_QUEUES["cpu"]], at_once=1, at=0.0).problem == ""


@pytest.mark.slow
@pytest.mark.skipif(
    nvcc.find_nvcc() is None, reason="nvcc is not installed here: what it makes of kernels is not tested"
)
def test_nvcc_builds_a_program_for_a_device_in_the_box(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    monkeypatch.setattr(gpu, "find_devices", lambda: [gpu.Device(0, "A100", "8.0", 40000, "580")])
    source = b'#include <cstdio>\nint main() { int n = -1; printf("%d", cudaGetDeviceCount(&n)); }\n'
    built = gpu.build(SourceTree({"main.cu": source}), ["/src/main.cu"], SPEC, sandbox)
    assert built.program is not None, built.log.decode()
    outcome = sandbox.run(built.program.command, limits=LIMITS, files_in=built.program.files_in)
    assert outcome.exit_code == 0
    assert outcome.stdout not in (b"", b"0")


@pytest.mark.slow
def test_a_box_may_use_a_device_that_it_is_given_and_no_other() -> None:
    limits = Limits(5, 10, 64 * MIB, 4096, 8, MIB)
    mounts = [Mount(Path("/dev/zero"), "/dev/nvidia7", device=True)]
    script = "head -c 3 /dev/nvidia7 | wc -c; echo x > /dev/nvidia7 && echo written; ls /dev | grep -c nvidia"
    outcome = Bubblewrap().run(["/bin/sh", "-c", script], limits=limits, mounts=mounts)
    assert outcome.stdout.split() == [b"3", b"written", b"1"]
