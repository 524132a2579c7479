"""Containers ahead of need, and none left behind, whatever fails."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import fitness
from grader.machine import Machine
from grader.sandbox import Limits, Mount, Sandbox, SandboxFault, SandboxUnavailable
from grader.sandbox.docker import Docker, Settings
from grader.sandbox.docker.__main__ import main
from grader.sandbox.docker.pool import WARM_OF_A_SHAPE
from grader.sandbox.docker.shape import LABEL, Shape, configuration
from grader.sandbox.interface import MIB
from grader.toolchain import Toolchain
from tests.docker_engine import DockerEngine

LIMITS = Limits(5, 10, 128 * MIB, 64 * 1024, 16, 16 * MIB, 8 * MIB)


def containers(engine: DockerEngine, folder: Path, *options: str) -> list[str]:
    """Containers of all graders that use a folder, running or not."""
    owners = {entry.name for entry in folder.iterdir()}
    lines = engine.command("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Labels}}", *options).splitlines()
    return [line for line in lines if any(f"{LABEL}={owner}" in line for owner in owners)]


def becomes(condition: Callable[[], bool], within: float = 60.0) -> bool:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.slow
def test_what_is_used_twice_is_kept_warm_within_bounds(docker_engine: DockerEngine, tmp_path: Path) -> None:
    with Docker(docker_engine.settings(folder=tmp_path, warm=4)) as box:
        box.run(["true"], limits=LIMITS)
        assert box.settle()
        for disk in (1, 2, 3):
            other = Limits(5, 10, 128 * MIB, 1000, 16, disk * MIB)
            for _ in range(2):
                box.run(["true"], limits=other)
        assert box.settle()
        assert len(containers(docker_engine, tmp_path)) == len(box.descriptors()) == 4 > WARM_OF_A_SHAPE
    assert becomes(lambda: not docker_engine.command("ps", "-aq", "--filter", f"label={LABEL}={tmp_path.name}"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_twenty_starts_that_fail_leave_nothing(docker_engine: DockerEngine, tmp_path: Path) -> None:
    source = tmp_path / "file"
    source.write_text("a file cannot be mounted over a folder")
    place = tmp_path / "graders"
    place.mkdir()
    with Docker(docker_engine.settings(folder=place, warm=0)) as box:
        assert box.settle()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            with pytest.raises(SandboxFault, match="the container did not start"):
                box.run(["true"], limits=LIMITS, mounts=[Mount(source, "/usr")])
        assert box.settle()
        assert becomes(lambda: containers(docker_engine, place) == [])
        assert [entry.name for folder in place.iterdir() for entry in folder.iterdir()] == ["lock"]
        assert len(os.listdir("/proc/self/fd")) == before
        assert box.run(["true"], limits=LIMITS).exit_code == 0


@pytest.mark.slow
def test_a_container_that_is_ended_from_outside_is_a_fault_and_no_verdict(
    docker_engine: DockerEngine, tmp_path: Path
) -> None:
    with Docker(docker_engine.settings(folder=tmp_path, warm=0)) as box:
        talk = box.start(["sleep", "60"], limits=Limits(60, 60, 64 * MIB, 1000, 16, MIB))
        assert box.settle()
        for line in containers(docker_engine, tmp_path, "--filter", "status=running"):
            docker_engine.command("kill", line.split()[0])
        assert talk.end().exit_code == -9
        assert box.run(["true"], limits=LIMITS).exit_code == 0


@pytest.mark.slow
def test_containers_of_graders_that_are_gone_are_removed(docker_engine: DockerEngine, tmp_path: Path) -> None:
    gone = tmp_path / "llsys-docker-1-gone"
    gone.mkdir()
    (gone / "lock").touch()
    left = docker_engine.command(
        "run", "-d", "--label", f"{LABEL}={gone.name}", "--network", "none", docker_engine.image, "sleep", "600"
    ).strip()
    with Docker(docker_engine.settings(folder=tmp_path)) as living:
        assert left not in docker_engine.command("ps", "-aq", "--no-trunc")
        assert not gone.exists()
        # One that lives is left alone by another that opens.
        with Docker(docker_engine.settings(folder=tmp_path)):
            assert living.run(["true"], limits=LIMITS).exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"image": "no-such-image:here"}, "build-image"),
        ({"runtime": "no-such-runtime"}, "GRADER_DOCKER_RUNTIME"),
        ({"folder": Path("/no/such/folder")}, "GRADER_DOCKER_DIR"),
        ({"host": "unix:///no/such/socket"}, "DOCKER_HOST"),
        ({"gpus": ("all",)}, "GRADER_DOCKER_GPUS"),
    ],
)
def test_what_is_missing_is_named_with_a_cure(
    docker_engine: DockerEngine, changes: dict[str, object], says: str
) -> None:
    with pytest.raises(SandboxUnavailable, match=says):
        Docker(docker_engine.settings(**changes))


@pytest.mark.slow
def test_an_image_without_python_is_refused_with_a_cure(docker_engine: DockerEngine, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    docker_engine.command("import", "--change", "CMD true", _tar(tmp_path), "llsys-empty:tests")
    try:
        with pytest.raises(SandboxUnavailable, match="python3"):
            Docker(docker_engine.settings(image="llsys-empty:tests"))
    finally:
        docker_engine.command("rmi", "llsys-empty:tests")


def _tar(folder: Path) -> str:
    import tarfile

    path = folder / "image.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder / "empty", "empty")
    return str(path)


@pytest.mark.slow
def test_a_report_names_the_engine_the_runtime_and_the_image(
    docker_sandbox: Docker, docker_engine: DockerEngine
) -> None:
    words = docker_sandbox.isolation()
    digest = json.loads(docker_engine.command("image", "inspect", docker_engine.image))[0]["Id"]
    assert digest == docker_sandbox.identity
    assert digest.removeprefix("sha256:")[:12] in words[0]
    assert "runtime runc" in words[0]
    assert any("control groups version" in line for line in words)


@pytest.mark.slow
def test_an_engine_that_the_image_cannot_load_is_noticed(
    docker_sandbox: Sandbox, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitness, "_LOAD", "pass")
    assert fitness.misfit(docker_sandbox, toolchain) == ""
    newer = toolchain.manifest.model_copy(update={"compiler": "c++ (Debian 99.1.0) 99.1.0"})
    assert "older than the engine's" in fitness.misfit(docker_sandbox, dataclasses.replace(toolchain, manifest=newer))
    monkeypatch.setattr(fitness, "_LOAD", "raise OSError('version `GLIBC_9.9 not found')")
    assert "GLIBC_9.9" in fitness.misfit(docker_sandbox, toolchain)


@pytest.mark.slow
def test_a_machine_uses_the_sandbox_it_is_told_to(
    docker_engine: DockerEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRADER_DOCKER_HOST", docker_engine.host)
    monkeypatch.setenv("GRADER_DOCKER_IMAGE", docker_engine.image)
    monkeypatch.setenv("GRADER_DOCKER_DIR", str(tmp_path))
    for kind in ("docker", "bubblewrap"):
        monkeypatch.setenv("GRADER_SANDBOX", kind)
        sandbox = Machine().sandbox()
        assert sandbox.name == kind
        if isinstance(sandbox, Docker):
            sandbox.close()


def test_a_machine_never_goes_without_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_SANDBOX", "none")
    assert "GRADER_SANDBOX is 'none'" in Machine().problem()


def test_settings_come_from_the_environment() -> None:
    given = {
        "GRADER_DOCKER_IMAGE": "image", "GRADER_DOCKER_RUNTIME": "runsc", "GRADER_DOCKER_GPUS": "0, 1",
        "GRADER_DOCKER_WARM": "3", "GRADER_DOCKER_DIR": "/run/boxes", "GRADER_DOCKER_HOST": "unix:///run/engine",
    }  # fmt: skip
    assert Settings.from_environment(given) == Settings(
        "image", "runsc", ("0", "1"), "unix:///run/engine", 3, Path("/run/boxes")
    )
    with pytest.raises(ValueError, match="GRADER_DOCKER_WARM"):
        Settings.from_environment({"GRADER_DOCKER_WARM": "many"})


@pytest.mark.parametrize(
    ("gpus", "wanted"),
    [
        (("all",), {"Driver": "nvidia", "Count": -1, "Capabilities": [["gpu"]]}),
        (("0", "GPU-1"), {"Driver": "nvidia", "DeviceIDs": ["0", "GPU-1"], "Capabilities": [["gpu"]]}),
        (("nvidia.com/gpu=0",), {"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=0"]}),
    ],
)
def test_gpus_are_asked_for_as_the_engine_wants_it(gpus: tuple[str, ...], wanted: dict[str, object]) -> None:
    shape = Shape.of((), LIMITS, ())
    made = configuration(
        Settings(gpus=gpus, runtime="runsc"), shape, Path("/x"), "me", "{}", labelled=False, cgroup_parent=""
    )
    assert made["HostConfig"]["DeviceRequests"] == [wanted]
    assert made["HostConfig"]["Runtime"] == "runsc"


@pytest.mark.slow
def test_the_command_line_says_what_is_isolated(
    docker_engine: DockerEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", docker_engine.host)
    monkeypatch.setenv("GRADER_DOCKER_IMAGE", docker_engine.image)
    assert main(["show"]) == 0
    assert "no network" in capsys.readouterr().out
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such/socket")
    assert main(["show"]) == 3
    assert "No Docker engine answers" in capsys.readouterr().err
