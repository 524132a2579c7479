"""Requests that no browser sends, against the web server as it really runs."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import pytest
from django.test import Client

from backend.accounts.models import User
from backend.config.processes import WHOLE_REQUESTS, children
from backend.config.web_worker import HEAD_SECONDS
from backend.curriculum.models import Lab
from backend.labs.models import Submission
from backend.labs.uploads import MAX_REQUEST_BYTES
from tests.backend.labs.hand import RIGHT
from tests.stack import ROOT, LiveStack, OwnRedis

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
GROWTH = 48 << 20
HANGS = 20.0
"""Seconds without an answer after which a server counts as stopped. Not a measurement."""
TOKEN = "a" * 32


class Line:
    """Speaks to the server, byte by byte."""

    def __init__(self, stack: LiveStack, session: str) -> None:
        self.place = urlsplit(stack.url)
        self.session = session

    def open(self) -> socket.socket:
        """A connection."""
        return socket.create_connection((self.place.hostname, self.place.port), timeout=HANGS)

    def head(self, address: str, *headers: str, method: str = "POST") -> bytes:
        """The head of a request of somebody who is signed in."""
        lines = [
            f"{method} {address} HTTP/1.1", f"Host: {self.place.netloc}", f"X-CSRFToken: {TOKEN}",
            f"Cookie: sessionid={self.session}; csrftoken={TOKEN}", *headers,
        ]  # fmt: skip
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def ask(self, *parts: bytes) -> int:
        """Send parts and read the status; 0 when the server closes without one."""
        with self.open() as connection:
            with contextlib.suppress(ConnectionError):
                for part in parts:
                    connection.sendall(part)
            return status(connection)

    def is_served(self) -> bool:
        """Whether an honest request gets its answer."""
        return self.ask(self.head("/healthz", method="GET")) == 200


def status(connection: socket.socket) -> int:
    """The status of the answer; 0 when there is none."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while b"\r\n" not in received and (part := connection.recv(4096)):
            received += part
    return int(received.split(b" ", 2)[1]) if received.startswith(b"HTTP/1.1 ") else 0


def up_starts(folder: Path) -> Sequence[str]:
    """The command by which `./up` starts the web server."""
    started = children({"REDIS_URL": "redis://nowhere"}, host="127.0.0.1", port=1, data_dir=folder, grader=False)
    return next(child.command for child in started if child.name == "web")


@pytest.fixture
def stack(tmp_path: Path, redis_server: OwnRedis) -> Iterator[LiveStack]:
    """The web server, started as `./up` starts it."""
    stack = LiveStack(tmp_path, redis_server.url)
    stack.start_web(options=[word for word in up_starts(tmp_path)[4:] if not word.startswith("--bind")])
    yield stack
    stack.stop()


@pytest.fixture
def line(stack: LiveStack, learner: User, tiny_lab: Lab) -> Line:
    """A line of somebody who is signed in."""
    client = Client()
    client.force_login(learner, backend="allauth.account.auth_backends.AuthenticationBackend")
    return Line(stack, client.cookies["sessionid"].value)


def memory(stack: LiveStack) -> int:
    """Resident bytes of all processes of the web server."""
    server = psutil.Process(stack.children[0].process.pid)
    return sum(process.memory_info().rss for process in [server, *server.children(recursive=True)])


