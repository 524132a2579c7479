"""How sign-up and mails of allauth behave here."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import reverse

from backend.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's defaults, with addresses in lower case and the site's name instead of a Site row."""

    def clean_email(self, email: str) -> str:
        """One person, one spelling."""
        return str(super().clean_email(email)).lower()

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """There are no user names."""

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """The link in a mail that confirms an address."""
        return _at_the_sites_address(super().get_email_confirmation_url(request, emailconfirmation))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in a mail that resets a password."""
        return _at_the_sites_address(super().get_reset_password_from_key_url(key))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """To the sign-in, since a changed password signs out everywhere; never back to the form it was changed in."""
        return resolve_url(settings.LOGIN_URL)

    def is_safe_url(self, url: str) -> bool:
        """No sign-in leads to the form that changes the password: it would look as if nothing had been changed."""
        path = urlsplit(url or "").path
        return path not in {reverse("account_change_password"), reverse("account_set_password")} and bool(
            super().is_safe_url(url)
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Add what the mail templates use."""
        super().send_mail(template_prefix, email, {"site_name": settings.SITE_NAME, **context})


def _at_the_sites_address(link: str) -> str:
    """The link below `BASE_URL`: on a server, whoever asks must not choose the host that a secret is sent to.

    On one's own machine the host that was asked stays, since the session that goes on with the link lives there.
    """
    return link if settings.LOCAL else settings.BASE_URL + urlsplit(link).path
