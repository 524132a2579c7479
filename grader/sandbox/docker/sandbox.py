"""The Docker sandbox: see `grader.sandbox.docker`."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType

from grader.sandbox import seccomp
from grader.sandbox.conversation import PipeConversation
from grader.sandbox.docker import toolkit
from grader.sandbox.docker.engine import connect
from grader.sandbox.docker.hold import hold_of
from grader.sandbox.docker.owner import Owner
from grader.sandbox.docker.pool import Pool
from grader.sandbox.docker.running import Ends, Task
from grader.sandbox.docker.session import Session
from grader.sandbox.docker.settings import Settings
from grader.sandbox.docker.shape import Shape
from grader.sandbox.interface import MIB, Conversation, Limits, Mount, Outcome, SandboxFault, SandboxUnavailable
from grader.sandbox.layout import Descriptors
from grader.sandbox.lines import Box, Lines


class Docker:
    """See the package. Making one tries a real container, so an engine that cannot do it is known at once.

    Raises:
        SandboxUnavailable: no engine, no image, or containers do not work; says what to do.
    """

    name = "docker"

    def __init__(self, settings: Settings | None = None) -> None:
        try:
            self._settings = settings or Settings.from_environment()
            self._filter = seccomp.program()
        except ValueError as error:
            raise SandboxUnavailable(str(error)) from error
        if self._settings.gpus and (fault := toolkit.problem(toolkit.installed())):
            raise SandboxUnavailable(fault)
        self._engine = connect(self._settings.host)
        self._image = self._engine.image_digest(self._settings.image)
        if self._settings.runtime and self._settings.runtime not in self._engine.runtimes:
            raise SandboxUnavailable(
                f"The Docker engine knows no runtime {self._settings.runtime!r} (GRADER_DOCKER_RUNTIME); it has "
                f"{', '.join(self._engine.runtimes) or 'none'}. Add it to the engine's daemon.json."
            )
        try:
            self._owner = Owner(self._settings.folder)
        except OSError as error:
            raise SandboxUnavailable(
                f"{self._settings.folder} cannot hold the containers' sockets ({error.strerror}); "
                "name another folder in GRADER_DOCKER_DIR."
            ) from error
        self._owner.reap(self._engine)
        # By its digest: a tag may come to mean another image while this process runs.
        self._pool = Pool(self._engine, dataclasses.replace(self._settings, image=self._image), self._owner)
        atexit.register(self.close)
        try:
            self._try_out()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Docker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End all containers. Twice does no harm."""
        atexit.unregister(self.close)
        self._pool.close()
        self._owner.close()

    def _try_out(self) -> None:
        limits = Limits(5, 10, 64 * MIB, 64 * 1024, 16, MIB)
        try:
            container = self._pool.take(Shape.of((), limits, ()))
        except SandboxFault as error:
            raise SandboxUnavailable(
                f"Docker containers do not work here ({error}). {self._cure(str(error))}"
            ) from error
        self._counted = container.group is not None
        self._pool.give_back(container)
        outcome = self.run(["/bin/true"], limits=limits)
        if outcome.exit_code != 0 or outcome.limit is not None:
            words = outcome.stderr.decode(errors="replace").strip() or f"exit status {outcome.exit_code}"
            raise SandboxUnavailable(f"A program does not run in a container here ({words}).")

    def _cure(self, fault: str) -> str:
        if "python3" in fault:
            return f"Is python3 in {self._settings.image}? `python -m grader.sandbox.docker build-image` makes one."
        if "agent" in fault or "mount" in fault:
            return (
                f"The engine must see {self._settings.folder} as this process does: run the grader on the engine's "
                "own machine, and where it runs in a container itself, mount one folder at the same place in both and "
                "name it in GRADER_DOCKER_DIR."
            )
        return f"See whether `docker run --rm {self._settings.image} true` works."

    @property
    def identity(self) -> str:
        """What programs are compiled and run with: the image's digest."""
        return self._image

    def isolation(self) -> list[str]:
        """See `Sandbox.isolation`."""
        runtime = self._settings.runtime or self._engine.default_runtime
        words = [
            f"Docker {self._engine.version}, runtime {runtime}, image {self._image.removeprefix('sha256:')[:12]}",
            "no network (a network namespace of its own)",
            "own process, mount, IPC and host-name namespaces; the image and what is mounted are read-only",
            f"system-call filter ({len(seccomp.DENIED)} calls denied, unknown ones too)",
            "no capabilities, no new privileges",
            "/box, /tmp and /dev/shm in memory with a size limit; a container serves one program of one attempt",
            "wall-clock limit; output limit",
        ]
        if self._engine.remaps_users():
            words.append("root in the container is an ordinary user of the host")
        else:
            words.append("runs as a user of its own; the container's agent is root with 4 capabilities")
        if self._counted:
            version = self._engine.cgroup_version
            words.append(f"memory, processes and processor time counted together (control groups version {version})")
        else:
            words.append("memory and processes limited together; processor time limited for each process")
        if self._settings.gpus:
            words.append(f"GPUs: {', '.join(self._settings.gpus)}")
        return words

    def run(
        self,
        command: Sequence[str],
        *,
        limits: Limits,
        files_in: Mapping[str, bytes] | None = None,
        mounts: Sequence[Mount] = (),
        files_out: Sequence[str] = (),
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
    ) -> Outcome:
        """See `Sandbox.run`."""
        with self.session() as session:
            return session.run(
                command, limits=limits, files_in=files_in, mounts=mounts, files_out=files_out, stdin=stdin, env=env
            )

    def start(
        self,
        command: Sequence[str],
        *,
        limits: Limits,
        files_in: Mapping[str, bytes] | None = None,
        mounts: Sequence[Mount] = (),
        env: Mapping[str, str] | None = None,
        exchange_bytes: int = MIB,
    ) -> Conversation:
        """See `Sandbox.start`."""
        task = Task(command, limits, files_in or {}, (), env or {}, self._filter)
        container = self._pool.take(Shape.of(mounts, limits, list(task.files_in)))
        with contextlib.ExitStack() as stack:
            stack.callback(self._pool.give_back, container)
            stack.enter_context(self._pool.running())
            extra = Descriptors()
            stack.callback(extra.close)
            lines = Lines.lay(extra, exchange_bytes)
            stack.callback(lines.close)
            ends = Ends(b"")
            stack.callback(ends.close_far)
            with contextlib.ExitStack() as on_fault:
                on_fault.callback(ends.close)
                run = task.begin(container, ends, extra.sources)
                on_fault.pop_all()
            extra.close()
            box = Box(run, ends.stdout, ends.stderr, ends.control)
            return PipeConversation(box, lines, hold_of(container, run), limits, stack.pop_all())

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """See `Sandbox.session`."""
        session = Session(self, self._pool, self._filter)
        try:
            yield session
        finally:
            session.close()

    def settle(self, within: float = 120.0) -> bool:
        """Wait until used containers are gone and warm ones are ready; False when that takes too long."""
        return self._pool.settle(within)

    def descriptors(self) -> set[int]:
        """Descriptors of this process that lead to waiting containers."""
        return self._pool.descriptors()
