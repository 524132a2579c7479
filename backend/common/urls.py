"""Addresses that belong to no app."""

from django.urls import path

from backend.common import views

urlpatterns = [path("healthz", views.healthz, name="healthz")]
