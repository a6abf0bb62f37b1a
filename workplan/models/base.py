"""What several models share."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from workplan.rules import Vocabulary

SHORT_TEXT = 2_000
LONG_TEXT = 20_000


class Record(models.Model):
    """A record of the plan that people edit. Its version rises with every change, so no change is lost."""

    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    # Set by the writer, not by the editor; left out of the audit entry's list of changes.
    BOOKKEEPING: ClassVar[frozenset[str]] = frozenset({"id", "version", "updated_at"})

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


def check_sentences(value: Any) -> None:
    """Notes and citations are lists of texts.

    Raises:
        ValidationError: they are not.
    """
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise ValidationError('Give a list of texts, such as ["Priority Programme"].', code="invalid_list")
