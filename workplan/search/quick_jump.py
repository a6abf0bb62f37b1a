"""Quick jump: the records and pages that a typed reference, body or page name leads to."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.urls import reverse

from workplan import permissions
from workplan.models import Activity, CollaborationArea, Provision, Section, SectoralBody, WorkPlan
from workplan.search.matching import body_spellings
from workplan.search.query import Query, possible_refs, spelling
from workplan.search.results import part_address
from workplan.search.words import fold, tokens

MAX_SUGGESTIONS = 10


@dataclass(frozen=True, slots=True)
class Target:
    """A record or page to go to.

    Attributes:
        kind: the kind of record, or "Page".
        label: its reference, acronym or name.
        title: its text.
    """

    kind: str
    label: str
    title: str
    address: str


PARTS = ((Section, "Section"), (Provision, "Provision"), (CollaborationArea, "Area"), (Activity, "Activity"))


def exact_targets(query: Query, user: Any, plans: Iterable[WorkPlan]) -> list[Target]:
    """The records whose reference, and the bodies whose name, is the whole query."""
    if len(query.terms) != 1 or query.excluded_terms or not permissions.may_read(user):
        return []
    [term] = query.terms
    found: list[Target] = []
    listed = list(plans)
    if term.refs or _is_section(term.typed):
        refs = term.refs or (term.typed.upper(),)
        found += _parts(user, listed, refs)
    if term.bodies and listed:
        bodies = SectoralBody.objects.filter(pk__in=term.bodies)
        found += [_body(body, listed[0]) for body in bodies]
    return found


def suggestions(typed: str, user: Any, plan: WorkPlan | None) -> list[Target]:
    """The records of ``plan``, bodies and pages whose reference or name begins with what was ``typed`` so far."""
    if not tokens(typed) or not permissions.may_read(user):
        return []
    found = _pages(typed, user, plan)
    if plan is not None:
        found = [*_references(typed, user, plan), *_bodies(typed, plan), *found]
    return found[:MAX_SUGGESTIONS]


def _is_section(typed: str) -> bool:
    return len(typed) == 1 and typed.isascii() and typed.isalpha()


def _parts(user: Any, plans: list[WorkPlan], refs: Iterable[str], *, begun: bool = False) -> list[Target]:
    """The records whose reference is one of ``refs``, or was, or with ``begun`` those whose reference begins so."""
    found = []
    for model, kind in PARTS:
        rows: Any = Activity.objects.visible_to(user) if model is Activity else model.objects.all()  # type: ignore[attr-defined]
        rows = rows.filter(reduce(or_, (Q(ref__startswith=ref) for ref in refs))) if begun else rows.named(*refs)
        for record in rows.filter(plan__in=plans).select_related("plan").order_by("plan", "position")[:MAX_SUGGESTIONS]:
            address = record.get_absolute_url() if kind == "Activity" else part_address(record)
            found.append(Target(kind, record.ref, record.text, address))
    return found


def _references(typed: str, user: Any, plan: WorkPlan) -> list[Target]:
    """The records with one of the possible references, then those whose reference begins with it."""
    text = typed.strip().rstrip(".")
    refs = (text.upper(),) if _is_section(text) else possible_refs(text)
    if not refs:
        return []
    found = _parts(user, [plan], refs)
    if not _is_section(text):
        found += _parts(user, [plan], refs, begun=True)
    return list(dict.fromkeys(found))


def _body(body: SectoralBody, plan: WorkPlan) -> Target:
    return Target("Body", body.acronym, body.name, reverse("body", args=[plan.code, body.acronym]))


def _bodies(typed: str, plan: WorkPlan) -> list[Target]:
    """Bodies whose acronym, alias or name begins with ``typed``, then those whose name has words that do."""
    begun, words = spelling(typed), tokens(typed)
    keys = [one.key for spelt, one in body_spellings().items() if spelt.startswith(begun)]
    bodies = list(SectoralBody.objects.all())
    first = [body for body in bodies if body.pk in keys]
    then = [
        body
        for body in bodies
        if body not in first and all(any(one.startswith(word) for one in tokens(body.name)) for word in words)
    ]
    return [_body(body, plan) for body in (*first, *then)]


def pages(user: Any, plan: WorkPlan | None) -> list[Target]:
    """The pages that ``user`` may see and that belong to no single record."""
    found = [("Home", "Implementation progress of the plan", reverse("home"))]
    if plan is not None:
        found += [
            (label, title, reverse(name, args=[plan.code]))
            for label, title, name in (
                ("Matrix", "The plan in the order of the document", "plan"),
                ("Activities", "Filtered list of activities", "activities"),
                ("Bodies", "Lead and cooperating bodies", "bodies"),
                ("Rounds", "Reporting rounds, and who has reported", "rounds"),
                ("Open questions", "Open questions of the plan", "questions"),
            )
        ]
    found += [("Plans", "All work plans and editions", reverse("plans")), ("Search", "", reverse("search"))]
    if permissions.bodies_of(user):
        found.append(("My work", "Reports due from your body", reverse("my")))
    if permissions.can_review(user):
        found.append(("Review", "Reports to review", reverse("review")))
    if permissions.can_see_audit(user):
        found.append(("Audit trail", "Who changed what", reverse("audit")))
    if permissions.can_see_messages(user):
        found.append(("Outgoing email", "Email notifications and their delivery", reverse("outbox")))
    if permissions.can_use_admin(user):
        found.append(("Admin", "Plan, bodies and people", reverse("admin:index")))
    found.append(("API", "For programs", reverse("api-docs")))
    return [Target("Page", *one) for one in found]


def _pages(typed: str, user: Any, plan: WorkPlan | None) -> list[Target]:
    begun = " ".join(tokens(typed))
    return [
        page
        for page in pages(user, plan)
        if fold(page.label).startswith(begun) or any(word.startswith(begun) for word in tokens(page.label))
    ]
