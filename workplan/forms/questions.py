"""The form in which an open question is settled."""

from typing import Any

from django import forms

from workplan import rules
from workplan.actions import Amendment
from workplan.models import Activity, CollaborationArea, Decision, Provision, SectoralBody
from workplan.models.base import LONG_TEXT
from workplan.monitoring.open_questions import Question

WITHOUT_AMENDMENT = "You entered a change to the plan. Select “Plan changed”, or clear it."


class SettleForm(forms.Form):
    """What is decided on a question, why, and what changes in the plan: only the fields that this question asks for."""

    decision = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": "Select a decision."})
    text = forms.CharField(
        label="Edited text",
        required=False,
        max_length=LONG_TEXT,
        help_text="The correct text. The source text is kept.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    expected_output = forms.CharField(required=False, max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 2}))
    clear_note = forms.BooleanField(
        label="Remove the transcription note: the text is no longer ambiguous", required=False
    )
    lead = forms.ModelChoiceField(
        SectoralBody.objects.all(),
        label="Lead body",
        required=False,
        empty_label="Choose a body",
        to_field_name="acronym",
        error_messages={"invalid_choice": "There is no such body. Select one from the list."},
    )
    to = forms.ChoiceField(label="Transfer to", required=False)
    reason = forms.CharField(
        max_length=Decision._meta.get_field("reason").max_length,
        help_text="It is kept with the decision, for the secretariat and the bodies.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter the reason for the decision."},
    )

    def __init__(self, data: Any = None, *, question: Question) -> None:
        record = question.record
        super().__init__(data, initial={"text": record.text, "expected_output": getattr(record, "expected_output", "")})
        self.label_suffix = ""
        self.question = question
        self.fields["decision"].choices = [(term.value, term.label) for term in question.choices]  # type: ignore[attr-defined]
        for name in {name for names in rules.AMENDS.values() for name in names} - set(question.amends):
            del self.fields[name]
        if "to" in self.fields:
            self.places = {place.ref: place for place in places_for(question)}
            self.fields["to"].choices = _by_section(self.places.values())  # type: ignore[attr-defined]

    @property
    def amending(self) -> list[forms.BoundField]:
        """The fields that say what changes in the plan."""
        return [self[name] for name in self.question.amends]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("decision") not in (None, rules.AMEND) and self.amendment.given:
            self.add_error("decision", WITHOUT_AMENDMENT)
        return values

    @property
    def amendment(self) -> Amendment:
        """What differs from the plan as it is."""
        values, record = self.cleaned_data, self.question.record
        found: dict[str, Any] = {}
        for name in ("text", "expected_output"):
            if name in values and (typed := values[name]) != rules.normalised(getattr(record, name)):
                found[name] = typed
        if values.get("clear_note"):
            found["clear_note"] = True
        if values.get("lead"):
            found["lead"] = values["lead"]
        if values.get("to"):
            found["to"] = self.places[values["to"]]
        return Amendment(**found)


def places_for(question: Question) -> Any:
    """Where the record of a question can be moved to: an activity to another area, an area to another provision."""
    record = question.record
    if isinstance(record, Activity):
        areas = CollaborationArea.objects.filter(plan=record.plan_id).exclude(pk=record.area_id)
        return areas.select_related("provision__section").order_by(
            "provision__section__position", "provision__position", "position"
        )
    provisions = Provision.objects.filter(plan=record.plan_id).exclude(pk=record.provision_id)
    return provisions.select_related("section").order_by("section__position", "position")


def _by_section(places: Any) -> list[tuple[str, Any]]:
    """The places as choices, each under its section."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for place in places:
        section = place.provision.section if isinstance(place, CollaborationArea) else place.section
        words = place.text if len(place.text) <= 90 else f"{place.text[:89]}…"
        groups.setdefault(f"{section.ref} {section.text}", []).append((place.ref, f"{place.ref} {words}"))
    return [("", "Choose a place"), *groups.items()]
