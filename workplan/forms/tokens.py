"""The form that makes a token: of one's own on “My account”, of a service account in the administration."""

import datetime
from typing import Any

from django import forms
from django.conf import settings

from workplan import rules
from workplan.models import SectoralBody
from workplan.rules.scopes import MOST_TOKEN_NAME, READ_SCOPE, SCOPES

EXPLAINED = [(term.value, f"{term.label}: {term.meaning}") for term in SCOPES]
USUAL_DAYS = 30


class TokenFields(forms.Form):
    """What a token may be used for, and how long."""

    name = forms.CharField(
        max_length=MOST_TOKEN_NAME,
        help_text="What it is for, such as “Nightly copy”.",
        error_messages={"required": "Say what the token is for."},
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=EXPLAINED,
        initial=[READ_SCOPE],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=settings.TOKEN_LIFE.days,
        initial=min(USUAL_DAYS, settings.TOKEN_LIFE.days),
        label="Days until it ends",
        help_text=f"From 1 to {settings.TOKEN_LIFE.days}.",
    )

    @property
    def values(self) -> dict[str, Any]:
        """What ``actions.make_token`` is told."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned["name"],
            "scopes": cleaned["scopes"],
            "body": cleaned["body"],
            "life": datetime.timedelta(days=cleaned["days"]),
        }


class TokenForm(TokenFields):
    """A token of one's own.

    Args:
        bodies: those that the person acts for.
    """

    body = forms.ModelChoiceField(
        SectoralBody.objects.none(),
        required=False,
        empty_label="All that I act for",
        label="For which body",
        help_text="With a body, the program reads and writes no more than a focal point of that body.",
        error_messages={"invalid_choice": "Choose a body that you act for."},
    )
    field_order = ("name", "scopes", "body", "days")

    def __init__(self, *args: Any, bodies: list[SectoralBody], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        field: Any = self.fields["body"]
        field.queryset = SectoralBody.objects.filter(pk__in=[body.pk for body in bodies]) if bodies else field.queryset
        if not bodies:
            field.widget = forms.HiddenInput()

    @property
    def scope_choices(self) -> list[tuple[rules.Term, bool]]:
        """Each scope, and whether it is chosen."""
        chosen = self["scopes"].value() or []
        return [(term, term.value in chosen) for term in SCOPES]

    def show(self, fields: dict[str, list[str]], message: str) -> None:
        """Say beside its field what the action refused."""
        for name, texts in fields.items():
            self.add_error(name if name in self.fields else None, texts)  # type: ignore[arg-type]
        if not fields:
            self.add_error(None, message)
