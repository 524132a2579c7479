"""A gunicorn worker that serves whole requests only, so that nobody keeps it waiting.

A plain synchronous worker reads a request while its sender sends it, and three people who send a byte now and then
stop a small site. This one collects what arrives, from many connections at once, and turns to a request when all of
it is there. It answers one request at a time all the same. A proxy that buffers does the same for sites that have one.

Use it by name: `gunicorn backend.config.wsgi --worker-class backend.config.web_worker.WholeRequests`.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import socket
import time
from dataclasses import dataclass, field
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.workers.sync import SyncWorker  # type: ignore[import-untyped]

from backend.labs.uploads import MAX_REQUEST_BYTES

MAX_HEAD_BYTES = 64 * 1024
MAX_WAITING = 500
"""Connections whose request is not complete; the oldest makes room."""
MAX_WAITING_BYTES = 32 * 1024 * 1024
HEAD_SECONDS = 10.0
REQUEST_SECONDS = 60.0
SEND_SECONDS = 10.0
LINGER_SECONDS = 2.0
"""How long what is still sent is taken in behind an answer, so that the answer is not lost."""
_PART = 64 * 1024
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.I)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.I)
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.I)
_NEEDS_LENGTH = (
    b"HTTP/1.1 411 Length Required\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 47\r\n\r\n"
    b"Say how long the request is (Content-Length).\r\n"
)


@dataclass(eq=False)
class Incoming:
    """A connection and what has come of its request."""

    socket: socket.socket
    address: Any
    listener: Any
    began: float
    received: bytearray = field(default_factory=bytearray)
    needed: int = 0
    """Bytes of the whole request; 0 while its head is not complete."""
    answered: bool = False

    @property
    def deadline(self) -> float:
        """When patience ends."""
        if self.answered:
            return self.began + LINGER_SECONDS
        return self.began + (REQUEST_SECONDS if self.needed else HEAD_SECONDS)

    @property
    def is_chunked(self) -> bool:
        """Whether the head promises a body without saying how long it is."""
        return bool(self.needed) and _CHUNKED.search(self.received, 0, self.needed) is not None

    def take(self) -> bool:
        """Take in what has arrived; False when the other side has closed or failed."""
        try:
            part = self.socket.recv(_PART)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not self.answered:
            self.received += part
            self._measure()
        return bool(part)

    def _measure(self) -> None:
        if self.needed:
            return
        end = self.received.find(_END)
        if end < 0:
            # A head without an end is for the parser to refuse.
            self.needed = len(self.received) if len(self.received) > MAX_HEAD_BYTES else 0
            return
        head = end + len(_END)
        match = _LENGTH.search(self.received, 0, head)
        body = int(match[1]) if match else 0
        # Who announces too much is refused by the announcement, so nothing of it need be here.
        self.needed = head + (body if body <= MAX_REQUEST_BYTES else 0)
        if len(self.received) < self.needed and _EXPECT.search(self.received, 0, head):
            with contextlib.suppress(OSError):
                self.socket.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    @property
    def is_whole(self) -> bool:
        """Whether all of the request is here."""
        return 0 < self.needed <= len(self.received)


class _Whole:
    """Stands for the socket of a whole request: reading gives what was received and then the end."""

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming
        self._place = 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        del flags
        part = bytes(self._incoming.received[self._place : self._place + size])
        self._place += len(part)
        return part

    def settimeout(self, seconds: float | None) -> None:
        """Sending keeps the time limit that it has."""

    def close(self) -> None:
        """The worker closes the connection, once nothing more comes."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._incoming.socket, name)


class WholeRequests(SyncWorker):  # type: ignore[misc]
    """See the module."""

    def run(self) -> None:
        """Serve until told to end."""
        self._waiting: dict[Incoming, None] = {}
        self._selector = selectors.DefaultSelector()
        for listener in self.sockets:
            listener.setblocking(False)
            if listener.sock.family in {socket.AF_INET, socket.AF_INET6} and hasattr(socket, "TCP_DEFER_ACCEPT"):
                # A connection on which nothing comes is not even shown to a worker.
                listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
            self._selector.register(listener, selectors.EVENT_READ, listener)
        self._selector.register(self.PIPE[0], selectors.EVENT_READ, None)
        with self._selector:
            while self.alive and self.is_parent_alive():
                self.notify()
                for key, _ in self._selector.select(1.0):
                    self._turn_to(key.data)
                self._let_go_of_the_late()
            for incoming in list(self._waiting):
                self._drop(incoming)

    def _turn_to(self, what: Any) -> None:
        if what is None:
            with contextlib.suppress(OSError):
                os.read(self.PIPE[0], 1)
        elif not isinstance(what, Incoming):
            self._accept(what)
        elif what in self._waiting:
            self._read(what)

    def _accept(self, listener: Any) -> None:
        try:
            client, address = listener.accept()
        except OSError:
            return
        client.setblocking(False)
        util.close_on_exec(client)
        incoming = Incoming(client, address, listener, time.monotonic())
        self._waiting[incoming] = None
        self._selector.register(client, selectors.EVENT_READ, incoming)
        self._read(incoming)

    def _read(self, incoming: Incoming) -> None:
        there = incoming.take()
        if incoming.answered:
            if not there:
                self._drop(incoming)
        elif incoming.is_chunked:
            self._refuse(incoming)
        elif incoming.is_whole:
            self._serve(incoming)
        elif not there:
            self._drop(incoming)

    def _serve(self, incoming: Incoming) -> None:
        self.notify()
        incoming.socket.settimeout(SEND_SECONDS)
        self.handle(incoming.listener, _Whole(incoming), incoming.address)
        self._linger(incoming)

    def _refuse(self, incoming: Incoming) -> None:
        with contextlib.suppress(OSError):
            incoming.socket.send(_NEEDS_LENGTH)
            incoming.socket.shutdown(socket.SHUT_WR)
        self._linger(incoming)

    def _linger(self, incoming: Incoming) -> None:
        incoming.answered, incoming.began = True, time.monotonic()
        incoming.received.clear()
        incoming.socket.setblocking(False)
        if not incoming.take():
            self._drop(incoming)

    def _drop(self, incoming: Incoming) -> None:
        if incoming in self._waiting:
            del self._waiting[incoming]
            self._selector.unregister(incoming.socket)
            incoming.socket.close()

    def _let_go_of_the_late(self) -> None:
        now = time.monotonic()
        for incoming in [one for one in self._waiting if one.deadline < now]:
            self._drop(incoming)
        held = sum(len(one.received) for one in self._waiting)
        while self._waiting and (len(self._waiting) > MAX_WAITING or held > MAX_WAITING_BYTES):
            oldest = next(iter(self._waiting))
            held -= len(oldest.received)
            self._drop(oldest)
