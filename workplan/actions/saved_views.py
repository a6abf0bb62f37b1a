"""Saving what one has chosen: views are saved, changed, deleted, followed, and no longer followed."""

import itertools
import string
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from workplan import permissions, rules
from workplan.actions import audit
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.filters.saved_queries import canonical
from workplan.models import AuditEntry, Follow, SavedView, WorkPlan

RECORDED_FIELDS = ("name", "slug", "query", "page", "is_shared")
# The audit trail is read by the secretariat, and a private view by its owner alone: it contains only that there is one.
PRIVATE_LABEL = "A private view"
NOT_YOURS = "Only its owner changes a view, and of shared ones the secretariat."
SLUG_LENGTH = 50
# At the end of the address of a private view: 36^8 of them, and another is drawn where one is taken.
DRAWN, DRAWN_FROM = 8, string.ascii_lowercase + string.digits
TRIES = 5


@transaction.atomic
def save_view(*, plan: WorkPlan, name: str, query: str, page: str, is_shared: bool, by: Actor) -> SavedView:
    """Save a choice of filters under a name.

    Args:
        query: parameters of the list of activities, as an address has them.
        page: where it opens, of ``rules.VIEW_PAGES``.
        is_shared: whether everybody who may read sees it.

    Raises:
        NotAllowed: nobody is signed in.
        Invalid: a filter cannot be read, or the person has a view of this name.
    """
    if not permissions.can_save_views(by.user):
        raise NotAllowed("Sign in to save a view.")
    assert by.user is not None, "whoever may save views has an account"
    now = timezone.now()
    view = SavedView(
        plan=plan,
        owner=by.user,
        name=_name(name),
        query=canonical(query, plan, by.user),
        page=page,
        is_shared=is_shared,
        created_at=now,
        updated_at=now,
    )
    _insert(view)
    _entry("view.saved", view, {one: [None, getattr(view, one)] for one in RECORDED_FIELDS}, by).save()
    return view


@transaction.atomic
def change_view(*, view: SavedView, version: int, by: Actor, **changes: Any) -> SavedView:
    """Rename a view, share it, or let it choose something else. Its address stays.

    Args:
        view: the view meant.
        version: the version that the person has seen.
        by: who changes it.
        changes: new values of ``name``, ``query``, ``page`` and ``is_shared``; what is left out stays.

    Raises:
        NotAllowed: it is somebody else's.
        Stale: somebody has changed it meanwhile.
        Invalid: as ``save_view``; only the owner makes a shared view private.
    """
    found = _locked(view, version, by)
    before = {name: getattr(found, name) for name in RECORDED_FIELDS}
    if "name" in changes:
        found.name = _name(changes["name"])
    if "query" in changes:
        found.query = canonical(changes["query"], found.plan, by.user)
    found.page = changes.get("page", found.page)
    found.is_shared = changes.get("is_shared", found.is_shared)
    if before["is_shared"] and not found.is_shared and not permissions.owns_view(by.user, found):
        raise Invalid(fields={"is_shared": ["Only its owner makes a shared view private. You may delete it."]})
    changed = {name: [old, getattr(found, name)] for name, old in before.items() if old != getattr(found, name)}
    if not changed:
        return found
    found.version += 1
    found.updated_at = timezone.now()
    _clean(found)
    found.save(update_fields=[*changed, "version", "updated_at"])
    if found.is_shared and not before["is_shared"]:
        changed = {name: [None, getattr(found, name)] for name in RECORDED_FIELDS}
    _entry("view.changed", found, changed, by).save()
    return found


@transaction.atomic
def delete_view(*, view: SavedView, version: int, by: Actor) -> None:
    """Delete a view. Its address leads nowhere from then on, and whoever followed it follows it no longer.

    Raises:
        NotAllowed, Stale: as ``change_view``.
    """
    found = _locked(view, version, by)
    entry = _entry("view.deleted", found, {name: [getattr(found, name), None] for name in RECORDED_FIELDS}, by)
    found.delete()
    entry.save()


