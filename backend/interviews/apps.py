"""App registration."""

from django.apps import AppConfig


class InterviewsConfig(AppConfig):
    """Interview preparation."""

    name = "backend.interviews"
    verbose_name = "Interviews"
