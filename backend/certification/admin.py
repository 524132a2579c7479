"""Evidence, requests and certificates for administrators; read only, decisions are made on the review pages."""

from __future__ import annotations

from django.contrib import admin

from backend.certification.models import Certificate, CertificationRequest, Evidence
from backend.common.admin import ReadOnlyAdmin


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    """What was put forward and how it was judged."""

    list_display = ("learner", "track", "criterion", "state", "submitted_at", "reviewer", "judged_at")
    list_filter = ("state", "track", "criterion")
    search_fields = ("learner__email",)
    list_select_related = ("learner", "track", "reviewer")


@admin.register(CertificationRequest)
class CertificationRequestAdmin(ReadOnlyAdmin):
    """What was asked for and what was decided."""

    list_display = ("learner", "track", "state", "criteria_version", "requested_at", "reviewer", "decided_at")
    list_filter = ("state", "track")
    search_fields = ("learner__email",)
    list_select_related = ("learner", "track", "reviewer")


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    """What was granted."""

    list_display = ("name", "track_title", "criteria_version", "issued_at", "revoked_at")
    list_filter = ("track", "criteria_version")
    search_fields = ("name", "learner__email", "id")
