"""What people may type."""

from __future__ import annotations

from django import forms

from backend.notebook.models import NOTE_CHARACTERS, PageReport


class NoteForm(forms.Form):
    """A note at a heading."""

    heading = forms.CharField(max_length=120, required=False)
    text = forms.CharField(max_length=NOTE_CHARACTERS, required=False)


class ReportForm(forms.ModelForm):  # type: ignore[type-arg]
    """A report about a page."""

    heading = forms.CharField(max_length=120, required=False)

    class Meta:
        model = PageReport
        fields = ["kind", "text", "heading"]


class AnswerForm(forms.Form):
    """An author's answer to a report."""

    state = forms.ChoiceField(label="What became of it", choices=PageReport.State.choices[1:])
    answer = forms.CharField(
        label="Answer to the reader", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="They see it on their notebook's page.",
    )  # fmt: skip
