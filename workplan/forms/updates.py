"""Forms of the pages: input becomes a report, and what an action refuses is shown at its field."""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms import BaseFormSet, formset_factory
from django.utils.html import format_html, format_html_join

from workplan import rules
from workplan.actions import EvidenceItem, Report
from workplan.exceptions import Refusal
from workplan.models import Evidence, StatusUpdate
from workplan.models.base import LONG_TEXT, SHORT_TEXT
from workplan.models.reporting import validate_link
from workplan.querysets import reader_day

EVIDENCE = "evidence"
CARRIED, KEEP, CLEAR = "carried", "keep", "clear"
DAY_FORMATS = ["%Y-%m-%d"]
DAYS = ("as_of", "deferred_until")
NO_DAY = "This is no day of the calendar. Write it as 2026-11-23."
FILES_TAKEN = (
    f"{', '.join(f'.{ending}' for ending in rules.FILE_TYPES)}; at most {rules.MOST_FILE_BYTES // 1024 // 1024} MB."
)


def _text_field(name: str, rows: int, hint: str) -> forms.CharField:
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
        input_formats=DAY_FORMATS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the day on which this status was true.", "invalid": NO_DAY},
    )
    narrative = _text_field("narrative", 5, "What was done, in a sentence or more. Readers of the plan see this.")
    outputs_delivered = _text_field("outputs_delivered", 3, "What exists now that did not before.")
    challenges = _text_field("challenges", 3, "What stood in the way.")
    next_steps = _text_field("next_steps", 3, "What comes next, and when.")
    reason = forms.CharField(
        label="Why it goes back, is deferred or cancelled",
        required=False,
        max_length=SHORT_TEXT,
        help_text="Only where a completed activity is reopened, or the work is put off or given up.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    deferred_until = forms.DateField(
        label="Deferred until",
        required=False,
        help_text="Only where the work is put off: the day from which it is reported on again. Empty: in each round.",
        input_formats=DAY_FORMATS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": NO_DAY},
    )
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
        if "as_of" in self.fields:
            self.fields["as_of"].widget.attrs["max"] = reader_day().isoformat()

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        for name, value in list(values.items()):
            if isinstance(value, str) and rules.UNREADABLE.search(value):
                self.add_error(name, rules.UNREADABLE_TEXT)
        return values

    def report(self, links: "BaseEvidenceFormSet") -> Report:
        """What was typed, for the action. What cannot be read is left out, so that the rules can judge the rest."""
        values = self.cleaned_data
        days: dict[str, Any] = {name: values.get(name) for name in DAYS}
        texts = [name for name in self.fields if name not in (*DAYS, CARRIED)]
        message: dict[str, Any] = {name: values.get(name) or "" for name in texts}
        message["kind"] = message.get("kind") or rules.PROGRESS
        return Report(**message, **days, evidence=links.links())

    def show(self, refusal: Refusal, links: "BaseEvidenceFormSet | None" = None) -> None:
        """Show each reason of ``refusal`` at its field, and what belongs to no field above the form."""
        for name, messages in refusal.fields.items():
            for message in messages:
                if name == EVIDENCE and links is not None:
                    links.non_form_errors().append(message)
                else:
                    self.add_error(name if name in self.fields else None, message)
        if not refusal.fields:
            self.add_error(None, refusal.message)


