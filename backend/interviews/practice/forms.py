"""Reading what practice posts."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest

from backend.interviews.models import Confidence, Rating


class DraftForm(forms.Form):
    """What is typed, and in which window."""

    text = forms.CharField(required=False, strip=False)
    window = forms.UUIDField()
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class AnswerForm(DraftForm):
    """The learner's own answer."""

    confidence = forms.TypedChoiceField(
        choices=Confidence.choices,
        coerce=lambda value: Confidence(int(value)),
        error_messages={"required": "Say how sure you are, before you see the model answer."},
    )


class KeyForm(forms.Form):
    """A form that counts once."""

    key = forms.UUIDField()


class RateForm(KeyForm):
    """How well the answer was known."""

    rating = forms.TypedChoiceField(choices=Rating.choices, coerce=lambda value: Rating(int(value)))


def ticks(request: HttpRequest) -> list[int]:
    """Places of the rubric's lines that are ticked."""
    return [
        int(value) for value in request.POST.getlist("ticks") if value.isascii() and value.isdigit() and len(value) < 4
    ]
