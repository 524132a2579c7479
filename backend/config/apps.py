"""App registration."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Project."""

    name = "backend.config"
    verbose_name = "Project"

    def ready(self) -> None:
        """Register the checks of the settings."""
        from backend.config import checks  # noqa: F401
