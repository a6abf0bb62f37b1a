"""What a search finds: hits of every kind, best first, with counts beside each choice, and the first of them shown."""

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
from workplan.searching.marking import excerpt, holds
from workplan.searching.matching import holding, relevance, understood
from workplan.searching.spelling import corrected
from workplan.searching.words import Words, tokens

# What a report says, and what that is called.
PARTS = (
    ("narrative", "Progress"),
    ("outputs_delivered", "Outputs delivered"),
    ("challenges", "Challenges"),
    ("next_steps", "Next steps"),
    ("reason", "Reason"),
)
FACETS = ("kind", "section", "body", "status")


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that holds the words, with what it can be narrowed by."""

    kind: str
    pk: int
    section: str = ""
    status: str = ""
    bodies: frozenset[int] = frozenset()

    @property
    def traits(self) -> tuple[frozenset[Any], ...]:
        """For each of ``FACETS``, what a choice would have to be to show it."""
        return _one(self.kind), _one(self.section), self.bodies, _one(self.status)


@cache
def _one(value: str) -> frozenset[str]:
    return frozenset((value,) if value else ())


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit as a page or a program sees it.

    Attributes:
        title: the words of the record itself.
        passages: where else in the record the words stand: what it is, and so much of it as a list shows.
    """

    kind: str
    record: Any
    ref: str
    title: str
    plan: WorkPlan | None
    address: str
    status: str = ""
    as_of: Any = None
    passages: Sequence[tuple[str, str]] = ()

    @property
    def snippet(self) -> str:
        """Where the words stand."""
        return self.passages[0][1] if self.passages else self.title

    @property
    def marker(self) -> str:
        """The printed marker, where it is one that somebody might name."""
        marker: str = getattr(self.record, "marker", "")
        return marker if tokens(marker) else ""


@dataclass(slots=True)
class Found:
    """All that a search finds.

    Attributes:
        words: what was searched for, in the end.
        instead_of: what was typed, where it was taken for a slip.
        hits: best first within each kind, the kinds in the order of ``rules.FOUND_KINDS``.
        numbers: beside each choice of a facet, the number of hits it would show under the other choices.
    """

    words: Words
    instead_of: str = ""
    hits: list[Hit] = field(default_factory=list)
    numbers: dict[str, Counter[Any]] = field(default_factory=lambda: {name: Counter() for name in FACETS})

    def of_kind(self, kind: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.kind == kind]


def search(
    typed: str, user: Any, *, plans: Sequence[str], chosen: Mapping[str, Iterable[Any]], exact: bool = False
) -> Found:
    """What ``user`` may read that holds what was ``typed``.

    A word that occurs nowhere is taken for a slip of the nearest word that the plan knows, where that finds something.

    Args:
        plans: codes of the plans that are searched; none for all.
        chosen: the values chosen of each of ``FACETS``; a body by its key.
        exact: nothing that was typed is taken for a slip.
    """
    words = understood(typed)
    hits = all_hits(words, user, plans)
    instead_of = ""
    if not hits and words.wanted and not exact and permissions.may_read(user):
        updates = StatusUpdate.objects.visible_to(user)
        better = corrected(words, plans, updates.filter(activity__plan__code__in=plans) if plans else updates)
        if better is not None:
            meant = understood(better)
            hits = all_hits(meant, user, plans)
            if hits:
                words, instead_of = meant, typed
    found = Found(words, instead_of)
    wanted = [(name, set(chosen.get(name) or ())) for name in FACETS]
    kept = set()
    # Few hits differ in what they can be narrowed by, however many there are.
    for traits, number in Counter(hit.traits for hit in hits).items():
        missed = [name for (name, any_of), values in zip(wanted, traits, strict=True) if any_of and not any_of & values]
        if not missed:
            kept.add(traits)
        for name, values in zip(FACETS, traits, strict=True):
            if not missed or missed == [name]:
                found.numbers[name].update(dict.fromkeys(values, number))
    found.hits = [hit for hit in hits if hit.traits in kept]
    return found


@dataclass(frozen=True, slots=True)
class Offered:
    """One value that the hits can be narrowed to."""

    value: str
    label: str
    hint: str
    number: int


def offered(found: Found, plans: Sequence[str]) -> dict[str, list[Offered]]:
    """Every value of each facet, in the order of the plan, with the number of hits that it would show."""
    sections = Section.objects.order_by("-plan__is_current", "plan", "position")
    texts: dict[str, str] = {}
    for ref, text in (sections.filter(plan__code__in=plans) if plans else sections).values_list("ref", "text"):
        texts.setdefault(ref, text)
    values: dict[str, list[tuple[Any, str, str, str]]] = {
        "kind": [(one.value, one.value, one.label, one.meaning) for one in rules.FOUND_KINDS],
        "section": [(ref, ref, text, "") for ref, text in texts.items()],
        "body": [(one.pk, one.acronym, one.acronym, one.name) for one in SectoralBody.objects.all()],
        "status": [(one.value, one.value, one.label, one.meaning) for one in rules.STATUSES],
    }
    return {
        name: [Offered(value, label, hint, found.numbers[name][key]) for key, value, label, hint in choices]
        for name, choices in values.items()
    }


