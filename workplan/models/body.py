"""Sectoral bodies, which lead and cooperate in the activities."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from workplan.models.base import Record, in_vocabulary
from workplan.models.names import refuse_used_name
from workplan.querysets import SectoralBodyQuerySet, fold_spelling
from workplan.rules import PILLARS


class SectoralBody(Record):
    """An ASEAN sectoral body that leads activities or cooperates in them."""

    acronym = models.CharField(
        max_length=20,
        unique=True,
        validators=[RegexValidator(r"^[A-Z][A-Z-]*[A-Z]$", "Use capital letters and hyphens, such as SOM-ED.")],
        error_messages={"unique": "There is already a body with this acronym."},
    )
    name = models.CharField("full name", max_length=300)
    pillar = models.CharField("community pillar", max_length=30, choices=PILLARS.choices)
    source = models.CharField("source of name and pillar", max_length=500, blank=True)
    position = models.PositiveIntegerField(default=0, help_text="The place of the body in lists.")

    objects = SectoralBodyQuerySet.as_manager()
    NAMED_BY = "acronym"

    class Meta:
        ordering: ClassVar = ["position", "acronym"]
        verbose_name_plural = "sectoral bodies"
        constraints: ClassVar = [
            in_vocabulary("pillar", PILLARS, name="sectoralbody_pillar_known", what="The community pillar")
        ]

    def __str__(self) -> str:
        return self.acronym

    def clean(self) -> None:
        """An acronym stands for one body, now and in links that were shared.

        Raises:
            ValidationError: it stands, or once stood, for another one.
        """
        super().clean()
        refuse_used_name(self)
        _refuse_spelling_of_another("acronym", self.acronym, self.pk)

    def natural_key(self) -> tuple[str]:
        return (self.acronym,)


class BodyAliasManager(models.Manager["BodyAlias"]):
    def get_by_natural_key(self, name: str) -> "BodyAlias":
        return self.get(name=name)


class BodyAlias(Record):
    """Another spelling of a body's acronym, as documents and people write it."""

    body = models.ForeignKey(SectoralBody, models.CASCADE, related_name="aliases")
    name = models.CharField(
        "spelling",
        max_length=60,
        unique=True,
        error_messages={"unique": "This spelling already belongs to a body."},
    )

    objects = BodyAliasManager()

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name_plural = "body aliases"

    def __str__(self) -> str:
        return f"{self.name} → {self.body.acronym}"

    def clean(self) -> None:
        """A spelling stands for one body.

        Raises:
            ValidationError: it stands, or once stood, for another one.
        """
        super().clean()
        if self.body_id is not None:
            _refuse_spelling_of_another("name", self.name, self.body_id)

    def natural_key(self) -> tuple[str]:
        return (self.name,)


def _refuse_spelling_of_another(field: str, spelling: str, body: int | None) -> None:
    named = SectoralBody.objects.by_spelling().get(fold_spelling(spelling))
    if named is not None and named.pk != body:
        raise ValidationError({field: f"“{spelling}” already belongs to {named}."}, code="spelling_of_another")
