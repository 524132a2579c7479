"""Sizes in the contract are capped, so that a broken or hostile worker cannot fill the database."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from grader import contract
from grader.contract import GradeEvent, GradeJob, Verdict
from grader.text import clip, clip_bytes

JOB = {
    "submission_id": "00000000-0000-0000-0000-000000000001",
    "attempt_id": "00000000-0000-0000-0000-000000000002",
    "attempt_token": "t" * 32,
    "lab": "lab-1.1-x",
    "lab_digest": "a" * 64,
    "files": {"main.cpp": "aW50IG1haW4oKSB7fQ=="},
}
RESULT = {"name": "n", "title": "t", "passed": False, "verdict": "wrong_answer", "points": 0, "max_points": 1}


def test_files_travel_as_base64() -> None:
    assert GradeJob.model_validate(JOB).files == {"main.cpp": b"int main() {}"}


@pytest.mark.parametrize(
    "change",
    [
        {"lab": "../x"}, {"lab_digest": "A" * 64}, {"attempt_token": "short"}, {"attempt_token": "t" * 65},
        {"files": {"x": "not base64!"}}, {"extra": 1}, {"submission_id": "1"},
    ],
)  # fmt: skip
def test_an_unusable_job_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        GradeJob.model_validate(JOB | change)


@pytest.mark.parametrize(
    "change",
    [
        {"seen": "x" * 8001}, {"expected": "x" * 8001}, {"stderr": "x" * 8001}, {"message": "x" * 501},
        {"hint": "x" * 2001}, {"points": -1}, {"verdict": "great"},
    ],
)  # fmt: skip
def test_an_oversized_or_impossible_result_is_refused(change: dict[str, object]) -> None:
    contract.TestResult.model_validate(RESULT)
    with pytest.raises(ValidationError):
        contract.TestResult.model_validate(RESULT | change)


def test_an_event_has_bounded_text() -> None:
    with pytest.raises(ValidationError):
        GradeEvent.model_validate({"kind": "log", "at": 0, "text": "x" * 16_001})
    assert GradeEvent.model_validate({"kind": "finished", "at": 0, "verdict": "held"}).verdict is Verdict.HELD


@pytest.mark.parametrize(
    "text", ["", "short", "x" * 600, "é" * 600, "\0" * 600, b"\xff" * 600, "\ud800" * 10, "😀" * 600]
)
def test_clipped_text_fits_and_can_be_stored(text: str | bytes) -> None:
    for clipped, size in ((clip(text, 500), None), (clip_bytes(text, 500), 500)):
        assert len(clipped) <= 500
        assert "\0" not in clipped
        assert size is None or len(clipped.encode()) <= size
        clipped.encode()


def test_what_is_cut_is_said() -> None:
    assert clip("x" * 600, 500).endswith("… (cut here)")
    assert clip("short", 500) == "short"
