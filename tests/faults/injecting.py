"""One stack: rounds of faults, and the account of them."""

from __future__ import annotations

import contextlib
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from tests.faults.kinds import ALONE, KINDS, LOSES_A_WORKER, Scene
from tests.faults.site import Site, labs, site
from tests.faults.stream import Stream, timestamp

GOES_ON_WITHIN = 15.0
"""Seconds after a fault in which grading of everything it hit must have gone on."""
AT_MOST_AT_ONCE = 4
_WAIT_SECONDS = 120.0
_LABS = 12


@dataclass
class Round:
    """Faults that came close upon each other, and what was under way when they did."""

    kinds: list[str]
    hits: list[float]
    """When each hit: the moment of a kill, the end of an outage."""
    struck: set[UUID]
    goes_on_after: float = 0.0


@dataclass
class Account:
    """What a run did, and what it found.

    `problems` is empty when nothing was lost, doubled or wrong, `late` when all went on in time.
    """

    seed: int
    faults: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    """Faults that found nothing to hit, and do not count."""
    submissions: int = 0
    attempts: int = 0
    attempts_lost: int = 0
    refused_for_a_moment: int = 0
    rounds: int = 0
    goes_on_after: list[float] = field(default_factory=list)
    """For every round, the longest time until grading of something it hit had gone on, in seconds."""
    by_kind: dict[str, float] = field(default_factory=dict)
    """The longest such time of rounds with this kind."""
    late: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def inject(faults: int, seed: int, *, kinds: Sequence[str] = ()) -> Account:
    """Inject that many faults into a stack made for it, each kind at least once if there are enough."""
    began = time.monotonic()
    account = Account(seed)
    with site() as place:
        draw = random.Random(seed)
        stream = Stream(labs(_LABS), draw)
        _warm_up(place, stream)
        rounds = [_round(place, stream, names, draw, account) for names in _plan(faults, draw, kinds or list(KINDS))]
        short = faults - sum(account.faults.values())
        while short > 0 and len(rounds) < 3 * faults:
            for names in _plan(short, draw, kinds or list(KINDS)):
                rounds.append(_round(place, stream, names, draw, account))
            short = faults - sum(account.faults.values())
        _settle(place, stream)
        _judge(stream, [found for found in rounds if found is not None], account)
        if account.problems or account.late:
            print(place.stack.logs(), file=sys.stderr)
    account.seconds = round(time.monotonic() - began, 1)
    return account


def _plan(faults: int, draw: random.Random, kinds: Sequence[str]) -> list[list[str]]:
    """Which faults come in which round."""
    names = [kinds[number % len(kinds)] for number in range(min(faults, len(kinds)))]
    common = [kind for kind in kinds if kind not in ALONE] or list(kinds)
    names += [draw.choice(common) for _ in range(faults - len(names))]
    draw.shuffle(names)
    plan: list[list[str]] = []
    size = 0
    for name in names:
        if name in ALONE:
            plan.insert(0, [name])
            continue
        last = plan[-1] if plan and plan[-1][0] not in ALONE else None
        full = last is None or len(last) >= size
        if last is None or full or (name in LOSES_A_WORKER and name in last):
            plan.append([name])
            size = draw.randint(1, AT_MOST_AT_ONCE)
        else:
            last.append(name)
    return plan


def _warm_up(place: Site, stream: Stream) -> None:
    """Until both machines grade."""
    place.wait_until_ready()
    stream.pump()
    assert stream.wait(stream.under_way(), 60), place.stack.logs()


def _round(place: Site, stream: Stream, names: list[str], draw: random.Random, account: Account) -> Round | None:
    """Inject these, and wait until everything that they hit has its verdict."""
    place.mend()
    spare = [name for name, child in place.workers.items() if child.process.poll() is None]
    scene = Scene(place, stream, draw, spare)
    struck: set[UUID] = set()
    injected, hits = [], []
    for name in names:
        struck |= stream.under_way()
        scene.hit_at = 0.0
        if KINDS[name](scene):
            injected.append(name)
            hits.append(scene.hit_at or time.time())
            account.faults[name] = account.faults.get(name, 0) + 1
        else:
            account.missed[name] = account.missed.get(name, 0) + 1
        struck |= stream.under_way()
        place.mend()
        scene.go_on(draw.uniform(0, 0.4))
    if not injected:
        return None
    poisonous = stream.poisonous if "poison" in injected else set()
    _wait(place, stream, struck, poisonous)
    return Round(injected, hits, struck)


