"""The Celery application of the web side: celery -A backend.config.celery worker."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")

app = Celery("llsys")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
