"""Speaking to the Docker engine: what it is, which image it has, and building that image."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, BuildError, DockerException, ImageNotFound

from grader.sandbox.interface import SandboxUnavailable

IMAGES = Path(__file__).resolve().parents[2] / "toolchain" / "images"
TIMEOUT_SECONDS = 60
_BUILD_CURE = "Build it: python -m grader.sandbox.docker build-image (GRADER_DOCKER_IMAGE names another one)."


@dataclass(frozen=True)
class Engine:
    """One Docker engine. Every question opens a connection of its own and closes it: none is held while idle."""

    host: str
    api_version: str
    version: str
    cgroup_version: str
    cgroup_driver: str
    runtimes: tuple[str, ...]
    default_runtime: str
    security: tuple[str, ...]

    @contextlib.contextmanager
    def client(self) -> Iterator[Any]:
        """The low-level API."""
        client = docker.APIClient(base_url=self.host or None, version=self.api_version, timeout=TIMEOUT_SECONDS)
        try:
            yield client
        finally:
            client.close()

    def image_digest(self, name: str) -> str:
        """Identity of an image.

        Raises:
            SandboxUnavailable: the engine has no such image.
        """
        try:
            with self.client() as client:
                return str(client.inspect_image(name)["Id"])
        except ImageNotFound as error:
            raise SandboxUnavailable(f"The Docker engine has no image {name!r}. {_BUILD_CURE}") from error

    def cgroup_parent(self) -> str:
        """Where containers' control groups lie; "" for the engine's choice.

        The cgroupfs driver puts all of them into one group, which together gets as much processor time as a single
        process beside it: on a busy machine programs would run into their time limits.
        """
        return "/" if self.cgroup_driver == "cgroupfs" and not any("rootless" in word for word in self.security) else ""

    def uses_selinux(self) -> bool:
        """Whether containers get an SELinux label."""
        return any("selinux" in word for word in self.security)

    def remaps_users(self) -> bool:
        """Whether root in a container is an ordinary user of the host."""
        return any("userns" in word or "rootless" in word for word in self.security)


def connect(host: str = "") -> Engine:
    """The engine at an address, by default the usual one.

    Raises:
        SandboxUnavailable: nothing answers there.
    """
    address = host or os.environ.get("DOCKER_HOST", "")
    try:
        client = docker.APIClient(base_url=address or None, version="auto", timeout=TIMEOUT_SECONDS)
        try:
            told = client.info()
            return Engine(
                host=address,
                api_version=client.api_version,
                version=str(told.get("ServerVersion", "")),
                cgroup_version=str(told.get("CgroupVersion") or "1"),
                cgroup_driver=str(told.get("CgroupDriver") or ""),
                runtimes=tuple(told.get("Runtimes") or ()),
                default_runtime=str(told.get("DefaultRuntime") or "runc"),
                security=tuple(told.get("SecurityOptions") or ()),
            )
        finally:
            client.close()
    except (DockerException, OSError) as error:
        where = address or "the usual socket (/var/run/docker.sock)"
        raise SandboxUnavailable(
            f"No Docker engine answers at {where} ({_first_line(error)}). Start it, give this user the right to use "
            "it (group docker), or set GRADER_DOCKER_HOST."
        ) from error


def build_image(engine: Engine, *, kind: str, tag: str, base: str = "") -> Iterator[str]:
    """Build the image of a kind, "cpu" or "cuda"; gives the lines of the build as they come.

    Raises:
        SandboxUnavailable: it could not be built; the last line says why.
    """
    arguments = {"BASE": base} if base else {}
    try:
        with engine.client() as client:
            steps = client.build(
                path=str(IMAGES), dockerfile=f"{kind}.Dockerfile", tag=tag, buildargs=arguments, rm=True, decode=True
            )
            for step in steps:
                if "error" in step:
                    raise SandboxUnavailable(f"The image could not be built: {str(step['error']).strip()}")
                if text := str(step.get("stream") or step.get("status") or "").strip():
                    yield text
    except (APIError, BuildError) as error:
        raise SandboxUnavailable(f"The image could not be built: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
