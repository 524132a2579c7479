"""App registration."""

from django.apps import AppConfig


class NotebookConfig(AppConfig):
    """Notes."""

    name = "backend.notebook"
    verbose_name = "Notes and reports"
