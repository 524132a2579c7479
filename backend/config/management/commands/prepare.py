"""`manage.py prepare`: everything between an empty database and a site that serves."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

from backend.accounts import services as accounts


class Command(BaseCommand):
    """Idempotent; a second run changes nothing."""

    help = (
        "Bring the database to the current schema, collect static files, load the curriculum, and create an "
        "administrator when there is none (the password is printed once). Safe to run again at any time."
    )

    def add_arguments(self, parser: Any) -> None:
        """Options."""
        parser.add_argument("--no-admin", action="store_true", help="create no administrator")
        parser.add_argument("--no-static", action="store_true", help="static files were collected before, in an image")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the steps in order."""
        self.stdout.write("Bringing the database to the current schema.")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not options["no_static"]:
            self._collect_static()
        if "load_content" in get_commands():
            self.stdout.write("Loading the curriculum.")
            call_command("load_content", stdout=self.stdout, stderr=self.stderr)
        if not options["no_admin"]:
            self._create_administrator()

    def _collect_static(self) -> None:
        """Copy and compress the static files, unless those there are the same."""
        root = Path(settings.STATIC_ROOT)
        mark, digest = root / ".collected", _digest([Path(folder) for folder in settings.STATICFILES_DIRS])
        if mark.exists() and mark.read_text() == digest:
            return
        self.stdout.write("Collecting static files.")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        mark.write_text(digest)

    def _create_administrator(self) -> None:
        created = accounts.create_first_administrator(email=settings.ADMIN_EMAIL)
        if created is None:
            return
        user, password = created
        rule = "-" * 64
        self.stdout.write(
            f"{rule}\nAdministrator (shown once, keep it):\n  e-mail    {user.email}\n  password  {password}\n{rule}"
        )


def _digest(folders: list[Path]) -> str:
    """Fingerprint of static files by name, size and time of change."""
    state = hashlib.sha256(f"django {django.get_version()}".encode())
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                facts = path.stat()
                state.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return state.hexdigest()
