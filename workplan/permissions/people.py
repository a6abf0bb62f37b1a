"""Who somebody is, and what follows from that alone."""

from typing import Any

from django.conf import settings

from workplan.rules.records import Account, Activity, Body, Import

SECRETARIAT_GROUP = "Secretariat"
ADMINISTRATORS_GROUP = "Administrators"


def _groups(user: Any) -> frozenset[str]:
    """The names of the user's groups, asked for once per request."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    if not hasattr(user, "_group_names"):
        user._group_names = frozenset(user.groups.values_list("name", flat=True))
    names: frozenset[str] = user._group_names
    return names


def is_administrator(user: Any) -> bool:
    """Administrators keep accounts and may do all that the secretariat may."""
    return bool(getattr(user, "is_superuser", False) and user.is_active) or ADMINISTRATORS_GROUP in _groups(user)


def is_secretariat(user: Any) -> bool:
    """The secretariat keeps the plan and what is reported on it."""
    return is_administrator(user) or SECRETARIAT_GROUP in _groups(user)


def works_for_secretariat(user: Any) -> bool:
    """Whether the user is one of the secretariat's staff, and so hears of what waits for it.

    Administrators may do all that it may, and are not called upon to.
    """
    return SECRETARIAT_GROUP in _groups(user)


def bodies_of(user: Any) -> list[Any]:
    """The bodies that the user is a focal point of, in the order of lists; asked for once per request."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return []
    if not hasattr(user, "_bodies"):
        user._bodies = list(user.bodies.all())
    bodies: list[Any] = user._bodies
    return bodies


def may_sign_in(user: Any) -> bool:
    """Active accounts may; demo accounts, whose password everybody knows, on a trial only."""
    return bool(user.is_active) and (settings.TRIAL or not user.is_demo)


def may_read(user: Any) -> bool:
    """Anyone reads the plan and its approved updates, unless the installation is closed to the public."""
    return settings.PUBLIC_READ or bool(getattr(user, "is_authenticated", False))


def can_see_names(user: Any) -> bool:
    """Names of people are for those who have an account."""
    return bool(getattr(user, "is_authenticated", False))


def can_record_status(user: Any, activity: Activity | None = None) -> bool:
    """The secretariat records a status directly, on every activity or, with no activity named, on any."""
    return is_secretariat(user)


def can_use_workbook(user: Any, body: Body) -> bool:
    """The round workbook of a body is for those who report for it, and for the secretariat."""
    return is_secretariat(user) or body in bodies_of(user)


def can_import_statuses(user: Any) -> bool:
    """Whoever records statuses may import them from a file."""
    return can_record_status(user)


def owns_import(user: Any, kept: Import) -> bool:
    """A file that waits to be confirmed is for who has sent it."""
    return bool(getattr(user, "is_authenticated", False)) and kept.user_id == user.pk


def can_edit_plan(user: Any) -> bool:
    """The secretariat edits plan, bodies, aliases and responsibilities."""
    return is_secretariat(user)


def can_keep_documents(user: Any) -> bool:
    """The secretariat keeps the documents of meetings."""
    return is_secretariat(user)


def can_import_plans(user: Any) -> bool:
    """The secretariat makes a plan of a file."""
    return is_secretariat(user)


def can_manage_people(user: Any) -> bool:
    """Administrators keep accounts, groups, memberships and tokens."""
    return is_administrator(user)


def can_manage_account(user: Any, account: Account) -> bool:
    """A superuser's account is a superuser's business: an e-mail address is all it takes to take it over."""
    return can_manage_people(user) and (not account.is_superuser or bool(user.is_superuser))


def can_use_admin(user: Any) -> bool:
    """The administration site is for whoever keeps something there."""
    return can_edit_plan(user) or can_manage_people(user)


def can_see_audit(user: Any) -> bool:
    """The audit trail names people, so it is the secretariat's."""
    return is_secretariat(user)


def can_undo(user: Any) -> bool:
    """The secretariat undoes what a request changed: it is all of the secretariat's own making."""
    return is_secretariat(user)


def can_manage_rounds(user: Any) -> bool:
    """The secretariat plans, opens, closes and publishes rounds, and gives late exceptions."""
    return is_secretariat(user)


def can_review(user: Any) -> bool:
    """The secretariat reviews what bodies submit."""
    return is_secretariat(user)


def can_see_messages(user: Any) -> bool:
    """The mails that were sent, and those that could not be, are the secretariat's to look after."""
    return is_secretariat(user)


def can_confirm_address(user: Any, account: Account) -> bool:
    """Its owner says that a mail address is right, and whoever looks after the mails."""
    return can_see_messages(user) or (bool(getattr(user, "is_authenticated", False)) and user.pk == account.pk)


def can_see_system(user: Any) -> bool:
    """How the installation is, errors and paths on the server included, is for administrators."""
    return is_administrator(user)


def can_settle_questions(user: Any) -> bool:
    """The secretariat decides what the plan leaves open."""
    return is_secretariat(user)


def can_see_why_decided(user: Any) -> bool:
    """Why a question was settled, and by whom, is for those who take part; that it was settled, for every reader."""
    return can_see_progress(user)


def can_see_progress(user: Any) -> bool:
    """How far reports are in the making, as numbers: for all who take part."""
    return is_secretariat(user) or bool(bodies_of(user))
