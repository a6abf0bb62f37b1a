"""How to ask for sectoral bodies."""

from typing import TYPE_CHECKING

from django.apps import apps

from workplan.querysets.names import NamedQuerySet
from workplan.querysets.words import fold_spelling

if TYPE_CHECKING:
    from workplan.models import SectoralBody


class SectoralBodyQuerySet(NamedQuerySet):
    """Questions about sectoral bodies."""

    def get_by_natural_key(self, acronym: str) -> "SectoralBody":
        """The body that a fixture names by its acronym, or by one that it had before."""
        return self.filter(acronym=acronym).first() or self.named(acronym).get()

    def by_spelling(self) -> dict[str, "SectoralBody"]:
        """Every body by its acronym, its aliases and its former acronyms, folded by ``fold_spelling``."""
        bodies = {body.pk: body for body in self}
        aliases = apps.get_model("workplan", "BodyAlias").objects.order_by().values_list("name", "body_id")
        former = apps.get_model("workplan", "RecordName").objects.of_kind(self.model).values_list("name", "record_id")
        found = {fold_spelling(name): bodies[pk] for name, pk in aliases.union(former) if pk in bodies}
        return found | {fold_spelling(body.acronym): body for body in bodies.values()}
