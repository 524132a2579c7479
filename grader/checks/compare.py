"""Comparing what a program printed with what it should have: defined for every byte a learner can write.

Every function gives None when all is well and otherwise a `Judgement` that says what is wrong, so that a judge reads

    return exited(run) or same_text(run.stdout, case.expected) or right()
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from grader.checks import Judgement, Run, wrong
from grader.contract import Verdict

MAX_SHOWN = 2000
MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_JSON_DEPTH = 32
MAX_NUMBER_LENGTH = 64


class Malformed(ValueError):
    """Output that is not what was asked for; the message is for the learner and quotes nothing."""


def exited(run: Run, status: int = 0) -> Judgement | None:
    """The program must end with `status`."""
    if run.exit_code == status:
        return None
    return Judgement(
        passed=False,
        message=f"The program ended with exit status {run.exit_code}; it must be {status}.",
        verdict=Verdict.RUNTIME_ERROR if status == 0 else Verdict.WRONG_ANSWER,
    )


def text_of(output: bytes) -> str:
    """Output as text, with every line end as a newline.

    Raises:
        Malformed: not UTF-8, or with NUL bytes.
    """
    if b"\0" in output:
        raise Malformed("The output holds NUL bytes.")
    try:
        text = output.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed("The output is not UTF-8 text.") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _lines(text: str) -> list[str]:
    """Lines without blanks at their ends and without blank lines at the end."""
    lines = [line.rstrip(" \t") for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def same_text(output: bytes, expected: str, *, hint: str = "") -> Judgement | None:
    """The same lines; blanks at line ends, the kind of line end and blank lines at the end do not count."""
    try:
        text = text_of(output)
    except Malformed as error:
        return wrong(str(error), hint=hint, expected=expected[:MAX_SHOWN])
    seen, wanted = _lines(text), _lines(expected)
    if seen == wanted:
        return None
    if not seen:
        message = "The program printed nothing."
    else:
        differing = next((i for i, pair in enumerate(zip(seen, wanted, strict=False)) if pair[0] != pair[1]), None)
        if differing is not None:
            message = f"Line {differing + 1} of the output is wrong."
        else:
            message = f"The output has {len(seen)} lines; it must have {len(wanted)}."
    return wrong(message, hint=hint, expected=expected[:MAX_SHOWN], seen=text[:MAX_SHOWN])


def same_bytes(output: bytes, expected: bytes, *, hint: str = "") -> Judgement | None:
    """The same bytes, all of them."""
    if output == expected:
        return None
    if len(output) != len(expected):
        return wrong(f"There are {len(output)} bytes; there must be {len(expected)}.", hint=hint)
    offset = next(i for i, (a, b) in enumerate(zip(output, expected, strict=True)) if a != b)
    shown = slice(offset, offset + 16)
    return wrong(
        f"The bytes differ from offset {offset} on.",
        hint=hint,
        expected=expected[shown].hex(" "),
        seen=output[shown].hex(" "),
    )


def number(word: object) -> float:
    """A finite number from a word of output, or from JSON.

    Raises:
        Malformed: not a number, not finite, or absurdly long; a decimal comma is not accepted.
    """
    if isinstance(word, bool) or not isinstance(word, int | float | str):
        raise Malformed("Something stands where a number must be.")
    if isinstance(word, str) and (len(word) > MAX_NUMBER_LENGTH or "_" in word or not word.isascii()):
        raise Malformed("Something stands where a number must be.")
    try:
        value = float(word)
    except (ValueError, OverflowError) as error:
        raise Malformed("Something stands where a number must be.") from error
    if not math.isfinite(value):
        raise Malformed("A number is not finite (NaN or infinity).")
    return value


def numbers(output: bytes) -> list[float]:
    """All words of the output as finite numbers.

    Raises:
        Malformed: a word is not one.
    """
    return [number(word) for word in text_of(output).split()]


def close(
    seen: Sequence[object], expected: Sequence[float], *, relative: float = 1e-5, absolute: float = 1e-6, hint: str = ""
) -> Judgement | None:
    """As many numbers as expected, each finite and within `absolute + relative * |expected|`."""
    if len(seen) != len(expected):
        return wrong(f"There are {len(seen)} numbers; there must be {len(expected)}.", hint=hint)
    for position, (word, wanted) in enumerate(zip(seen, expected, strict=True)):
        try:
            value = number(word)
        except Malformed as error:
            return wrong(f"{error} (number {position + 1})", hint=hint, expected=wanted, seen=str(word)[:100])
        if not abs(value - wanted) <= absolute + relative * abs(wanted):
            return wrong(f"Number {position + 1} is outside the tolerance.", hint=hint, expected=wanted, seen=value)
    return None


def close_numbers(
    output: bytes, expected: Sequence[float], *, relative: float = 1e-5, absolute: float = 1e-6, hint: str = ""
) -> Judgement | None:
    """`close` for numbers printed as text, separated by blanks or lines."""
    try:
        seen = numbers(output)
    except Malformed as error:
        return wrong(str(error), hint=hint, expected=" ".join(map(str, expected[:20])))
    return close(seen, expected, relative=relative, absolute=absolute, hint=hint)


def json_of(output: bytes) -> Any:
    """A JSON document from a learner's program.

    Raises:
        Malformed: not JSON, too large or too deep, with NaN or Infinity, huge numbers, or a name twice.
    """
    if len(output) > MAX_JSON_BYTES:
        raise Malformed(f"The JSON output is larger than {MAX_JSON_BYTES} bytes.")
    text = text_of(output)
    _check_depth(text)
    try:
        return json.loads(
            text, parse_constant=_no_constant, parse_int=_integer, parse_float=_finite, object_pairs_hook=_object
        )
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:
        raise Malformed("The output is not valid JSON.") from error


def _check_depth(text: str) -> None:
    depth, in_string, escaped = 0, False, False
    for sign in text:
        if in_string:
            if escaped:
                escaped = False
            elif sign == "\\":
                escaped = True
            elif sign == '"':
                in_string = False
        elif sign == '"':
            in_string = True
        elif sign in "[{":
            depth += 1
            if depth > MAX_JSON_DEPTH:
                raise Malformed(f"The JSON output is nested deeper than {MAX_JSON_DEPTH} levels.")
        elif sign in "]}":
            depth -= 1


def _no_constant(name: str) -> float:
    raise Malformed(f"{name} is not a JSON number.")


def _integer(digits: str) -> int:
    if len(digits) > MAX_NUMBER_LENGTH:
        raise Malformed("A number in the JSON output is absurdly long.")
    return int(digits)


def _finite(digits: str) -> float:
    """A number with a point or an exponent; "1e999" would become infinity."""
    return number(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("A name stands twice in one JSON object.")
    return found
