"""Which saved views; and a saved view as a parameter: ``view=<slug>`` means all filters saved under it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import QueryDict

from workplan.filters.base import OrderingFilter, PlanFilter, StrictFilterSet, updated_since
from workplan.filters.fields import shown
from workplan.models import SavedView
from workplan.models.saved_views import SLUG
from workplan.querysets import contains_words


@dataclass(frozen=True, slots=True)
class Opened:
    """A saved view whose filters have been read."""

    view: SavedView
    filterset: StrictFilterSet

    @classmethod
    def by(cls, view: SavedView, filterset_class: type[StrictFilterSet], request: Any) -> Self:
        """``view`` as the person of ``request`` sees it.

        Raises:
            ValidationError: its filters cannot be read any more.
        """
        filterset = filterset_class(QueryDict(view.query), queryset=SavedView.objects.none(), request=request)
        problems = [f"{name}: {text}" for name, texts in filterset.problems().items() for text in texts]
        if problems:
            raise ValidationError(
                f"The view “{view}” can no longer be applied: its filters are no longer valid. {' '.join(problems)}"
            )
        return cls(view, filterset)

    def narrow(self, rows: Any, *, without: Any = ()) -> Any:
        """What the view, but for its filters named in ``without``, leaves of ``rows``."""
        return self.filterset.narrow(rows.filter(plan=self.view.plan_id), without=without)


class ViewField(forms.CharField):
    """A saved view that the reader may see, by its slug.

    Args:
        around: the filter set that asks; the view is read by another one of its class.
    """

    def __init__(self, *, around: StrictFilterSet, **kwargs: Any) -> None:
        self.around = around
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Opened | None:
        slug = super().clean(value)
        if not slug:
            return None
        request = self.around.request
        user = getattr(request, "user", None)
        views = SavedView.objects.visible_to(user).for_display(user)
        view = views.filter(slug=slug).first() if SLUG.fullmatch(slug) else None
        if view is None:
            raise ValidationError(f"There is no view “{shown(slug)}”.")
        return Opened.by(view, type(self.around), request)


class ViewFilter(django_filters.CharFilter):
    """The filters of the view and the other parameters both apply: parameters narrow the view, and never widen it."""

    field_class = ViewField

    @property
    def field(self) -> Any:
        self.extra["around"] = self.parent
        return super().field

    def filter(self, qs: Any, value: Opened | None) -> Any:
        return value.narrow(qs) if value else qs


class SavedViewFilterSet(StrictFilterSet):
    """Which saved views."""

    plan = PlanFilter(field_name="plan__code", help_text="Code of a work plan.")
    q = django_filters.CharFilter(method="named", max_length=200, help_text="Words of its name.")
    updated_since = updated_since()
    ordering = OrderingFilter(
        {"name": F("name"), "created_at": F("created_at"), "updated_at": F("updated_at")},
        tie_breakers=("name", "id"),
        help_text="Columns, separated by commas; a minus turns the order round.",
    )

    class Meta:
        model = SavedView
        fields: ClassVar[list[str]] = []

    def named(self, rows: Any, name: str, words: str) -> Any:
        return rows.filter(contains_words(words, "name"))
