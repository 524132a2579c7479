"""App registration."""

from django.apps import AppConfig


class CertificationConfig(AppConfig):
    """Certification."""

    name = "backend.certification"
    verbose_name = "Certification"
