"""The trace that a traced run leaves behind, read as what it is: a file written by a program nobody trusts."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

MAX_BYTES = 1024 * 1024
FILE = "cuda-trace.json"

Count = Annotated[int, Field(ge=0, le=2**62)]
Place = Annotated[int, Field(ge=0, lt=2**32)]
Words = Annotated[str, StringConstraints(max_length=400)]
Index = tuple[Count, Count, Count]


class TraceError(ValueError):
    """Not a trace. Says nothing about the program but that it left none."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=False)


class Seen(_Part):
    """One thing that was found, with the first example of it."""

    what: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
    place: Place
    other: Place = 0
    made: Place = 0
    space: Literal["", "shared", "global", "constant"] = ""
    access: Literal["", "read", "write", "atomic"] = ""
    other_access: Literal["", "read", "write", "atomic"] = ""
    size: Count = 0
    name: Words = ""
    offset: Annotated[int, Field(ge=-(2**62), le=2**62)] = 0
    extent: Count = 0
    thread: Index = (0, 0, 0)
    block: Index = (0, 0, 0)
    other_thread: Count = 0
    same_block: bool = True
    kernel: Words = ""
    value: Count = 0
    count: Annotated[int, Field(ge=1, le=2**62)] = 1


class Counted(_Part):
    """Totals of one kernel."""

    kernel: Words
    launches: Count
    grid: Index
    block: Index
    shared_bytes: Count
    bytes_read: Count
    bytes_written: Count
    requests: Count
    sectors: Count
    ideal_sectors: Count
    shared_requests: Count
    shared_passes: Count
    barriers: Count


class Site(_Part):
    """Totals of one memory instruction."""

    place: Place
    shared: bool
    writes: bool
    size: Count
    requests: Count
    sectors: Count
    ideal_sectors: Count
    shared_requests: Count
    shared_passes: Count


class Trace(_Part):
    """A whole trace."""

    findings: Annotated[list[Seen], Field(max_length=400)]
    kernels: Annotated[list[Counted], Field(max_length=200)]
    sites: Annotated[list[Site], Field(max_length=5000)]

    def places(self) -> list[int]:
        """Every place that is named, once."""
        seen = {place for one in self.findings for place in (one.place, one.other, one.made)}
        return sorted((seen | {one.place for one in self.sites}) - {0})


def read(content: bytes | None) -> Trace:
    """Parse a trace.

    Raises:
        TraceError: there is none, or it is not one.
    """
    if content is None:
        raise TraceError("no trace was left")
    if len(content) > MAX_BYTES:
        raise TraceError(f"larger than {MAX_BYTES} bytes")
    try:
        return Trace.model_validate(json.loads(content))
    except (ValidationError, ValueError, RecursionError) as error:
        raise TraceError("not a trace") from error
