"""`manage.py load_content`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.curriculum.faults import ContentError
from backend.curriculum.services import check_content, load_content


class Command(BaseCommand):
    """Brings the database to the state of the content folder."""

    help = (
        "Load the lessons, labs, questions and tracks of the content folder into the database. Does nothing when "
        "nothing changed. Faults are listed with file and line, and then nothing is loaded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only look for faults, load nothing, use no database")
        parser.add_argument("--force", action="store_true", help="read everything again, even when nothing changed")
        parser.add_argument("--content", type=Path, default=settings.CONTENT_DIR, help="folder (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        root: Path = options["content"]
        try:
            if options["check"]:
                check_content(root)
                self.stdout.write("The content has no faults.")
                return
            loaded = load_content(root, force=options["force"])
        except ContentError as error:
            count = len(error.faults)
            noun = "fault" if count == 1 else "faults"
            raise CommandError(f"{error}\n{count} {noun} in {root}; nothing was loaded.") from error
        if loaded.changes:
            self.stdout.write(f"Content loaded: {loaded.changes}.")
        else:
            self.stdout.write("Content is up to date.")
