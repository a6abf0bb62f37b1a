"""Where somebody wants to go who types a reference, a body or the name of a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.urls import reverse

from workplan import permissions
from workplan.models import Activity, CollaborationArea, Provision, Section, SectoralBody, WorkPlan
from workplan.searching.found import part_address
from workplan.searching.matching import spellings
from workplan.searching.words import Words, fold, refs_meant, spelling, tokens

MOST = 10


@dataclass(frozen=True, slots=True)
class Target:
    """A place to go to.

    Attributes:
        kind: what it is, in a word.
        label: what it is called: a reference, an acronym, the name of a page.
        title: its words.
    """

    kind: str
    label: str
    title: str
    address: str


PARTS = ((Section, "Section"), (Provision, "Provision"), (CollaborationArea, "Area"), (Activity, "Activity"))


def named(words: Words, user: Any, plans: Iterable[WorkPlan]) -> list[Target]:
    """The records whose reference, and the bodies whose name, is all that was typed."""
    if len(words.terms) != 1 or words.unwanted or not permissions.may_read(user):
        return []
    [term] = words.terms
    found: list[Target] = []
    listed = list(plans)
    if term.refs or _is_section(term.typed):
        refs = term.refs or (term.typed.upper(),)
        found += _parts(user, listed, Q(ref__in=refs))
    if term.bodies and listed:
        bodies = SectoralBody.objects.filter(pk__in=term.bodies)
        found += [_body(body, listed[0]) for body in bodies]
    return found


def offered(typed: str, user: Any, plan: WorkPlan | None) -> list[Target]:
    """The places of ``plan`` that what was ``typed`` so far may mean: references, bodies, pages."""
    if not tokens(typed) or not permissions.may_read(user):
        return []
    found = _pages(typed, user, plan)
    if plan is not None:
        found = [*_references(typed, user, plan), *_bodies(typed, plan), *found]
    return found[:MOST]


def _is_section(typed: str) -> bool:
    return len(typed) == 1 and typed.isascii() and typed.isalpha()


def _parts(user: Any, plans: list[WorkPlan], condition: Q) -> list[Target]:
    found = []
    for model, kind in PARTS:
        rows = Activity.objects.visible_to(user) if model is Activity else model.objects.all()  # type: ignore[attr-defined]
        for record in rows.filter(condition, plan__in=plans).select_related("plan").order_by("plan", "position")[:MOST]:
            address = record.get_absolute_url() if kind == "Activity" else part_address(record)
            found.append(Target(kind, record.ref, record.text, address))
    return found


def _references(typed: str, user: Any, plan: WorkPlan) -> list[Target]:
    """What has one of the references meant, then what stands under it or goes on from it."""
    text = typed.strip().rstrip(".")
    refs = (text.upper(),) if _is_section(text) else refs_meant(text)
    if not refs:
        return []
    found = _parts(user, [plan], Q(ref__in=refs))
    if not _is_section(text):
        found += _parts(user, [plan], reduce(or_, (Q(ref__startswith=ref) for ref in refs)))
    return list(dict.fromkeys(found))


def _body(body: SectoralBody, plan: WorkPlan) -> Target:
    return Target("Body", body.acronym, body.name, reverse("body", args=[plan.code, body.acronym]))


def _bodies(typed: str, plan: WorkPlan) -> list[Target]:
    """Bodies whose acronym or other spelling begins so, then those whose name has words that do."""
    begun, words = spelling(typed), tokens(typed)
    keys = [one.key for spelt, one in spellings().items() if spelt.startswith(begun)]
    bodies = list(SectoralBody.objects.all())
    first = [body for body in bodies if body.pk in keys]
    then = [
        body
        for body in bodies
        if body not in first and all(any(one.startswith(word) for one in tokens(body.name)) for word in words)
    ]
    return [_body(body, plan) for body in (*first, *then)]


def pages(user: Any, plan: WorkPlan | None) -> list[Target]:
    """The pages that ``user`` may see, as far as they stand by themselves."""
    found = [("Home", "Where the plan stands", reverse("home"))]
    if plan is not None:
        found += [
            (label, title, reverse(name, args=[plan.code]))
            for label, title, name in (
                ("Matrix", "The plan as the document has it", "plan"),
                ("Activities", "The list to filter", "activities"),
                ("Bodies", "Who leads and who cooperates", "bodies"),
                ("Rounds", "Reporting rounds, and who has reported", "rounds"),
                ("Open questions", "What the plan leaves open", "questions"),
            )
        ]
    found += [("Plans", "All work plans and editions", reverse("plans")), ("Search", "", reverse("search"))]
    if permissions.bodies_of(user):
        found.append(("My work", "What your body owes", reverse("my")))
    if permissions.can_review(user):
        found.append(("Review", "Reports that wait for a decision", reverse("review")))
    if permissions.can_see_audit(user):
        found.append(("Audit trail", "Who changed what", reverse("audit")))
    if permissions.can_see_messages(user):
        found.append(("Mails sent", "What people were told", reverse("outbox")))
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
