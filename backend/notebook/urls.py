"""Addresses of the notebook."""

from django.urls import path

from backend.notebook import views

urlpatterns = [
    path("notebook/", views.notebook, name="notebook"),
    path("lessons/<str:slug>/mark/<str:kind>/", views.mark, name="notebook_mark"),
    path("lessons/<str:slug>/note/", views.note, name="notebook_note"),
    path("lessons/<str:slug>/report/", views.report, name="lesson_report"),
    path("modules/<slug:slug>/self-assessment/", views.rate, name="self_rating"),
    path("staff/reports/", views.reports, name="page_reports"),
    path("staff/reports/<int:pk>/", views.report_answer, name="page_report"),
]
