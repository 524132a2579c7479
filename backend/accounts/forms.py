"""Forms about the account."""

from __future__ import annotations

from typing import cast

from django import forms

from backend.accounts import services
from backend.accounts.models import User


class ProfileForm(forms.Form):
    """How a person is shown."""

    display_name = forms.CharField(
        max_length=80, required=False, label="Name", help_text="Shown to reviewers and on certificates."
    )

    def __init__(self, *, user: User, data: dict[str, str] | None = None) -> None:
        super().__init__(data, initial={"display_name": user.display_name})
        self._user = user

    def save(self) -> bool:
        """Whether the name was accepted; if not, the form says why."""
        try:
            services.rename(user=self._user, display_name=cast(str, self.cleaned_data["display_name"]))
        except services.InvalidName as error:
            self.add_error("display_name", str(error))
            return False
        return True
