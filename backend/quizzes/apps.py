"""App registration."""

from django.apps import AppConfig


class QuizzesConfig(AppConfig):
    """Quizzes."""

    name = "backend.quizzes"
    verbose_name = "Quizzes"
