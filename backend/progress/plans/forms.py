"""Reading what the pages of a plan post."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms

from backend.curriculum.models import Track
from backend.interviews.slots.forms import ZoneField
from backend.progress.models import Plan

DAYS = [(0, "Monday"), (1, "Tuesday"), (2, "Wednesday"), (3, "Thursday"), (4, "Friday"), (5, "Saturday"), (6, "Sunday")]
_DAYS_OF = {"part-time": (0, 1, 2, 3, 5), "full-time": (0, 1, 2, 3, 4), "weekend": (5, 6)}
"""Which days a pace means when nobody has said."""
MOST_HOURS_A_DAY = 14
FARTHEST = timedelta(days=366)
"""How long before or after today a plan may start."""


def _weekdays(**kwargs: Any) -> forms.TypedMultipleChoiceField:
    widget = forms.CheckboxSelectMultiple
    return forms.TypedMultipleChoiceField(choices=DAYS, coerce=int, widget=widget, **kwargs)


def presets(track: Track) -> list[dict[str, Any]]:
    """The curriculum's paces for a track: slug, title, strategy, hours a week, days, and about how many weeks."""
    return [
        {
            **pace,
            "hours": round(sum(pace["hours_per_period"]) / 2),
            "days": _DAYS_OF.get(pace["slug"], _DAYS_OF["part-time"]),
        }
        for pace in track.pace_plans
    ]


class PlanForm(forms.Form):
    """Hours, days and the first day."""

    hours_per_week = forms.IntegerField(
        label="Hours a week", min_value=1, max_value=80, widget=forms.NumberInput(attrs={"class": "input input-short"}),
        help_text="What you can keep up in an ordinary week. Less is fine: the plan only gets longer.",
    )  # fmt: skip
    weekdays = _weekdays(label="Days on which you study")
    starts_on = forms.DateField(
        label="First day", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input"})
    )
    zone = ZoneField(label="Time zone", help_text="Such as Europe/Berlin; your days and reminders are meant in it.")
    pace = forms.SlugField(max_length=40, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._today = today

    def clean_starts_on(self) -> date:
        """A day within a year."""
        day: date = self.cleaned_data["starts_on"]
        if abs(day - self._today) > FARTHEST:
            raise forms.ValidationError("Choose a day within a year of today.")
        return day

    def clean(self) -> dict[str, Any]:
        """Hours that fit into the days."""
        cleaned = super().clean() or {}
        hours, days = cleaned.get("hours_per_week"), cleaned.get("weekdays")
        if hours and days and hours > MOST_HOURS_A_DAY * len(days):
            self.add_error("weekdays", f"{hours} hours do not fit into {len(days)} day{'s' * (len(days) > 1)}.")
        return cleaned


def initial_for(plan: Plan | None, pace: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """What the form begins with: the plan that is there, else a pace."""
    if plan is None:
        days = {"hours_per_week": pace["hours"], "weekdays": list(pace["days"])}
        return {**days, "starts_on": today, "pace": pace["slug"]}
    return {
        "hours_per_week": plan.hours_per_week,
        "weekdays": [int(day) for day in plan.weekdays],
        "starts_on": max(today, plan.starts_on),
        "zone": plan.time_zone,
        "pace": plan.pace,
    }


class ReminderForm(forms.Form):
    """On which days, and when."""

    remind_on = _weekdays(label="Remind me on", required=False)
    remind_at = forms.TimeField(
        label="At", widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "input input-short"})
    )
