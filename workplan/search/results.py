"""The results of a search: hits of every kind by relevance, the counts of each facet, and the records of a page."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.urls import reverse

from workplan import permissions, rules
from workplan.models import (
    Activity,
    CollaborationArea,
    Provision,
    Responsibility,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.search.correction import corrected_query
from workplan.search.highlight import excerpt, occurs
from workplan.search.matching import matches, parse_query, relevance
from workplan.search.query import Query
from workplan.search.words import tokens

# The fields of a report that are searched, with their labels.
REPORT_PARTS = (
    ("narrative", "Progress"),
    ("outputs_delivered", "Outputs delivered"),
    ("challenges", "Challenges"),
    ("next_steps", "Next steps"),
    ("reason", "Reason"),
)
FACETS = ("kind", "section", "body", "status")


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that matches, with its values of each facet."""

    kind: str
    pk: int
    section: str = ""
    status: str = ""
    bodies: frozenset[int] = frozenset()

    @property
    def facet_values(self) -> tuple[frozenset[Any], ...]:
        """For each of ``FACETS`` the values of this record."""
        return _one(self.kind), _one(self.section), self.bodies, _one(self.status)


@cache
def _one(value: str) -> frozenset[str]:
    return frozenset((value,) if value else ())


@dataclass(frozen=True, slots=True)
class Result:
    """A hit as it is shown.

    Attributes:
        title: the text of the record itself.
        excerpts: the label and an excerpt of each other text that holds a term which the title does not hold.
    """

    kind: str
    record: Any
    ref: str
    title: str
    plan: WorkPlan | None
    address: str
    status: str = ""
    as_of: Any = None
    excerpts: Sequence[tuple[str, str]] = ()

    @property
    def snippet(self) -> str:
        """A text that holds terms of the query."""
        return self.excerpts[0][1] if self.excerpts else self.title

    @property
    def marker(self) -> str:
        """The printed marker, where it has letters or digits."""
        marker: str = getattr(self.record, "marker", "")
        return marker if tokens(marker) else ""


@dataclass(slots=True)
class SearchResults:
    """The results of a search.

    Attributes:
        query: what was searched for, after correction.
        corrected_from: what was typed, where it was corrected.
        hits: by relevance within each kind, the kinds in the order of ``rules.SEARCH_RESULT_KINDS``.
        facet_counts: for each value of a facet, the number of hits that it would leave under the other facets' choices.
    """

    query: Query
    corrected_from: str = ""
    hits: list[Hit] = field(default_factory=list)
    facet_counts: dict[str, Counter[Any]] = field(default_factory=lambda: {name: Counter() for name in FACETS})

    def of_kind(self, kind: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.kind == kind]


def search(
    typed: str, user: Any, *, plans: Sequence[str], chosen: Mapping[str, Iterable[Any]], exact: bool = False
) -> SearchResults:
    """The records that ``user`` may read and that match what was ``typed``.

    A word that occurs nowhere is corrected to the nearest word of the plan, where that finds something.

    Args:
        plans: codes of the plans that are searched; none for all.
        chosen: the chosen values of each of ``FACETS``; a body by its key.
        exact: whether words are left uncorrected.
    """
    query = parse_query(typed)
    hits = all_hits(query, user, plans)
    corrected_from = ""
    if not hits and query.required_terms and not exact and permissions.may_read(user):
        updates = StatusUpdate.objects.visible_to(user)
        better = corrected_query(query, plans, updates.filter(activity__plan__code__in=plans) if plans else updates)
        if better is not None:
            corrected = parse_query(better)
            hits = all_hits(corrected, user, plans)
            if hits:
                query, corrected_from = corrected, typed
    results = SearchResults(query, corrected_from)
    required = [(name, set(chosen.get(name) or ())) for name in FACETS]
    kept = set()
    # However many hits there are, few of them differ in their facets.
    for facet_values, number in Counter(hit.facet_values for hit in hits).items():
        missed = [
            name
            for (name, any_of), values in zip(required, facet_values, strict=True)
            if any_of and not any_of & values
        ]
        if not missed:
            kept.add(facet_values)
        for name, values in zip(FACETS, facet_values, strict=True):
            if not missed or missed == [name]:
                results.facet_counts[name].update(dict.fromkeys(values, number))
    results.hits = [hit for hit in hits if hit.facet_values in kept]
    return results


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """A value of a facet.

    Attributes:
        hint: what the value means.
        number: the number of hits that it would leave.
    """

    value: str
    label: str
    hint: str
    number: int


def facet_choices(results: SearchResults, plans: Sequence[str]) -> dict[str, list[FacetChoice]]:
    """Every value of each facet, in the order of the plan, with the number of hits that it would leave."""
    sections = Section.objects.order_by("-plan__is_current", "plan", "position")
    texts: dict[str, str] = {}
    for ref, text in (sections.filter(plan__code__in=plans) if plans else sections).values_list("ref", "text"):
        texts.setdefault(ref, text)
    values: dict[str, list[tuple[Any, str, str, str]]] = {
        "kind": [(one.value, one.value, one.label, one.meaning) for one in rules.SEARCH_RESULT_KINDS],
        "section": [(ref, ref, text, "") for ref, text in texts.items()],
        "body": [(one.pk, one.acronym, one.acronym, one.name) for one in SectoralBody.objects.all()],
        "status": [(one.value, one.value, one.label, one.meaning) for one in rules.STATUSES],
    }
    return {
        name: [FacetChoice(value, label, hint, results.facet_counts[name][key]) for key, value, label, hint in choices]
        for name, choices in values.items()
    }


