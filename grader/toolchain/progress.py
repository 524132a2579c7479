"""How far a build is: one small file that its builder replaces and anyone may read."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.toolchain.lock import is_locked
from grader.toolchain.store import Store, default_store, write_atomically


class Stage(StrEnum):
    """Steps of a build in their order, and the states before and after it."""

    ABSENT = "absent"
    PREFLIGHT = "preflight"
    PYTHON = "python"
    DOWNLOAD = "download"
    UNPACK = "unpack"
    CONFIGURE = "configure"
    COMPILE = "compile"
    INSTALL = "install"
    BINDING = "binding"
    MODELS = "models"
    FINISH = "finish"
    READY = "ready"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


# Share of a whole build that is behind when a stage begins and when it ends, as measured on two cores.
_SHARE = {
    Stage.PREFLIGHT: (0.0, 0.0),
    Stage.PYTHON: (0.0, 0.06),
    Stage.DOWNLOAD: (0.06, 0.09),
    Stage.UNPACK: (0.09, 0.10),
    Stage.CONFIGURE: (0.10, 0.11),
    Stage.COMPILE: (0.11, 0.96),
    Stage.INSTALL: (0.96, 0.97),
    Stage.BINDING: (0.97, 0.99),
    Stage.MODELS: (0.99, 1.0),
    Stage.FINISH: (1.0, 1.0),
    Stage.READY: (1.0, 1.0),
}


class Progress(BaseModel):
    """State of the toolchain build at one moment.

    Attributes:
        stage: the step that runs, or the state when none does.
        done: units finished in this stage; the unit depends on the stage (compiler calls, models).
        total: units in this stage; 0 when it cannot be counted.
        started_at: when the build, not the stage, began; None when there never was one.
        detail: one line for people: what happens right now.
        error: why it failed, with a cure; empty otherwise.
    """

    model_config = ConfigDict(frozen=True)

    stage: Stage
    done: int = 0
    total: int = 0
    started_at: datetime | None = None
    detail: str = ""
    error: str = ""

    @property
    def running(self) -> bool:
        """Whether a build is under way."""
        return self.stage not in {Stage.ABSENT, Stage.READY, Stage.FAILED, Stage.INTERRUPTED}

    @property
    def percent(self) -> int:
        """Share of the whole build that is done, 0 to 100."""
        begin, end = _SHARE.get(self.stage, (0.0, 0.0))
        part = self.done / self.total if self.total else 0.0
        return int(100 * (begin + (end - begin) * min(part, 1.0)))


def progress(store: Store | None = None) -> Progress:
    """Read how far the build is; cheap, and never fails for want of a build."""
    store = store or default_store()
    state = _read(store)
    if state.running and not is_locked(store.lock):
        # A build that ended between the two looks wrote its last word before it let go of the lock.
        state = _read(store)
        if state.running and not is_locked(store.lock):
            return state.model_copy(
                update={
                    "stage": Stage.INTERRUPTED,
                    "detail": f"The build stopped in the stage {state.stage}; building again resumes it.",
                }
            )
    return state


def _read(store: Store) -> Progress:
    try:
        return Progress.model_validate_json(store.progress.read_bytes())
    except (OSError, ValidationError):
        return Progress(stage=Stage.ABSENT, detail="The toolchain has not been built yet.")


class Reporter:
    """Writes progress for one build, a few times a second at most."""

    INTERVAL_SECONDS = 0.2

    def __init__(self, store: Store) -> None:
        self._store = store
        self._state = Progress(stage=Stage.PREFLIGHT, started_at=datetime.now(UTC))
        self._written = 0.0

    @property
    def state(self) -> Progress:
        """What was reported last."""
        return self._state

    def stage(self, stage: Stage, detail: str, *, total: int = 0) -> None:
        """Enter a stage."""
        self._replace(stage=stage, detail=detail, done=0, total=total, error="")
        self._write()

    def advance(self, done: int, total: int, detail: str = "") -> None:
        """Say how far the stage is; dropped when it comes too soon after the last."""
        self._replace(done=done, total=total, detail=detail or self._state.detail)
        if time.monotonic() - self._written >= self.INTERVAL_SECONDS or done == total:
            self._write()

    def fail(self, error: str) -> None:
        """End with a failure, keeping the stage it happened in as the detail."""
        self._replace(stage=Stage.FAILED, detail=f"Failed in the stage {self._state.stage}.", error=error)
        self._write()

    def _replace(self, **changes: object) -> None:
        self._state = self._state.model_copy(update=changes)

    def _write(self) -> None:
        write_atomically(self._store.progress, self._state.model_dump_json() + "\n")
        self._written = time.monotonic()
