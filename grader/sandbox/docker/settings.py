"""How the Docker sandbox is configured: from the environment, with nothing required."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_IMAGE = "llsys-box:cpu"
DEFAULT_WARM = 8


@dataclass(frozen=True)
class Settings:
    """See docs/configuration.md."""

    image: str = DEFAULT_IMAGE
    runtime: str = ""
    """Such as "runsc"; empty is the engine's default."""
    gpus: tuple[str, ...] = ()
    """("all",), device numbers, or names of the container device interface, such as "nvidia.com/gpu=0"."""
    host: str = ""
    """Address of the engine; empty is DOCKER_HOST or Docker's usual socket."""
    warm: int = DEFAULT_WARM
    """Containers that may wait for work."""
    folder: Path = Path(tempfile.gettempdir())
    """Where sockets to the containers lie; the engine must see the same folder under the same name."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """The settings of this process.

        Raises:
            ValueError: a number that is none; names the variable.
        """
        try:
            warm = int(environ.get("GRADER_DOCKER_WARM") or DEFAULT_WARM)
        except ValueError as error:
            raise ValueError("GRADER_DOCKER_WARM must be a number of containers") from error
        return cls(
            image=environ.get("GRADER_DOCKER_IMAGE") or DEFAULT_IMAGE,
            runtime=environ.get("GRADER_DOCKER_RUNTIME", ""),
            host=environ.get("GRADER_DOCKER_HOST", ""),
            gpus=tuple(word.strip() for word in environ.get("GRADER_DOCKER_GPUS", "").split(",") if word.strip()),
            warm=max(0, warm),
            folder=Path(environ.get("GRADER_DOCKER_DIR") or tempfile.gettempdir()),
        )
