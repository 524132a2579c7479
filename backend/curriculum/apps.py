"""App registration."""

from django.apps import AppConfig


class CurriculumConfig(AppConfig):
    """Curriculum."""

    name = "backend.curriculum"
    verbose_name = "Curriculum"
