"""Forms of the pages of reporting rounds."""

import datetime
from collections.abc import Iterable
from typing import Any

from django import forms

from workplan import rules
from workplan.exceptions import Refusal
from workplan.models import LateException, ReportingRound, SectoralBody

EVERYTHING = (
    "name",
    "code",
    "kind",
    "period_start",
    "period_end",
    "opens_on",
    "due_on",
    "closes_on",
    "due_soon_days",
    "silence_days",
    "publication",
)


def day_field(label: str, required: str, hint: str = "") -> forms.DateField:
    """A day of the calendar, with words for what is no such day."""
    return forms.DateField(
        label=label,
        help_text=hint,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": required,
            "invalid": "This is no day of the calendar. Write it as 2018-07-31.",
        },
    )


def show(form: forms.BaseForm, refusal: Refusal) -> None:
    """Put each reason of ``refusal`` beside its field, what belongs to none above the form."""
    for name, texts in refusal.fields.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)
    if not refusal.fields:
        form.add_error(None, refusal.message)


class RoundForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A round that is planned, or what can still be changed of one that is open."""

    period_start = day_field("Period from", "Give the first day that is reported on.")
    period_end = day_field("Period to", "Give the last day that is reported on.")
    opens_on = day_field("Opens on", "Give the day on which reporting is to begin.", "The day planned for opening it.")
    due_on = day_field("Due on", "Give the day by which reports are asked for.", "Later reports count as late.")
    closes_on = day_field(
        "Closes on", "Give the day on which reporting is to end.", "The day planned for closing it; you close it."
    )

    class Meta:
        model = ReportingRound
        fields = EVERYTHING

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["due_soon_days"].help_text = "So many days before the date, reports count as due soon."
        if self.instance.state != rules.PLANNED:
            for name in rules.FIXED_ONCE_OPEN:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """The order of the dates, beside the field to mend; the constraints of the database say the same."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for later, earlier, text in (
            ("period_end", "period_start", "The period must end on or after {:%-d %B %Y}, the day it starts."),
            ("due_on", "opens_on", "Reports cannot be due before the round opens, on {:%-d %B %Y}."),
            ("closes_on", "due_on", "The round cannot close before reports are due, on {:%-d %B %Y}."),
        ):
            first = values.get(earlier) or (getattr(self.instance, earlier) if earlier not in self.fields else None)
            last = values.get(later)
            if isinstance(first, datetime.date) and last and last < first:
                self.add_error(later, text.format(first))
        return values

    def differences(self, now: ReportingRound) -> list[tuple[str, Any, Any]]:
        """Where what was typed differs from the round as it stands: label, its value, the typed one."""
        return [
            (str(field.label), getattr(now, name), self.cleaned_data.get(name))
            for name, field in self.fields.items()
            if getattr(now, name) != self.cleaned_data.get(name)
        ]


class ExceptionForm(forms.Form):
    """More time for one body."""

    body = forms.ModelChoiceField(
        SectoralBody.objects.none(),
        empty_label="Choose a body",
        to_field_name="acronym",
        error_messages={
            "required": "Choose the body that is given more time.",
            "invalid_choice": "This body owes nothing in this round. Choose one of the list.",
        },
    )
    until = day_field(
        "Until",
        "Give the day until which reports are taken.",
        "Its reports are due on this day, and taken until its end.",
    )
    reason = forms.CharField(
        max_length=LateException._meta.get_field("reason").max_length,
        help_text="The body and the secretariat see it, nobody else.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why the body is given more time."},
    )

    def __init__(self, *args: Any, owing: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["body"].queryset = SectoralBody.objects.filter(pk__in=list(owing))  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why a closed round is opened again."""

    reason = forms.CharField(
        max_length=2_000,
        help_text="It stays in the history of the round.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why the round is opened again."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