def all_hits(query: Query, user: Any, plans: Sequence[str]) -> list[Hit]:
    """All records that match ``query`` and that ``user`` may read, kind by kind, by relevance."""
    if not query or not permissions.may_read(user):
        return []

    def ranked(rows: Any, path: str, *order: str) -> Any:
        kept = rows.filter(matches(rows.model, query), **({path: plans} if plans and path else {}))
        return kept.annotate(relevance=relevance(rows.model, query)).order_by("-relevance", *order)

    place = ("plan__code__in", "plan", "position")
    activities = ranked(Activity.objects.visible_to(user), *place)
    areas = ranked(CollaborationArea.objects.all(), *place)
    provisions = ranked(Provision.objects.all(), *place)
    bodies = ranked(SectoralBody.objects.all(), "", "position", "acronym")
    updates = ranked(StatusUpdate.objects.visible_to(user), "activity__plan__code__in", "-created_at", "-pk")
    section = "provision__section__ref"
    named = defaultdict(set)
    rows = list(activities.values_list("pk", f"area__{section}", "status", "all_other_bodies_cooperate"))
    found_keys = activities.order_by().values("pk")
    for activity, body in Responsibility.objects.filter(activity__in=found_keys).values_list("activity", "body"):
        named[activity].add(body)
    everybody = frozenset(SectoralBody.objects.values_list("pk", flat=True))
    hits = [
        Hit("activity", pk, ref, status, everybody if all_others else frozenset(named[pk]))
        for pk, ref, status, all_others in rows
    ]
    hits += [Hit("area", pk, ref) for pk, ref in areas.values_list("pk", section)]
    hits += [Hit("provision", pk, ref) for pk, ref in provisions.values_list("pk", "section__ref")]
    hits += [Hit("body", pk, bodies=frozenset((pk,))) for pk in bodies.values_list("pk", flat=True)]
    hits += [
        Hit("update", pk, ref, status, frozenset((body,) if body else ()))
        for pk, ref, status, body in updates.values_list("pk", f"activity__area__{section}", "status", "body")
    ]
    return hits


def load_results(hits: Sequence[Hit], query: Query, user: Any, plan: WorkPlan | None) -> list[Result]:
    """The records of ``hits`` with their excerpts, in the order of ``hits``.

    Args:
        plan: whose pages show bodies, which belong to no plan.
    """
    keys = defaultdict(list)
    for hit in hits:
        keys[hit.kind].append(hit.pk)
    found: dict[tuple[str, int], Result] = {}
    for kind, (rows, show) in _loaders(user, plan).items():
        if keys[kind]:
            for record in rows.filter(pk__in=keys[kind]):
                found[kind, record.pk] = show(record, query)
    return [found[hit.kind, hit.pk] for hit in hits if (hit.kind, hit.pk) in found]


def _loaders(user: Any, plan: WorkPlan | None) -> dict[str, tuple[Any, Any]]:
    """For each kind the rows with their related records, and the function that makes a result of one."""
    document = {"area": CollaborationArea, "provision": Provision}
    return {
        "activity": (Activity.objects.visible_to(user).for_display(), _activity),
        **{
            kind: (model.objects.select_related("plan"), lambda record, query, kind=kind: _part(kind, record, query))
            for kind, model in document.items()
        },
        "body": (
            SectoralBody.objects.prefetch_related("aliases"),
            lambda record, query: _body(record, query, plan),
        ),
        "update": (StatusUpdate.objects.visible_to(user).select_related("activity__plan", "body", "round"), _update),
    }


def _excerpts(query: Query, title: str, *texts: tuple[str, str]) -> list[tuple[str, str]]:
    """Excerpts of ``texts``, by label, that hold the terms which ``title`` does not hold."""
    missing = [term for term in query.required_terms if not occurs(title, term)]
    found = []
    for label, text in texts:
        held = [term for term in missing if occurs(text, term)]
        if held:
            missing = [term for term in missing if term not in held]
            found.append((label, excerpt(text, held)))
    return found


def _activity(record: Any, query: Query) -> Result:
    roles = [(label, ", ".join(body.acronym for body in record.bodies_in(role))) for role, label in rules.ROLES.choices]
    excerpts = _excerpts(
        query,
        record.text,
        ("Expected output", record.expected_output),
        *(("Note", note) for note in record.notes),
        *(("Area", area.text) for area in (*record.area.ancestors(), record.area)),
        ("Provision", record.area.provision.text),
        *roles,
    )
    address = record.get_absolute_url()
    return Result(
        "activity", record, record.ref, record.text, record.plan, address, record.status, record.status_as_of, excerpts
    )


def _part(kind: str, record: Any, query: Query) -> Result:
    excerpts = _excerpts(query, record.text, *(("Note", note) for note in record.notes))
    return Result(kind, record, record.ref, record.text, record.plan, part_address(record), excerpts=excerpts)


def part_address(record: Section | Provision | CollaborationArea) -> str:
    """Where the matrix shows a part of the document."""
    return f"{reverse('plan', args=[record.plan.code])}#{record.ref}"


def _body(record: SectoralBody, query: Query, plan: WorkPlan | None) -> Result:
    address = reverse("body", args=[plan.code, record.acronym]) if plan else ""
    aliases = ", ".join(alias.name for alias in record.aliases.all())
    excerpts = _excerpts(query, f"{record.acronym} {record.name}", ("Also written", aliases))
    return Result("body", record, record.acronym, record.name, None, address, excerpts=excerpts)


def _update(record: StatusUpdate, query: Query) -> Result:
    parts = [(label, getattr(record, name)) for name, label in REPORT_PARTS if getattr(record, name)]
    title = parts[0][1] if parts else ""
    excerpts = _excerpts(query, title, *parts[1:])
    return Result(
        "update",
        record,
        record.activity.ref,
        excerpt(title, query.required_terms),
        record.activity.plan,
        record.get_absolute_url(),
        record.status,
        record.as_of,
        excerpts,
    )
