"""System checks: what `manage.py check` finds wrong before a page does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def content_folder_exists(**_: Any) -> list[CheckMessage]:
    """The curriculum has to be somewhere."""
    folder = Path(settings.CONTENT_DIR)
    if (folder / "curriculum.yml").is_file():
        return []
    return [
        Error(
            f"There is no curriculum.yml in {folder}.",
            hint="Set LLSYS_CONTENT_DIR to the content folder of the repository.",
            id="curriculum.E001",
        )
    ]
