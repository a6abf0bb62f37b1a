"""Who may do what with a report."""

from typing import Any

from workplan import rules
from workplan.permissions.people import bodies_of, can_review, is_secretariat
from workplan.rules.records import Activity, Body, Update


def bodies_reporting(user: Any, activity: Activity) -> list[Any]:
    """The user's bodies that lead ``activity`` and so report on it."""
    leads = {body.pk for body in activity.lead_bodies}
    return [body for body in bodies_of(user) if body.pk in leads]


def bodies_contributing(user: Any, activity: Activity) -> list[Any]:
    """The user's bodies that cooperate in ``activity``; "all other SB" makes all do that do not lead it."""
    leads = {body.pk for body in activity.lead_bodies}
    cooperating = {body.pk for body in activity.cooperating_bodies}
    return [
        body
        for body in bodies_of(user)
        if body.pk in cooperating or (activity.all_other_bodies_cooperate and body.pk not in leads)
    ]


def can_report(user: Any, activity: Activity) -> bool:
    """The lead bodies report on an activity, and the secretariat directly."""
    return is_secretariat(user) or bool(bodies_reporting(user, activity))


def is_of_own_body(user: Any, update: Update) -> bool:
    """Whether ``update`` is a report of a body of the user, or, for the secretariat, one that it entered."""
    if update.is_direct:
        return is_secretariat(user)
    return any(body.pk == update.body_id for body in bodies_of(user))


def had_part_in(user: Any, update: Update) -> bool:
    """Whether the user had a part in ``update``, as the audit trail knows it: began, wrote, continued or submitted it,
    or added a contribution to its activity in its round. Reads what ``with_part_of`` fetched; asks where it did not.
    """
    if getattr(update, "part_of", None) != user.pk:
        rows = type(update).objects.with_part_of(user)  # type: ignore[attr-defined]
        return bool(rows.values_list("had_part", flat=True).get(pk=update.pk))
    return bool(update.had_part)  # type: ignore[attr-defined]


def _needs_second_person(user: Any, update: Update) -> bool:
    """Four eyes are two people's: neither decides on nor concurs with what they had a part in."""
    return update.activity.plan.four_eyes and had_part_in(user, update)


REFUSALS = {
    "edit": "Only the body that reports can change its text; others can comment.",
    "submit": "Only the body that reports can submit its report.",
    "discard": "Only the body that began a draft can discard it.",
    "approve": "Only the secretariat can approve a report, and nobody may approve a report in which they took part.",
    "return": "Only the secretariat can return a report.",
    "concur": "Only another lead body of the activity can concur with the report, by somebody who took no part in it.",
    "comment": "Only those who take part in the report can comment on it.",
    "correct": "Only the body that reported, while it leads the activity, and the secretariat can correct a report.",
}


def may(user: Any, action: str, update: Update) -> bool:
    """Whether ``user`` may do ``action`` (of ``rules.REPORT_ACTIONS``) to ``update``, whatever its state.

    Reads the activity's bodies as ``for_display`` fetched them.
    """
    if not getattr(user, "is_authenticated", False):
        return False
    match action:
        case "edit" | "submit" | "discard":
            return is_of_own_body(user, update)
        case "approve":
            return can_review(user) and not _needs_second_person(user, update)
        case "return":
            return can_review(user)
        case "concur":
            return _leads_jointly(user, update) and not _needs_second_person(user, update)
        case "correct":
            reports = bodies_reporting(user, update.activity)
            return is_secretariat(user) or any(body.pk == update.body_id for body in reports)
        case "comment":
            if can_review(user) or is_of_own_body(user, update):
                return True
            return update.state != rules.DRAFT and bool(bodies_reporting(user, update.activity))
    return False


def _leads_jointly(user: Any, update: Update) -> bool:
    return any(body.pk != update.body_id for body in bodies_reporting(user, update.activity))


HAD_PART = (
    "You took part in this report: you started, changed, continued or submitted it, or added a contribution to it. By "
    "the four-eyes principle somebody else {does}."
)
DECIDED_BY_OTHERS = {"approve": "has to approve it", "concur": "has to concur with it"}


def refused_actions(user: Any, update: Update) -> dict[str, str]:
    """What ``user`` could do to ``update`` now, had they had no part in it, each with why they cannot."""
    if update.state != rules.SUBMITTED or not getattr(user, "is_authenticated", False):
        return {}
    found = ["approve"] if can_review(user) else []
    found += ["concur"] if bodies_to_concur(user, update) else []
    if not found or not _needs_second_person(user, update):
        return {}
    return {action: HAD_PART.format(does=DECIDED_BY_OTHERS[action]) for action in found}


def refusal(user: Any, action: str, update: Update) -> str:
    """Why ``user`` may not do ``action`` to ``update``."""
    return refused_actions(user, update).get(action, REFUSALS[action])


def allowed_actions(user: Any, update: Update) -> list[str]:
    """What ``user`` can do to ``update`` now, as words that are also the last part of an API address.

    Reads what ``for_display`` fetched; asks again where it did not.
    """
    names = [
        action
        for action, states in rules.REPORT_ACTIONS.items()
        if update.state in states and may(user, action, update)
    ]
    return [action for action in names if not _is_blocked(user, action, update)]


def _is_blocked(user: Any, action: str, update: Update) -> bool:
    """Whether other records prevent ``action``, for which ``user`` has permission, on ``update``."""
    match action:
        case "edit":
            return _blocker(update, "round_is_over")
        case "submit":
            return _blocker(update, "round_is_over") or _blocker(update, "is_second") or no_longer_leads(update)
        case "concur":
            return not bodies_to_concur(user, update)
        case "correct":
            return _blocker(update, "is_corrected") or _blocker(update, "correction_waits")
    return False


def no_longer_leads(update: Update) -> bool:
    """Whether a report that is not submitted is of a body that no longer leads its activity."""
    if update.is_direct or update.state not in (rules.DRAFT, rules.RETURNED):
        return False
    return all(body.pk != update.body_id for body in update.activity.lead_bodies)


# What ``with_blockers`` knows of a report.
BLOCKERS = ("round_is_over", "is_second", "is_corrected", "correction_waits")


def _blocker(update: Update, name: str) -> bool:
    if not hasattr(update, name):
        found = type(update).objects.with_blockers().get(pk=update.pk)  # type: ignore[attr-defined]
        for one in BLOCKERS:
            setattr(update, one, getattr(found, one))
    return bool(getattr(update, name))


def bodies_to_concur(user: Any, update: Update) -> list[Any]:
    """The user's bodies that are joint leads with the body of ``update`` and have not concurred yet."""
    joint = [body for body in bodies_reporting(user, update.activity) if body.pk != update.body_id]
    spoken = {one.body_id for one in update.concurrences.all()} if joint else set()
    return [body for body in joint if body.pk not in spoken]


def enters_directly(user: Any, body: Body | None) -> bool:
    """Whether what ``user`` reports for ``body`` is an entry of the secretariat: not for a body of their own."""
    return is_secretariat(user) and body not in bodies_of(user)


def takes_part_in(user: Any, update: Update) -> bool:
    """Whether reviews, concurrences and comments of ``update`` are for ``user`` to read: whoever may comment may."""
    return may(user, "comment", update)


# What can be done on an activity, besides reading it.
