"""Addresses of labs and submissions."""

from django.urls import path, register_converter

from backend.labs.views import attempts, learner, staff


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
    path("labs/<lab_slug:slug>/", learner.lab, name="lab"),
    path("labs/<lab_slug:slug>/submit/", learner.lab_submit, name="lab_submit"),
    path("labs/<lab_slug:slug>/draft/", learner.lab_draft, name="lab_draft"),
    path("labs/<lab_slug:slug>/reset/", learner.lab_reset, name="lab_reset"),
    path("labs/<lab_slug:slug>/history/", learner.lab_history, name="lab_history"),
    path("labs/<lab_slug:slug>/download/", attempts.lab_download, name="lab_download"),
    path("submissions/<uuid:pk>/", learner.submission, name="submission"),
    path("submissions/<uuid:pk>/status/", learner.submission_status, name="submission_status"),
    path("submissions/<uuid:pk>/again/", learner.submission_again, name="submission_again"),
    path("submissions/<uuid:pk>/files/<file_name:name>", attempts.submission_file, name="submission_file"),
    path("submissions/<uuid:pk>/files.zip", attempts.submission_zip, name="submission_zip"),
    path("submissions/<uuid:pk>/sources/", attempts.submission_sources, name="submission_sources"),
    path("submissions/<uuid:pk>/compare/", attempts.submission_compare, name="submission_compare"),
    path("notices/<int:pk>/read/", learner.notice_read, name="notice_read"),
    path("staff/regrades/", staff.regrades, name="regrades"),
    path("staff/regrades/<uuid:pk>/", staff.regrade, name="regrade"),
    path("staff/regrades/<uuid:pk>/decide/", staff.regrade_decide, name="regrade_decide"),
    path("staff/held/", staff.held, name="held"),
    path("staff/held/<uuid:pk>/", staff.held_submission, name="held_submission"),
]
