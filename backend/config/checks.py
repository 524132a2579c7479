"""Checks of the settings (`manage.py check`): what would only be noticed in the middle of somebody's work."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register
def database_is_postgres(**_: Any) -> list[CheckMessage]:
    """Constraints and locks of the schema need PostgreSQL."""
    engine = settings.DATABASES["default"]["ENGINE"]
    if engine == "django.db.backends.postgresql":
        return []
    return [
        Error(
            f"DATABASE_URL names a database of the kind {engine}.",
            hint="Only PostgreSQL is supported: postgres://user:password@host:5432/name",
            id="config.E001",
        )
    ]


@register
def base_url_is_an_address(**_: Any) -> list[CheckMessage]:
    """Links in mails and on certificates start with it."""
    parts = urlsplit(settings.BASE_URL)
    if parts.scheme in {"http", "https"} and parts.hostname and parts.path in {"", "/"}:
        return []
    return [
        Error(
            f"LLSYS_BASE_URL is {settings.BASE_URL!r}, which is no address of a site.",
            hint="Give scheme, host and, if need be, port: https://learn.example.org",
            id="config.E002",
        )
    ]


@register
def data_folder_can_be_written(**_: Any) -> list[CheckMessage]:
    """Static files, mails and local services lie there."""
    folder = settings.DATA_DIR
    while not folder.exists():
        folder = folder.parent
    if folder.is_dir() and os.access(folder, os.W_OK):
        return []
    return [
        Error(
            f"{settings.DATA_DIR} cannot be written.",
            hint="Set LLSYS_DATA_DIR to a folder that this account may write.",
            id="config.E003",
        )
    ]


@register(Tags.security, deploy=True)
def mails_are_sent(**_: Any) -> list[CheckMessage]:
    """Without a mail server, links that reset passwords stand in the log."""
    if not settings.EMAIL_IS_LOCAL:
        return []
    return [
        Warning(
            "LLSYS_SMTP_URL is not set: no mail is sent, and the links in mails are printed to the log.",
            hint="Name a mail server: smtp+tls://user:password@mail.example.org:587",
            id="config.W002",
        )
    ]


@register(Tags.security, deploy=True)
def links_use_tls(**_: Any) -> list[CheckMessage]:
    """A production site whose links go to http:// sends passwords in the clear."""
    if settings.BASE_URL.startswith("https://"):
        return []
    return [
        Warning(
            f"LLSYS_BASE_URL is {settings.BASE_URL}: links in mails lead to unprotected pages.",
            hint="Serve the site behind TLS and give its https:// address.",
            id="config.W001",
        )
    ]
