"""Addresses of the pages a reader sees."""

from django.urls import path

from backend.progress import views
from backend.progress.plans import views as plans

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
    path("plan/", plans.plan, name="plan"),
    path("plan/edit/", plans.plan_edit, name="plan_edit"),
    path("plan/anew/", plans.plan_anew, name="plan_anew"),
    path("plan/pause/", plans.plan_pause, name="plan_pause"),
    path("plan/resume/", plans.plan_resume, name="plan_resume"),
    path("plan/drop/", plans.plan_drop, name="plan_drop"),
    path("plan/reminders/", plans.plan_reminders, name="plan_reminders"),
    path("plan/reminders/stop/<str:token>/", plans.stop_reminders, name="stop_reminders"),
    path("plan/feed/", plans.plan_feed_renew, name="plan_feed_renew"),
    path("plan/feed/<str:token>.ics", plans.plan_feed, name="plan_feed"),
]
