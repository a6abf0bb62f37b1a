"""Which rows a list gives: the filter sets of ``workplan.filters``, strictly read and fully described."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from drf_spectacular.utils import OpenApiParameter
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from workplan.api.chosen_fields import CHOOSING, parameters
from workplan.api.cursors import CURSOR
from workplan.exceptions import Invalid
from workplan.filters.base import (
    DayFilter,
    MomentFilter,
    NumberFilter,
    OrderingFilter,
    RefFilter,
    StrictFilterSet,
    VocabularyFilter,
)
from workplan.filters.compare import PointFilter
from workplan.filters.fields import shown
from workplan.models.plan import REF_PATTERN

FORMAT = "format"
# What says how much of the rows is given, and how.
PAGING = ("limit", "offset", CURSOR, *CHOOSING)
REFUSED = "A parameter cannot be used."


def refuse_unknown_parameters(
    request: Request, known: Iterable[str], not_here: Mapping[str, str] | None = None
) -> None:
    """Only parameters that somebody reads are accepted; a misspelt one would change the answer silently.

    Args:
        not_here: parameters that a reader may expect, each with what to do instead.

    Raises:
        Invalid: there are others.
    """
    known = [*known, FORMAT]
    unknown = [name for name in request.query_params if name not in known]
    hints = not_here or {}
    problems = {
        shown(name): [hints.get(name) or f"There is no parameter “{shown(name)}”. Use {', '.join(known)}."]
        for name in unknown[:20]
    }
    named = request.query_params.getlist(FORMAT)
    view: Any = (request.parser_context or {}).get("view")
    forms = [one.format for one in view.get_renderers()] if view else ["json"]
    if len(named) > 1:
        problems[FORMAT] = ["Give format once only."]
    elif set(named) - {*forms}:
        only = f"Only {forms[0]} is" if len(forms) == 1 else f"{', '.join(sorted(forms))} are"
        problems[FORMAT] = [f"{only} given out."]
    if problems:
        raise Invalid(REFUSED, fields=problems)


def filterset_of(
    request: Request, rows: Any, filterset_class: type[StrictFilterSet], also_allowed: Iterable[str]
) -> Any:
    """The filter set of this request over ``rows``.

    Raises:
        Invalid: a parameter is unknown, or its value cannot be meant.
    """
    also_allowed = tuple(also_allowed)
    refuse_unknown_parameters(request, [*filterset_class.base_filters, *also_allowed], filterset_class.UNSUPPORTED)
    filterset = filterset_class(
        request.query_params, queryset=rows, request=request, also_allowed=[*also_allowed, FORMAT]
    )
    problems = filterset.problems()
    if problems:
        raise Invalid(REFUSED, fields=problems)
    return filterset


class Filters(BaseFilterBackend):
    """Asks the view's ``filterset_class``."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        return filterset_of(request, queryset, view.filterset_class, PAGING).qs

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        filters = [describe(name, one) for name, one in view.filterset_class.base_filters.items()]
        return filters + parameters(view.get_serializer_class())


def openapi(described: Iterable[dict[str, Any]]) -> list[OpenApiParameter]:
    """Parameters as ``extend_schema`` takes them."""
    return [
        OpenApiParameter(
            one["name"],
            one["schema"],
            description=one["description"],
            style=one.get("style"),
            explode=one.get("explode"),
        )
        for one in described
    ]


def parameters_of(filterset_class: type[StrictFilterSet]) -> list[OpenApiParameter]:
    """The filters of an address that is no list of records."""
    return openapi(describe(name, one) for name, one in filterset_class.base_filters.items())


def describe(name: str, one: django_filters.Filter) -> dict[str, Any]:
    """The description of one filter for OpenAPI."""
    found: dict[str, Any] = {"name": name, "in": "query", "description": one.extra.get("help_text", "")}
    if isinstance(one, OrderingFilter):
        columns = [sign + column for column in one.expressions for sign in ("", "-")]
        schema: dict[str, Any] = {"type": "array", "items": {"type": "string", "enum": columns}}
        return found | {"schema": schema, "style": "form", "explode": False}
    if isinstance(one, VocabularyFilter):
        words: dict[str, Any] = {"type": "string"}
        if isinstance(one, RefFilter):
            words["pattern"] = f"^{REF_PATTERN}$"
        elif one.extra.get("choices"):
            words["enum"] = [value for value, _ in one.extra["choices"]]
        return found | {"schema": {"type": "array", "items": words}, "style": "form", "explode": True}
    if isinstance(one, PointFilter):
        pattern = "^[0-9a-zA-Z:.+-]*$"  # a day, a time, or the code of a round; empty: as if it were left out
        return found | {"schema": {"type": "string", "pattern": pattern, "maxLength": 40}}
    if isinstance(one, DayFilter):
        day: list[dict[str, Any]] = [{"type": "string", "format": "date"}, {"type": "string", "maxLength": 0}]
        return found | {"schema": {"anyOf": day}}
    if isinstance(one, MomentFilter):
        forms: list[dict[str, Any]] = [{"format": "date"}, {"format": "date-time"}, {"maxLength": 0}]
        either = [{"type": "string"} | form for form in forms]  # empty: as if it were left out
        return found | {"schema": {"anyOf": either}}
    if isinstance(one, NumberFilter):
        number = {"type": "integer", "minimum": 1, "maximum": one.extra["most"]}
        return found | {"schema": {"anyOf": [number, {"type": "string", "maxLength": 0}]}}
    schema = {"type": "string"}
    if one.extra.get("max_length"):
        schema["maxLength"] = one.extra["max_length"]
    return found | {"schema": schema}
