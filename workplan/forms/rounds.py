"""Forms of the pages of reporting rounds."""

import datetime
from collections.abc import Iterable
from typing import Any

from django import forms

from workplan import rules
from workplan.exceptions import Refusal
from workplan.models import LateException, ReportingRound, SectoralBody
from workplan.models.base import SHORT_TEXT

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
    "asks_for_all",
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
            "invalid": "This is not a valid date. Enter it as 2018-07-31.",
        },
    )


def show(form: forms.BaseForm, refusal: Refusal) -> None:
    """Show each reason of ``refusal`` at its field, and what belongs to no field above the form."""
    for name, texts in refusal.fields.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)
    if not refusal.fields:
        form.add_error(None, refusal.message)


class RoundForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A round that is planned, or what can still be changed of one that is open."""

    period_start = day_field("Period from", "Enter the first date of the period.")
    period_end = day_field("Period to", "Enter the last date of the period.")
    opens_on = day_field("Opens on", "Enter the date on which reporting is to begin.", "The planned date of opening.")
    due_on = day_field("Due on", "Enter the date by which reports are due.", "Reports submitted later count as late.")
    closes_on = day_field(
        "Closes on",
        "Enter the date on which reporting is to end.",
        "The planned date of closing. The secretariat closes the round.",
    )

    asks_for_all = forms.TypedChoiceField(
        label="Reports expected on",
        required=False,
        choices=[
            (
                "",
                "Default of its kind: every activity in a final evaluation, otherwise only those not completed or "
                "cancelled",
            ),
            ("no", "Only activities that are not completed or cancelled"),
            ("yes", "Every activity, including completed and cancelled ones"),
        ],
        help_text="No report is due on the other activities.",
    )

    class Meta:
        model = ReportingRound
        fields = EVERYTHING

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        if not self.instance._state.adding:
            self.initial["asks_for_all"] = "yes" if self.instance.asks_for_all else "no"
        else:
            self.initial["asks_for_all"] = ""
        self.fields[
            "due_soon_days"
        ].help_text = "The number of days before the due date from which reports count as due soon."
        if self.instance.state != rules.PLANNED:
            for name in rules.FIXED_ONCE_OPEN:
                del self.fields[name]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if rules.UNREADABLE.search(name):
            raise forms.ValidationError(rules.UNREADABLE_TEXT)
        return name

    def clean_asks_for_all(self) -> bool:
        """Where nothing is chosen, the kind of round says it."""
        kind: str = self.cleaned_data.get("kind") or self.instance.kind
        chosen = self.cleaned_data["asks_for_all"]
        return chosen == "yes" if chosen else rules.asks_for_all_by_default(kind)

    def clean(self) -> dict[str, Any]:
        """The order of the dates, shown at the field to correct; the constraints of the database say the same."""
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
        """Where what was typed differs from the round as it is: label, its value, the typed one."""
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
            "required": "Select the body.",
            "invalid_choice": "No reports are due from this body in this round. Select one from the list.",
        },
    )
    until = day_field(
        "Until",
        "Enter the new due date.",
        "The reports of the body are due on this date, and accepted until its end.",
    )
    reason = forms.CharField(
        max_length=LateException._meta.get_field("reason").max_length,
        help_text="Visible only to the body and the secretariat.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter the reason for the extension."},
    )

    def __init__(self, *args: Any, responsible_bodies: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["body"].queryset = SectoralBody.objects.filter(pk__in=list(responsible_bodies))  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why a closed round is opened again."""

    reason = forms.CharField(
        max_length=2_000,
        help_text="It is kept in the history of the round.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter the reason for reopening the round."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class PublicationDayForm(forms.Form):
    """The day on which a round is published by itself."""

    publish_on = day_field(
        "Publish on",
        "Enter the date of publication.",
        "A date after the last on which a body may report.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class PublicationWithdrawalForm(forms.Form):
    """Why a publication is withdrawn."""

    reason = forms.CharField(
        max_length=SHORT_TEXT,
        help_text="It is kept in the history of the round, and sent to the focal points of its bodies.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter the reason for withdrawing the publication."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class WithdrawalForm(forms.Form):
    """Why the time that a body was given is taken back."""

    reason = forms.CharField(
        max_length=LateException._meta.get_field("reason").max_length,
        help_text="Visible only to the body and the secretariat. It is sent to the focal points of the body.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter the reason for the withdrawal."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
