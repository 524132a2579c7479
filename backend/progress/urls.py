"""Addresses of the pages a reader sees."""

from django.urls import path

from backend.progress import views

urlpatterns = [
    path("", views.home, name="home"),
    path("tracks/", views.tracks, name="tracks"),
    path("tracks/<slug:slug>/", views.track, name="track"),
    path("tracks/<slug:slug>/enrol/", views.enrol, name="enrol"),
    path("modules/", views.modules, name="modules"),
    path("modules/<slug:slug>/", views.module, name="module"),
    path("lessons/<str:slug>/", views.lesson, name="lesson"),
    path("lessons/<str:slug>/done/", views.lesson_done, name="lesson_done"),
    path("lessons/<str:slug>/undone/", views.lesson_undone, name="lesson_undone"),
    path("lessons/<str:slug>/position/", views.lesson_position, name="lesson_position"),
    path("dashboard/", views.dashboard, name="dashboard"),
]
