"""Addresses."""

from django.urls import path

from backend.certification.views import learner, public, review

urlpatterns = [
    path("certification/", learner.certification, name="certification"),
    path("certification/evidence/<slug:criterion>/", learner.evidence_submit, name="evidence_submit"),
    path("certification/request/", learner.certification_request, name="certification_request"),
    path("certification/request/<uuid:pk>/withdraw/", learner.request_withdraw, name="request_withdraw"),
    path("review/", review.review_queue, name="review_queue"),
    path("review/evidence/<uuid:pk>/", review.review_evidence, name="review_evidence"),
    path("review/requests/<uuid:pk>/", review.review_request, name="review_request"),
    path("certificates/<uuid:pk>/", public.certificate, name="certificate"),
]
