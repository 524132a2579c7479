"""The other end of `boxes.OrdinaryUser`: a grader without root's rights, with nothing but the standard library."""

from __future__ import annotations

import pickle
import struct
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

from grader.sandbox import Bubblewrap


def send(stream: BinaryIO, value: object) -> None:
    """One value, behind its length."""
    content = pickle.dumps(value)
    stream.write(struct.pack("<Q", len(content)) + content)
    stream.flush()


def receive(stream: BinaryIO) -> object | None:
    """The next value, None at the end."""
    head = stream.read(8)
    return pickle.loads(stream.read(struct.unpack("<Q", head)[0])) if len(head) == 8 else None


def main() -> None:
    """Answer calls until the pipe closes."""
    sandbox, lock = Bubblewrap(), threading.Lock()

    def answer(call: Any) -> None:
        number, name, values, options = call
        try:
            result: object = getattr(sandbox, name)(*values, **options)
        except Exception as error:
            result = error
        with lock:
            send(sys.stdout.buffer, (number, result))

    with ThreadPoolExecutor(8) as pool:
        while (call := receive(sys.stdin.buffer)) is not None:
            pool.submit(answer, call)
