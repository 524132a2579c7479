"""How much a request may bring. Named in settings as the only handler of uploaded files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler

MAX_REQUEST_BYTES = 2 * 1024 * 1024


class SmallUploads(MemoryFileUploadHandler):
    """Takes files into memory, and refuses a request that announces more than it may bring before reading it."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Mapping[str, Any],  # noqa: N803 - Django's name
        content_length: Any,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        """Refuse what is too large (413); keep the rest off the disk."""
        if content_length > MAX_REQUEST_BYTES:
            raise RequestDataTooBig(f"A request may have {MAX_REQUEST_BYTES} bytes.")
        self.activated = True