@transaction.atomic
def follow_view(*, view: SavedView, by: Actor) -> bool:
    """Want to hear what is published on the activities of a view; whether the person did not follow it yet.

    Raises:
        NotAllowed: nobody is signed in.
        WrongState: the view is gone, or not shared any more.
    """
    found = _followable(view, by)
    _, made = Follow.objects.get_or_create(view=found, user=by.user)
    if made:
        _entry("view.followed", found, {}, by).save()
    return made


@transaction.atomic
def unfollow_view(*, view: SavedView, by: Actor) -> bool:
    """Want to hear no more of a view; whether the person followed it.

    Raises:
        NotAllowed, WrongState: as ``follow_view``.
    """
    found = _followable(view, by)
    gone, _ = Follow.objects.filter(view=found, user=by.user).delete()
    if gone:
        _entry("view.unfollowed", found, {}, by).save()
    return bool(gone)


def _name(name: str) -> str:
    name = " ".join(rules.normalised(name).split())
    if rules.UNREADABLE.search(name):
        raise Invalid(fields={"name": [rules.UNREADABLE_TEXT]})
    return name


def _insert(view: SavedView) -> None:
    """Write a new view under an address that is free; of two people who choose the same name, one gets another."""
    for _ in range(TRIES):
        view.slug = _free_slug(view.name, is_shared=view.is_shared)
        _clean(view, exclude={"slug"})  # which is ours, and for the database to judge
        try:
            with transaction.atomic():
                view.save(force_insert=True)
        except IntegrityError:
            view.pk = None
        else:
            return
    raise WrongState("Many views of this name are being saved at this moment. Try again.")


def _free_slug(name: str, *, is_shared: bool) -> str:
    """A readable address made from ``name``, which no view and no other page has.

    That of a private view ends in letters drawn at random, so that nobody finds it by a guess, and nobody who gives
    another view the same name can tell from its address that there is one.
    """
    base = rules.slug_of(name, SLUG_LENGTH) or "view"
    if base in rules.RESERVED_VIEW_SLUGS:
        base = f"{base}-view"
    if not is_shared:
        return f"{base}-{get_random_string(DRAWN, DRAWN_FROM)}"
    taken = set(SavedView.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    candidates = itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
    return next(slug for slug in candidates if slug not in taken)


def _clean(view: SavedView, exclude: Collection[str] = ()) -> None:
    try:
        view.full_clean(exclude=set(exclude))
    except ValidationError as problem:
        fields = problem.message_dict
        # What is wrong with no field alone is that name and owner go together already.
        if NON_FIELD_ERRORS in fields:
            fields["name"] = fields.pop(NON_FIELD_ERRORS)
        raise Invalid(fields=fields) from problem


def _locked(view: SavedView, version: int, by: Actor) -> SavedView:
    """The view, locked, once it is checked that it may be changed."""
    rows = SavedView.objects.visible_to(by.user).select_for_update(of=("self",), no_key=True)
    found = rows.select_related("plan", "owner").filter(pk=view.pk).first()
    if found is None:
        raise WrongState("This view no longer exists, or is no longer shared.")
    if not permissions.can_change_view(by.user, found):
        raise NotAllowed(NOT_YOURS)
    if found.version != version:
        raise Stale(current=[found])
    return found


def _followable(view: SavedView, by: Actor) -> SavedView:
    if not permissions.can_save_views(by.user):
        raise NotAllowed("Sign in to follow a view.")
    found = SavedView.objects.visible_to(by.user).filter(pk=view.pk).first()
    if found is None:
        raise WrongState("This view no longer exists, or is no longer shared.")
    return found


def _entry(action: str, view: SavedView, changes: Mapping[str, list[Any]], by: Actor) -> AuditEntry:
    if view.is_shared:
        return audit.entry(action=action, record=view, changes=changes, by=by)
    recorded = {name: values for name, values in changes.items() if name == "is_shared"}
    entry = audit.entry(action=action, record=view, changes=recorded, by=by)
    entry.record_label = PRIVATE_LABEL
    return entry
