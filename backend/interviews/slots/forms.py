"""Reading what the pages of live interviews post."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from backend.interviews.slots import zones

LENGTHS = (30, 45, 60)
"""Minutes."""


def _known(zone: str) -> None:
    if not zones.known(zone):
        raise forms.ValidationError("No such time zone. Names look like Europe/Berlin.")


class ZoneField(forms.CharField):
    """A time zone by name."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "class": "input"})
        super().__init__(max_length=64, validators=[_known], widget=widget, **kwargs)


class BookForm(forms.Form):
    """What goes along with a booking."""

    zone = ZoneField()
    wish = forms.CharField(max_length=500, required=False)


class OfferForm(forms.Form):
    """A time that a reviewer offers."""

    starts = forms.DateTimeField(
        label="Begins",
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "input"}),
    )
    zone = ZoneField(label="Time zone", help_text="In which you mean that time, such as Europe/Berlin.")
    minutes = forms.TypedChoiceField(
        label="Length", choices=[(minutes, f"{minutes} minutes") for minutes in LENGTHS], coerce=int, initial=60,
        widget=forms.Select(attrs={"class": "input"}),
    )  # fmt: skip
    place = forms.URLField(
        label="Address of the call", max_length=300, assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "input"}), help_text="Only who books it sees it.",
    )  # fmt: skip

    def clean_starts(self) -> datetime:
        """The time as typed: the zone is a field of its own."""
        typed: datetime = self.cleaned_data["starts"]
        return typed.replace(tzinfo=None, second=0, microsecond=0)

    def clean_place(self) -> str:
        """An address that browsers open as a page."""
        place: str = self.cleaned_data["place"]
        if not place.startswith("https://"):
            raise forms.ValidationError("The address starts with https://.")
        return place

    def clean(self) -> dict[str, Any]:
        """The moment, which needs time and zone together."""
        cleaned = super().clean() or {}
        if "starts" in cleaned and "zone" in cleaned:
            try:
                cleaned["starts_at"] = zones.instant(cleaned["starts"], cleaned["zone"])
            except (zones.NoSuchTime, OverflowError) as fault:
                self.add_error("starts", str(fault))
        return cleaned
