"""What filters choose, in words: "Status: Ongoing, Completed"."""

from collections.abc import Collection, Iterator, Mapping

from workplan import rules
from workplan.filters.base import StrictFilterSet
from workplan.models import SavedView

VOCABULARIES: dict[str, rules.Vocabulary] = {
    "status": rules.STATUSES,
    "before": rules.STATUSES,
    "role": rules.ROLES,
    "kind": rules.ACTIVITY_KINDS,
    "gap": rules.GAPS,
    "report_state": rules.REPORT_STATES,
    "timeliness": rules.TIMELINESS,
}

LABELS = {
    "q": "Keyword",
    "updated_since": "Changed since",
    "ref": "Ref",
    "report_state": "Report",
    "silent": "Rounds without report",
}

# What pages show elsewhere than among their filters.
SHOWN_ELSEWHERE = ("ordering", "as_of")


def view_of(filterset: StrictFilterSet) -> SavedView | None:
    """The saved view that the rows are narrowed by."""
    opened = filterset.form.cleaned_data.get("view")
    return opened.view if opened else None


def view_words(filterset: StrictFilterSet) -> list[str]:
    """What the saved view chooses that the rows are narrowed by."""
    opened = filterset.form.cleaned_data.get("view")
    return words_of(opened.filterset) if opened else []


def words_of(
    filterset: StrictFilterSet,
    vocabularies: Mapping[str, rules.Vocabulary] = VOCABULARIES,
    *,
    exclude: Collection[str] = SHOWN_ELSEWHERE,
) -> list[str]:
    """What ``filterset`` chooses, in words, one for each parameter: "Status: Ongoing, Completed"."""
    found: dict[str, list[str]] = {}
    for name, _, shown in chosen_values(filterset, vocabularies, exclude):
        found.setdefault(label_of(name), []).append(shown)
    return [f"{label}: {', '.join(values)}" for label, values in found.items()]


def chosen_values(
    filterset: StrictFilterSet, vocabularies: Mapping[str, rules.Vocabulary], exclude: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """The parameters that narrow the rows: name, value, and the value as people read it."""
    for name, values in filterset.data.lists():
        if name not in filterset.filters or name in (*exclude, "page"):
            continue
        for value in values:
            shown = vocabularies[name].label(value) if value in vocabularies.get(name, ()) else value
            if name == "view" and (view := view_of(filterset)):
                shown = view.name
            yield name, value, shown


def label_of(name: str) -> str:
    """What people call the parameter ``name``."""
    return LABELS.get(name, name.capitalize())
