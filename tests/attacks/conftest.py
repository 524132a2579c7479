"""Fixtures of the attack suite."""

from tests.attacks.boxes import docker_machine, host, machine, open_toolchain, own_headers, root_machine, user_machine
from tests.docker_engine import docker_engine, docker_sandbox

__all__ = [
    "docker_engine",
    "docker_machine",
    "docker_sandbox",
    "host",
    "machine",
    "open_toolchain",
    "own_headers",
    "root_machine",
    "user_machine",
]
