"""People and their roles."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from backend.accounts import services
from backend.accounts.models import Role, User

admin.site.unregister(Group)


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person as an administrator may change them."""

    class Meta:
        model = User
        fields = ("display_name", "role", "is_active")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._by = by
        self._role_before = self.instance.role

    def clean_role(self) -> str:
        """Refuse what `change_role` would refuse, beside the field."""
        role = str(self.cleaned_data["role"])
        if role == self._role_before:
            return role
        if self.instance.pk == self._by.pk:
            raise forms.ValidationError("Only another administrator can change your role.")
        others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=self.instance.pk)
        if self._role_before == Role.ADMIN and not others.exists():
            raise forms.ValidationError("This is the last administrator.")
        return role

    def clean_is_active(self) -> bool:
        """Refuse to let administrators lock themselves out."""
        active = bool(self.cleaned_data["is_active"])
        if not active and self.instance.pk == self._by.pk:
            raise forms.ValidationError("Only another administrator can lock your account.")
        return active


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Accounts come from the sign-up page; here they get roles, or are locked."""

    list_display = ("email", "display_name", "role", "is_active", "date_joined", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("email", "display_name")
    ordering = ("-date_joined",)
    fields = ("email", "display_name", "role", "is_active", "date_joined", "last_login")
    readonly_fields = ("email", "date_joined", "last_login")
    form = UserForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up themselves, so that the address is confirmed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are locked, not deleted: others' reviews refer to them."""
        return False

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, knowing who fills it in."""
        form = super().get_form(request, obj, change, **kwargs)
        by = cast(User, request.user)

        class FormForThisAdministrator(form):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **inner: Any) -> None:
                super().__init__(*args, by=by, **inner)

        return FormForThisAdministrator

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Role changes go through the service."""
        role, obj.role = obj.role, form._role_before
        super().save_model(request, obj, form, change)
        if role != obj.role:
            services.change_role(user=obj, role=role, by=cast(User, request.user))