def _wait(place: Site, stream: Stream, struck: set[UUID], poisonous: set[UUID]) -> None:
    from backend.labs.models import Submission

    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        place.mend()
        with contextlib.suppress(Exception):
            waiting = bool(struck & stream.under_way())
            if not waiting and not Submission.objects.filter(pk__in=poisonous, verdict="").exists():
                return
        stream.pump()
        time.sleep(0.05)


def _settle(place: Site, stream: Stream) -> None:
    """Nothing more is handed in; everything gets its time."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while stream.under_way() and time.monotonic() < deadline:
        place.mend()
        with contextlib.suppress(Exception):
            stream._look()
        time.sleep(0.1)


def _judge(stream: Stream, rounds: list[Round], account: Account) -> None:
    """One verdict each, the right one, written once; and everything went on in time."""
    from django.db import connection

    from backend.labs.models import GradeAttempt, Submission

    verdicts = dict(Submission.objects.values_list("pk", "verdict"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT submission, count(*) FROM verdicts_written GROUP BY submission")
        written = dict(cursor.fetchall())
    for sent in stream.sent:
        if verdicts.get(sent.pk, "") != sent.deserves:
            tries = list(GradeAttempt.objects.filter(submission_id=sent.pk).values_list("state", "tries", "worker"))
            account.problems.append(f"{sent.pk}: {verdicts.get(sent.pk)!r}, deserves {sent.deserves!r}; {tries}")
        if written.get(sent.pk) != 1:
            account.problems.append(f"{sent.pk}: its verdict was written {written.get(sent.pk, 0)} times")
    if len(verdicts) != len(stream.sent):
        account.problems.append(f"{len(verdicts)} submissions for {len(stream.sent)} hand-ins")
    account.submissions = len(verdicts)
    account.attempts = GradeAttempt.objects.count()
    account.attempts_lost = GradeAttempt.objects.filter(state="lost").count()
    account.refused_for_a_moment = stream.refused_for_a_moment
    account.rounds = len(rounds)
    for one in rounds:
        _judge_time(one, account)


def _judge_time(one: Round, account: Account) -> None:
    from backend.labs.models import GradeAttempt

    rows = (
        GradeAttempt.objects.filter(submission_id__in=one.struck)
        .order_by("submission_id", "number")
        .values_list("submission_id", "state", "queued_at", "heard_at", "claimed_at", "finished_at")
    )
    lost: dict[UUID, tuple[float, float]] = {}
    for pk, state, queued_at, heard_at, claimed_at, finished_at in rows:
        if state == "lost" and claimed_at is None:
            # A machine that drains gave it back before the site saw that it had begun: the next one is what goes on.
            lost[pk] = timestamp(finished_at), 0.0
            continue
        # What was handed in during an outage cannot have gone on before.
        since = _last_hit(one, *lost.pop(pk)) if pk in lost else max(*one.hits, queued_at.timestamp())
        after = timestamp(claimed_at) - since
        if after > GOES_ON_WITHIN:
            account.late.append(f"{pk} went on {after:.1f} s after {', '.join(one.kinds)}; heard {heard_at}")
        one.goes_on_after = max(one.goes_on_after, after)
        if state == "lost":
            lost[pk] = timestamp(finished_at), heard_at.timestamp() if heard_at else 0.0
    account.goes_on_after.append(round(one.goes_on_after, 2))
    for kind in one.kinds:
        account.by_kind[kind] = round(max(account.by_kind.get(kind, 0.0), one.goes_on_after), 2)


def _last_hit(one: Round, lost_at: float, heard_at: float) -> float:
    """When what took an attempt away happened: the last fault before it was called lost.

    A poisonous submission hits again with every try; then the last sign of life is all that is known.
    """
    before = [hit for hit in one.hits if hit <= lost_at]
    return max([*before, heard_at] if "poison" in one.kinds or not before else before)
