"""What several models share."""

from collections.abc import Sequence
from typing import Any, ClassVar, TypeGuard

from django.core.exceptions import FieldError, ValidationError
from django.db import models, router
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from workplan.rules import Vocabulary, normalised

SHORT_TEXT = 2_000
LONG_TEXT = 20_000
MOST_NAME = 300  # of an attribute


class CheckedAtOnce(models.Model):
    """A record whose check constraints are asked of the database in one statement before it is written.

    Django asks for each by itself, within a savepoint: with a dozen constraints three dozen statements. Only where one
    does not hold, or needs a field that is not looked at, is each asked, for the words of the refusal.
    """

    class Meta:
        abstract = True

    _checks_hold = False

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        found = super().get_constraints()
        if self._checks_hold:
            return [(model, [one for one in those if not _is_check(one)]) for model, those in found]
        return found

    def validate_constraints(self, exclude: Any = None) -> None:
        checks = [one.condition for _, those in self.get_constraints() for one in those if _is_check(one)]
        self._checks_hold = bool(checks) and self._hold(checks, exclude)
        try:
            super().validate_constraints(exclude)
        finally:
            self._checks_hold = False

    def _hold(self, checks: list[Any], exclude: Any) -> bool:
        values = self._get_field_expression_map(self._meta, exclude)  # type: ignore[attr-defined]
        # As in the database itself, a condition that is unknown is not broken.
        known = [Coalesce(check, True, output_field=models.BooleanField()) for check in checks]
        try:
            return bool(Q(*known).check(values, using=router.db_for_write(type(self), instance=self)))
        except FieldError:
            return False


def _is_check(one: models.BaseConstraint) -> TypeGuard[models.CheckConstraint]:
    return isinstance(one, models.CheckConstraint)


class Record(CheckedAtOnce):
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
