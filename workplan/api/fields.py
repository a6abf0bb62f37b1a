"""Fields that take a value as it is meant or refuse it, and fields that are cheap to write a thousand times."""

import datetime
import re
from collections.abc import Iterable
from typing import Any

from django.db.models import F, OuterRef, TextField, Value
from django.db.models.functions import Cast, Concat, NullIf
from django.utils.encoding import iri_to_uri
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

from apta.addresses import origin
from workplan.api.in_database import Place, items
from workplan.filters.fields import shown
from workplan.models import Responsibility, SectoralBody, WorkPlan
from workplan.querysets import fold_spelling
from workplan.querysets.json_values import text
from workplan.rules import UNREADABLE, UNREADABLE_TEXT, Vocabulary

MOST_UNKNOWN = 20


class StrictText(serializers.CharField):
    """Text. A number or a truth value is not taken for one, nor what holds characters that no text can have."""

    default_error_messages = {
        "required": "Give a value.",
        "null": "Give a text, not null.",
        "blank": "Give a text that is not empty.",
        "invalid": "Give a text.",
        "unreadable": UNREADABLE_TEXT,
        "max_length": "Give at most {max_length:,} characters.",
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if UNREADABLE.search(data):
            self.fail("unreadable")
        return super().to_internal_value(data)


class StrictBoolean(serializers.BooleanField):
    """``true`` or ``false``, and none of the words that might mean them."""

    default_error_messages = {"null": "Give true or false.", "invalid": "Give true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class StrictChoice(serializers.ChoiceField):
    """One of a closed set of words."""

    default_error_messages = {
        "required": "Give a value.",
        "null": "Give a value, not null.",
        "unknown": "“{given}” is not known here. Use {known}.",
        "invalid": "Give a text: {known}.",
    }

    def to_internal_value(self, data: Any) -> str:
        known = ", ".join(self.choices)
        if not isinstance(data, str):
            self.fail("invalid", known=known)
        if data not in self.choices:
            self.fail("unknown", given=shown(data), known=known)
        return data


class StrictDay(serializers.DateField):
    """A day of the calendar, as ISO 8601 writes it in full."""

    default_error_messages = {
        "required": "Give a day such as 2026-11-23.",
        "null": "Give a day such as 2026-11-23.",
        "invalid": "Give a day such as 2026-11-23.",
        "impossible": "“{given}” is not a day of the calendar.",
    }

    def to_internal_value(self, value: Any) -> datetime.date:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            self.fail("invalid")
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            self.fail("impossible", given=value)


@extend_schema_field(OpenApiTypes.INT)
class StrictNumber(serializers.Field[int, Any, int, Any]):
    """A whole number, such as an id. A text or a truth value is not taken for one.

    Args:
        lowest, highest: what it must be within; the highest is beyond every id.
    """

    default_error_messages = {
        "required": "Give a whole number.",
        "null": "Give a whole number, not null.",
        "invalid": "Give a whole number.",
        "outside": "Give a whole number from {lowest} to {highest:,}.",
    }

    def __init__(self, *, lowest: int = 1, highest: int = 1_000_000_000, **kwargs: Any) -> None:
        self.lowest, self.highest = lowest, highest
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        if not self.lowest <= data <= self.highest:
            self.fail("outside", lowest=self.lowest, highest=self.highest)
        return data

    def to_representation(self, value: int) -> int:
        return value


@extend_schema_field({"type": "string", "maxLength": 60})
class BodyAcronymField(StrictText):
    """A body, by acronym or by any spelling that is an alias of one."""

    default_error_messages = {"unknown": "“{given}” is not a body. Use {known}."}

    def to_internal_value(self, data: Any) -> Any:
        spelling = super().to_internal_value(data)
        bodies = SectoralBody.objects.by_spelling()
        body = bodies.get(fold_spelling(spelling))
        if body is None:
            known = ", ".join(sorted({one.acronym for one in bodies.values()}))
            self.fail("unknown", given=shown(spelling), known=known)
        return body


@extend_schema_field({"type": "string", "maxLength": 60})
class PlanCodeField(StrictText):
    """A work plan, by code."""

    default_error_messages = {"unknown": "There is no plan “{given}”. Use {known}."}

    def to_internal_value(self, data: Any) -> Any:
        code = super().to_internal_value(data)
        plan = WorkPlan.objects.named(code).first()
        if plan is None:
            known = ", ".join(WorkPlan.objects.values_list("code", flat=True))
            self.fail("unknown", given=shown(code), known=known)
        return plan


class TermField(serializers.ChoiceField):
    """One of a closed set of words, for reading; null where none was chosen yet."""

    def __init__(self, vocabulary: Vocabulary, **kwargs: Any) -> None:
        super().__init__(choices=vocabulary.choices, read_only=True, **kwargs)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return value or None

    def in_database(self, place: Place) -> Any:
        return NullIf(F(place.column(".".join(self.source_attrs))), Value(""))


class StrictSerializer(serializers.Serializer[Any]):
    """An object in which every name is one that it knows."""

    default_error_messages = {"invalid": "Send a JSON object."}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                known = ", ".join(self.fields)
                raise serializers.ValidationError(
                    {
                        shown(name): [f"There is no field “{shown(name)}” here. Use {known}."]
                        for name in unknown[:MOST_UNKNOWN]
                    }
                    | self._wrong_among(data)
                )
        return super().to_internal_value(data)

    def _wrong_among(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is wrong with the names that were sent, so that one answer names all of it."""
        try:
            super().to_internal_value({name: value for name, value in data.items() if name in self.fields})
        except serializers.ValidationError as problem:
            return dict(problem.detail) if isinstance(problem.detail, dict) else {}
        return {}


class Moment(serializers.DateTimeField):
    """A time, in UTC whatever the time zone of the installation."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=datetime.UTC, **kwargs)


class Addresses:
    """Absolute addresses within the API, put together quickly: each list's address is asked for once."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.origin = origin(request)
        self._lists: dict[str, str] = {}

    def of(self, resource: str, key: Any) -> str:
        return f"{self.of_list(resource)}{iri_to_uri(str(key))}/"

    def of_list(self, resource: str) -> str:
        if resource not in self._lists:
            self._lists[resource] = self.origin + reverse(f"api-{resource}")
        return self._lists[resource]


@extend_schema_field(OpenApiTypes.URI)
class Address(serializers.Field[Any, Any, str, Any]):
    """Where the API shows a record.

    Args:
        resource: the name of the list it is in.
        key: the attribute that names it there.
    """

    def __init__(self, resource: str, *, key: str = "pk", **kwargs: Any) -> None:
        self.resource, self.key = resource, key
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        addresses: Addresses = self.context["addresses"]
        return addresses.of(self.resource, getattr(value, self.key))

    def in_database(self, place: Place) -> Any:
        list_address = place.reading.context["addresses"].of_list(self.resource)
        key = Cast(F(place.path + self.key), TextField())
        return Concat(text(list_address), key, text("/"), output_field=TextField())


@extend_schema_field(OpenApiTypes.URI)
class PageAddress(serializers.Field[Any, Any, str, Any]):
    """Where people see a record.

    Args:
        route: the name of the page, and the columns that its address names, where it is read from the database.
    """

    def __init__(self, *route: str, **kwargs: Any) -> None:
        self.route = route
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        addresses: Addresses = self.context["addresses"]
        return addresses.origin + str(value.get_absolute_url())

    def in_database(self, place: Place) -> Any:
        name, *keys = self.route
        return place.reading.address(name, *(place.path + key for key in keys))


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class Acronyms(serializers.Field[Any, Any, list[str], Any]):
    """Bodies, by acronym, in the order of the document.

    Args:
        role: the role in an activity of the bodies that are meant, where it is read from the database.
    """

    def __init__(self, *, role: str = "", **kwargs: Any) -> None:
        self.role = role
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Iterable[Any]) -> list[str]:
        return [body.acronym for body in value]

    def in_database(self, place: Place) -> Any:
        parts = Responsibility.objects.filter(activity=OuterRef(f"{place.path}pk"), role=self.role)
        return items(parts.order_by("position", "id"), F("body__acronym"), of_json=False)
