"""Who may. Every channel asks here, and nowhere else.

| who                      | reads what is published | names | reports        | contributes         | directs | people |
| anonymous                | unless closed           | no    | no             | no                  | no      | no     |
| signed in without a body | yes                     | yes   | no             | no                  | no      | no     |
| focal point              | yes                     | yes   | where it leads | where it cooperates | no      | no     |
| secretariat              | yes                     | yes   | directly       | no                  | yes     | no     |
| administrator            | yes                     | yes   | directly       | no                  | yes     | yes    |

Whoever has an account saves views of their own; a private view is its owner's, whoever else asks, and a shared one
everybody's to read and the secretariat's to change, too.

Closed means ``APTA_PUBLIC_READ=0``. Directing: plan, open questions, rounds, late exceptions, audit trail, mails, and
the review of reports, but nobody approves what they wrote or submitted themselves where the plan asks for four eyes.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings

from workplan import rules

if TYPE_CHECKING:
    from workplan.models import (
        Activity,
        Contribution,
        LateException,
        ReportingRound,
        SavedView,
        SectoralBody,
        StatusUpdate,
    )
    from workplan.questions import Question
    from workplan.turns import Turns

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


def bodies_of(user: Any) -> "list[SectoralBody]":
    """The bodies that the user is a focal point of, in the order of lists; asked for once per request."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return []
    if not hasattr(user, "_bodies"):
        user._bodies = list(user.bodies.all())
    bodies: list[SectoralBody] = user._bodies
    return bodies


def may_read(user: Any) -> bool:
    """Anyone reads the plan and its approved updates, unless the installation is closed to the public."""
    return settings.PUBLIC_READ or bool(getattr(user, "is_authenticated", False))


def can_see_names(user: Any) -> bool:
    """Names of people are for those who have an account."""
    return bool(getattr(user, "is_authenticated", False))


def can_record_status(user: Any, activity: "Activity | None" = None) -> bool:
    """The secretariat records a status directly, on every activity or, with no activity named, on any."""
    return is_secretariat(user)


def can_edit_plan(user: Any) -> bool:
    """The secretariat edits plan, bodies, aliases and responsibilities."""
    return is_secretariat(user)


def can_manage_people(user: Any) -> bool:
    """Administrators keep accounts, groups, memberships and tokens."""
    return is_administrator(user)


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


def can_settle_questions(user: Any) -> bool:
    """The secretariat decides what the plan leaves open."""
    return is_secretariat(user)


def can_see_why_decided(user: Any) -> bool:
    """Why a question was settled, and by whom, is for those who take part; that it was settled, for every reader."""
    return can_see_progress(user)


def allowed_question_actions(user: Any, question: "Question") -> list[str]:
    """What ``user`` can do to an open question, of ``QUESTION_DEEDS``."""
    return ["settle"] if question.is_asked and can_settle_questions(user) else []


def can_see_progress(user: Any) -> bool:
    """How far reports are in the making, as numbers: for all who take part."""
    return is_secretariat(user) or bool(bodies_of(user))


def bodies_reporting(user: Any, activity: "Activity") -> "list[SectoralBody]":
    """The user's bodies that lead ``activity`` and so report on it."""
    leads = {body.pk for body in activity.lead_bodies}
    return [body for body in bodies_of(user) if body.pk in leads]


def bodies_contributing(user: Any, activity: "Activity") -> "list[SectoralBody]":
    """The user's bodies that cooperate in ``activity``; "all other SB" makes all do that do not lead it."""
    leads = {body.pk for body in activity.lead_bodies}
    cooperating = {body.pk for body in activity.cooperating_bodies}
    return [
        body
        for body in bodies_of(user)
        if body.pk in cooperating or (activity.all_other_bodies_cooperate and body.pk not in leads)
    ]


def can_report(user: Any, activity: "Activity") -> bool:
    """The lead bodies report on an activity, and the secretariat directly."""
    return is_secretariat(user) or bool(bodies_reporting(user, activity))


