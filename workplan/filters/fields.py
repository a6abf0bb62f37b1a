"""What one parameter of a filter may say."""

import datetime
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from workplan.models import DocumentRecord, RecordName, ReportingRound, SectoralBody, WorkPlan
from workplan.models.plan import REF_PATTERN
from workplan.querysets import fold_spelling, latest_day, secretariat_day

MOST_VALUES = 1_000
EARLIEST, LATEST = 1970, 2200


def shown(value: str) -> str:
    """``value`` as an error message may repeat it: short and printable."""
    printable = value.encode("unicode_escape").decode("ascii") if not value.isprintable() else value
    return printable if len(printable) <= 40 else printable[:40] + "…"


class VocabularyField(forms.MultipleChoiceField):
    """Values of a closed set, each given as a parameter of its own."""

    def clean(self, value: Any) -> Any:
        values = list(dict.fromkeys(value or ()))
        if len(values) > MOST_VALUES:
            raise ValidationError(f"Give at most {MOST_VALUES} values.")
        return self.resolve(values)

    def resolve(self, values: list[str]) -> Any:
        known = {str(choice) for choice, _ in list(self.choices)}  # type: ignore[arg-type]
        for value in values:
            if value not in known:
                raise ValidationError(f"“{shown(value)}” is not known here. Use {', '.join(sorted(known))}.")
        return values


class RefField(VocabularyField):
    """References of document records of one model. A former reference means the record that had it."""

    def __init__(self, *, model: type[DocumentRecord], must_exist: bool = True, **kwargs: Any) -> None:
        self.model, self.must_exist = model, must_exist
        super().__init__(**kwargs)

    def resolve(self, values: list[str]) -> list[str]:
        for value in values:
            if not re.fullmatch(REF_PATTERN, value) or len(value) > 40:
                raise ValidationError(f"“{shown(value)}” is not a reference. References look like A, A.1 or A.1.1.2.")
        if not values:
            return values
        known = self._called(values)
        if self.must_exist:
            for value in values:
                if not known.get(value):
                    raise ValidationError(f"There is no {self.model._meta.verbose_name} {value}.")
        return list(dict.fromkeys(ref for value in values for ref in known.get(value) or [value]))

    def _called(self, values: list[str]) -> dict[str, list[str]]:
        """For each of ``values`` the present references of the records that have it, or had it."""
        records: Any = self.model.objects  # type: ignore[attr-defined]
        refs = dict(records.named(*values).values_list("pk", "ref"))
        found = {value: [value] for value in values if value in refs.values()}
        if set(refs.values()) == set(values):
            return found  # as nearly always: no former reference is among them
        for name, pks in RecordName.objects.holders(self.model, values).items():
            now = found.setdefault(name, [])
            now += [refs[pk] for pk in pks if pk in refs and refs[pk] not in now]
        return found


class BodyField(VocabularyField):
    """Bodies, by acronym or by any spelling that is an alias of one."""

    def resolve(self, values: list[str]) -> list[SectoralBody]:
        if not values:
            return []
        bodies = SectoralBody.objects.by_spelling()
        found = []
        for value in values:
            body = bodies.get(fold_spelling(value))
            if body is None:
                known = ", ".join(sorted({body.acronym for body in bodies.values()}))
                raise ValidationError(f"“{shown(value)}” is not a body of this plan. Use {known}.")
            found.append(body)
        return found


class PlanField(VocabularyField):
    """Work plans, by code. A former code means the plan that had it."""

    def resolve(self, values: list[str]) -> list[str]:
        if not values:
            return values
        known = dict(WorkPlan.objects.values_list("pk", "code"))
        missing = [value for value in values if value not in known.values()]
        former = RecordName.objects.holders(WorkPlan, missing) if missing else {}
        found: dict[str, None] = {}
        for value in values:
            now = [known[pk] for pk in former.get(value, []) if pk in known]
            if value in missing and not now:
                raise ValidationError(f"There is no plan “{shown(value)}”. Use {', '.join(known.values())}.")
            found[now[0] if now else value] = None
        return list(found)


