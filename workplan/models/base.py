"""What several models share."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from workplan.rules import Vocabulary, normalised

SHORT_TEXT = 2_000
LONG_TEXT = 20_000
MOST_NAME = 300  # of an attribute


class Record(models.Model):
    """A record of the plan that people edit. Its version rises with every change, so no change is lost."""

    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    # What the document does not say: loading it again does not compare these.
    KEPT_ON_LOADING: ClassVar[tuple[str, ...]] = ("version", "updated_at")

    class Meta:
        abstract = True


def in_vocabulary(field: str, vocabulary: Vocabulary, *, name: str, what: str) -> models.CheckConstraint:
    """A constraint that keeps ``field`` to the values of ``vocabulary``."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": vocabulary.values}),
        name=name,
        violation_error_message=f"{what} must be one of: {', '.join(vocabulary.values)}.",
    )


def check_lines(value: Any) -> None:
    """Source lines are pairs of first and last line number, counted from 1.

    Raises:
        ValidationError: they are not.
    """
    if not isinstance(value, list) or not all(_is_range(pair) for pair in value):
        raise ValidationError("Give pairs of first and last line, such as [[30, 31]].", code="invalid_lines")


def _is_range(pair: Any) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(number, int) and not isinstance(number, bool) for number in pair)
        and 1 <= pair[0] <= pair[1]
    )


def check_cells(value: Any) -> None:
    """Source cells are triples of table, row and cell, counted from 1.

    Raises:
        ValidationError: they are not.
    """
    if not isinstance(value, list) or not all(_is_cell(one) for one in value):
        raise ValidationError("Give table, row and cell, such as [[1, 4, 2]].", code="invalid_cells")


def _is_cell(one: Any) -> bool:
    return (
        isinstance(one, list)
        and len(one) == 3
        and all(isinstance(number, int) and not isinstance(number, bool) and number >= 1 for number in one)
    )


def check_attributes(value: Any) -> None:
    """Attributes are texts by their names.

    Raises:
        ValidationError: they are not.
    """
    if not isinstance(value, dict) or not all(_is_attribute(name, text) for name, text in value.items()):
        raise ValidationError(
            f"Give texts by their names, such as {{“Timeline”: “2026”}}; a name has at most {MOST_NAME} characters.",
            code="invalid_attributes",
        )


def _is_attribute(name: Any, text: Any) -> bool:
    return isinstance(text, str) and bool(normalised(text)) and bool(normalised(name)) and len(name) <= MOST_NAME


def check_sentences(value: Any) -> None:
    """Notes and citations are lists of texts.

    Raises:
        ValidationError: they are not.
    """
    if not isinstance(value, list) or not all(isinstance(text, str) and normalised(text) for text in value):
        raise ValidationError('Give a list of texts, such as ["Priority Programme"].', code="invalid_list")
