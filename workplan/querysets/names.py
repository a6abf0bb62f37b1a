"""Records by the names that addresses and programs call them: those that they have, and those that they had."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from workplan.models import RecordName  # noqa: F401


class NamedQuerySet(models.QuerySet[Any]):
    """Records whose model names by ``NAMED_BY`` the field that addresses call them by."""

    def named(self, *names: str) -> Self:
        """Those that have one of ``names``, or had it. A name once used is never another record's in its plan."""
        holders = apps.get_model("workplan", "RecordName").objects.of_kind(self.model).filter(name__in=names)
        return self.filter(Q(**{f"{self.model.NAMED_BY}__in": names}) | Q(pk__in=holders.values("record_id")))  # type: ignore[attr-defined]


class RecordNameQuerySet(models.QuerySet["RecordName"]):
    """Questions about the names that records have or had."""

    def of_kind(self, model: type[models.Model]) -> Self:
        """The names of records of one model."""
        return self.filter(record_type=model._meta.model_name)

    def of(self, record: Any) -> Self:
        """The names that ``record`` has had."""
        return self.of_kind(type(record)).filter(record_id=record.pk)

    def in_scope_of(self, record: Any) -> Self:
        """The names among which that of ``record`` is unique: those of its kind in its plan, where it is of one."""
        return self.of_kind(type(record)).filter(plan=getattr(record, "plan_id", None))

    def holders(self, model: type[models.Model], names: Collection[str]) -> dict[str, list[int]]:
        """For each of ``names`` the ids of the records of ``model`` that have had it, in whichever plan."""
        found: dict[str, list[int]] = {}
        pairs: Iterable[tuple[str, int]] = self.of_kind(model).filter(name__in=names).values_list("name", "record_id")
        for name, pk in pairs:
            found.setdefault(name, []).append(pk)
        return found
