"""`manage.py content_status`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.curriculum.faults import ContentError
from backend.curriculum.status import Count, ModuleStatus, content_status


class Command(BaseCommand):
    """Says how much of what the curriculum promises is there."""

    help = (
        "For every module: what curriculum.yml promises, what is ready, what is in progress and what is missing. "
        "Reads the content folder and uses no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--module", type=int, action="append", help="only this module (several: repeat)")
        parser.add_argument("--missing", action="store_true", help="name what is planned and not ready")
        parser.add_argument("--require", action="store_true", help="fail when a promise of those shown is not kept")
        parser.add_argument("--json", action="store_true", help="the same for programs")
        parser.add_argument("--content", type=Path, default=settings.CONTENT_DIR, help="folder (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = content_status(options["content"])
        except ContentError as error:
            raise CommandError(str(error)) from error
        wanted = options["module"]
        shown = [status for status in found if not wanted or status.number in wanted]
        if wanted and len(shown) < len(set(wanted)):
            known = ", ".join(str(status.number) for status in found if status.number)
            raise CommandError(f"There is no such module. There are {known}.")
        if options["json"]:
            self.stdout.write(json.dumps([asdict(status) | {"holds": status.holds} for status in shown], indent=2))
        else:
            for status in shown:
                self._print(status, missing=options["missing"])
        broken = [status.title for status in shown if not status.holds]
        if options["require"] and broken:
            raise CommandError(f"Promises that are not kept: {', '.join(broken)}.")

    def _print(self, status: ModuleStatus, *, missing: bool) -> None:
        name = f"Module {status.number}: {status.title}" if status.number else status.title
        self.stdout.write(f"{name}  {'as promised' if status.holds else 'not yet as promised'}")
        self.stdout.write(f"  {'':18}{'promised':>9}{'ready':>7}{'in progress':>13}{'missing':>9}")
        for count in status.counts:
            self.stdout.write(_row(count))
            if missing:
                for slug in count.missing:
                    self.stdout.write(f"      - {slug}")
        self.stdout.write("")


def _row(count: Count) -> str:
    label = f"  {count.kind}" if count.part_of else count.kind
    lacking = max(0, count.promised - count.ready)
    progress = count.in_progress or ""
    return f"  {label:18}{count.promised:>9}{count.ready:>7}{progress:>13}{lacking or '':>9}".rstrip()