def form(fields: int = 0, files: int = 0) -> bytes:
    """A form of many parts."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n\r\n' for n in range(fields)]
    parts += [
        f'--b\r\nContent-Disposition: form-data; name="upload"; filename="{n}.py"\r\n\r\n\r\n' for n in range(files)
    ]
    return ("".join(parts) + "--b--\r\n").encode()[:MAX_REQUEST_BYTES]


SUBMIT = "/labs/lab-tiny/submit/"
HAND_IN = "/api/v1/labs/lab-tiny/submissions/"
MULTIPART = "Content-Type: multipart/form-data; boundary=b"
JSON = "Content-Type: application/json"


def test_a_request_that_lies_about_its_size_is_refused_and_costs_nothing(line: Line, stack: LiveStack) -> None:
    for _ in range(6):
        assert line.is_served()
    before = memory(stack)
    many, chunk = form(fields=20_000), b"10000\r\n" + b"x" * 65536 + b"\r\n"
    urlencoded = "&".join(f"f{n}=" for n in range(100_000)).encode()
    plain = "Content-Type: application/x-www-form-urlencoded"
    sent: dict[str, tuple[set[int], list[bytes]]] = {
        "announces a terabyte": ({400, 413}, [line.head(SUBMIT, MULTIPART, "Content-Length: 1099511627776")]),
        "announces a terabyte of JSON": ({413}, [line.head(HAND_IN, JSON, "Content-Length: 1099511627776")]),
        "sends a little more than allowed": (
            {400, 413},
            [line.head(SUBMIT, MULTIPART, f"Content-Length: {MAX_REQUEST_BYTES + 1}"), b"x" * MAX_REQUEST_BYTES],
        ),
        "negative": ({400}, [line.head(SUBMIT, MULTIPART, "Content-Length: -1")]),
        "signed": ({400}, [line.head(SUBMIT, MULTIPART, "Content-Length: +5"), b"12345"]),
        "two lengths": ({400}, [line.head(SUBMIT, MULTIPART, "Content-Length: 5", "Content-Length: 6"), b"123456"]),
        "a list of lengths": ({400}, [line.head(SUBMIT, MULTIPART, "Content-Length: 5, 5"), b"12345"]),
        "hexadecimal": ({400}, [line.head(SUBMIT, MULTIPART, "Content-Length: 0x5"), b"12345"]),
        "endless chunks": ({411}, [line.head(HAND_IN, JSON, "Transfer-Encoding: chunked"), *[chunk] * 400]),
        "chunks and a length": (
            {400, 411}, [line.head(HAND_IN, JSON, "Transfer-Encoding: chunked", "Content-Length: 5"), b"0\r\n\r\n"]
        ),
        "a hundred thousand fields": (
            {400}, [line.head(SUBMIT, plain, f"Content-Length: {len(urlencoded)}"), urlencoded]
        ),
        "many parts": ({400}, [line.head(SUBMIT, MULTIPART, f"Content-Length: {len(many)}"), many]),
        "a head without an end": ({400, 431, 0}, [b"GET / HTTP/1.1\r\n", *[b"X-A: " + b"a" * 4000 + b"\r\n"] * 300]),
        "a line without an end": ({400, 414, 0}, [b"GET /" + b"a" * 300_000]),
        "no HTTP": ({400, 0}, [b"\x16\x03\x01\x02\x00" * 100 + b"\r\n\r\n"]),
    }  # fmt: skip
    ten_thousand = form(files=10_000)
    sent["ten thousand files"] = (
        {400, 413},
        [line.head(SUBMIT, MULTIPART, f"Content-Length: {len(ten_thousand)}"), ten_thousand],
    )
    for what, (expected, parts) in sent.items():
        assert line.ask(*parts) in expected, what
        assert line.is_served(), what
    assert memory(stack) - before < GROWTH
    assert not Submission.objects.exists()


def test_a_request_that_ends_early_is_forgotten(line: Line) -> None:
    for part in (b"", b"--b\r\n", form(fields=3)[:-9]):
        with line.open() as connection:
            connection.sendall(line.head(SUBMIT, MULTIPART, "Content-Length: 100000") + part)
            connection.shutdown(socket.SHUT_WR)
            assert status(connection) in {0, 400}
    assert line.is_served()
    assert not Submission.objects.exists()


def test_a_hand_in_that_comes_in_pieces_is_a_hand_in(line: Line) -> None:
    body = f'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n{uuid4()}\r\n'.encode()
    body += b'--b\r\nContent-Disposition: form-data; name="file:main.py"\r\n\r\n' + RIGHT + b"\r\n--b--\r\n"
    with line.open() as connection:
        request = line.head(SUBMIT, MULTIPART, f"Content-Length: {len(body)}") + body
        for place in range(0, len(request), 40):
            connection.sendall(request[place : place + 40])
            time.sleep(0.002)
        assert status(connection) == 302
    assert bytes(Submission.objects.get().files.get().content) == RIGHT


def test_a_sender_who_asks_first_is_told_to_go_on(line: Line) -> None:
    body = b'{"key": "' + str(uuid4()).encode() + b'", "files": {"main.py": "print(1)"}}'
    with line.open() as connection:
        connection.sendall(line.head(HAND_IN, JSON, f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        received = b""
        while part := connection.recv(4096):
            received += part
    assert b"HTTP/1.1 201 " in received


def test_slow_senders_do_not_keep_others_from_being_served(line: Line, stack: LiveStack) -> None:
    for _ in range(12):
        # Every process of the server loads what it needs with its first answer.
        assert line.is_served()
    before = memory(stack)
    with contextlib.ExitStack() as kept:
        slow: list[socket.socket] = []
        for number in range(160):
            connection = kept.enter_context(line.open())
            beginning = [
                b"",
                b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
                line.head(SUBMIT, MULTIPART, "Content-Length: 100000"),
                line.head("/healthz", method="GET"),
            ][number % 4]
            connection.sendall(beginning)
            slow.append(connection)
        for _ in range(4):
            for connection in slow[1::4] + slow[2::4]:
                with contextlib.suppress(OSError):
                    connection.sendall(b"x")
            for _ in range(5):
                assert line.is_served()
        assert memory(stack) - before < GROWTH
        # Who never ends the head is let go of; who has an answer and does not hang up, too.
        for connection in (slow[1], slow[3]):
            connection.settimeout(HEAD_SECONDS + HANGS)
            while received(connection):
                pass
    assert line.is_served()


def received(connection: socket.socket) -> bytes:
    """What comes next; nothing when the other side has closed."""
    try:
        return connection.recv(4096)
    except ConnectionError:
        return b""


def test_every_way_to_start_the_web_server_waits_for_whole_requests(tmp_path: Path) -> None:
    assert WHOLE_REQUESTS in up_starts(tmp_path)
    name = WHOLE_REQUESTS.partition("=")[2]
    for path in ("deploy/images/app.Dockerfile", "docs/operations.md"):
        assert name in (ROOT / path).read_text(), path
