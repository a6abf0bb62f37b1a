"""Changing the plan itself, its bodies and its people: every edit leaves an audit entry."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit, credentials, due_reports, following, names, people
from workplan.actions.actor import Actor
from workplan.exceptions import InUse, Invalid, NotAllowed, Stale
from workplan.models import (
    Activity,
    ApiToken,
    BodyAlias,
    CollaborationArea,
    Membership,
    Provision,
    Responsibility,
    SavedView,
    Section,
    SectoralBody,
    User,
    WorkPlan,
)
from workplan.models.base import Record

# Values that must not be copied into the audit trail.
SECRET_FIELDS = frozenset({"password"})
PEOPLE_MODELS: tuple[type[models.Model], ...] = (User, Membership, Group, ApiToken)

# How an activity reaches each record that its representation repeats: programs that
# ask what changed since yesterday must hear of an edit there, too.
SHOWN_ON_ACTIVITIES: dict[type[models.Model], str] = {
    WorkPlan: "plan",
    Section: "area__provision__section",
    Provision: "area__provision",
    CollaborationArea: "area",
    SectoralBody: "responsibilities__body",
}

# A part is edited on the page of its whole, so a change of the part is a change of the whole.
WHOLE_OF: dict[type[models.Model], str] = {Responsibility: "activity", BodyAlias: "body", Membership: "user"}


def may_edit(user: Any, model: type[models.Model]) -> bool:
    """Whether ``user`` may add, change and delete records of ``model``."""
    if model in PEOPLE_MODELS:
        return permissions.can_manage_people(user)
    return permissions.can_edit_plan(user)


@transaction.atomic
def save_record(
    *,
    record: models.Model,
    by: Actor,
    expected_version: int | None = None,
    expected_links: Mapping[str, Collection[Any]] | None = None,
    links: Mapping[str, Iterable[models.Model]] | None = None,
    reason: str = "",
) -> bool:
    """Create or change one record; whether anything changed.

    Args:
        record: the record with its new values; only fields that people edit are written.
        by: who does it.
        expected_version: the version that the person has seen, where the record has one.
        expected_links: the keys that many-to-many fields of a record without a version held when it was read.
        links: many-to-many fields with the records they are to hold.
        reason: why, in the person's words.

    Raises:
        NotAllowed: the person may not edit records of this kind.
        Stale: the record has another version by now.
        Invalid: the values break a rule of the record.
        LastAdministrator: no administrator would be left.
    """
    _require_permission(by, record)
    links = {name: list(linked) for name, linked in (links or {}).items()}
    people.lock_people(record)
    before = _locked(record)
    if before is not None and expected_version is not None and before.version != expected_version:
        raise Stale(current=[before])
    linked_before = {name: _linked_keys(before, name) for name in links} if before is not None else {}
    if any(set(keys) != linked_before.get(name) for name, keys in (expected_links or {}).items()):
        raise Stale(current=[before])
    _normalise(record)
    reason = rules.normalised(reason)
    _clean(record)
    changes = _differences(before, record) | _link_differences(before, links)
    _refuse_unreadable(changes | {"reason": ["", reason]})
    if before is not None and not changes:
        return False
    with people.an_administrator_stays(record, changes):
        _write(record, before, changes, links)
    if isinstance(record, Group) and "user_set" in links:
        people.mark_members_changed(linked_before.get("user_set", ()), [one.pk for one in links["user_set"]])
    names.keep_names(record, before, by=by)
    _touch_activities_showing(record)
    _sync_obligations(record)
    verb = "changed" if before else "created"
    audit.entry(action=f"{record._meta.model_name}.{verb}", record=record, changes=changes, by=by, reason=reason).save()
    if isinstance(record, User) and changes.get("is_active") == [True, False]:
        credentials.end_access(user=record, by=by, reason="The account was closed.")
    return True


@transaction.atomic
def delete_record(*, record: models.Model, by: Actor, reason: str = "") -> None:
    """Delete one record on which no other record depends.

    Raises:
        NotAllowed: the person may not edit records of this kind.
        InUse: other records depend on it.
        LastAdministrator: no administrator would be left.
    """
    _require_permission(by, record)
    if isinstance(record, User) and by.user is not None and by.user.pk == record.pk:
        raise NotAllowed("Nobody deletes the account that they are signed in with.")
    people.lock_people(record)
    before = _locked(record)
    if before is None:
        return
    gone = audit.entry(
        action=f"{record._meta.model_name}.deleted",
        record=before,
        changes={name: [value, None] for name, value in (edited_values(before) | _links_of(before)).items()},
        by=by,
        reason=reason,
    )
    names.retire_name(before)
    _touch_activities_showing(before)
    if isinstance(before, User):
        credentials.end_tokens(user=before, by=by, reason="The account was deleted.")
    try:
        with people.an_administrator_stays(before):
            record.delete()
    except ProtectedError as problem:
        dependents = sorted({str(held._meta.verbose_name_plural) for held in problem.protected_objects})
        raise InUse(f"{before} cannot be deleted: {', '.join(dependents)} depend on it.") from problem
    _sync_obligations(before)
    gone.save()
    if name := names.name_of(before):
        following.notify_of_unreadable_views(
            SavedView.objects.filter(query__contains=name).select_related("plan", "owner").order_by("pk")
        )


def _require_permission(by: Actor, record: models.Model) -> None:
    if by.is_server:
        return
    allowed = may_edit(by.user, type(record))
    if isinstance(record, User):
        # As it was and as it is to be: nobody else makes a superuser, and nobody else unmakes one.
        stored = None if record._state.adding else User.objects.filter(pk=record.pk).first()
        allowed = all(permissions.can_manage_account(by.user, one) for one in (record, stored) if one is not None)
    if not allowed:
        raise NotAllowed(f"You are not allowed to change {record._meta.verbose_name_plural}.")


def _locked(record: models.Model) -> Any:
    """The record as it is stored, locked; ``None`` for a new one.

    Everybody locks in one order, so that writers wait for each other and never in a circle: the whole
    before its part, the record before the activities that show it, and these by their ids. ``no_key``
    lets others go on referring to the record meanwhile, as each audit entry does to its plan.
    """
    whole_name = WHOLE_OF.get(type(record))
    if whole_name:
        whole = getattr(record, whole_name)
        type(whole)._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=whole.pk).first()
    if record._state.adding:
        return None
    manager: models.Manager[Any] = type(record)._default_manager
    return manager.select_for_update(of=("self",), no_key=True).filter(pk=record.pk).first()


def _write(
    record: models.Model, before: Any, changes: Mapping[str, Any], links: Mapping[str, Iterable[models.Model]]
) -> None:
    if before is None:
        record.save(force_insert=True)
    else:
        own = [name for name in changes if name not in links]
        if isinstance(record, Record):
            record.version, record.updated_at = before.version + 1, timezone.now()
            own += ["version", "updated_at"]
        record.save(update_fields=own)
    for name, linked in links.items():
        getattr(record, name).set(list(linked))


def _linked_keys(record: models.Model, name: str) -> set[Any]:
    return set(getattr(record, name).values_list("pk", flat=True))


def _normalise(record: models.Model) -> None:
    """Give each text of ``record`` the form in which texts are kept."""
    for field in _edited_fields(record):
        if (
            isinstance(field, models.CharField | models.TextField | models.JSONField)
            and field.name not in SECRET_FIELDS
        ):
            setattr(record, field.name, rules.normalised_value(getattr(record, field.name)))


def _clean(record: models.Model) -> None:
    try:
        record.full_clean()
    except ValidationError as problem:
        raise Invalid(fields=problem.message_dict) from problem


def _refuse_unreadable(changes: Mapping[str, list[Any]]) -> None:
    """Text that somebody changes is text that people can read; what the source has stays as it is."""
    wrong = {name: [rules.UNREADABLE_TEXT] for name, (_, after) in changes.items() if _is_unreadable(after)}
    if wrong:
        raise Invalid(fields=wrong)


def _is_unreadable(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_unreadable(one) for one in (*value, *value.values()))
    if isinstance(value, list):
        return any(_is_unreadable(one) for one in value)
    return isinstance(value, str) and bool(rules.UNREADABLE.search(value))


def _edited_fields(record: models.Model) -> list["models.Field[Any, Any]"]:
    return [field for field in record._meta.concrete_fields if field.editable and not field.primary_key]


def edited_values(record: models.Model) -> dict[str, Any]:
    """What people can edit of ``record``, as the audit trail keeps it."""
    return {
        field.name: audit.plain(field.value_from_object(record))
        for field in _edited_fields(record)
        if field.name not in SECRET_FIELDS
    }


def _differences(before: models.Model | None, after: models.Model) -> dict[str, list[Any]]:
    old, new = (edited_values(before) if before else {}), edited_values(after)
    changed = {name: [old.get(name), value] for name, value in new.items() if _differs(old.get(name), value)}
    for name in SECRET_FIELDS & {field.name for field in _edited_fields(after)}:
        if before is None or getattr(before, name) != getattr(after, name):
            changed[name] = ["…", "…"]
    return changed


def _differs(old: Any, new: Any) -> bool:
    """Whether they say something else. The form in which an older version kept a text is no difference."""
    return bool(old != new and rules.normalised_value(old) != new)


def _links_of(record: models.Model) -> dict[str, list[str]]:
    """What ``record`` is linked with, by names, as far as there is anything."""
    found = {
        one.name: sorted(str(linked) for linked in getattr(record, one.name).all()) for one in record._meta.many_to_many
    }
    return {name: linked for name, linked in found.items() if linked}


def _link_differences(before: Any, links: Mapping[str, Iterable[models.Model]]) -> dict[str, list[Any]]:
    changed = {}
    for name, linked in links.items():
        old = sorted(str(one) for one in getattr(before, name).all()) if before else []
        new = sorted(str(one) for one in linked)
        if old != new:
            changed[name] = [old, new]
    return changed


def _touch_activities_showing(record: models.Model) -> None:
    """Mark what shows ``record`` as changed: its whole with a new version, activities with a new time."""
    now = timezone.now()
    whole_name = WHOLE_OF.get(type(record))
    if whole_name:
        whole = getattr(record, whole_name)
        type(whole)._default_manager.filter(pk=whole.pk).update(version=F("version") + 1, updated_at=now)
    path = SHOWN_ON_ACTIVITIES.get(type(record))
    if path:
        showing = Activity.objects.filter(**{path: record}).values("pk")
        shown = Activity.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=showing).order_by("pk")
        Activity.objects.filter(pk__in=[activity.pk for activity in shown.only("pk")]).update(updated_at=now)


def _sync_obligations(record: models.Model) -> None:
    """Update the obligations in open rounds where a lead body was added or removed."""
    if isinstance(record, Responsibility):
        due_reports.sync_obligations([record.activity_id])
    elif isinstance(record, Activity) and record.area_id:
        due_reports.sync_obligations([record.pk])