class RoundField(VocabularyField):
    """Reporting rounds, by code, such as 2018-1, or by id. A code means the round of every plan that has it, or had
    it.
    """

    def resolve(self, values: list[str]) -> list[ReportingRound]:
        if not values:
            return []
        ids = [int(value) for value in values if re.fullmatch(r"[0-9]{1,12}", value)]
        rounds = ReportingRound.objects.for_display()
        known = list(rounds.named(*values) | rounds.filter(pk__in=ids))
        former = (
            {} if {one.code for one in known} == set(values) else RecordName.objects.holders(ReportingRound, values)
        )
        found: dict[int, ReportingRound] = {}
        for value in values:
            matching = [one for one in known if one.code == value or one.pk in former.get(value, [])]
            matching = matching or [one for one in known if str(one.pk) == value]
            if not matching:
                raise ValidationError(f"There is no round “{shown(value)}”. Give a code such as 2018-1, or an id.")
            found |= {one.pk: one for one in matching}
        return list(found.values())


class DayField(forms.Field):
    """A day of the calendar, such as one that a report is as of."""

    def to_python(self, value: Any) -> datetime.date | None:
        if not value:
            return None
        try:
            day = parse_date(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
        except ValueError:
            raise ValidationError(f"“{shown(value)}” is not a day of the calendar.") from None
        if day is None:
            raise ValidationError(f"“{shown(value)}” is not a day such as 2026-11-23.")
        return day


class MomentField(forms.Field):
    """A day or a time.

    A day begins at midnight in the time zone of the installation; a time without a zone is UTC.
    """

    def to_python(self, value: Any) -> datetime.datetime | None:
        if not value:
            return None
        try:
            day = parse_date(value)
            moment = (
                timezone.make_aware(datetime.datetime.combine(day, datetime.time.min)) if day else parse_datetime(value)
            )
        except (ValueError, OverflowError):
            raise ValidationError(f"“{shown(value)}” is not a day of the calendar.") from None
        if moment is None:
            raise ValidationError(
                f"“{shown(value)}” is not a day such as 2026-11-23, nor a time such as 2026-11-23T08:00:00Z "
                "(in an address, + is written %2B)."
            )
        if not EARLIEST <= moment.year <= LATEST:
            raise ValidationError(f"Give a year from {EARLIEST} to {LATEST}.")
        return moment if timezone.is_aware(moment) else moment.replace(tzinfo=datetime.UTC)


class EndField(MomentField):
    """A day, meant to its end, or a time."""

    def to_python(self, value: Any) -> datetime.datetime | None:
        moment = super().to_python(value)
        if moment is not None and parse_date(value):
            moment += datetime.timedelta(days=1, microseconds=-1)
        return moment


class PastField(EndField):
    """A day or a time that has come, wherever the reader is: today and before."""

    def to_python(self, value: Any) -> datetime.datetime | None:
        moment = super().to_python(value)
        if moment is not None and secretariat_day(moment) > latest_day():
            raise ValidationError(f"“{shown(value)}” has not come yet. Give today or an earlier day.")
        return moment


class NumberField(forms.Field):
    """A whole number from 1 to ``most``."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        self.most = most
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        if not value:
            return None
        if not re.fullmatch(r"[0-9]{1,6}", value) or not 1 <= int(value) <= self.most:
            raise ValidationError(f"“{shown(value)}” is not a number from 1 to {self.most}.")
        return int(value)


class OrderingField(forms.CharField):
    """Names of columns, separated by commas; a minus before a name reverses the order."""

    def __init__(self, *, columns: Sequence[str], **kwargs: Any) -> None:
        self.columns = columns
        super().__init__(**kwargs)

    def clean(self, value: Any) -> list[str]:
        names = [name for name in (value or "").split(",") if name]
        for name in names:
            if name.removeprefix("-") not in self.columns:
                raise ValidationError(f"“{shown(name)}” is no column to sort by. Use {', '.join(self.columns)}.")
        if len({name.removeprefix("-") for name in names}) < len(names):
            raise ValidationError("Name each column once only.")
        return names
