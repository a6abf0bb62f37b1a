"""Who may do what with activities, contributions, questions, rounds and saved views."""

from typing import Any

from workplan import rules
from workplan.permissions.people import (
    bodies_of,
    can_manage_rounds,
    can_record_status,
    can_settle_questions,
    is_secretariat,
)
from workplan.permissions.reports import bodies_contributing, bodies_reporting
from workplan.permissions.scopes import has_scope
from workplan.rules.records import Activity, Contribution, LateException, Question, ReportingWindows, Round, SavedView
from workplan.rules.scopes import REPORT_SCOPE

ACTIVITY_ACTIONS = ("record_status", "report", "correct", "contribute")
CONTRIBUTION_ACTIONS = ("edit",)
QUESTION_ACTIONS = ("settle",)


def allowed_activity_actions(user: Any, activity: Activity, reporting_windows: ReportingWindows) -> list[str]:
    """What ``user`` can do on ``activity`` now, of ``ACTIVITY_ACTIONS``. Reads what ``reporting_windows`` fetched."""
    if not has_scope(user, REPORT_SCOPE):
        return []
    found = {"record_status"} if can_record_status(user, activity) else set()
    leads = {body.pk for body in activity.lead_bodies}
    for body in bodies_reporting(user, activity):
        reporting_round = reporting_windows.round_for(activity, body)
        if reporting_round is None:
            continue
        reports = reporting_windows.reports_on(activity, reporting_round)
        drafts = [one for one in reports if one.state == rules.DRAFT and not one.is_direct]
        own_draft = any(one.body_id == body.pk for one in drafts)
        if not own_draft and not any(rules.is_under_way(one.state, leads=one.body_id in leads) for one in reports):
            found.add("correct" if any(one.state == rules.APPROVED for one in reports) else "report")
    if any(reporting_windows.round_for(activity, body) for body in bodies_contributing(user, activity)):
        found.add("contribute")
    return [action for action in ACTIVITY_ACTIONS if action in found]


def can_see_why_late(user: Any, exception: LateException) -> bool:
    """The reason of a deadline extension is for that body and the secretariat."""
    return is_secretariat(user) or exception.body in bodies_of(user)


def allowed_contribution_actions(user: Any, contribution: Contribution) -> list[str]:
    """What ``user`` can do to what a cooperating body has added. Reads what ``for_display`` fetched."""
    may_write = has_scope(user, REPORT_SCOPE)
    cooperates = may_write and contribution.body in bodies_contributing(user, contribution.activity)
    return ["edit"] if cooperates and not contribution.round_is_over else []  # type: ignore[attr-defined]


def allowed_round_actions(user: Any, reporting_round: Round) -> list[str]:
    """What ``user`` can do to a round now; of other records only those that ``with_blockers`` fetched count."""
    if not can_manage_rounds(user):
        return []
    blocked = set()
    if getattr(reporting_round, "another_is_open", False):
        blocked |= {"open", "reopen"}
    if getattr(reporting_round, "is_built_on", False):
        blocked.add("withdraw")
    if reporting_round.publish_on is None:
        blocked.add("unschedule")
    return [
        action
        for action, states in rules.ROUND_ACTIONS.items()
        if reporting_round.state in states and action not in blocked
    ]


# What can be done to a saved view, besides opening it.
VIEW_ACTIONS = ("edit", "delete", "follow", "unfollow")


def may_have_views(user: Any) -> bool:
    """Whoever has an account may have views of their own, which nobody else reads."""
    return bool(getattr(user, "is_authenticated", False) and user.is_active)


def can_save_views(user: Any) -> bool:
    """Whoever has an account saves views of their own, and follows those that they see."""
    return may_have_views(user) and has_scope(user, REPORT_SCOPE)


def owns_view(user: Any, view: SavedView) -> bool:
    """Whether the view is the person's own, and they may still save views."""
    return can_save_views(user) and view.owner_id == user.pk


def can_change_view(user: Any, view: SavedView) -> bool:
    """Its owner changes and deletes a view; of shared ones, which all read, the secretariat does too."""
    return owns_view(user, view) or (can_save_views(user) and view.is_shared and is_secretariat(user))


def allowed_view_actions(user: Any, view: SavedView) -> list[str]:
    """What ``user`` can do to ``view`` now, of ``VIEW_ACTIONS``. Reads what ``for_display`` fetched."""
    if not can_save_views(user):
        return []
    allowed = {"unfollow" if view.is_followed else "follow"}  # type: ignore[attr-defined]
    if can_change_view(user, view):
        allowed |= {"edit", "delete"}
    return [action for action in VIEW_ACTIONS if action in allowed]


def allowed_question_actions(user: Any, question: Question) -> list[str]:
    """What ``user`` can do to an open question, of ``QUESTION_ACTIONS``."""
    return ["settle"] if question.is_raised and can_settle_questions(user) else []
