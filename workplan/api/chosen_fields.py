"""Which fields an answer has: ``fields`` names those that are wanted, ``omit`` those that are not."""

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import ListSerializer

from workplan.exceptions import Invalid
from workplan.filters.fields import shown

FIELDS, OMIT = "fields", "omit"
CHOOSING = (FIELDS, OMIT)
MOST_TOLD = 5


def choose_fields(serializer: Any, request: Request) -> None:
    """Leave the fields in ``serializer`` that ``request`` asks for, in the order that they have.

    Raises:
        Invalid: it names one that there is not, or none would be left.
    """
    if not any(name in request.query_params for name in CHOOSING):
        return
    of_one: Any = serializer.child if isinstance(serializer, ListSerializer) else serializer
    fields = of_one.fields
    wanted, unwanted = _named(request, FIELDS), _named(request, OMIT)
    problems = {}
    for parameter, names in ((FIELDS, wanted), (OMIT, unwanted)):
        unknown = [f"“{shown(name)}”" for name in names if name not in fields]
        if unknown:
            named = ", ".join(unknown[:MOST_TOLD])
            problems[parameter] = [f"There is no field {named}. Use {', '.join(fields)}, separated by commas."]
    left = [name for name in fields if (not wanted or name in wanted) and name not in unwanted]
    if not left and not problems:
        problems[OMIT] = ["No field would be left. Omit fewer."]
    if problems:
        raise Invalid("A parameter cannot be used.", fields=problems)
    for name in list(fields):
        if name not in left:
            del fields[name]


def _named(request: Request, parameter: str) -> list[str]:
    """The names in ``parameter``, separated by commas or given one by one."""
    given = request.query_params.getlist(parameter)
    return [name for value in given for part in value.split(",") if (name := part.strip())]


def parameters(serializer_class: Any) -> list[dict[str, Any]]:
    """The description of both for OpenAPI."""
    names = list(serializer_class().fields)
    schema = {"type": "array", "items": {"type": "string", "enum": names}}
    return [
        {"name": name, "in": "query", "description": text, "schema": schema, "style": "form", "explode": False}
        for name, text in (
            (FIELDS, "Fields to give, separated by commas, and no others; without it all of them."),
            (OMIT, "Fields to leave out, separated by commas."),
        )
    ]
