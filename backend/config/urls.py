"""Addresses of the site, one line for each app."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

# The administration has no sign-in of its own: it would know neither rate limits nor confirmed addresses.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("backend.curriculum.urls")),
    path("", include("backend.progress.urls")),
    path("", include("backend.quizzes.urls")),
    path("", include("backend.labs.urls")),
    path("", include("backend.interviews.urls")),
    path("", include("backend.notebook.urls")),
    path("", include("backend.certification.urls")),
    path("", include("backend.common.urls")),
    path("api/v1/", include("backend.api.urls")),
    path("accounts/", include("backend.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