def is_of_own_body(user: Any, update: "StatusUpdate") -> bool:
    """Whether ``update`` is of the user's side: of a body of theirs, or of the secretariat's own making."""
    if update.is_direct:
        return is_secretariat(user)
    return any(body.pk == update.body_id for body in bodies_of(user))


def has_own_hand_in(user: Any, update: "StatusUpdate") -> bool:
    """Whether the user wrote, last changed or submitted ``update``: four eyes are two people's."""
    return user.pk in (update.author_id, update.edited_by_id, update.submitted_by_id)


WHY_NOT = {
    "edit": "Only the body that reports can change its words; comments go beside them.",
    "submit": "Only the body that reports can submit its report.",
    "discard": "Only the body that began a draft can discard it.",
    "approve": "Only the secretariat can approve a report, and nobody one that they wrote or submitted themselves.",
    "return": "Only the secretariat can return a report.",
    "concur": "Only another lead body of the activity can concur with the report.",
    "comment": "Only those who have a part in the report can comment on it.",
}


def may(user: Any, deed: str, update: "StatusUpdate") -> bool:
    """Whether ``user`` may do ``deed`` (of ``rules.REPORT_MOVES``) to ``update``, whatever its state.

    Reads the activity's bodies as ``for_display`` fetched them.
    """
    if not getattr(user, "is_authenticated", False):
        return False
    match deed:
        case "edit" | "submit" | "discard":
            return is_of_own_body(user, update)
        case "approve":
            both_eyes_needed = update.activity.plan.four_eyes and has_own_hand_in(user, update)
            return can_review(user) and not both_eyes_needed
        case "return":
            return can_review(user)
        case "concur":
            return any(body.pk != update.body_id for body in bodies_reporting(user, update.activity))
        case "comment":
            if can_review(user) or is_of_own_body(user, update):
                return True
            return update.state != rules.DRAFT and bool(bodies_reporting(user, update.activity))
    return False


def allowed_actions(user: Any, update: "StatusUpdate") -> list[str]:
    """What ``user`` can do to ``update`` now, as words that are also the last part of an API address.

    Reads what ``for_display`` fetched; asks again where it did not.
    """
    deeds = [deed for deed, states in rules.REPORT_MOVES.items() if update.state in states and may(user, deed, update)]
    return [deed for deed in deeds if not _is_hindered(user, deed, update)]


def _is_hindered(user: Any, deed: str, update: "StatusUpdate") -> bool:
    """Whether ``deed``, which ``user`` may do, cannot be done for what stands beside ``update``."""
    match deed:
        case "edit":
            return _hindrance(update, "round_is_over")
        case "submit":
            return _hindrance(update, "round_is_over") or _hindrance(update, "is_second") or leads_no_more(update)
        case "concur":
            return not bodies_to_concur(user, update)
    return False


def leads_no_more(update: "StatusUpdate") -> bool:
    """Whether a draft is of a body that leads its activity no longer. What was returned to it, it still mends."""
    if update.is_direct or update.state != rules.DRAFT:
        return False
    return all(body.pk != update.body_id for body in update.activity.lead_bodies)


def _hindrance(update: "StatusUpdate", name: str) -> bool:
    if not hasattr(update, name):
        found = type(update).objects.with_hindrances().get(pk=update.pk)  # type: ignore[attr-defined]
        update.round_is_over, update.is_second = found.round_is_over, found.is_second  # type: ignore[attr-defined]
    return bool(getattr(update, name))


def bodies_to_concur(user: Any, update: "StatusUpdate") -> "list[SectoralBody]":
    """The user's bodies that lead the activity of ``update`` beside its body and have not concurred yet."""
    joint = [body for body in bodies_reporting(user, update.activity) if body.pk != update.body_id]
    spoken = {one.body_id for one in update.concurrences.all()} if joint else set()
    return [body for body in joint if body.pk not in spoken]


