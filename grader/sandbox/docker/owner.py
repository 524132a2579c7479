"""Whose containers are whose, and removing those of graders that are gone.

An owner is a folder with a lock that its process holds. The kernel lets go of the lock when the process ends, however
it ends; whoever gets it then may remove the containers that carry the folder's name, and the folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

from docker.errors import DockerException

from grader.sandbox.docker.container import remove
from grader.sandbox.docker.engine import Engine
from grader.sandbox.docker.shape import LABEL

_PREFIX = "llsys-docker-"
_UNSTARTED_SECONDS = 600
"""A container that was made and never started for so long is nobody's."""


class Owner:
    """This process as the owner of containers.

    Raises:
        OSError: the folder cannot be made.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
        self.name = self.folder.name
        self._lock = os.open(self.folder / "new", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # Nobody may find the lock before it is held.
        (self.folder / "new").rename(self.folder / "lock")

    def close(self) -> None:
        """Give the folder up."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self._lock)

    def containers(self, engine: Engine) -> set[str]:
        """Identities of this owner's containers, running or not. Empty where the engine does not answer."""
        with contextlib.suppress(DockerException, OSError), engine.client() as client:
            return {
                str(found["Id"]) for found in client.containers(all=True, filters={"label": f"{LABEL}={self.name}"})
            }
        return set()

    def reap(self, engine: Engine) -> int:
        """Remove containers whose owner is gone, and their folders; gives the number of containers."""
        gone = {folder.name: folder for folder in self._parent.glob(f"{_PREFIX}*") if _is_abandoned(folder)}
        removed = 0
        with contextlib.suppress(DockerException, OSError), engine.client() as client:
            for found in client.containers(all=True, filters={"label": LABEL}):
                owner = str(found["Labels"].get(LABEL, ""))
                age = time.time() - float(found["Created"])
                forgotten = found["State"] in ("created", "exited", "dead") and age > _UNSTARTED_SECONDS
                if owner in gone or (forgotten and owner != self.name):
                    remove(client, str(found["Id"]))
                    removed += 1
            for folder in gone.values():
                shutil.rmtree(folder, ignore_errors=True)
        return removed


def _is_abandoned(folder: Path) -> bool:
    try:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True
