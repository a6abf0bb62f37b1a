"""The form in which a document is kept for a meeting."""

from typing import Any

from django import forms

from workplan import rules
from workplan.models import ReportingRound, WorkPlan
from workplan.models.meeting_documents import MOST_TITLE

FORMATS = (("docx", "Word"), ("pdf", "PDF"), ("xlsx", "Excel"))


class MeetingDocumentForm(forms.Form):
    """For which meeting, in which format, and of which round."""

    title = forms.CharField(
        label="Meeting",
        max_length=MOST_TITLE,
        help_text="Such as “19th SOMTC meeting, agenda item 5”.",
        error_messages={"required": "Name the meeting."},
        widget=forms.TextInput(attrs={"size": 60}),
    )
    format = forms.ChoiceField(choices=FORMATS, widget=forms.RadioSelect, initial="pdf")
    round = forms.ModelChoiceField(
        ReportingRound.objects.none(),
        required=False,
        to_field_name="code",
        empty_label="No particular round",
        help_text="The round whose results the meeting has before it.",
    )

    def __init__(self, *args: Any, plan: WorkPlan, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        if kind == rules.BODY_DOCUMENT:
            self.fields["format"].choices = FORMATS[:2]  # type: ignore[attr-defined]
        rounds = ReportingRound.objects.filter(plan=plan).exclude(state=rules.PLANNED)
        self.fields["round"].queryset = rounds.order_by("-period_start")  # type: ignore[attr-defined]
