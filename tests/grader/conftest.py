"""Fixtures of the grader's tests."""

from tests.docker_engine import docker_engine, docker_sandbox
from tests.grader.machine import sandbox, toolchain

__all__ = ["docker_engine", "docker_sandbox", "sandbox", "toolchain"]
