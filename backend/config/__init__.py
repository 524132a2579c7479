"""The project. Importing it names the Celery application, so that every process rings the same bells."""

from backend.config.celery import app as celery_app

__all__ = ["celery_app"]
