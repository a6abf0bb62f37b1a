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

    # Loading the document again refreshes its words and leaves these as they are: what was reported
    # stays, and a version that people and programs have read never falls.
    KEPT_ON_LOADING: ClassVar[tuple[str, ...]] = ("version", "updated_at")

    class Meta:
        abstract = True


def keep_on_loading(sender: type[models.Model], instance: Any, raw: bool, **_: Any) -> None:
    """Before a fixture is written over a record that exists: keep what the document does not say.

    A signal, because Django's loader goes past every method of the model.
    """
    if raw and issubclass(sender, Record) and instance.pk:
        stored = sender._base_manager.filter(pk=instance.pk).values(*sender.KEPT_ON_LOADING).first()
        for name, value in (stored or {}).items():
            setattr(instance, name, value)


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
