"""The sandboxes that the attacks run against."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from grader.sandbox import Bubblewrap, Limits, Mount, Outcome, Sandbox, SandboxFault
from grader.sandbox.docker import Docker
from grader.sandbox.interface import Conversation
from grader.toolchain import Toolchain
from tests.attacks.host import Host
from tests.attacks.ordinary import receive, send
from tests.docker_engine import DockerEngine
from tests.grader.machine import bare_toolchain

ROOT = Path(__file__).parents[2]
NOBODY = 65534


@dataclasses.dataclass(frozen=True)
class Machine:
    """A sandbox and a toolchain that it can show to a program."""

    sandbox: Sandbox
    toolchain: Toolchain
    host: Host
    containers: Callable[[], Collection[str] | None] = lambda: None
    """The containers of this process, None where boxes are no containers."""

    def state(self) -> dict[str, object]:
        """See `Host.state`."""
        return self.host.state(self.containers())

    def settled(self, wanted: dict[str, object], within: float = 5.0) -> dict[str, object]:
        """The wanted state, or the one after `within` seconds: the kernel buries processes in its own time."""
        deadline = time.monotonic() + within
        while (state := _without_closed(self.state(), wanted)) != wanted and time.monotonic() < deadline:
            time.sleep(0.02)
        return state


class OrdinaryUser:
    """Bubblewrap in a process of the user "nobody"; calls go there and outcomes come back over its pipes."""

    name = "bubblewrap"

    def __init__(self) -> None:
        command = ["/usr/bin/python3", "-B", "-c", "from tests.attacks.ordinary import main; main()"]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[object]] = {}
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._words = cast(list[str], self._ask("isolation"))

    @property
    def pid(self) -> int:
        return self._process.pid

    def isolation(self) -> list[str]:
        """See `Sandbox.isolation`."""
        return self._words

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
        answer = self._ask(
            "run",
            list(command),
            limits=limits,
            files_in=dict(files_in or {}),
            mounts=list(mounts),
            files_out=list(files_out),
            stdin=stdin,
            env=dict(env or {}),
        )
        return cast(Outcome, answer)

    def start(self, command: Sequence[str], *, limits: Limits, **_: object) -> Conversation:
        """Not offered: a conversation holds descriptors, which do not go over these pipes."""
        raise SandboxFault(f"{command[0]} cannot be talked to over the pipes of another process ({limits})")

    @contextlib.contextmanager
    def session(self) -> Iterator[Sandbox]:
        """See `Sandbox.session`."""
        yield self

    def close(self) -> None:
        """End the other process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._reader.join()

    def _ask(self, name: str, *values: object, **options: object) -> object:
        answer: Future[object] = Future()
        assert self._process.stdin is not None
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = answer
            send(cast(BinaryIO, self._process.stdin), (number, name, values, options))
        result = answer.result(timeout=120)
        if isinstance(result, BaseException):
            raise result
        return result

    def _read(self) -> None:
        assert self._process.stdout is not None
        while (frame := receive(cast(BinaryIO, self._process.stdout))) is not None:
            number, result = cast(tuple[int, object], frame)
            self._waiting.pop(number).set_result(result)
        for left in self._waiting.values():
            left.set_exception(RuntimeError("the ordinary user's process ended"))


@pytest.fixture(scope="session")
def open_toolchain() -> Iterator[Toolchain]:
    """A bare toolchain in a folder that everybody may read."""
    with tempfile.TemporaryDirectory(prefix="llsys-attacks-") as folder:
        Path(folder).chmod(0o755)
        yield bare_toolchain(Path(folder))


@pytest.fixture(scope="session", autouse=True)
def own_headers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No precompiled headers of earlier gradings: an ordinary user could not read those of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_PRECOMPILED_DIR", str(tmp_path_factory.mktemp("precompiled")))
        yield


@pytest.fixture(scope="session")
def root_machine(open_toolchain: Toolchain, host: Host) -> Machine:
    """Bubblewrap as whoever runs the tests: root, with control groups, on a build server."""
    return Machine(Bubblewrap(), open_toolchain, host)


@pytest.fixture(scope="session")
def user_machine(host: Host) -> Iterator[Machine]:
    """Bubblewrap as an ordinary user, with the system's Python: homes of others are closed to such a user."""
    with tempfile.TemporaryDirectory(prefix="llsys-attacks-") as folder:
        Path(folder).chmod(0o755)
        toolchain = bare_toolchain(Path(folder), base=Path("/usr"))
        sandbox = OrdinaryUser()
        host.helpers.add(sandbox.pid)
        yield Machine(sandbox, toolchain, host)
        host.helpers.discard(sandbox.pid)
        sandbox.close()


@pytest.fixture(scope="session")
def docker_machine(
    docker_engine: DockerEngine, docker_sandbox: Docker, open_toolchain: Toolchain, host: Host
) -> Iterator[Machine]:
    """Docker, with containers that wait for programs; when all is over, none but those may be there."""

    def containers() -> list[str]:
        lines = docker_engine.command(
            "ps", "-a", "--no-trunc", "--format", '{{.ID}} {{.Label "llsys.box"}}'
        ).splitlines()
        return [line.split()[0] for line in lines if f" llsys-docker-{os.getpid()}-" in line]

    yield Machine(docker_sandbox, open_toolchain, host, containers)
    assert docker_sandbox.settle()
    assert len(containers()) == len(docker_sandbox.descriptors())


@pytest.fixture
def machine(request: pytest.FixtureRequest) -> Machine:
    """The machine that a test's parameter names."""
    fixtures = {"bubblewrap": "root_machine", "bubblewrap-user": "user_machine", "docker": "docker_machine"}
    return cast(Machine, request.getfixturevalue(fixtures[request.param]))


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """This machine with its canaries."""
    with Host() as host:
        yield host


def _without_closed(state: dict[str, object], wanted: dict[str, object]) -> dict[str, object]:
    """A state in which descriptors that were closed meanwhile, of a container that was being made, do not count."""
    seen, before = state["descriptors"], wanted["descriptors"]
    if isinstance(seen, int) and isinstance(before, int) and seen < before:
        return {**state, "descriptors": before}
    return state
