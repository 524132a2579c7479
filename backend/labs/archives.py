"""Files packed for download. Nothing here, or anywhere a learner's bytes arrive, opens an archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime


def packed(files: Mapping[str, bytes], *, at: datetime) -> bytes:
    """A zip of these files, each dated `at`; the same files and date give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=(at.year, at.month, at.day, at.hour, at.minute, at.second))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()
