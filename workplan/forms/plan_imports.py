"""Forms of the pages on which a plan is made of a file."""

import datetime
from typing import Any

from django import forms

from workplan.models import WorkPlan

FIRST_YEAR, LAST_YEAR = 1900, 2200


class PlanForm(forms.Form):
    """What the plan is called, and the years it is for."""

    code = forms.SlugField(
        label="Code", max_length=60, help_text="Used in the address of the plan, such as tip-2027-2031."
    )
    title = forms.CharField(label="Title", max_length=300, widget=forms.TextInput(attrs={"size": 60}))
    edition = forms.CharField(
        label="Edition", max_length=100, required=False, help_text="Such as “Draft, March 2027”. Leave empty for none."
    )
    first_year = forms.IntegerField(label="First year", min_value=FIRST_YEAR, max_value=LAST_YEAR)
    last_year = forms.IntegerField(label="Last year", min_value=FIRST_YEAR, max_value=LAST_YEAR)
    predecessor = forms.ModelChoiceField(
        WorkPlan.objects.all(), label="Succeeds", required=False, empty_label="No plan here"
    )

    def clean(self) -> dict[str, Any]:
        """The last year is not before the first."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first_year"), cleaned.get("last_year")
        if first is not None and last is not None and last < first:
            self.add_error("last_year", "The last year is before the first. Enter the year in which the plan ends.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """The fields of the file that is kept."""
        cleaned = self.cleaned_data
        return {
            "code": cleaned["code"],
            "title": cleaned["title"],
            "edition": cleaned["edition"],
            "period_start": datetime.date(cleaned["first_year"], 1, 1),
            "period_end": datetime.date(cleaned["last_year"], 12, 31),
            "predecessor": cleaned["predecessor"],
        }


class UploadForm(PlanForm):
    """The file, and what the plan is called."""

    file = forms.FileField(
        label="File (.docx or .xlsx)",
        help_text="A Word document with the plan in tables, or a workbook such as the template.",
        widget=forms.ClearableFileInput(attrs={"accept": ".docx,.xlsx"}),
        allow_empty_file=True,  # the reader of files says what is wrong with one
    )
    field_order = ("file", "code", "title", "edition", "first_year", "last_year", "predecessor")
