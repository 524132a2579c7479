"""Reading a body: JSON in UTF-8, of limited size, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from backend.api.errors import TooLarge
from backend.labs.uploads import MAX_REQUEST_BYTES


class SmallJSON(BaseParser):
    """JSON of at most `MAX_REQUEST_BYTES` bytes, without NaN, infinities and names that stand twice."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The document.

        Raises:
            TooLarge: more bytes than allowed; the rest is not read.
            ParseError: not JSON, not UTF-8, nested too deeply, or the connection ended early.
        """
        announced = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        try:
            raw = stream.read(MAX_REQUEST_BYTES + 1) if int(announced) <= MAX_REQUEST_BYTES else b""
            if max(len(raw), int(announced)) > MAX_REQUEST_BYTES:
                raise TooLarge(f"A request may have {MAX_REQUEST_BYTES} bytes.")
            return json.loads(raw.decode(), parse_constant=_no_constant, object_pairs_hook=_names_once)
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None
        except UnicodeDecodeError:
            raise ParseError("The body is not UTF-8.") from None
        except (ValueError, OSError) as fault:
            raise ParseError(f"The body is not JSON: {fault}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _names_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return document
