"""Forms of the pages: what was typed becomes a report, and what an action refuses stands beside its field."""

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from workplan import rules
from workplan.actions import Proof, Report
from workplan.exceptions import Refusal
from workplan.models import StatusUpdate
from workplan.models.base import LONG_TEXT
from workplan.models.reporting import full_address

MOST_LINKS = 20


def _words(name: str, rows: int, hint: str) -> forms.CharField:
    field: Any = StatusUpdate._meta.get_field(name)
    return forms.CharField(
        label=field.verbose_name.capitalize(),
        required=False,
        max_length=LONG_TEXT,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class UpdateForm(forms.Form):
    """A status update on one activity or on several."""

    status = forms.ChoiceField(
        choices=rules.STATUSES.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a status."},
    )
    as_of = forms.DateField(
        label="As-of date",
        help_text="The day on which this status was true.",
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Give the day on which this status was true.",
            "invalid": "This is no day of the calendar. Write it as 2026-11-23.",
        },
    )
    narrative = _words("narrative", 5, "What was done, in a sentence or more. Readers of the plan see this.")
    outputs_delivered = _words("outputs_delivered", 3, "What exists now that did not before.")
    challenges = _words("challenges", 3, "What stood in the way.")
    next_steps = _words("next_steps", 3, "What comes next, and when.")
    kind = forms.ChoiceField(
        label="Kind of update",
        choices=rules.UPDATE_KINDS.choices,
        initial=rules.PROGRESS,
        help_text=format_html(
            "<ul>{}</ul>",
            format_html_join("", "<li>{}: {}</li>", ((term.label, term.meaning) for term in rules.UPDATE_KINDS)),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["as_of"].widget.attrs["max"] = timezone.localdate().isoformat()

    def report(self, links: "BaseEvidenceFormSet") -> Report:
        """What was typed, for the action."""
        return Report(**self.cleaned_data, evidence=links.links())

    def show(self, refusal: Refusal) -> None:
        """Put each reason of ``refusal`` beside its field, what belongs to none above the form."""
        for name, messages in refusal.fields.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)
        if not refusal.fields:
            self.add_error(None, refusal.message)


class EvidenceForm(forms.Form):
    """One link to evidence; both parts or neither."""

    title = forms.CharField(max_length=300, required=False)
    url = forms.CharField(
        label="Link",
        max_length=2_000,
        required=False,
        validators=[full_address],
        widget=forms.URLInput(attrs={"placeholder": "https://", "inputmode": "url"}),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        if values.get("url") and not values.get("title") and "title" not in self.errors:
            self.add_error("title", "Say what this link leads to.")
        if values.get("title") and not values.get("url") and "url" not in self.errors:
            self.add_error("url", "Give the link, or clear its title.")
        return values


class BaseEvidenceFormSet(BaseFormSet):  # type: ignore[type-arg]  # not generic at run time
    def links(self) -> tuple[Proof, ...]:
        filled = (form.cleaned_data for form in self.forms)
        return tuple(Proof(values["title"], values["url"]) for values in filled if values.get("url"))


EvidenceFormSet = formset_factory(
    EvidenceForm,
    formset=BaseEvidenceFormSet,
    extra=2,
    max_num=MOST_LINKS,
    absolute_max=MOST_LINKS,
    validate_max=True,
)
