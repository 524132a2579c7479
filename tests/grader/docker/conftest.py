"""Fixtures of the Docker sandbox's tests."""

from tests.docker_engine import docker_engine, docker_sandbox

__all__ = ["docker_engine", "docker_sandbox"]
