"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Names and addresses that templates use."""
    return {"SITE_NAME": settings.SITE_NAME, "BASE_URL": settings.BASE_URL, "EMAIL_IS_LOCAL": settings.EMAIL_IS_LOCAL}
