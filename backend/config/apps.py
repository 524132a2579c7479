"""App registration."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Project."""

    name = "backend.config"
    verbose_name = "Project"
