"""What somebody typed into a form that was not taken, to be given back."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

from workplan.forms.rounds import RoundForm
from workplan.forms.updates import EVIDENCE, UpdateForm

# The fields with words that somebody has thought about, and the days of a round. The last ones stand in several forms,
# each with a label of its own there; a test holds that no form has words that are missing here.
TEXT_FIELDS = {
    **{
        name: str(field.label)
        for name, field in UpdateForm.base_fields.items()
        if isinstance(field.widget, forms.Textarea)
    },
    **{
        name: str(field.label)
        for name, field in RoundForm.base_fields.items()
        if isinstance(field.widget, forms.TextInput)
    },
    "reason": "Reason",
    "text": "Text",
    "expected_output": "Expected output",
}
LINK_FIELD = re.compile(rf"{EVIDENCE}-\d{{1,4}}-(title|url)")
# A field of a part that is edited on the page of its whole, in the administration site.
OF_A_PART = re.compile(r"[\w-]+-(\d{1,4})-(\w+)")


def typed_texts(request: HttpRequest) -> list[tuple[str, str]]:
    """What somebody wrote in the form that was sent, each with the name of its field. Never a password."""
    model_admin = getattr(getattr(request.resolver_match, "func", None), "model_admin", None)
    if model_admin is not None:
        found = _typed_in_records(request.POST, [model_admin.model, *(part.model for part in model_admin.inlines)])
    else:
        found = [(label, request.POST.get(name, "").strip()) for name, label in TEXT_FIELDS.items()]
        links = [name for name in request.POST if LINK_FIELD.fullmatch(name)]
        found += [("Evidence", request.POST[name].strip()) for name in links]
    return [(label, words) for label, words in found if words]


def _typed_in_records(sent: Any, kinds: Iterable[type[models.Model]]) -> list[tuple[str, str]]:
    """The texts and days among what a form of the administration site has sent."""
    found = []
    for name in sent:
        part = OF_A_PART.fullmatch(name)
        label = _label_of(part[2] if part else name, kinds)
        if label:
            number = f", {int(part[1]) + 1}" if part else ""
            found.append((f"{label}{number}", sent[name].strip()))
    return found


def _label_of(name: str, kinds: Iterable[type[models.Model]]) -> str:
    """What a field with a text or a day is called; empty where it holds something else."""
    if name in TEXT_FIELDS:
        return TEXT_FIELDS[name]
    for kind in kinds:
        try:
            field: Any = kind._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        is_text = isinstance(field, models.CharField | models.TextField | models.JSONField | models.DateField)
        if is_text and not field.choices and name != "password":
            return capfirst(str(field.verbose_name))
    return ""
