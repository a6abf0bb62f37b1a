"""How an activity moved from one status to another."""

from collections.abc import Collection

from workplan.rules.vocabulary import NOT_REPORTED, STATUSES, Term, Vocabulary

ENTERED, FIRST_REPORT, FORWARD, BACK, UNMOVED = "entered", "first_report", "forward", "back", "unmoved"

MOVES = Vocabulary(
    Term(FIRST_REPORT, "First report", "Nobody had reported on it before."),
    Term(FORWARD, "Forward", "Closer to done than before, or taken up again after it was deferred or cancelled."),
    Term(BACK, "Back", "Farther from done than before, or put off, or given up."),
    Term(ENTERED, "New in the plan", "It was not in the plan before."),
    Term(UNMOVED, "Unmoved", "It has the status that it had."),
)

ALL, MOVED = "all", "moved"

# What one may ask for: a kind of move, any move, or all activities.
MOVES_ASKED = Vocabulary(
    Term(MOVED, "Moved", "All that moved, one way or the other."),
    *MOVES,
    Term(ALL, "All", "All activities, moved or not."),
)

# From the farthest from done to done. What is deferred is still meant to be done, what is cancelled is not.
ORDER_OF_STATUSES = ("cancelled", "deferred", "not_started", "ongoing", "completed")


def move(before: str | None, after: str) -> str:
    """The kind of move (of ``MOVES``) from one status to another.

    Args:
        before: the earlier status; ``None`` where the activity was not in the plan yet.
        after: the later status.
    """
    if before is None:
        return ENTERED
    if before == after:
        return UNMOVED
    if before == NOT_REPORTED:
        return FIRST_REPORT
    if after == NOT_REPORTED:
        return BACK
    return FORWARD if ORDER_OF_STATUSES.index(after) > ORDER_OF_STATUSES.index(before) else BACK


def passages(asked: Collection[str]) -> list[tuple[str | None, str]]:
    """Each status before with each status after whose move is one of ``asked``, a choice of ``MOVES_ASKED``."""
    return [
        (before, after)
        for before in (None, *STATUSES.values)
        for after in STATUSES.values
        if ALL in asked or (kind := move(before, after)) in asked or (MOVED in asked and kind != UNMOVED)
    ]


# What a half-year tells of: the first report on an activity, and each status that one came to.
HAPPENED = Vocabulary(
    Term(FIRST_REPORT, "First report", "The first day of which a status is known."),
    *(Term(term.value, term.label, f"Came to “{term.label}”.") for term in STATUSES if term.value != NOT_REPORTED),
)
