"""App registration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts."""

    name = "backend.accounts"
    verbose_name = "Accounts"
