"""Values as plain JSON, and back: what a learner's functions take and give. Runs in boxes and in exported tests.

JSON has no tuples, bytes, arrays or infinities, and its objects only names as keys. Each of those becomes an object
with the member "$", which says what it is. numpy arrays travel as dtype, shape and base64 of their bytes: nothing
is ever unpickled.
"""

from __future__ import annotations

import base64
import math
from typing import Any

MAX_DEPTH = 8
"""Of what a function gives; in JSON each level takes up to three."""
MAX_ARRAY_BYTES = 2 * 1024 * 1024
MAX_ITEMS = 200_000
DTYPES = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")


class Unsupported(ValueError):
    """A value that cannot travel; the message says which kind and why."""


def encode(value: Any, depth: int = 0) -> Any:
    """A value as JSON.

    Raises:
        Unsupported: a type that is not known here, too deep, too long, or an array too large.
    """
    if depth > MAX_DEPTH:
        raise Unsupported(f"a value nested deeper than {MAX_DEPTH} levels")
    if value is None or isinstance(value, (bool, str)) or type(value) is int:
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"$": "float", "v": repr(value)}
    if type(value) in (list, tuple, dict, set, frozenset) and len(value) > MAX_ITEMS:
        raise Unsupported(f"a {type(value).__name__} of more than {MAX_ITEMS} items")
    if type(value) is list:
        return [encode(item, depth + 1) for item in value]
    if type(value) is tuple:
        return {"$": "tuple", "v": [encode(item, depth + 1) for item in value]}
    if type(value) is dict:
        return {"$": "dict", "v": [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in value.items()]}
    if isinstance(value, (bytes, bytearray)):
        return {"$": "bytes", "v": base64.b64encode(value).decode()}
    if hasattr(value, "dtype") and hasattr(value, "tobytes"):
        return _encode_array(value)
    raise Unsupported(f"a value of type {type(value).__name__}")


def _encode_array(value: Any) -> Any:
    dtype, shape = value.dtype, list(value.shape)
    if dtype.str.lstrip("<>|=") not in DTYPES:
        raise Unsupported(f"an array of dtype {dtype}")
    if value.nbytes > MAX_ARRAY_BYTES or len(shape) > 8:
        raise Unsupported(f"an array of {value.nbytes} bytes and {len(shape)} dimensions")
    content = value.astype(dtype.newbyteorder("<")).tobytes()
    return {
        "$": "array",
        "dtype": dtype.newbyteorder("<").str.lstrip("<>|="),
        "shape": shape,
        "v": base64.b64encode(content).decode(),
    }


def decode(value: Any) -> Any:
    """What `encode` was given; arrays become numpy's."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind, content = value["$"], value["v"]
    if kind == "float":
        return float(content)
    if kind == "tuple":
        return tuple(decode(item) for item in content)
    if kind == "dict":
        return {decode(key): decode(item) for key, item in content}
    if kind == "bytes":
        return base64.b64decode(content)
    import numpy

    return numpy.frombuffer(base64.b64decode(content), "<" + value["dtype"]).reshape(value["shape"]).copy()
