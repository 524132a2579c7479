"""The account's own page."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from backend.accounts.forms import ProfileForm
from backend.accounts.models import User


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, address, and the ways to change password and address."""
    user = cast(User, request.user)
    form = ProfileForm(user=user, data=request.POST.dict() if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and form.save():
        messages.success(request, "Your name is saved.")
        return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form}, status=400 if form.is_bound else 200)
