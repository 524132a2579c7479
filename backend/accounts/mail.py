"""Mail on a machine without a mail server: one line on the console, the whole message in a folder."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

_LINK = re.compile(r"https?://\S+")


class LocalMailBackend(BaseEmailBackend):
    """Stores each message as a file in `MAIL_DIR` and prints to whom it went, about what, and the links in it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Number of messages stored."""
        settings.MAIL_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{uuid4().hex[:8]}.eml"
            path = settings.MAIL_DIR / name
            path.write_bytes(message.message().as_bytes())
            path.chmod(0o600)
            links = " ".join(_LINK.findall(str(message.body)))
            line = f"[mail] to {', '.join(message.to)}: {message.subject} {links} (whole message: {path})"
            print(line, file=sys.stderr, flush=True)  # noqa: T201
        return len(email_messages)
