"""App registration."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """What several apps share."""

    name = "backend.common"
    verbose_name = "What several apps share"
