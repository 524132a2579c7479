"""App registration."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The JSON interface. It has no tables."""

    name = "backend.api"
    label = "api"
    verbose_name = "API"
