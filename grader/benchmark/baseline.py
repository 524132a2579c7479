"""How long the reference took on this machine before: a measurement in which it did not is taken again.

A learner cannot touch the reference, which runs while the learner's box is stopped; but a machine can be disturbed, and
a disturbance that comes and goes with the turns would look like a difference between the programs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.environment import cpu_model

TOLERANCE = 1.25
"""How much quicker or slower the reference may be than it was."""


@dataclass(frozen=True)
class Baselines:
    """Seconds for a unit of the reference's work, by lab, benchmark and kind of machine; one small file each."""

    folder: Path

    @classmethod
    def of_this_machine(cls) -> Baselines:
        """Below `GRADER_BASELINE_DIR`, by default `~/.cache/llsys/baselines`."""
        return cls(Path(os.environ.get("GRADER_BASELINE_DIR") or Path.home() / ".cache" / "llsys" / "baselines"))

    def _path(self, lab_digest: str, benchmark: str) -> Path:
        key = f"{lab_digest}/{benchmark}/{cpu_model()}/{os.cpu_count()}".encode()
        return self.folder / hashlib.sha256(key).hexdigest()[:32]

    def is_unusual(self, lab_digest: str, benchmark: str, seconds: float) -> bool:
        """Whether the reference took clearly more or less than before; never where nothing is known."""
        try:
            before = float(self._path(lab_digest, benchmark).read_text())
        except (OSError, ValueError):
            return False
        return not 1 / TOLERANCE <= seconds / before <= TOLERANCE

    def keep(self, lab_digest: str, benchmark: str, seconds: float) -> None:
        """Remember the latest; a folder that cannot be written only costs the comparison."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as file:
                file.write(repr(seconds))
            Path(file.name).replace(self._path(lab_digest, benchmark))
