"""Which tokens."""

from typing import ClassVar

import django_filters
from django.db.models import F

from workplan.filters.base import SORTING, OrderingFilter, StrictFilterSet, updated_since
from workplan.models import ApiToken
from workplan.querysets import contains_words


class TokenFilterSet(StrictFilterSet):
    """Which tokens."""

    account = django_filters.CharFilter(
        field_name="user__username", max_length=150, help_text="User name of the account that they act for."
    )
    q = django_filters.CharFilter(method="named", max_length=200, help_text="Words of its name.")
    updated_since = updated_since("created")
    ordering = OrderingFilter(
        {"created_at": F("created"), "expiry": F("expiry"), "name": F("name")},
        tie_breakers=("token_key", "pk"),
        help_text=SORTING,
    )

    class Meta:
        model = ApiToken
        fields: ClassVar[list[str]] = []

    def named(self, rows: object, name: str, words: str) -> object:
        return rows.filter(contains_words(words, "name"))  # type: ignore[attr-defined]
