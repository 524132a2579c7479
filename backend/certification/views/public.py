"""The public address of a certificate."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from backend.certification import selectors
from backend.certification.standing import has_lost_evidence


@require_safe
def certificate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who was certified for what, when and by which criteria, and whether it still holds. Nothing more of them."""
    found = get_object_or_404(selectors.certificate(pk))
    context = {
        "certificate": found,
        "under_review": found.revoked_at is None and has_lost_evidence(found.request),
        "demands": [(item["title"], item["demand"]) for item in found.request.dossier["criteria"]],
        "criteria_date": date.fromisoformat(found.request.dossier["date"]),
        "address": settings.BASE_URL + found.get_absolute_url(),
    }
    response = render(request, "certification/certificate.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
