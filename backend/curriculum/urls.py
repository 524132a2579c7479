"""Addresses of figures and example programs."""

from django.urls import path

from backend.curriculum import views

urlpatterns = [
    path("modules/<slug:slug>/figures/<str:name>", views.figure, name="figure"),
    path("modules/<slug:slug>/code/<str:name>", views.example, name="example"),
    path("modules/<slug:slug>/code/<str:name>/download", views.example_download, name="example_download"),
]
