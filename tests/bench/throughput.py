"""How many submissions a machine grades in a second, against what its processors could do with the bare work.

A hundred learners hand in a small C++ program at once, each text compiled for the first time. The bare work of a job is
the processor time of g++ with the same flags and of the program on the same inputs, without sandbox, queue or judge.
Reported: graded each second, divided by processors over bare processor seconds of a job. Headers are precompiled after
the first job, as on any machine that has graded the lab before; the bare work is not spared that. On a machine that
does other things too, the ratio of processor times says what the first one would be without them, waiting aside.

Usage: python -m tests.bench.throughput [JOBS]
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psutil

from tests.bench.site import record
from tests.faults.site import Site, labs, site

if TYPE_CHECKING:
    from backend.curriculum.models import Lab

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "attacks" / "lab" / "cpp"
SOURCE = b"""#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>

int main() {
    std::vector<long long> numbers;
    for (long long number; std::cin >> number;) numbers.push_back(number);
    long long total = 0;
    for (long long number : numbers) total += number;
    std::cout << total << std::endl;
}
"""
RUNS = 2
"""Of the program for each job: the lab has two tests."""


def main(jobs: int = 100) -> None:
    """Measure and print."""
    from grader import lab as lab_format
    from grader.languages.cpp import compile_flags

    cores = len(os.sched_getaffinity(0))
    flags = compile_flags(lab_format.load_lab(FOLDER).spec)
    with site(workers=("w1",), disk="512m") as place:
        (lab,) = labs(1, "cpp")
        place.wait_until_ready()
        burst(lab, 4)
        time.sleep(3)  # the headers are precompiled once the first report is out
        bare = [bare_seconds(flags) for _ in range(5)]
        before = spent_by(place)
        seconds = burst(lab, jobs)
        spent = (spent_by(place) - before) / jobs
        bare += [bare_seconds(flags) for _ in range(5)]
    each = statistics.median(bare)
    record(
        "throughput",
        {
            "unit": "jobs/s",
            "jobs": jobs,
            "graded_per_second": round(jobs / seconds, 2),
            "cpu_seconds": round(spent, 3),
            "bare_cpu_seconds": round(each, 3),
            "possible_per_second": round(cores / each, 2),
            "ratio": round(jobs / seconds / (cores / each), 3),
            "ratio_by_cpu_time": round(each / spent, 3),
        },
    )


def spent_by(place: Site) -> float:
    """Processor seconds so far of the grading machines, with all their boxes, and of the web side's worker."""
    assert place.backend is not None
    times = [psutil.Process(child.process.pid).cpu_times() for child in (*place.workers.values(), place.backend)]
    return sum(one.user + one.system + one.children_user + one.children_system for one in times)


def burst(lab: Lab, jobs: int) -> float:
    """Seconds from the first hand-in until the last verdict."""
    from backend.labs import services
    from backend.labs.models import Submission
    from tests.factories import UserFactory

    learners: list[Any] = [UserFactory.create() for _ in range(jobs)]
    began = time.time()
    sent = [
        services.submit(learner=learner, lab=lab, files={"main.cpp": fresh()}, key=uuid4()).pk for learner in learners
    ]
    mine = Submission.objects.filter(pk__in=sent)
    while mine.filter(verdict="").exists():
        time.sleep(0.1)
    verdicts = set(mine.values_list("verdict", flat=True))
    assert verdicts == {"accepted"}, verdicts
    last = mine.order_by("-graded_at").values_list("graded_at", flat=True).first()
    assert last is not None
    return last.timestamp() - began


def fresh() -> bytes:
    """The program as a text that was never compiled."""
    return SOURCE + f"// {uuid4()}\n".encode()


def bare_seconds(flags: list[str]) -> float:
    """Processor seconds of g++ and of the runs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    numbers = " ".join(str(random.randrange(10**9)) for _ in range(50)).encode()
    with tempfile.TemporaryDirectory() as name:
        source, program = Path(name) / "main.cpp", Path(name) / "program"
        source.write_bytes(fresh())
        subprocess.run(["g++", *flags, "-o", program, source], check=True)
        for _ in range(RUNS):
            subprocess.run([program], input=numbers, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
