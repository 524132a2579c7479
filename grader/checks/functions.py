"""Labs whose learners write functions: naming calls, and judging what came back.

    def cases(context):
        rows = [context.rng.random() for _ in range(5)]
        return [calls("softmax", [Call("softmax", rows, expected=softmax(rows))])]

    def judge(case, run, context):
        return judge_calls(case, run)

Numbers are compared within a tolerance, everything else exactly. Arrays are `Array`s here: checks need no numpy.
"""

from __future__ import annotations

import base64
import builtins
import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.checks import Case, Judgement, Run, right
from grader.checks.compare import MAX_SHOWN, Malformed, json_of
from grader.contract import Verdict
from grader.languages.inside.values import DTYPES, MAX_ARRAY_BYTES

ANSWERS = "answers"
"""The file of answers that a case of calls asks for."""
_FORMATS = dict(zip(DTYPES, "?bhiqBHIQefd", strict=True))


_EXCEPTIONS = {
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)
}


class _Anything:
    def __repr__(self) -> str:
        return "anything"


ANYTHING: Any = _Anything()
"""`Call.expected` when the judge looks at the value itself."""


@dataclass(frozen=True)
class Array:
    """A numpy array as it travels: values in C order."""

    dtype: str
    """Such as "f4"; one of `DTYPES`."""
    shape: tuple[int, ...]
    values: tuple[float, ...] = field(repr=False)

    def __repr__(self) -> str:
        head = ", ".join(f"{value:g}" for value in self.values[:6])
        more = ", …" if len(self.values) > 6 else ""
        return f"array({self.dtype}, shape {self.shape}: {head}{more})"


@dataclass(frozen=True)
class Call:
    """One call of a learner's function."""

    function: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    expected: Any = ANYTHING
    raises: str = ""
    """Name of the exception that is the right answer, such as "ValueError"; a subclass counts."""
    relative: float = 1e-5
    absolute: float = 1e-6

    def __str__(self) -> str:
        words = [repr(value) for value in self.args] + [f"{name}={value!r}" for name, value in self.kwargs.items()]
        return f"{self.function}({', '.join(words)})"


@dataclass(frozen=True)
class Answer:
    """What one call gave: a value, or an exception."""

    value: Any = None
    raised: str = ""
    bases: tuple[str, ...] = ()
    words: str = ""
    file: str = ""
    line: int = 0
    """Innermost line of the learner's own file, for an exception."""
    missing: bool = False
    unsupported: str = ""


def calls(test: str, row: Sequence[Call], *, note: str = "") -> Case:
    """A case of calls made one after the other in one process."""
    request = [
        {
            "function": call.function,
            "args": [_encode(value) for value in call.args],
            "kwargs": {name: _encode(value) for name, value in call.kwargs.items()},
        }
        for call in row
    ]
    return Case(
        test,
        files={"calls.json": json.dumps(request).encode()},
        files_out=[ANSWERS],
        expected=tuple(row),
        note=note or "\n".join(map(str, row))[:MAX_SHOWN],
    )


def answers(case: Case, run: Run) -> list[Answer]:
    """What the calls of a case gave, in their order.

    Raises:
        Malformed: no answers, or not as many as calls; the message is for the learner.
    """
    content = run.files.get(ANSWERS)
    if not content:
        raise Malformed("The program ended before the call came back.")
    rows = json_of(content)
    if isinstance(rows, list) and len(rows) == 1 and isinstance(rows[0], dict) and "import" in rows[0]:
        failed = _answer(rows[0]["import"])
        return [failed] * len(case.expected)
    if not isinstance(rows, list) or len(rows) != len(case.expected):
        raise Malformed("There are not as many answers as calls.")
    return [_answer(row) for row in rows]


def judge_calls(case: Case, run: Run, *, hint: str = "") -> Judgement:
    """Every call of the case must give what it expects."""
    try:
        found = answers(case, run)
    except Malformed as error:
        verdict = Verdict.RUNTIME_ERROR if not run.files.get(ANSWERS) else Verdict.WRONG_ANSWER
        return Judgement(False, str(error), hint=hint, verdict=verdict)
    for call, answer in zip(case.expected, found, strict=True):
        fault = judge_call(call, answer)
        if fault is not None:
            expected = f"{call} raises {call.raises}" if call.raises else f"{call} gives {call.expected!r}"
            seen = f"{answer.raised}: {answer.words}" if answer.raised else answer.unsupported or repr(answer.value)
            if answer.file:
                seen += f" ({answer.file}, line {answer.line})"
            unasked = answer.raised and not call.raises
            verdict = Verdict.RUNTIME_ERROR if unasked else Verdict.WRONG_ANSWER
            return Judgement(False, fault, hint, expected[:MAX_SHOWN], seen[:MAX_SHOWN], verdict)
    return right()


def judge_call(call: Call, answer: Answer) -> str | None:
    """What is wrong with an answer in one sentence that quotes no value; None when it is right."""
    if answer.missing:
        return f"There is no function {call.function}."
    if answer.unsupported:
        return f"{call.function} gave something that cannot be compared."
    if answer.raised:
        if call.raises and call.raises in answer.bases:
            return None
        # A class of the learner's own could be named after a hidden input.
        what = answer.raised if answer.raised in _EXCEPTIONS else "an exception of its own"
        return f"{call.function} raised {what}{f' instead of {call.raises}' if call.raises else ''}."
    if call.raises:
        return f"{call.function} must raise {call.raises}; it gave a value."
    if call.expected is ANYTHING:
        return None
    where = differs(answer.value, call.expected, relative=call.relative, absolute=call.absolute)
    return f"{call.function} gave a wrong value: {where}." if where else None


