"""Comparing outputs: defined for every byte a program can write."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Run
from grader.checks.compare import Malformed, close, close_numbers, exited, json_of, number, same_bytes, same_text
from grader.contract import Verdict


def run(exit_code: int = 0) -> Run:
    return Run(exit_code, b"", b"", {}, 0.0, 0.0, 0)


@pytest.mark.parametrize("output", [b"a\nb\n", b"a\nb", b"a \nb\t\n\n\n", b"a\r\nb\r\n", b"\xef\xbb\xbfa\nb"])
def test_line_ends_and_trailing_blanks_do_not_count(output: bytes) -> None:
    assert same_text(output, "a\nb\n") is None


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (b"", "printed nothing"),
        (b"a\nc\n", "Line 2"),
        (b"a\nb\nc\n", "3 lines; it must have 2"),
        (b" a\nb\n", "Line 1"),
        (b"a\n\nb\n", "Line 2"),
        (b"a\nb\0\n", "NUL"),
        (b"a\nb\xff\n", "UTF-8"),
    ],
)
def test_what_differs_is_named(output: bytes, message: str) -> None:
    judgement = same_text(output, "a\nb\n")
    assert judgement is not None
    assert not judgement.passed
    assert message in judgement.message


@pytest.mark.parametrize(
    "word", ["nan", "NaN", "inf", "-Infinity", "1e999", "1,5", "1_000", "", "x", "٣", "0x10", "1" * 65]
)
def test_only_plain_finite_numbers_are_numbers(word: str) -> None:
    with pytest.raises(Malformed):
        number(word)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_every_finite_number_survives_printing(value: float) -> None:
    assert close_numbers(repr(value).encode(), [value]) is None


@given(
    st.lists(st.floats(), max_size=5), st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), max_size=5)
)
def test_numbers_are_close_only_when_all_are_finite_and_as_many(seen: list[float], expected: list[float]) -> None:
    fits = len(seen) == len(expected) and all(
        math.isfinite(a) and abs(a - b) <= 1e-6 + 1e-5 * abs(b) for a, b in zip(seen, expected, strict=True)
    )
    assert (close(seen, expected) is None) == fits


@pytest.mark.parametrize("value", [None, True, [1.0], {"a": 1}, b"1"])
def test_other_things_than_numbers_are_not_close(value: object) -> None:
    assert close([value], [1.0]) is not None


@pytest.mark.parametrize(
    "output",
    [
        b"[NaN]", b"[Infinity]", b"[-Infinity]", b"[" * 100_000, b'{"a":' * 1000 + b"1" + b"}" * 1000, b"",
        b"{", b"[1] x", b'{"a": 1, "a": 2}', b"[" + b"9" * 5000 + b"]", b"\xff\xfe", b'"\0"', b" " * (5 << 20),
    ],
)  # fmt: skip
def test_hostile_json_is_refused(output: bytes) -> None:
    with pytest.raises(Malformed):
        json_of(output)


def test_plain_json_is_read() -> None:
    assert json_of(b'{"text": "[[[{{{ \\" ]", "n": [1, 2.5, null, true]}') == {
        "text": '[[[{{{ " ]', "n": [1, 2.5, None, True],
    }  # fmt: skip


def test_a_huge_exponent_is_not_a_finite_number() -> None:
    with pytest.raises(Malformed):
        number(json_of(b"[1e999]")[0])


def test_bytes_differ_at_an_offset() -> None:
    assert same_bytes(b"abc", b"abc") is None
    assert "offset 2" in same_bytes(b"abx", b"abc").message  # type: ignore[union-attr]
    assert "2 bytes" in same_bytes(b"ab", b"abc").message  # type: ignore[union-attr]


def test_a_wrong_exit_status_is_a_runtime_error_where_success_was_due() -> None:
    assert exited(run()) is None
    assert exited(run(1)).verdict is Verdict.RUNTIME_ERROR  # type: ignore[union-attr]
    assert exited(run(0), status=2).verdict is Verdict.WRONG_ANSWER  # type: ignore[union-attr]
