"""Attacks that need a GPU. Where there is none, every one of them is listed as not run."""

from __future__ import annotations

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from grader.contract import Verdict
from grader.pipeline import Grading, grade
from tests.attacks.boxes import Machine
from tests.attacks.cases import Attack, attacks
from tests.attacks.host import Host

GPU_ATTACKS = [attack for attack in attacks() if attack.expected.device == "gpu" and attack.group in ("R", "E")]
TOLERANCE_MIB = 16

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/dev/nvidia0").exists(), reason="not run: no GPU on this machine"),
]


def memory_used() -> int:
    """MiB of the first device that somebody holds."""
    query = [
        shutil.which("nvidia-smi") or "nvidia-smi",
        "--query-gpu=memory.used",
        "--format=csv,noheader,nounits",
        "-i",
        "0",
    ]
    return int(subprocess.run(query, capture_output=True, text=True, check=True, timeout=30).stdout.split()[0])


def run(attack: Attack, machine: Machine, host: Host, *, seed: int = 1) -> Grading:
    """One grade on the device."""
    files = host.aim(attack.files)
    return grade(attack.lab, files, toolchain=machine.toolchain, sandbox=machine.sandbox, seed=seed)


@pytest.mark.parametrize("machine", ["bubblewrap", "docker"], indirect=True)
@pytest.mark.parametrize("attack", GPU_ATTACKS, ids=lambda attack: attack.name)
def test_the_device_is_as_before_and_the_next_kernel_runs(attack: Attack, machine: Machine, host: Host) -> None:
    before, used = machine.state(), memory_used()
    if attack.expected.row == "E11":
        with ThreadPoolExecutor(2) as pool:
            gradings = list(pool.map(lambda seed: run(attack, machine, host, seed=seed), (1, 2)))
    else:
        gradings = [run(attack, machine, host)]
    assert all(grading.verdict in attack.expected.verdict for grading in gradings), [
        (grading.verdict, grading.message, grading.fault) for grading in gradings
    ]
    assert machine.settled(before) == before
    assert memory_used() - used <= TOLERANCE_MIB
    lab = attack.lab
    after = grade(lab, lab.reference, toolchain=machine.toolchain, sandbox=machine.sandbox, seed=3)
    assert after.verdict is Verdict.ACCEPTED, after.fault