def all_hits(words: Words, user: Any, plans: Sequence[str]) -> list[Hit]:
    """Everything that holds ``words`` and that ``user`` may read, kind by kind, best first."""
    if not words or not permissions.may_read(user):
        return []

    def ranked(rows: Any, path: str, *order: str) -> Any:
        kept = rows.filter(holding(rows.model, words), **({path: plans} if plans and path else {}))
        return kept.annotate(relevance=relevance(rows.model, words)).order_by("-relevance", *order)

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


def shown(hits: Sequence[Hit], words: Words, user: Any, plan: WorkPlan | None) -> list[Shown]:
    """The records of ``hits``, in their order.

    Args:
        plan: whose pages show bodies, which belong to no plan.
    """
    keys = defaultdict(list)
    for hit in hits:
        keys[hit.kind].append(hit.pk)
    found: dict[tuple[str, int], Shown] = {}
    for kind, (rows, show) in _ways(user, plan).items():
        if keys[kind]:
            for record in rows.filter(pk__in=keys[kind]):
                found[kind, record.pk] = show(record, words)
    return [found[hit.kind, hit.pk] for hit in hits if (hit.kind, hit.pk) in found]


def _ways(user: Any, plan: WorkPlan | None) -> dict[str, tuple[Any, Any]]:
    """For each kind the rows with all that is shown of them, and how."""
    document = {"area": CollaborationArea, "provision": Provision}
    return {
        "activity": (Activity.objects.visible_to(user).for_display(), _activity),
        **{
            kind: (model.objects.select_related("plan"), lambda record, words, kind=kind: _part(kind, record, words))
            for kind, model in document.items()
        },
        "body": (
            SectoralBody.objects.prefetch_related("aliases"),
            lambda record, words: _body(record, words, plan),
        ),
        "update": (StatusUpdate.objects.visible_to(user).select_related("activity__plan", "body", "round"), _update),
    }


def _passages(words: Words, seen: str, *texts: tuple[str, str]) -> list[tuple[str, str]]:
    """What besides ``seen`` has to be shown so that each of the words is seen to stand in the record."""
    missing = [term for term in words.wanted if not holds(seen, term)]
    found = []
    for label, text in texts:
        there = [term for term in missing if holds(text, term)]
        if there:
            missing = [term for term in missing if term not in there]
            found.append((label, excerpt(text, there)))
    return found


def _activity(record: Any, words: Words) -> Shown:
    roles = [(label, ", ".join(body.acronym for body in record.bodies_in(role))) for role, label in rules.ROLES.choices]
    passages = _passages(
        words,
        record.text,
        ("Expected output", record.expected_output),
        *(("Note", note) for note in record.notes),
        *(("Area", area.text) for area in (*record.area.ancestors(), record.area)),
        ("Provision", record.area.provision.text),
        *roles,
    )
    address = record.get_absolute_url()
    return Shown(
        "activity", record, record.ref, record.text, record.plan, address, record.status, record.status_as_of, passages
    )


def _part(kind: str, record: Any, words: Words) -> Shown:
    passages = _passages(words, record.text, *(("Note", note) for note in record.notes))
    return Shown(kind, record, record.ref, record.text, record.plan, part_address(record), passages=passages)


def part_address(record: Section | Provision | CollaborationArea) -> str:
    """Where the matrix shows a part of the document."""
    return f"{reverse('plan', args=[record.plan.code])}#{record.ref}"


def _body(record: SectoralBody, words: Words, plan: WorkPlan | None) -> Shown:
    address = reverse("body", args=[plan.code, record.acronym]) if plan else ""
    spellings = ", ".join(alias.name for alias in record.aliases.all())
    passages = _passages(words, f"{record.acronym} {record.name}", ("Also written", spellings))
    return Shown("body", record, record.acronym, record.name, None, address, passages=passages)


def _update(record: StatusUpdate, words: Words) -> Shown:
    parts = [(label, getattr(record, name)) for name, label in PARTS if getattr(record, name)]
    title = parts[0][1] if parts else ""
    passages = _passages(words, title, *parts[1:])
    return Shown(
        "update",
        record,
        record.activity.ref,
        excerpt(title, words.wanted),
        record.activity.plan,
        record.get_absolute_url(),
        record.status,
        record.as_of,
        passages,
    )