class DraftForm(UpdateForm):
    """A report that is being written: nothing has to be there yet, but what is there has to be readable."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    def ask(self, checks: Iterable[rules.Check], links: "BaseEvidenceFormSet") -> None:
        """Show what the rules still miss at its field, unless the field cannot be read at all."""
        for check in checks:
            if check.problem and not check.advice and check.field not in self.errors:
                problem = Refusal(fields={check.field: [check.problem]})
                self.show(problem, links)


class ReportForm(DraftForm):
    """A body's report, which begins with what the last one left to do.

    Args:
        last: the last report, whose words are carried over.
    """

    carried = forms.ChoiceField(
        label="Next steps carried over from the last report",
        choices=[(KEEP, "Keep them"), (CLEAR, "Clear them")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, last: StatusUpdate | None = None, **kwargs: Any) -> None:
        self.last = last
        super().__init__(*args, **kwargs)

    @property
    def carries_over(self) -> bool:
        """Whether the form, as it is shown, holds words of the last report."""
        shown = {name: str(self[name].value() or "") for name in rules.CARRIED_OVER}
        return bool(rules.carried_over(shown, self._words_of_last()))

    @property
    def kept(self) -> list[str]:
        """The fields whose words are carried over knowingly."""
        return list(rules.CARRIED_OVER) if self.cleaned_data.get(CARRIED) == KEEP else []

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get(CARRIED) == CLEAR:
            typed = {name: values.get(name) or "" for name in rules.CARRIED_OVER}
            values |= dict.fromkeys(rules.carried_over(typed, self._words_of_last()), "")
        return values

    def _words_of_last(self) -> dict[str, str]:
        return {name: getattr(self.last, name) for name in rules.CARRIED_OVER} if self.last else {}


class CorrectionForm(DraftForm):
    """A correction: its kind and its date are not to be chosen.

    Attributes:
        day: the date of the report that it corrects.
    """

    as_of = None  # type: ignore[assignment]  # a form is without a field of its base by this
    kind = None  # type: ignore[assignment]
    day: datetime.date | None = None

    def report(self, links: "BaseEvidenceFormSet") -> Report:
        return replace(super().report(links), kind=rules.CORRECTION, as_of=self.day)


def correction_form(day: datetime.date | None) -> type[CorrectionForm]:
    """The form of a correction of a report of ``day``."""
    return type("CorrectionForm", (CorrectionForm,), {"day": day, "__doc__": CorrectionForm.__doc__})


class EvidenceForm(forms.Form):
    """One piece of evidence: a link or a file, with its title and its day; or one that is there already."""

    kept = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(max_length=300, required=False)
    url = forms.CharField(
        label="Link",
        max_length=2_000,
        required=False,
        validators=[validate_link],
        widget=forms.URLInput(attrs={"placeholder": "https://", "inputmode": "url"}),
    )
    file = forms.FileField(
        label="or file",
        required=False,
        allow_empty_file=True,  # the rule about files says so in its own words
        widget=forms.FileInput(attrs={"accept": ",".join(f".{ending}" for ending in rules.FILE_TYPES)}),
    )
    dated_on = forms.DateField(
        label="Date",
        required=False,
        initial=reader_day,
        input_formats=DAY_FORMATS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": NO_DAY},
    )
    remove = forms.BooleanField(label="Remove", required=False)

    def __init__(self, *args: Any, there: Mapping[int, Evidence] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.there = there or {}

    @property
    def evidence(self) -> Evidence | None:
        """The evidence that this row is about, where it is there already."""
        return self.there.get(number_in(str(self["kept"].value() or "")) or 0)

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        if rules.UNREADABLE.search(title):
            raise forms.ValidationError(rules.UNREADABLE_TEXT)
        return title

    def clean_file(self) -> "UploadedFile[Any] | None":
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is not None:
            problem = rules.problem_with_file(file.name or "", file.size or 0, file.read(rules.FILE_START))
            file.seek(0)
            if problem:
                raise forms.ValidationError(problem)
        return file

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        if values.get("remove") or "url" in self.errors or "file" in self.errors:
            return values
        if self.evidence is not None and self.evidence.file:
            values["url"] = ""
        has_file = bool(values.get("file")) or bool(self.evidence and self.evidence.file)
        if values.get("file") and values.get("url"):
            self.add_error("file", "Give a link or a file, one of the two.")
        elif (values.get("url") or has_file) and not values.get("title") and "title" not in self.errors:
            self.add_error("title", "Say what this file shows." if has_file else "Say what this link leads to.")
        elif values.get("title") and not values.get("url") and not has_file:
            self.add_error("url", "Give the link or a file, or clear the title.")
        return values

    @property
    def evidence_item(self) -> EvidenceItem | None:
        """The evidence for the action; ``None`` where the row is empty, wrong or to be removed."""
        values = getattr(self, "cleaned_data", {})
        if self.errors or values.get("remove") or not values.get("title"):
            return None
        kept = self.evidence if not values.get("file") else None
        if kept is not None and bool(kept.file) == bool(values.get("url")):
            kept = None  # a link was put where a file was, or the other way round: a new one
        if not (values.get("url") or values.get("file") or kept):
            return None
        return EvidenceItem(
            values["title"],
            values.get("url") or "",
            values.get("file"),
            values.get("dated_on"),
            kept.pk if kept else None,
        )


NO_ROWS = "The rows of evidence cannot be read. Load the page again."


class BaseEvidenceFormSet(BaseFormSet):  # type: ignore[type-arg]  # not generic at run time
    files_taken = FILES_TAKEN
    default_error_messages = BaseFormSet.default_error_messages | {
        "missing_management_form": NO_ROWS,
        "too_many_forms": "Give at most %(num)d links and files.",
    }

    def links(self) -> tuple[EvidenceItem, ...]:
        """The links and files that can be taken as they are."""
        return tuple(form.evidence_item for form in self.forms if form.evidence_item is not None)


EvidenceFormSet = formset_factory(
    EvidenceForm,
    formset=BaseEvidenceFormSet,
    extra=2,
    max_num=rules.MOST_EVIDENCE,
    absolute_max=rules.MOST_EVIDENCE,
    validate_max=True,
)


WITHOUT_VERSION = "The form was sent without the version it was opened with. Send it again."


def number_in(text: str | None) -> int | None:
    """The id or version in a form; ``None`` where it cannot be read."""
    return int(text) if text and re.fullmatch(r"[1-9][0-9]{0,9}", text) else None


def evidence_rows(
    data: Any = None,
    files: Any = None,
    *,
    there: Iterable[Evidence] = (),
    initial: list[dict[str, Any]] | None = None,
) -> Any:
    """The rows for evidence: as they were sent, or ``initial``, or one for each piece that is ``there``."""
    known = {one.pk: one for one in there}
    if data is None and initial is None:
        initial = [_row(one) for one in known.values()]
    return EvidenceFormSet(data, files, prefix=EVIDENCE, initial=initial, form_kwargs={"there": known})


def with_more_rows(
    form_class: Any, typed: Any, *, there: Iterable[Evidence] = (), and_what_is_there: bool = False
) -> tuple[Any, Any]:
    """The forms as typed, unchecked, with further empty rows for evidence. A chosen file has to be chosen again.

    Args:
        there: the evidence that is kept already.
        and_what_is_there: whether to add rows for what is kept and was not in the form.
    """
    there = list(there)
    links = evidence_rows(typed, there=there)
    names = [name for name in EvidenceForm.base_fields if name != "file"]
    rows = [{name: typed.get(form.add_prefix(name), "") for name in names} for form in links.forms]
    rows = [row for row in rows if row["kept"] or row["title"] or row["url"]]
    if and_what_is_there:
        in_form = {row["kept"] for row in rows}
        rows += [_row(one) for one in there if str(one.pk) not in in_form]
    return (
        form_class(initial={name: typed.get(name, "") for name in typed}),
        evidence_rows(there=there, initial=rows),
    )


def _row(one: Evidence) -> dict[str, Any]:
    return {"kept": one.pk, "title": one.title, "url": one.url, "dated_on": one.dated_on}


class ContributionForm(forms.Form):
    """The contribution of a cooperating body."""

    text = forms.CharField(
        label="Contribution",
        max_length=LONG_TEXT,
        help_text="What your body did in this activity. The lead bodies and the secretariat see it beside the report.",
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Say in a sentence or more what your body did."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if rules.UNREADABLE.search(text):
            raise forms.ValidationError(rules.UNREADABLE_TEXT)
        return text

    def show(self, refusal: Refusal) -> None:
        for name, messages in refusal.fields.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)
        if not refusal.fields:
            self.add_error(None, refusal.message)
