"""Whether a server may start. What is missing is said in a sentence, with the command that corrects it."""

import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor

from apta.private_files import protect_files

log = logging.getLogger(__name__)

Application = TypeVar("Application")

# The exit code by which a worker of gunicorn says that starting it again would not help.
DOES_NOT_LOAD = 4
MOST_NAMED = 3


def started(make: Callable[[], Application]) -> Application:
    """The application that ``make`` gives, once everything that it needs is there.

    Otherwise the process ends, after a sentence on standard error for each thing that is wrong.
    """
    try:
        application = make()
        problems = missing()
        # Not to be handed on to the processes and threads that answer requests.
        connection.close()
    except ImproperlyConfigured as problem:
        problems = [str(problem)]
    if problems:
        for sentence in problems:
            print(f"apta does not start. {sentence}", file=sys.stderr)
        sys.exit(DOES_NOT_LOAD)
    protect_files()
    return application


def missing() -> list[str]:
    """What a server needs and does not find, in sentences; empty where it may start."""
    return [sentence for sentence in (unapplied_migrations(), uncollected_files()) if sentence]


def unapplied_migrations() -> str:
    """A sentence where the database has not the tables of this version; empty where it has, or does not answer.

    A database that does not answer may be back in a moment; until then every request is answered with 503.
    """
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError) as problem:
        log.warning("The database did not answer, so nobody knows whether its tables are there: %s", problem)
        return ""
    if not plan:
        return ""
    named = _first(f"{migration.app_label}.{migration.name}" for migration, _ in plan)
    return f"The database lacks {len(plan)} migration(s) ({named}). Run: python manage.py migrate"


def uncollected_files() -> str:
    """A sentence where static files have not been collected, or not since a version that had fewer; else empty.

    A trial serves them from where they were written.
    """
    if settings.TRIAL or not isinstance(staticfiles_storage, ManifestFilesMixin):
        return ""
    collected = staticfiles_storage.hashed_files
    lost = [
        name
        for finder in finders.get_finders()
        for name, _ in finder.list([])
        if name not in collected or not staticfiles_storage.exists(collected[name])
    ]
    if not lost:
        return ""
    return (
        f"{len(lost)} static file(s) have not been collected ({_first(lost)}). "
        "Run: python manage.py collectstatic --noinput"
    )


def check_for_deployment(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """``manage.py check --deploy`` says whether a server would start."""
    return [Error(sentence, id="apta.E001") for sentence in missing()]


def _first(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:MOST_NAMED]) + (", …" if len(listed) > MOST_NAMED else "")
