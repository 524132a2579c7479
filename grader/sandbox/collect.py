"""Reading the archive of output files that comes back from a box.

The bytes were made next to a learner's program, so nothing in them is believed: only regular files, only names that
were asked for, only within the size that was allowed. Nothing is written to disk.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePosixPath

_BLOCK = 512
_REGULAR = (b"0", b"\0")
_NAME = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)*$")
MAX_NAME = 90


def check_names(names: Collection[str]) -> None:
    """Refuse names of output files that are not plain relative paths.

    Raises:
        ValueError: names the first bad one.
    """
    for name in names:
        if len(name) > MAX_NAME or not _NAME.match(name):
            raise ValueError(f"not a usable name for an output file: {name!r}")


def folders_of(names: Collection[str]) -> list[str]:
    """The folders that these names are in, each once, outermost first."""
    return sorted({str(folder) for name in names for folder in PurePosixPath(name).parents} - {"."})


def read_archive(archive: bytes, wanted: Collection[str], *, limit: int) -> dict[str, bytes]:
    """The wanted regular files of a ustar archive, first come first served, `limit` bytes together."""
    files: dict[str, bytes] = {}
    position, room = 0, limit
    while position + _BLOCK <= len(archive):
        header = archive[position : position + _BLOCK]
        name = header[:100].rstrip(b"\0").decode("ascii", errors="replace")
        try:
            size = int(header[124:136].strip(b" \0") or b"0", 8)
        except ValueError:
            break
        position += _BLOCK
        content = archive[position : position + size]
        position += -(-size // _BLOCK) * _BLOCK
        if not name or size < 0 or len(content) < size:
            break
        if header[156:157] in _REGULAR and name in wanted and name not in files and size <= room:
            files[name] = content
            room -= size
    return files
