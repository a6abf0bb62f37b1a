"""The revision of what a reader sees: it is another one after every write that can change it."""

from typing import Any

from django.db import connection

from workplan import permissions
from workplan.rules import OF_ACTIVITIES, OF_DOCUMENT, OF_REPORTING


def scopes_of(user: Any) -> tuple[str, ...]:
    """The scopes whose writes ``user`` can see: reports in the making only where they take part."""
    return (OF_DOCUMENT, OF_ACTIVITIES, *((OF_REPORTING,) if permissions.can_see_progress(user) else ()))


def revision_sql(*scopes: str) -> str:
    """SQL of the revision of ``scopes`` as a text, to stand in the statement that reads what it is the revision of.

    In one statement, both are of one moment: nobody is given old rows with a new revision.
    """
    wanted = ", ".join(f"'{scope}'" for scope in scopes)
    return f"(SELECT CAST(COALESCE(SUM(number), 0) AS text) FROM workplan_revision WHERE scope IN ({wanted}))"


def revision_of(*scopes: str) -> str:
    """The revision of ``scopes`` now, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {revision_sql(*scopes)}")
        revision: str = cursor.fetchone()[0]
    return revision
