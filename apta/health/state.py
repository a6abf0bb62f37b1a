"""The figures of a running installation, each by a query or two: for readiness, metrics and the system page."""

import datetime
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from time import monotonic

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Case, F, Min, When
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from workplan.actions import integrity
from workplan.models import BackupRecord, Digest

SECONDS_FOR_A_CHECK = 2.0
# The worker looks each minute; a task that has waited for longer says that none runs.
QUEUE_MAY_WAIT = datetime.timedelta(minutes=15)
SMALLEST_DISK = 500 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Check:
    """What came of one check.

    Attributes:
        is_required: whether requests can be answered only where it holds. A queue that waits or a disk that fills is
            told, and no reason to send readers away.
        message: what is wrong; empty where nothing is.
    """

    name: str
    is_required: bool
    message: str
    milliseconds: int

    @property
    def holds(self) -> bool:
        return not self.message


@dataclass(frozen=True, slots=True)
class Queue:
    """Tasks that wait, the age in seconds of the one that has waited longest, and those that failed of late."""

    waiting: int
    oldest: float
    failed: int


# Few, so that checks that hang do not pile up; a check that finds no place in time has failed as well.
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")


def checks() -> list[Check]:
    """Whether requests can be answered, and what needs somebody; each within ``SECONDS_FOR_A_CHECK``."""
    asked = [
        ("database", True, database_obstacle),
        ("migrations", True, migrations_obstacle),
        ("queue", False, queue_obstacle),
        ("disk", False, disk_obstacle),
    ]
    began = monotonic()
    running = [(name, is_required, _threads.submit(_asked, check)) for name, is_required, check in asked]
    found = []
    for name, is_required, future in running:
        try:
            message, milliseconds = future.result(max(0.0, began + SECONDS_FOR_A_CHECK - monotonic()))
        except TimeoutError:
            future.cancel()
            message, milliseconds = "no answer in time", round(SECONDS_FOR_A_CHECK * 1000)
        found.append(Check(name, is_required, message, milliseconds))
    return found


def _asked(check: Callable[[], str]) -> tuple[str, int]:
    began = monotonic()
    try:
        message = check()
    except Exception as problem:
        # The words of the database may name hosts and accounts; they are for the log.
        message = f"failed with {type(problem).__name__}"
    finally:
        connection.close()
    return message, round((monotonic() - began) * 1000)


def database_obstacle() -> str:
    connection.ensure_connection()
    return "" if connection.is_usable() else "the database does not answer"


@cache
def _migrations_of_this_version() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)


def migrations_obstacle() -> str:
    lacking = _migrations_of_this_version() - set(MigrationRecorder(connection).applied_migrations())
    return f"{len(lacking)} migrations have not been applied" if lacking else ""


def queue_obstacle() -> str:
    oldest = queue().oldest
    if oldest <= QUEUE_MAY_WAIT.total_seconds():
        return ""
    return f"a task has waited for {oldest / 60:.0f} minutes; see whether the worker runs"


def disk_obstacle() -> str:
    free = disk_free()
    return f"{free // 1024**2} MB are left for data" if free < SMALLEST_DISK else ""


def queue() -> Queue:
    """The queue of tasks. What is to run later does not wait yet."""
    now = timezone.now()
    waiting = DBTaskResult.objects.ready().filter(status=TaskResultStatus.READY)
    # A task for later begins to wait at its time; the others have a moment that never comes.
    began = Case(When(run_after__lte=now, then=F("run_after")), default=F("enqueued_at"))
    oldest = waiting.aggregate(found=Min(began))["found"]
    day_before = now - datetime.timedelta(days=1)
    failed = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED, finished_at__gt=day_before).count()
    return Queue(waiting.count(), max(0.0, (now - oldest).total_seconds()) if oldest else 0.0, failed)


def mails() -> dict[str, int]:
    """How many mails wait, and how many could not be sent yet."""
    return {state: Digest.objects.in_state(state).count() for state in ("waiting", "failed")}


def last_backup() -> BackupRecord | None:
    return BackupRecord.objects.first()


def unsealed_entries() -> int:
    """How many of the latest audit entries have no seal yet."""
    return integrity.unsealed_entries(complete=False).count()


def disk_free() -> int:
    """The bytes that are left where data, uploaded files and, with SQLite, the database lie."""
    return shutil.disk_usage(settings.DATA_DIR).free
