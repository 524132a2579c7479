"""Addresses of the account's own pages; allauth has the others."""

from django.urls import path

from backend.accounts import views

urlpatterns = [path("profile/", views.profile, name="profile")]
