"""App registration."""

from django.apps import AppConfig
from django.core.checks import register


class InterviewsConfig(AppConfig):
    """Interview preparation."""

    name = "backend.interviews"
    verbose_name = "Interviews"

    def ready(self) -> None:
        """Register the system checks."""
        from backend.interviews.checks import scripts_can_be_run

        register(scripts_can_be_run, "interviews")
