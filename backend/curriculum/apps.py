"""App registration."""

from django.apps import AppConfig
from django.core import checks

from backend.curriculum.checks import content_folder_exists


class CurriculumConfig(AppConfig):
    """Curriculum."""

    name = "backend.curriculum"
    verbose_name = "Curriculum"

    def ready(self) -> None:
        """Register the system checks."""
        checks.register(content_folder_exists)
