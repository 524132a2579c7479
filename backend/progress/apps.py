"""App registration."""

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    """Progress."""

    name = "backend.progress"
    verbose_name = "Progress"