def enters_directly(user: Any, body: "SectoralBody | None") -> bool:
    """Whether what ``user`` reports for ``body`` is an entry of the secretariat: not for a body of their own."""
    return is_secretariat(user) and body not in bodies_of(user)


def has_part_in(user: Any, update: "StatusUpdate") -> bool:
    """Whether reviews, concurrences and comments of ``update`` are for ``user`` to read: whoever may comment may."""
    return may(user, "comment", update)


# What can be done on an activity, besides reading it.
ACTIVITY_DEEDS = ("record_status", "report", "correct", "contribute")
CONTRIBUTION_DEEDS = ("edit",)
QUESTION_DEEDS = ("settle",)


def allowed_activity_actions(user: Any, activity: "Activity", turns: "Turns") -> list[str]:
    """What ``user`` can do on ``activity`` now, of ``ACTIVITY_DEEDS``. Reads what ``turns`` fetched beside it."""
    found = {"record_status"} if can_record_status(user, activity) else set()
    for body in bodies_reporting(user, activity):
        the_round = turns.round_for(activity, body)
        if the_round is None:
            continue
        reports = turns.reports_on(activity, the_round)
        drafts = [one for one in reports if one.state == rules.DRAFT and not one.is_direct]
        own_draft = any(one.body_id == body.pk for one in drafts)
        if not own_draft and not any(one.state in (rules.SUBMITTED, rules.RETURNED) for one in reports):
            found.add("correct" if any(one.state == rules.APPROVED for one in reports) else "report")
    if any(turns.round_for(activity, body) for body in bodies_contributing(user, activity)):
        found.add("contribute")
    return [deed for deed in ACTIVITY_DEEDS if deed in found]


def can_see_why_late(user: Any, exception: "LateException") -> bool:
    """Why a body was given more time is for that body and the secretariat."""
    return is_secretariat(user) or exception.body in bodies_of(user)


def allowed_contribution_actions(user: Any, contribution: "Contribution") -> list[str]:
    """What ``user`` can do to what a cooperating body has added. Reads what ``for_display`` fetched."""
    cooperates = contribution.body in bodies_contributing(user, contribution.activity)
    return ["edit"] if cooperates and not contribution.round_is_over else []  # type: ignore[attr-defined]


def allowed_round_actions(user: Any, the_round: "ReportingRound") -> list[str]:
    """What ``user`` can do to a round now; of what stands beside it only what ``with_hindrances`` fetched counts."""
    if not can_manage_rounds(user):
        return []
    hindered = set()
    if getattr(the_round, "another_is_open", False):
        hindered |= {"open", "reopen"}
    if getattr(the_round, "reports_wait", False):
        hindered.add("publish")
    return [deed for deed, states in rules.ROUND_MOVES.items() if the_round.state in states and deed not in hindered]


# What can be done to a saved view, besides opening it.
VIEW_DEEDS = ("edit", "delete", "follow", "unfollow")


def can_save_views(user: Any) -> bool:
    """Whoever has an account saves views of their own, and follows those that they see."""
    return bool(getattr(user, "is_authenticated", False) and user.is_active)


def owns_view(user: Any, view: "SavedView") -> bool:
    return can_save_views(user) and view.owner_id == user.pk


def can_change_view(user: Any, view: "SavedView") -> bool:
    """Its owner changes and deletes a view; of shared ones, which all read, the secretariat does too."""
    return owns_view(user, view) or (view.is_shared and is_secretariat(user))


def allowed_view_actions(user: Any, view: "SavedView") -> list[str]:
    """What ``user`` can do to ``view`` now, of ``VIEW_DEEDS``. Reads what ``for_display`` fetched."""
    if not can_save_views(user):
        return []
    allowed = {"unfollow" if view.is_followed else "follow"}  # type: ignore[attr-defined]
    if can_change_view(user, view):
        allowed |= {"edit", "delete"}
    return [deed for deed in VIEW_DEEDS if deed in allowed]
