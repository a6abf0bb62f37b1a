"""Changes of status: how a status was followed by another."""

from collections.abc import Collection

from workplan.rules.vocabulary import CANCELLED, COMPLETED, DEFERRED, NOT_REPORTED, STATUSES, Term, Vocabulary

ENTERED, FIRST_REPORT, FORWARD, BACKWARD, UNCHANGED = "entered", "first_report", "forward", "back", "unmoved"

STATUS_CHANGES = Vocabulary(
    Term(FIRST_REPORT, "First report", "No report was in effect before."),
    Term(FORWARD, "Progressed", "Closer to completion than before, or resumed after deferral or cancellation."),
    Term(BACKWARD, "Set back, deferred or cancelled", "Further from completion than before, deferred or cancelled."),
    Term(ENTERED, "New in the plan", "It was not in the plan before."),
    Term(UNCHANGED, "Unchanged", "The status is the same."),
)

ALL, CHANGED = "all", "moved"

# What can be filtered by: a kind of change, any change, or all activities.
STATUS_CHANGE_CHOICES = Vocabulary(
    Term(CHANGED, "Changed", "All activities whose status changed."),
    *STATUS_CHANGES,
    Term(ALL, "All", "All activities, whether or not their status changed."),
)

# From the farthest from done to done. What is deferred is still meant to be done, what is cancelled is not.
ORDER_OF_STATUSES = ("cancelled", "deferred", "not_started", "ongoing", "completed")


def status_change(before: str | None, after: str) -> str:
    """The kind of change (of ``STATUS_CHANGES``) from one status to another.

    Args:
        before: the earlier status; ``None`` where the activity was not in the plan yet.
        after: the later status.
    """
    if before is None:
        return ENTERED
    if before == after:
        return UNCHANGED
    if before == NOT_REPORTED:
        return FIRST_REPORT
    if after == NOT_REPORTED:
        return BACKWARD
    return FORWARD if ORDER_OF_STATUSES.index(after) > ORDER_OF_STATUSES.index(before) else BACKWARD


def change_label(kind: str, after: str) -> str:
    """The label of one change: deferred and cancelled activities have not been set back.

    Args:
        kind: of ``STATUS_CHANGES``.
        after: the later status.
    """
    if kind != BACKWARD:
        return STATUS_CHANGES.label(kind)
    return STATUSES.label(after) if after in (DEFERRED, CANCELLED) else CHANGE_GROUPS.label(SET_BACK)


def status_pairs(asked: Collection[str]) -> list[tuple[str | None, str]]:
    """Each status before with each status after whose change is one of ``asked`` (``STATUS_CHANGE_CHOICES``)."""
    return [
        (before, after)
        for before in (None, *STATUSES.values)
        for after in STATUSES.values
        if ALL in asked or (kind := status_change(before, after)) in asked or (CHANGED in asked and kind != UNCHANGED)
    ]


NEWLY_COMPLETED, NEWLY_REPORTED, MOVED_ON, SET_BACK = "completed", "newly_reported", "moved", "set_back"
PUT_OFF, STILL_NOT_REPORTED, STAYED = "deferred_or_cancelled", "not_reported", "stayed"

# How a meeting reads what changed, in the order of its agenda. Each activity is in one group.
CHANGE_GROUPS = Vocabulary(
    Term(NEWLY_COMPLETED, "Completed", "Completed at the later date, and not at the earlier one."),
    Term(NEWLY_REPORTED, "Newly reported", "Reported on for the first time, and not completed, deferred or cancelled."),
    Term(MOVED_ON, "Progressed", "Closer to completion than before, or resumed."),
    Term(SET_BACK, "Set back", "Further from completion than before, and neither deferred nor cancelled."),
    Term(PUT_OFF, "Deferred or cancelled", "Deferred or cancelled since the earlier date."),
    Term(STILL_NOT_REPORTED, "Not reported", "No report is in effect at the later date."),
    Term(STAYED, "Unchanged", "The status is that of the earlier date."),
)


def change_group(before: str | None, after: str) -> str:
    """The group (of ``CHANGE_GROUPS``) of an activity whose status was ``before`` and is ``after``.

    Args:
        before: the earlier status; ``None`` where the activity was not in the plan yet.
    """
    if after == NOT_REPORTED:
        return STILL_NOT_REPORTED
    if before == after:
        return STAYED
    if after == COMPLETED:
        return NEWLY_COMPLETED
    if after in (DEFERRED, CANCELLED):
        return PUT_OFF
    if before in (None, NOT_REPORTED):
        return NEWLY_REPORTED
    return MOVED_ON if status_change(before, after) == FORWARD else SET_BACK


# What a timeline counts by half-year: first reports, and activities that came to each status.
TIMELINE_EVENTS = Vocabulary(
    Term(FIRST_REPORT, "First report", "The first day for which a status was reported."),
    *(Term(term.value, term.label, f"Changed to “{term.label}”.") for term in STATUSES if term.value != NOT_REPORTED),
)
