"""App registration."""

from django.apps import AppConfig


class LabsConfig(AppConfig):
    """Labs."""

    name = "backend.labs"
    verbose_name = "Labs"
