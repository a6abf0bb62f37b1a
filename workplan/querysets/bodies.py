"""How to ask for sectoral bodies."""

from typing import TYPE_CHECKING

from django.db import models

from workplan.querysets.words import fold_spelling

if TYPE_CHECKING:
    from workplan.models import SectoralBody


class SectoralBodyQuerySet(models.QuerySet["SectoralBody"]):
    def get_by_natural_key(self, acronym: str) -> "SectoralBody":
        return self.get(acronym=acronym)

    def by_spelling(self) -> dict[str, "SectoralBody"]:
        """Every body by its acronym and its aliases, folded by ``fold_spelling``."""
        found: dict[str, SectoralBody] = {}
        for body in self.prefetch_related("aliases"):
            for spelling in (body.acronym, *(alias.name for alias in body.aliases.all())):
                found[fold_spelling(spelling)] = body
        return found
