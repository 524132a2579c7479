"""What one grading machine still holds after a thousand jobs, against what it held after ten.

One worker process grades the tiny labs, in C++ and Python, with every kind of verdict, over a real broker. Compared
are its resident memory, its threads and descriptors, its child processes, and on the machine the control groups and
mounts that are the sandbox's, and the files of its cache and temporary folder. Nothing but the memory may differ, and
that by 5 %.

Usage: python -m tests.bench.leaks [JOBS]

With GRADER_SANDBOX=docker the machine works in containers, as tests/bench/click_to_verdict.py says.
"""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import psutil
from redis import Redis

from backend.config.local_redis import LocalRedis
from grader import lab as labs
from grader.contract import GRADE_QUEUES, GRADE_TASK, WORKERS_KEY, bundle_key
from grader.worker import make_app
from tests.bench.site import record

ROOT = Path(__file__).resolve().parents[2]
TINY_LABS = ROOT / "tests" / "attacks" / "lab"
WARM = 10
AT_MOST = 1.05
QUIET_SECONDS = 60
MOST_SOCKETS = 30
"""Connections to the broker are pooled and opened when first needed, ten of Celery and one for each thread; so is what
waits for them (epoll)."""
_FOLDERS = ("bundles", "precompiled", "tmp")
_PYTHON = {
    "accepted": (TINY_LABS / "python/reference/main.py").read_bytes(),
    "wrong_answer": b"print(0)\n",
    "runtime_error": b"raise ValueError('no')\n",
    "output_limit": b"while True:\n    print('x' * 1000)\n",
    "build_error": b"def broken(:\n",
    "memory_limit": b"held = [bytearray(1 << 20) for _ in range(4096)]\n",
    "leaves processes": (
        b"import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(60)\n"
    ),
    "leaves files": b"open('/tmp/left', 'w').write('x' * 100000)\nopen('note.txt', 'w').write('y')\nprint(0)\n",
}
_CPP = {
    "accepted": (TINY_LABS / "cpp/reference/main.cpp").read_bytes(),
    "build_error": b"int main( { }\n",
    "wrong_answer": b'#include <cstdio>\nint main() { std::puts("0"); }\n',
    "crash": b"int main() { volatile int *p = nullptr; return *p; }\n",
}


def main(jobs: int = 1000) -> int:
    """Grade, compare, print; the exit status says whether anything was left."""
    # Whoever ends this run ends all that it started.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="llsys-leaks-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = LocalRedis(folder, folder / "sockets")
        url = server.start()
        worker = _start(folder, url)
        try:
            with Redis.from_url(url) as client:
                grading = Grading(client, url)
                grading.wait_until_ready(worker)
                grading.grade(2 * WARM)
                few = held_by(worker.pid, folder)
                began = time.monotonic()
                grading.grade(jobs)
                seconds = time.monotonic() - began
                many = held_by(worker.pid, folder)
        except AssertionError:
            print((folder / "log").read_text()[-4000:], file=sys.stderr)
            raise
        finally:
            worker.terminate()
            worker.wait(timeout=60)
            server.stop()
    ratio = round(many["memory_bytes"] / few["memory_bytes"], 3)
    bounded = {"memory_bytes", "sockets"}
    differs = {what: (few[what], many[what]) for what in few if what not in bounded and many[what] > few[what]}
    if many["sockets"] > MOST_SOCKETS:
        differs["sockets"] = (few["sockets"], many["sockets"])
    record(
        "leaks-docker" if os.environ.get("GRADER_SANDBOX") == "docker" else "leaks",
        {
            "jobs": jobs,
            "after_few": few,
            "after_many": many,
            "memory_ratio": ratio,
            "left": differs,
            "jobs_per_second": round(jobs / seconds, 2),
        },
    )
    return 1 if differs or ratio > AT_MOST else 0