def differs(seen: Any, expected: Any, *, relative: float, absolute: float) -> str:
    """Where two values differ, in words that quote no value; "" when they do not."""
    if isinstance(expected, bool) or expected is None or isinstance(expected, str | bytes):
        return "" if type(seen) is type(expected) and seen == expected else f"not the right {_kind(expected)}"
    if isinstance(expected, int | float):
        return _number(seen, expected, relative, absolute)
    if isinstance(expected, Array):
        if not isinstance(seen, Array):
            return "an array was expected"
        if seen.shape != expected.shape:
            return "the array has another shape"
        if seen.dtype != expected.dtype:
            return f"the array has dtype {seen.dtype}, not {expected.dtype}"
        rows = zip(seen.values, expected.values, strict=True)
        wrong_at = next((i for i, pair in enumerate(rows) if _number(*pair, relative, absolute)), None)
        return "" if wrong_at is None else "an element of the array is wrong"
    if type(seen) is not type(expected):
        return f"a {_kind(expected)} was expected"
    if len(seen) != len(expected):
        return f"the {_kind(expected)} has another length"
    if isinstance(expected, dict):
        if seen.keys() != expected.keys():
            return "the dict has other keys"
        pairs = [(seen[key], value) for key, value in expected.items()]
    else:
        pairs = list(zip(seen, expected, strict=True))
    found = (differs(one, other, relative=relative, absolute=absolute) for one, other in pairs)
    return next((fault for fault in found if fault), "")


def _number(seen: Any, expected: float, relative: float, absolute: float) -> str:
    if isinstance(seen, Array) and seen.shape == ():
        seen = seen.values[0]
    if isinstance(seen, bool) or not isinstance(seen, int | float):
        return "a number was expected"
    if math.isnan(expected):
        return "" if math.isnan(seen) else "a number is wrong"
    if isinstance(expected, int) or math.isinf(expected):
        return "" if seen == expected else "a number is wrong"
    return "" if abs(seen - expected) <= absolute + relative * abs(expected) else "a number is wrong"


def _kind(value: Any) -> str:
    return "value" if value is None else type(value).__name__


def _encode(value: Any) -> Any:
    if isinstance(value, Array):
        content = struct.pack(f"<{len(value.values)}{_FORMATS[value.dtype]}", *value.values)
        return {
            "$": "array", "dtype": value.dtype, "shape": list(value.shape), "v": base64.b64encode(content).decode(),
        }  # fmt: skip
    if isinstance(value, list):
        return [_encode(item) for item in value]
    if isinstance(value, tuple):
        return {"$": "tuple", "v": [_encode(item) for item in value]}
    if isinstance(value, dict):
        return {"$": "dict", "v": [[_encode(key), _encode(item)] for key, item in value.items()]}
    if isinstance(value, bytes):
        return {"$": "bytes", "v": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$": "float", "v": repr(value)}
    return value


def encode_call(call: Call) -> dict[str, Any]:
    """A call with its expectation as JSON, for exported tests."""
    row: dict[str, Any] = {
        "function": call.function,
        "args": [_encode(value) for value in call.args],
        "kwargs": {name: _encode(value) for name, value in call.kwargs.items()},
        "relative": call.relative,
        "absolute": call.absolute,
        "raises": call.raises,
    }
    return row if call.expected is ANYTHING else row | {"expected": _encode(call.expected)}


def _answer(row: Any) -> Answer:
    if not isinstance(row, dict):
        raise Malformed("An answer is not what a call gives.")
    if "missing" in row:
        return Answer(missing=True)
    if "unsupported" in row:
        return Answer(unsupported=str(row["unsupported"])[:300])
    if "raised" in row:
        bases = row.get("bases")
        line = row.get("line")
        return Answer(
            raised=str(row["raised"])[:100],
            bases=tuple(map(str, bases)) if isinstance(bases, list) else (),
            words=str(row.get("words", ""))[:500],
            file=str(row.get("file", ""))[:100],
            line=line if isinstance(line, int) else 0,
        )
    if "value" not in row:
        raise Malformed("An answer is not what a call gives.")
    return Answer(value=_decode(row["value"]))


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    try:
        return _decode_tagged(value["$"], value["v"], value)
    except (KeyError, ValueError, TypeError, struct.error, OverflowError) as error:
        raise Malformed("An answer is not what a call gives.") from error


def _decode_tagged(kind: str, content: Any, value: dict[str, Any]) -> Any:
    match kind:
        case "float":
            return {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}[content]
        case "tuple":
            return tuple(_decode(item) for item in content)
        case "dict":
            return {_decode(key): _decode(item) for key, item in content}
        case "bytes":
            return base64.b64decode(content, validate=True)
        case "array":
            raw, shape = base64.b64decode(content, validate=True), tuple(value["shape"])
            dtype = value["dtype"]
            if len(raw) > MAX_ARRAY_BYTES or not all(type(size) is int and size >= 0 for size in shape):
                raise ValueError(shape)
            count = math.prod(shape)
            return Array(dtype, shape, struct.unpack(f"<{count}{_FORMATS[dtype]}", raw))
    raise ValueError(kind)


def calls_of(case: Case) -> tuple[Call, ...]:
    """The calls of a case that `calls` made; empty for any other case."""
    row = case.expected
    is_calls = isinstance(row, tuple) and row and all(isinstance(call, Call) for call in row)
    return row if is_calls else ()
