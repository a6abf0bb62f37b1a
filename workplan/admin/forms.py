"""Forms of the administration site: they contain the version that was read and the reason, and show refusals."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from workplan.exceptions import Refusal, Stale
from workplan.models import AuditEntry
from workplan.models.base import Record

# Part of the form, not of the record.
VERSION, REASON = "seen_version", "reason"


class WellReadMixin:
    """Stock autocompletes fail on a value that no key can have; here it is an ordinary wrong choice."""

    field: Any
    choices: Any

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        key = self.choices.field.queryset.model._meta.pk
        return super().optgroups(name, [one for one in value if not one or _fits(key, one)], attr)  # type: ignore[misc]


def _fits(field: Any, value: Any) -> bool:
    try:
        field.run_validators(field.to_python(value))
    except ValidationError:
        return False
    return True


class OneOf(WellReadMixin, AutocompleteSelect):
    """Finds one record while one types."""


class SeveralOf(WellReadMixin, AutocompleteSelectMultiple):
    """Finds several records while one types."""


class LongText(forms.CharField):
    """Text of several lines."""

    widget = AdminTextareaWidget(attrs={"rows": 3})


class SentencesField(forms.CharField):
    """A list of texts, one to a line."""

    widget = AdminTextareaWidget(attrs={"rows": 3})

    def __init__(self, *, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(help_text=f"{help_text} One to a line.".strip(), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(" ".join(text.split()) for text in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)

    def run_validators(self, value: Any) -> None:
        for text in value:
            super().run_validators(text)


class LinesField(forms.CharField):
    """Ranges of source lines, written as people write them: ``30-31, 40``."""

    def __init__(self, *, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(help_text=f"{help_text} Such as 30-31, 40.".strip(), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in value)

    def to_python(self, value: Any) -> Any:
        found = []
        for part in filter(None, (part.strip() for part in (value or "").split(","))):
            match = re.fullmatch(r"([0-9]{1,7})(?:\s*[-–]\s*([0-9]{1,7}))?", part)
            if not match:
                raise ValidationError("Give line numbers or ranges of them, such as 30-31, 40.", code="invalid_lines")
            found.append([int(match[1]), int(match[2] or match[1])])
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != (initial or [])
        except ValidationError:
            return True

    def run_validators(self, value: Any) -> None:
        """The model's own validator reads the ranges."""


class SeenForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A form that knows which version of its record the person has read."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.instance, Record) and not self.instance._state.adding:
            self.fields[VERSION].initial = self.instance.version
            self.fields[VERSION].required = True

    def clean(self) -> Any:
        values = super().clean()
        seen = self.cleaned_data.get(VERSION)
        if seen is not None and not self.instance._state.adding and seen != self.instance.version:
            self._show_newer_version()
        return values

    def _show_newer_version(self) -> None:
        """Show the newer value at each field that differs; the next save is then a decision."""
        self._say_stale()
        for name in self.changed_data:
            if name in {field.name for field in self.instance._meta.get_fields()}:
                self.add_error(name, f"Stored value: {self._stored(name)}")
        # Bound data cannot be written to; a copy holds what was typed, with the version that was just shown.
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix(VERSION)] = str(self.instance.version)
        self.data = data

    def _say_stale(self) -> None:
        self.add_error(None, ValidationError(Stale.message, code=Stale.code))
        self.add_error(
            None,
            "Each field that differs shows the stored value. Saving again replaces it with yours.",
        )

    def _stored(self, name: str) -> str:
        field = self.instance._meta.get_field(name)
        if field.many_to_many:
            value: Any = ", ".join(str(one) for one in getattr(self.instance, name).all())
        elif field.choices:
            value = getattr(self.instance, f"get_{name}_display")()
        elif field.is_relation:
            value = getattr(self.instance, name)
        else:
            value = self.fields[name].prepare_value(getattr(self.instance, name))
        return f"“{value}”" if value not in (None, "") else "nothing"

    def links_seen(self) -> dict[str, set[int]]:
        """What many-to-many fields of a record without a version held when it was read."""
        return {}

    def links(self) -> dict[str, Iterable[models.Model]]:
        """The many-to-many fields with what they are to hold."""
        names = {field.name for field in self._meta.model._meta.many_to_many}  # type: ignore[union-attr]
        return {name: linked for name, linked in self.cleaned_data.items() if name in names}


class RecordForm(SeenForm):
    """The form of a page: asks why, and shows what an action refused.

    Attributes:
        refusal: why the first attempt to save what was typed was refused.
    """

    refusal: ClassVar[Refusal | None] = None

    reason = forms.CharField(
        max_length=AuditEntry._meta.get_field("reason").max_length,
        required=False,
        widget=AdminTextareaWidget(attrs={"rows": 2}),
        help_text="The reason for the change, kept with the audit entry.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not isinstance(self.instance, Record) or self.instance._state.adding:
            del self.fields[VERSION]

    def full_clean(self) -> None:
        super().full_clean()
        # Where the form itself finds fault now, it says more than the refusal does.
        if self.refusal and self.is_bound and not self.errors:
            self._show(self.refusal)

    def _show(self, refusal: Refusal) -> None:
        for name, messages in refusal.fields.items():
            for message in messages:
                if name in self.fields:
                    self.add_error(name, message)
                else:
                    self.add_error(None, message if name == NON_FIELD_ERRORS else f"{name}: {message}")
        if not refusal.fields:
            self.add_error(None, ValidationError(refusal.message, code=refusal.code))
