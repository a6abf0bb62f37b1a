"""What a parameter does to the rows, and what is said of one that cannot be meant."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, ClassVar

import django_filters
from django.http import QueryDict

from workplan import rules, searching
from workplan.filters.fields import (
    BodyField,
    EndField,
    MomentField,
    NumberField,
    OrderingField,
    PastField,
    PlanField,
    RefField,
    RoundField,
    WordsField,
    shown,
)
from workplan.searching import Words

SORTING = "Columns, separated by commas; a minus turns the order round."


class WordsFilter(django_filters.MultipleChoiceFilter):
    field_class: type[WordsField] = WordsField

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs

    def get_method(self, qs: Any) -> Any:
        return qs.filter


class RefFilter(WordsFilter):
    field_class = RefField


class BodyFilter(WordsFilter):
    field_class = BodyField


class PlanFilter(WordsFilter):
    field_class = PlanField


class RoundFilter(WordsFilter):
    field_class = RoundField


class MomentFilter(django_filters.Filter):
    field_class = MomentField


class EndFilter(MomentFilter):
    field_class = EndField


class AsOfFilter(MomentFilter):
    """Sees the rows as they were known at a moment. It stands before whatever asks for what was known."""

    field_class = PastField

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.as_of(value) if value else qs


class NumberFilter(django_filters.Filter):
    """Takes a whole number from 1 to ``most``."""

    field_class = NumberField

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(most=most, **kwargs)


class SearchFilter(django_filters.CharFilter):
    """Rows that hold all the words, found as on every other page and address (``workplan.searching``)."""

    def __init__(self, **kwargs: Any) -> None:
        self._understood: Words | None = None
        super().__init__(max_length=200, **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        # A filter set asks several times, for the rows and for what stands beside each choice.
        if self._understood is None or self._understood.typed != value:
            self._understood = searching.understood(value)
        return qs.filter(searching.holding(qs.model, self._understood))


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

    Args:
        besides: parameters that somebody else reads (paging, format).

    Attributes:
        NOT_HERE: parameters that a reader may expect here, each with what to do instead.
    """

    NOT_HERE: ClassVar[dict[str, str]] = {}

    def __init__(self, data: Any = None, *args: Any, besides: Iterable[str] = (), **kwargs: Any) -> None:
        given = QueryDict(mutable=True)
        for name, values in (
            data.lists() if isinstance(data, QueryDict) else ((k, [v]) for k, v in (data or {}).items())
        ):
            kept = [value.strip() for value in values if value.strip()]
            if kept:
                given.setlist(name, kept)
        super().__init__(given, *args, **kwargs)
        self.besides = frozenset(besides)

    def problems(self) -> dict[str, list[str]]:
        """What is wrong with which parameter; empty when nothing is."""
        found = {name: [str(text) for text in texts] for name, texts in self.form.errors.items()}
        for name in self.data:
            if name in self.besides:
                continue
            if name in self.NOT_HERE:
                found[name] = [self.NOT_HERE[name]]
            elif name not in self.filters:
                known = ", ".join([*self.filters, *sorted(self.besides)])
                found[shown(name)] = [f"There is no parameter “{shown(name)}”. Use {known}."]
            elif not isinstance(self.filters[name], WordsFilter) and len(self.data.getlist(name)) > 1:
                found.setdefault(name, [f"Give {name} once only."])
            elif any(rules.UNREADABLE.search(value) for value in self.data.getlist(name)):
                found.setdefault(name, [rules.UNREADABLE_TEXT])
        return found

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
