"""The trace is written next to a learner's program: whatever it holds, reading it does no harm."""

from __future__ import annotations

import json

import pytest

from grader.contract import FindingKind
from grader.cuda_cpu import report, trace
from grader.cuda_cpu.locate import Line, parse
from grader.cuda_cpu.sentences import SENSES
from grader.cuda_cpu.trace import Seen, Site, Trace

LINES = {10: Line("main.cu", 3), 20: Line("main.cu", 5), 30: Line("harness/main.cu", 9)}


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"{",
        b"[" * 100_000,
        b'{"findings": 1, "kernels": [], "sites": []}',
        b'{"findings": [{"what": "race", "place": -1}], "kernels": [], "sites": []}',
        b'{"findings": [{"what": "<script>", "place": 1}], "kernels": [], "sites": []}',
        b'{"findings": [{"what": "race", "place": 1, "count": 1e400}], "kernels": [], "sites": []}',
        b'{"findings": [{"what": "race", "place": 1, "count": ' + b"9" * 6000 + b'}], "kernels": [], "sites": []}',
        json.dumps({"findings": [{"what": "race", "place": 1}] * 401, "kernels": [], "sites": []}).encode(),
        b" " * (trace.MAX_BYTES + 1),
        b"\xff\xfe\x00",
    ],
    ids=["none", "empty", "cut", "deep", "types", "negative", "word", "infinite", "digits", "many", "large", "bytes"],
)
def test_what_is_no_trace_is_refused(content: bytes | None) -> None:
    with pytest.raises(trace.TraceError):
        trace.read(content)


@pytest.mark.parametrize("what", sorted(SENSES))
def test_every_word_makes_a_finding_that_fits_the_schema(what: str) -> None:
    seen = Seen(what=what, place=10, other=20, made=30, space="shared", access="read", name="x" * 400, count=2**62)
    (found,) = report.observed(Trace(findings=[seen], kernels=[], sites=[]), LINES).findings
    assert (found.file, found.line) == ("main.cu", 3)
    assert found.message.endswith((".", "?"))
    assert found.message[0].isupper()


def test_only_learner_lines_and_known_words_are_told() -> None:
    seen = [Seen(what="race", place=30), Seen(what="race", place=77), Seen(what="gossip", place=10)]
    assert report.observed(Trace(findings=seen, kernels=[], sites=[]), LINES).findings == ()


@pytest.mark.parametrize("shared", [True, False])
def test_totals_that_cannot_be_are_no_finding(shared: bool) -> None:
    counts = {"requests": 0, "sectors": 9, "ideal_sectors": 1, "shared_requests": 0, "shared_passes": 9}
    site = Site(place=10, shared=shared, writes=False, size=4, **counts)
    assert report.observed(Trace(findings=[], kernels=[], sites=[site]), LINES).findings == ()


def test_a_crash_is_not_told_beside_its_cause() -> None:
    seen = [Seen(what="illegal_address", place=10), Seen(what="null_pointer", place=10)]
    found = report.observed(Trace(findings=seen, kernels=[], sites=[]), LINES).findings
    assert [one.message for one in found] == ["Thread (0, 0, 0) of block (0, 0, 0) uses a null pointer."]


def test_a_hidden_input_cannot_be_told_by_findings() -> None:
    seen = [
        Seen(
            what="out_of_bounds",
            place=place,
            access="read",
            size=4,
            name="tile",
            space="shared",
            offset=8675309,
            count=9,
        )
        for place in (10, 20)
    ]
    found = report.for_hidden_input(report.observed(Trace(findings=seen, kernels=[], sites=[]), LINES).findings)
    assert [(one.kind, one.line, one.count) for one in found] == [(FindingKind.OUT_OF_BOUNDS, 3, 1)]
    assert not any(sign.isdigit() for sign in found[0].message)


def test_addresses_become_the_innermost_line_of_the_learner() -> None:
    output = (
        "0x0000000000000009\nf\n/runtime/cuda/include/cuda_cpu/atomics.h:20\nk\n/src/main.cu:12 (discriminator 3)\n"
        "main\n/harness/main.cu:4\n"
        "0x0000000000000013\ng\n??:0\n"
        "0x000000000000001d\nh\n/harness/main.cu:8\n"
        "0x0000000000000027\nh\n/runtime/cuda/translated/src/main.cu:30\n"  # Not a name that the original has.
        "0x0000000000000031\nh\n/etc/passwd:1\n0x000000000000003b\nh\n/src/../x.cu:1\n"
    )
    assert parse(output) == {10: Line("main.cu", 12), 30: Line("harness/main.cu", 8)}
