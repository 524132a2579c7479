"""Fixtures of the attack suite."""

from tests.attacks.boxes import host, machine, open_toolchain, root_machine, user_machine

__all__ = ["host", "machine", "open_toolchain", "root_machine", "user_machine"]
