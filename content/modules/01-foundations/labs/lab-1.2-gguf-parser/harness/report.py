"""Calls parse_gguf on files and prints what came of each, every value with its Python type, as one JSON list.

Usage: report.py FILE... What the parser itself prints goes to stderr, so that debugging output does no harm.
Exit status: 1 when something else than a ValueError was raised.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

TENSOR_MEMBERS = ("name", "ne", "type", "offset", "nbytes")


def tag(value: Any, depth: int = 2) -> Any:
    """A value with its type; a list stays a list, up to two levels deep."""
    if value is None:
        return None
    if isinstance(value, bool):
        return f"b:{value}".lower()
    if isinstance(value, int):
        return f"i:{int(value)}"
    if isinstance(value, float):
        return f"f:{value.hex()}"
    if isinstance(value, str):
        return f"s:{value}"
    if isinstance(value, list | tuple) and depth:
        return [tag(one, depth - 1) for one in value]
    return f"o:{type(value).__name__}"


def described(found: Any) -> dict[str, Any]:
    """A GGUFFile, or anything with the same attributes."""
    return {
        "version": tag(found.version),
        "metadata": [
            [tag(key), tag(entry.type), tag(entry.item_type), tag(entry.value)] for key, entry in found.metadata.items()
        ],
        "tensors": [{member: tag(getattr(tensor, member)) for member in TENSOR_MEMBERS} for tensor in found.tensors],
    }


def answer(parse_gguf: Callable[[bytes], Any], data: bytes) -> dict[str, Any]:
    """What the parser says of one file."""
    try:
        return described(parse_gguf(data))
    except ValueError as error:
        traceback.print_exc()
        return {"refused": str(error)[:300]}
    except Exception as error:
        traceback.print_exc()
        return {"raised": f"{type(error).__name__}: {error}"[:300]}


def main(paths: Sequence[str]) -> int:
    """Give the exit status."""
    with os.fdopen(os.dup(1), "w") as report:
        os.dup2(2, 1)
        from gguf_parser import parse_gguf

        answers = [answer(parse_gguf, Path(path).read_bytes()) for path in paths]
        json.dump(answers, report)
    return int(any("raised" in one for one in answers))


sys.exit(main(sys.argv[1:]))
