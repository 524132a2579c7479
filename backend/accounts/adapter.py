"""How sign-up and mails of allauth behave here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from backend.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's defaults, with addresses in lower case and the site's name instead of a Site row."""

    def clean_email(self, email: str) -> str:
        """One person, one spelling."""
        return str(super().clean_email(email)).lower()

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """There are no user names."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Add what the mail templates use."""
        super().send_mail(template_prefix, email, {"site_name": settings.SITE_NAME, **context})