def _start(folder: Path, url: str) -> subprocess.Popen[bytes]:
    temporary = folder / "tmp"
    temporary.mkdir()
    env = {
        # A grading machine knows nothing of the web side.
        **{
            name: value
            for name, value in os.environ.items()
            if name == "LLSYS_TOOLCHAIN_DIR" or not name.startswith(("DJANGO_", "LLSYS_"))
        },
        "PYTHONPATH": str(ROOT),
        "GRADER_REDIS_URL": url,
        "GRADER_NAME": "leaks",
        "GRADER_CONCURRENCY": "2",
        "GRADER_CACHE_DIR": str(folder / "bundles"),
        "GRADER_PRECOMPILED_DIR": str(folder / "precompiled"),
        # Every text is new here, so that each is compiled; what is built is not kept.
        "GRADER_BUILD_CACHE_MB": "0",
        "GRADER_CONTENT_DIR": str(folder / "no-content"),
        "TMPDIR": str(temporary),
    }
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker", str(folder)], env=env, cwd=ROOT, stdout=log, stderr=log
        )


class Grading:
    """Sends jobs to the worker and waits for their reports."""

    def __init__(self, redis: Redis, url: str) -> None:
        self._redis = redis
        self._app = make_app(url)
        self._labs = {language: labs.load_lab(TINY_LABS / language) for language in ("python", "cpp")}
        for lab in self._labs.values():
            redis.set(bundle_key(lab.digest), labs.pack(lab))
        self._sources = [("python", "main.py", source) for source in _PYTHON.values()]
        self._sources += [("cpp", "main.cpp", source) for source in _CPP.values()]
        self._sent = 0

    def wait_until_ready(self, worker: subprocess.Popen[bytes]) -> None:
        """Until the worker says that it is there."""
        deadline = time.monotonic() + 90
        while not self._redis.hexists(WORKERS_KEY, "leaks"):
            assert worker.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def grade(self, jobs: int) -> None:
        """So many jobs, one kind after the other; returns when all are reported and the worker rests."""
        for _ in range(jobs):
            self._send()
        reported, quiet_since = 0, time.monotonic()
        while reported < jobs:
            if self._redis.rpop("backend") is None:
                assert time.monotonic() - quiet_since < QUIET_SECONDS, "no report for a while"
                time.sleep(0.02)
            else:
                reported, quiet_since = reported + 1, time.monotonic()
        for key in self._redis.scan_iter("llsys:attempt:*"):
            self._redis.delete(key)
        time.sleep(3)

    def _send(self) -> None:
        language, name, source = self._sources[self._sent % len(self._sources)]
        self._sent += 1
        lab = self._labs[language]
        comment = b"//" if language == "cpp" else b"#"
        content = source + comment + b" %d\n" % self._sent
        job = {
            "submission_id": str(uuid4()),
            "attempt_id": str(uuid4()),
            "attempt_token": uuid4().hex,
            "lab": lab.slug,
            "lab_digest": lab.digest,
            "files": {name: base64.b64encode(content).decode()},
        }
        self._app.send_task(GRADE_TASK, kwargs={"job": job}, queue=GRADE_QUEUES["cpu"])


def held_by(pid: int, folder: Path) -> dict[str, int]:
    """What a worker at rest holds, and what is its on the machine: the least of several looks.

    Even at rest it opens something now and then, to say that it is alive.
    """
    looks = []
    for _ in range(10):
        looks.append(_held_now(pid, folder))
        time.sleep(0.3)
    return {what: min(look[what] for look in looks) for what in looks[0]}


def _held_now(pid: int, folder: Path) -> dict[str, int]:
    process = psutil.Process(pid)
    inside = Path(f"/proc/{pid}/root")
    opened = []
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            opened.append(os.readlink(path))
    sockets = sum(target.startswith(("socket:", "anon_inode:[eventpoll]")) for target in opened)
    # Other machines make and remove groups meanwhile: a walk forgives that.
    groups = [group for _, below, _ in os.walk("/sys/fs/cgroup") for group in below]
    return {
        "memory_bytes": process.memory_info().rss,
        "threads": process.num_threads(),
        "descriptors": len(opened) - sockets,
        "sockets": sockets,
        "processes": len(process.children(recursive=True)),
        "mounts": len((inside / f"proc/{pid}/mountinfo").read_text().splitlines()),
        "control_groups": sum(group.startswith("llsys-box-") and f"-{pid}-" in group for group in groups),
        "files": sum(
            path.is_file() for name in ("bundles", "precompiled", "tmp") for path in (folder / name).rglob("*")
        ),
    }


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:2])))
