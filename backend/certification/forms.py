"""Forms of learners and reviewers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator


class EvidenceForm(forms.Form):
    """What a learner puts forward for a criterion."""

    address = forms.URLField(
        label="Address",
        max_length=500,
        required=False,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="Where a reviewer can see the work, such as a repository.",
    )
    account = forms.CharField(
        label="Account",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="What you did and how it meets the criterion. Name each project or interview, with date and result.",
    )


class JudgementForm(forms.Form):
    """A reviewer's judgement of evidence."""

    decision = forms.ChoiceField(
        label="Judgement",
        choices=[("met", "Met"), ("not_met", "Not met yet")],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label="Comment",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="The learner reads it. Needed for “not met yet”: say what would meet the criterion.",
    )

    def clean(self) -> dict[str, Any]:
        """Not met needs a comment."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("decision") == "not_met" and not (cleaned.get("comment") or "").strip():
            self.add_error("comment", "Say what is missing, so that the learner knows what to do next.")
        return cleaned


class ReturnForm(forms.Form):
    """Why a request goes back."""

    reason = forms.CharField(
        label="Reason",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="The learner reads it. Say what is missing and what to do.",
    )


class RevocationForm(forms.Form):
    """Why a certificate no longer holds."""

    revocation_reason = forms.CharField(
        label="Reason", max_length=300, help_text="Kept with the certificate; its public page shows only the date."
    )
