"""Addresses of version 1."""

from django.urls import path, re_path

from backend.api import views

app_name = "api"
urlpatterns = [
    path("modules/", views.Modules.as_view(), name="modules"),
    path("modules/<slug:slug>/", views.Module.as_view(), name="module"),
    path("tracks/", views.Tracks.as_view(), name="tracks"),
    path("labs/<str:slug>/", views.Lab.as_view(), name="lab"),
    path("labs/<str:slug>/submissions/", views.LabSubmissions.as_view(), name="lab_submissions"),
    path("submissions/", views.Submissions.as_view(), name="submissions"),
    path("submissions/<uuid:pk>/", views.Submission.as_view(), name="submission"),
    path("progress/", views.Progress.as_view(), name="progress"),
    # Without this an unknown address would answer with a page for people.
    re_path(r"^(?:.*/)?$", views.Unknown.as_view()),
]
