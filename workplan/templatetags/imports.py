"""Template tags of the preview of a file."""

from collections.abc import Mapping
from typing import Any

from django import template

from workplan.imports.previews import BadCell

register = template.Library()
SINGLE_LINE = ("ref", "as_of", "deferred_until", "version", "body")


@register.inclusion_tag("workplan/partials/_mending_field.html")
def mending_field(cell: BadCell, vocabularies: Mapping[str, Any]) -> dict[str, Any]:
    """A field for the text that is to stand in place of a cell, with what stands there now."""
    return {
        "name": f"cell-{cell.key}",
        "label": f"Correction: {cell.heading or 'reference'} in row {cell.row}",
        "terms": vocabularies.get(cell.name),
        "lines": 1 if cell.name in SINGLE_LINE else 3,
        "found": cell.found,
    }
