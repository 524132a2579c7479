"""What a GPU can do at all: kept for each device and driver, joined, and printed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader import cli
from grader.benchmark import roofline
from grader.benchmark.roofline import Peak, RooflineFault, device
from grader.benchmark.roofline.device import DeviceStore
from grader.languages import gpu, nvcc
from grader.sandbox import Sandbox

CARD = gpu.Device(0, "NVIDIA A100-SXM4-40GB", "8.0", 40960, "580.65")
PRINTED = b"""{
"copy_far": [1300.0, 1310.5, 900.0, 1305.0, 1309.0],
"copy_near": [3100.0, 3200.0, 3150.0, 3150.0, 3150.0],
"arithmetic": [19000.0, 19100.0, 19050.0, 19050.0, 19050.0],
"matrix": [250000.0, 260000.0, 255000.0, 255000.0, 255000.0]
}"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DeviceStore:
    """The folder that the command line uses too, with a processor that was measured before."""
    monkeypatch.setenv("GRADER_ROOFLINE_DIR", str(tmp_path))
    peak = Peak(best=1, low=1, middle=1)
    known = roofline.Roofline(
        cpu="A processor", processors=2, measured_at=datetime.now(UTC), copy_far=peak, copy_near=peak,
        arithmetic_one=peak, arithmetic_all=peak,
    )  # fmt: skip
    roofline.Store.of_this_machine().keep(known)
    return DeviceStore.of_this_machine()


def test_the_best_of_what_the_probe_printed_is_the_devices(store: DeviceStore, sandbox: Sandbox) -> None:
    found = device.read_samples(CARD, PRINTED)
    assert (found.copy_far.best, found.copy_far.middle, found.copy_far.low) == (1310.5, 1305.0, 1300.0)
    store.keep(CARD, found)
    assert device.of_device(CARD, sandbox, store=store) == found
    better = device.read_samples(CARD, PRINTED.replace(b"1310.5", b"1400.0").replace(b"19100.0", b"18000.0"))
    joined = found.joined(better)
    assert (joined.copy_far.best, joined.arithmetic.best) == (1400.0, 19100.0)


def test_another_driver_is_measured_anew(store: DeviceStore) -> None:
    store.keep(CARD, device.read_samples(CARD, PRINTED))
    assert store.read(replace(CARD, driver="590.10")) is None


def test_cards_with_instructions_for_groups_of_warps_can_do_more_than_the_probe() -> None:
    newer = replace(CARD, capability="10.0")
    assert device.read_samples(CARD, PRINTED).most_operations == 260000.0
    assert device.read_samples(newer, PRINTED).most_operations == 520000.0


@pytest.mark.parametrize("printed", [b"", b"[]", b'{"copy_far": []}', b'{"copy_far": [1.0]}'])
def test_a_probe_that_did_not_end_is_a_fault_of_the_machine(
    printed: bytes, store: DeviceStore, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = b"#!/bin/sh\nprintf '%s' '" + printed + b"'; echo 'memory: out of memory' >&2; exit 1\n"
    monkeypatch.setattr(device, "build", lambda card, box: script)
    monkeypatch.setattr(gpu, "device_mounts", lambda name: ())
    with pytest.raises(RooflineFault, match=r"ended with 1 and no result\. memory: out of memory"):
        device.of_device(CARD, sandbox, store=store)


def test_the_command_line_prints_the_devices_peaks_where_there_is_one(
    store: DeviceStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store.keep(CARD, device.read_samples(CARD, PRINTED))
    monkeypatch.setattr(gpu, "find_devices", lambda: [CARD])
    monkeypatch.setattr(nvcc, "find_nvcc", lambda: nvcc.Toolkit(Path("/usr/local/cuda")))
    assert cli.main(["roofline"]) == cli.OK
    printed = capsys.readouterr().out
    assert "NVIDIA A100-SXM4-40GB, driver 580.65" in printed
    assert "copy, device memory" in printed
    assert "1310.5 GB/s" in printed
    assert cli.main(["roofline", "--json"]) == cli.OK
    assert json.loads(capsys.readouterr().out)["gpu"]["matrix"]["best"] == 260000.0


def test_the_command_line_says_plainly_that_no_device_was_measured(
    store: DeviceStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpu, "find_devices", lambda: [])
    assert cli.main(["roofline"]) == cli.OK
    assert f"No GPU was measured. {gpu.NO_DEVICE}" in capsys.readouterr().out
    assert cli.main(["roofline", "--json"]) == cli.OK
    assert json.loads(capsys.readouterr().out)["gpu"] is None


@pytest.mark.slow
@pytest.mark.skipif(not gpu.DEVICE_FOLDER.joinpath("nvidia0").exists(), reason="not run: no GPU on this machine")
def test_a_real_device_is_measured(sandbox: Sandbox, store: DeviceStore) -> None:
    found = device.of_device(gpu.find_devices()[0], sandbox, store=store)
    assert found.copy_near.best > found.copy_far.best > 50
    assert found.matrix.best > found.arithmetic.best > 1000
    again = device.of_device(gpu.find_devices()[0], sandbox, store=store, again=True)
    assert again.copy_far.best >= found.copy_far.best
