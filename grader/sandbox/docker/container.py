"""One container: started ahead of need, spoken to over a socket, and thrown away after use."""

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import shutil
import socket
import struct
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docker.errors import APIError, DockerException, NotFound

from grader.sandbox.bubblewrap import ACCOUNTS
from grader.sandbox.docker.counting import AGENT_BYTES, AGENT_PROCESSES, ContainerGroup, group_of
from grader.sandbox.docker.engine import Engine
from grader.sandbox.docker.settings import Settings
from grader.sandbox.docker.shape import Shape, configuration
from grader.sandbox.interface import Limits, SandboxFault
from grader.sandbox.supervise import Ending

START_SECONDS = 20.0
END_SECONDS = 5.0
CLEAN_SECONDS = 2.0
OOM_NEWS_SECONDS = 0.5
_AGENT = Path(__file__).with_name("agent.py")
_PACKET = 4096
_SIGKILL = 9


class Container:
    """A container whose agent has greeted. Only one thread may use it at a time.

    Raises:
        SandboxFault: it does not start, or its agent does not greet.
    """

    def __init__(
        self, engine: Engine, settings: Settings, shape: Shape, *, owner: str, folder: Path, uid: int, profile: str
    ) -> None:
        self.shape = shape
        self.uid = uid
        self.id = ""
        self.greeting: dict[str, Any] = {}
        self.runs = 0
        self.group: ContainerGroup | None = None
        self.engine = engine
        self._socket: socket.socket | None = None
        try:
            self._place = Path(tempfile.mkdtemp(prefix="box-", dir=folder))
        except OSError as error:
            raise SandboxFault(f"no folder for a container could be made: {error}") from error
        try:
            labelled, parent = engine.uses_selinux(), engine.cgroup_parent()
            self._start(
                configuration(settings, shape, self._place, owner, profile, labelled=labelled, cgroup_parent=parent)
            )
        except OSError as error:
            self.destroy()
            raise SandboxFault(f"a container could not be prepared: {error}") from error
        except BaseException:
            self.destroy()
            raise

    def _start(self, wanted: dict[str, Any]) -> None:
        inside = self._place / "llsys"
        inside.mkdir()
        shutil.copyfile(_AGENT, inside / "agent.py")
        (inside / "passwd").write_bytes(ACCOUNTS % (self.uid, self.uid))
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            _bind(listener, inside)
            # Whoever the engine makes the container's root: the folder above is closed to all but this process' user.
            for path, mode in ((inside, 0o755), (inside / "agent.py", 0o444), (inside / "passwd", 0o444)):
                path.chmod(mode)
            (inside / "socket").chmod(0o666)
            listener.listen(1)
            listener.settimeout(START_SECONDS)
            try:
                with self.engine.client() as client:
                    self.id = str(client.create_container_from_config(wanted)["Id"])
                    client.start(self.id)
            except (DockerException, OSError) as error:
                raise SandboxFault(f"the container did not start: {explain(error)}") from error
            try:
                self._socket = listener.accept()[0]
            except TimeoutError as error:
                raise SandboxFault("the container started, but its agent does not answer") from error
        # From here on the socket has no name: nobody else can reach the agent.
        (inside / "socket").unlink()
        self._socket.settimeout(START_SECONDS)
        self.greeting = self._receive()
        pid = struct.unpack("iII", self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        self.group = group_of(pid, self.id) if pid else None

    def fileno(self) -> int:
        """The socket to the agent; it becomes readable when a run is over."""
        assert self._socket is not None
        return self._socket.fileno()

    def bound(self, limits: Limits) -> None:
        """Set the limits of the next run.

        Raises:
            SandboxFault: the engine refuses.
        """
        if self.group is not None:
            bounded = self.group.bound(limits)
            self.group = self.group.yielding(limits.yields).for_run()
            if bounded:
                return
        memory = limits.memory_bytes + AGENT_BYTES
        try:
            with self.engine.client() as client:
                client.update_container(self.id, mem_limit=memory, memswap_limit=memory)
                address = client._url("/containers/{0}/update", self.id)
                client._result(client._post_json(address, data={"PidsLimit": limits.processes + AGENT_PROCESSES}))
        except (DockerException, OSError) as error:
            raise SandboxFault(f"the container's limits could not be set: {explain(error)}") from error

    def order(self, order: int, descriptors: Sequence[int]) -> Run:
        """Have the agent run a program. `order` is a descriptor with what `agent.Order` says; the others are the
        control pipe's end and then the program's own, from 0 on. All stay the caller's to close.

        Raises:
            SandboxFault: the agent is gone.
        """
        assert self._socket is not None
        self.runs += 1
        fds = array.array("i", [order, *descriptors])
        try:
            self._socket.sendmsg([b"R%d" % self.runs], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
        except OSError as error:
            raise SandboxFault(f"the container is gone: {error.strerror}") from error
        return Run(self, self.runs)

    def kill_run(self, number: int) -> None:
        """Ask the agent to end a run."""
        assert self._socket is not None
        with contextlib.suppress(OSError):
            self._socket.send(b"K%d" % number)

    def result(self) -> dict[str, Any]:
        """The agent's next word.

        Raises:
            SandboxFault: there is none.
        """
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        assert self._socket is not None
        try:
            packet = self._socket.recv(_PACKET)
        except OSError as error:
            raise SandboxFault(f"the container's agent does not answer: {error}") from error
        if not packet:
            raise SandboxFault("the container ended")
        told = json.loads(packet)
        assert isinstance(told, dict)
        return told

    def is_clean(self) -> bool:
        """Whether the agent removed everything that the last run left; waits for its word."""
        assert self._socket is not None
        self._socket.settimeout(CLEAN_SECONDS)
        try:
            return self._receive().get("left") == ""
        except SandboxFault:
            return False

    def was_out_of_memory(self) -> bool:
        """Whether the engine saw the kernel end something for memory; it learns that a moment after the end."""
        deadline = time.monotonic() + OOM_NEWS_SECONDS
        while True:
            try:
                with self.engine.client() as client:
                    if client.inspect_container(self.id)["State"]["OOMKilled"]:
                        return True
            except (DockerException, OSError, KeyError):
                return False
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)

    def let_go(self) -> None:
        """Close the socket. The agent ends then, and the engine removes the container."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        shutil.rmtree(self._place, ignore_errors=True)

    def destroy(self) -> None:
        """End and remove the container, also one that does not listen any more. Twice does no harm."""
        self.let_go()
        if not self.id:
            return
        with contextlib.suppress(DockerException, OSError), self.engine.client() as client:
            remove(client, self.id)


class Run:
    """A program in a container, as `supervise.watch` and a conversation follow it."""

    def __init__(self, container: Container, number: int) -> None:
        self._container = container
        self._number = number
        self._killed_at = 0.0
        self.fault = ""
        """Why the agent could not start it."""
        self.survivors = 0
        """Processes that were still there when the program had ended."""
        self.largest_bytes = 0
        """Memory of the largest process; of use where the container's group cannot be seen."""
        self.lost = False
        """The container ended under the run."""

    def fileno(self) -> int:
        """See `supervise.Life`."""
        return self._container.fileno()

    def kill(self) -> None:
        """End the program; a container that does not do it in time is ended from outside."""
        now = time.monotonic()
        if not self._killed_at:
            self._killed_at = now
            self._container.kill_run(self._number)
        elif now - self._killed_at > END_SECONDS and not self.lost:
            self.lost = True
            self._container.destroy()

    def finish(self) -> Ending:
        """See `supervise.Life`."""
        if self.lost or not select.select([self.fileno()], [], [], END_SECONDS)[0]:
            self.lost = True
            self._container.destroy()
            return Ending(-_SIGKILL, 0.0, 0)
        try:
            told = self._container.result()
        except SandboxFault:
            self.lost = True
            return Ending(-_SIGKILL, 0.0, 0)
        self.fault = str(told.get("fault", ""))
        self.survivors = int(told.get("survivors", 0))
        self.largest_bytes = int(told.get("rss", 0))
        return Ending(int(told.get("status", -_SIGKILL)), float(told.get("cpu", 0.0)), self.largest_bytes)


def _bind(listener: socket.socket, folder: Path) -> None:
    """Give a socket its name in a folder, however long the folder's own name is."""
    fd = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        listener.bind(f"/proc/self/fd/{fd}/socket")
    finally:
        os.close(fd)


def remove(client: Any, container_id: str) -> None:
    """Remove a container, running or not; one that is being removed or gone is left alone."""
    try:
        client.remove_container(container_id, force=True)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != 409:
            raise


def explain(error: Exception) -> str:
    """The engine's own words, in one line."""
    words = str(getattr(error, "explanation", None) or error).strip().splitlines() or [type(error).__name__]
    return words[0][:400]
