"""What a parameter does to the rows, and what is said of one that cannot be meant."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, ClassVar

import django_filters
from django.http import QueryDict

from workplan import rules, search
from workplan.filters.fields import (
    BodyField,
    DayField,
    EndField,
    MomentField,
    NumberField,
    OrderingField,
    PastField,
    PlanField,
    RefField,
    RoundField,
    VocabularyField,
    shown,
)
from workplan.models.base import MOST_NAME
from workplan.search import Query

TRUE = "true"
TRUE_OR_FALSE = ((TRUE, "Yes"), ("false", "No"))
# Values that a refusal names.
MOST_NAMED = 5
SORTING = "Columns, separated by commas; a minus turns the order round."


class VocabularyFilter(django_filters.MultipleChoiceFilter):
    field_class: type[VocabularyField] = VocabularyField

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs

    def get_method(self, qs: Any) -> Any:
        return qs.filter


class RefFilter(VocabularyFilter):
    field_class = RefField


class BodyFilter(VocabularyFilter):
    field_class = BodyField


class PlanFilter(VocabularyFilter):
    field_class = PlanField


class RoundFilter(VocabularyFilter):
    field_class = RoundField


class MomentFilter(django_filters.Filter):
    field_class = MomentField


def updated_since(field_name: str = "updated_at") -> MomentFilter:
    """What has changed since a program last asked."""
    return MomentFilter(field_name=field_name, lookup_expr="gte", help_text="Changed on or after this day or time.")


class EndFilter(MomentFilter):
    field_class = EndField


class AsOfFilter(MomentFilter):
    """Shows the rows as of a moment. It precedes the filters that depend on it."""

    field_class = PastField

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.as_of(value) if value else qs


class DayFilter(django_filters.Filter):
    """Takes a day of the calendar."""

    field_class = DayField


class NumberFilter(django_filters.Filter):
    """Takes a whole number from 1 to ``most``."""

    field_class = NumberField

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(most=most, **kwargs)


class SearchFilter(django_filters.CharFilter):
    """Rows that hold all the words, found as on every other page and address (``workplan.search``)."""

    def __init__(self, **kwargs: Any) -> None:
        self._query: Query | None = None
        super().__init__(max_length=200, **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        # A filter set filters several times, for the rows and for the number of each choice.
        if self._query is None or self._query.typed != value:
            self._query = search.parse_query(value)
        return qs.filter(search.matches(qs.model, self._query))


class NameFilter(django_filters.CharFilter):
    """Rows whose JSON object has something under this name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_NAME, lookup_expr="has_key", **kwargs)


class OrderingFilter(django_filters.Filter):
    """Sorts by named columns, and by document order among equals, so that pages do not overlap.

    Args:
        columns: for each name an expression, or what makes one of the rows that are sorted.
    """

    field_class = OrderingField

    def __init__(self, columns: dict[str, Any], *, tie_breakers: Sequence[str], **kwargs: Any) -> None:
        self.expressions, self.tie_breakers = columns, tie_breakers
        super().__init__(columns=list(columns), required=False, label="Sort by", **kwargs)

    def filter(self, qs: Any, value: list[str] | None) -> Any:
        if not value:
            return qs
        order = []
        for name in value:
            expression = self.expressions[name.removeprefix("-")]
            expression = expression(qs) if callable(expression) else expression
            descending = name.startswith("-")
            order.append(expression.desc(nulls_last=True) if descending else expression.asc(nulls_last=True))
        return qs.order_by(*order, *self.tie_breakers)


class StrictFilterSet(django_filters.FilterSet):
    """A filter set that names what it does not understand.

    A page leaves out what is not its own, because links gather parameters on their way; its request has
    ``page_parameters``, which are told what was left out. Everything else is refused there, too.

    Args:
        also_allowed: parameters that somebody else reads (paging, format).

    Attributes:
        UNSUPPORTED: parameters that a reader may expect here, each with what to do instead.
    """

    UNSUPPORTED: ClassVar[dict[str, str]] = {}

    def __init__(self, data: Any = None, *args: Any, also_allowed: Iterable[str] = (), **kwargs: Any) -> None:
        given = QueryDict(mutable=True)
        also_allowed = frozenset(also_allowed)
        page = getattr(kwargs.get("request"), "page_parameters", None)
        for name, values in (
            data.lists() if isinstance(data, QueryDict) else ((k, [v]) for k, v in (data or {}).items())
        ):
            kept = [text for value in values if (text := rules.normalised(value))]
            if kept and page and not self._reads(rules.readable(name), also_allowed):
                page.ignored.append(rules.readable(name))
            elif kept:
                given.setlist(rules.readable(name), kept)
        super().__init__(given, *args, **kwargs)
        self.also_allowed = also_allowed

    def _reads(self, name: str, also_allowed: Collection[str]) -> bool:
        """Whether a page with these filters reads ``name``, or says what to use instead of it."""
        # A day that was chosen elsewhere travels through pages that are not kept by day.
        said_instead = name in self.UNSUPPORTED and name != "as_of"
        return name in self.base_filters or name in also_allowed or said_instead

    def problems(self) -> dict[str, list[str]]:
        """What is wrong with which parameter; empty when nothing is."""
        found = {name: [str(text) for text in texts] for name, texts in self.form.errors.items()}
        for name in self.data:
            if name in self.also_allowed:
                continue
            if name in self.UNSUPPORTED:
                found[name] = [self.UNSUPPORTED[name]]
            elif name not in self.filters:
                known = ", ".join([*self.filters, *sorted(self.also_allowed)])
                found[shown(name)] = [f"There is no parameter “{shown(name)}”. Use {known}."]
            elif any(rules.UNREADABLE.search(value) for value in self.data.getlist(name)):
                found[name] = [rules.UNREADABLE_TEXT]
            elif not isinstance(self.filters[name], VocabularyFilter) and len(self.data.getlist(name)) > 1:
                found.setdefault(name, [self._once(name)])
        return found

    def _once(self, name: str) -> str:
        """How a parameter is written that has one value and was given twice."""
        if isinstance(self.filters[name], OrderingFilter):
            together = ",".join(shown(value) for value in self.data.getlist(name)[:MOST_NAMED])
            return f"Give {name} once only, with its columns separated by commas: {name}={together}."
        return f"Give {name} once only."

    def is_valid(self) -> bool:
        return not self.problems()

    @property
    def chosen(self) -> dict[str, Any]:
        """The parameters that narrow the rows, with their values."""
        return {name: value for name, value in self.form.cleaned_data.items() if value and name != "ordering"}

    def seen(self, rows: Any) -> Any:
        """``rows`` as the filters see them."""
        return rows

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(self.seen(queryset))

    def rows_without(self, *names: str) -> Any:
        """The rows that all other filters leave: what a choice of ``names`` would choose from."""
        return self.narrow(self.seen(self.queryset.all()), without=names)

    def narrow(self, rows: Any, *, without: Collection[str] = ()) -> Any:
        """What these filters, but for those named in ``without``, leave of ``rows``."""
        for name, value in self.form.cleaned_data.items():
            if name not in without:
                rows = self.filters[name].filter(rows, value)
        return rows
