"""The engine that the pages are proved with."""

from __future__ import annotations

import pytest

from grader.toolchain import Toolchain, current


@pytest.fixture(scope="session")
def engine() -> Toolchain:
    """The built engine. Nothing can be proved without one: build it with `python -m grader.toolchain build`."""
    toolchain = current()
    assert toolchain is not None, "build the engine first: python -m grader.toolchain build"
    return toolchain
