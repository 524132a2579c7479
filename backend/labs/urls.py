"""Addresses of labs and submissions."""

from django.urls import path, register_converter

from backend.labs import views


class _Slug:
    regex = r"[a-z0-9][a-z0-9.\-]{0,99}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class _FileName(_Slug):
    regex = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,63}"


register_converter(_Slug, "lab_slug")
register_converter(_FileName, "file_name")

urlpatterns = [
    path("labs/<lab_slug:slug>/", views.lab, name="lab"),
    path("labs/<lab_slug:slug>/submit/", views.lab_submit, name="lab_submit"),
    path("labs/<lab_slug:slug>/draft/", views.lab_draft, name="lab_draft"),
    path("labs/<lab_slug:slug>/reset/", views.lab_reset, name="lab_reset"),
    path("labs/<lab_slug:slug>/history/", views.lab_history, name="lab_history"),
    path("submissions/<uuid:pk>/", views.submission, name="submission"),
    path("submissions/<uuid:pk>/status/", views.submission_status, name="submission_status"),
    path("submissions/<uuid:pk>/files/<file_name:name>", views.submission_file, name="submission_file"),
]
