"""Whether an installation is whole: the audit trail, references between tables, statuses, and uploaded files.

Reads only. Each function yields a sentence for each thing that is not as it must be.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Exists, F, ForeignKey, OuterRef, Q

from workplan import rules
from workplan.actions import integrity
from workplan.models import (
    Activity,
    AuditEntry,
    AuditSeal,
    BackupRecord,
    Evidence,
    FileChecksum,
    Obligation,
    Review,
    StatusUpdate,
)
from workplan.rules import seals

CHUNK = 1_000
# More of one kind are counted and not listed.
MOST_NAMED = 20


@dataclass
class Result:
    """What came of the checks.

    Attributes:
        problems: by the name of the check, sentences.
        head: position and digest of the last seal of the audit trail; keep them elsewhere and compare later.
        unsealed: entries that have no seal yet: those of the last minute, where the worker runs.
    """

    problems: dict[str, list[str]] = field(default_factory=dict)
    head: tuple[int, str] = (0, "")
    unsealed: int = 0

    @property
    def is_whole(self) -> bool:
        return not any(self.problems.values())


def verify(head: tuple[int, str] | None = None) -> Result:
    """Check everything.

    Args:
        head: a position and its digest that were noted earlier, which the audit trail must still have.
    """
    result = Result()
    checks: dict[str, Callable[[], Iterable[str]]] = {
        "audit trail": lambda: audit_trail([head] if head else []),
        "database": database_file,
        "references": references,
        "statuses": statuses,
        "uploaded files": uploaded_files,
    }
    for name, check in checks.items():
        found = check()
        named = list(islice(found, MOST_NAMED))
        more = sum(1 for _ in found) if len(named) == MOST_NAMED and isinstance(found, Iterator) else 0
        result.problems[name] = [*named, f"And {more} more."] if more else named
    last = AuditSeal.objects.last()
    result.head = (last.position, last.digest) if last else (0, "")
    result.unsealed = integrity.unsealed_entries(complete=True).count()
    return result


def audit_trail(heads: Iterable[tuple[int, str]] = ()) -> Iterator[str]:
    """Follow the chain of seals: no entry or seal is changed or gone, and the heads that backups kept are in it."""
    expected = {record.position: record.digest for record in BackupRecord.objects.exclude(digest="")} | dict(heads)
    position, digest = 0, seals.BEFORE_THE_FIRST
    links = AuditSeal.objects.order_by("position").iterator(chunk_size=CHUNK)
    while chunk := list(islice(links, CHUNK)):
        entries = AuditEntry.objects.in_bulk([one.entry_id for one in chunk])
        for one in chunk:
            if one.position != position + 1:
                yield f"The seals from {position + 1} to {one.position - 1} are missing."
                digest = ""
            position = one.position
            entry = entries.get(one.entry_id)
            if entry is None:
                yield f"The audit entry {one.entry_id} (seal {position}) is missing."
            # After a gap the digest before is not known, and this link cannot be judged.
            elif digest and seals.seal(position, digest, integrity.values_of(entry)) != one.digest:
                yield f"The audit entry {entry.pk} of {entry.at:%Y-%m-%d} (seal {position}) was changed, or its seal."
            digest = one.digest
            if expected.pop(position, digest) != digest:
                yield f"The seal {position} is not the one that was noted earlier: the chain was made again."
    for missing in sorted(expected):
        yield f"The audit trail ends at seal {position}; it had {missing} when that was noted. Its end is missing."


def database_file() -> Iterator[str]:
    """What SQLite finds in its file: pages, indexes, constraints. PostgreSQL looks after its own (pg_amcheck)."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(100)")
        for (found,) in cursor.fetchall():
            if found != "ok":
                yield f"SQLite: {found}."


def references() -> Iterator[str]:
    """Every row that another one names is there. Databases hold this themselves, unless somebody went around them."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy or model._meta.swapped:
            continue
        for link in model._meta.concrete_fields:
            if not isinstance(link, ForeignKey) or not getattr(link, "db_constraint", True):
                continue
            target = link.remote_field.model._base_manager.filter(**{link.target_field.attname: OuterRef(link.attname)})
            lost = model._base_manager.filter(~Exists(target), **{f"{link.attname}__isnull": False})
            for key in lost.order_by("pk").values_list("pk", flat=True)[: MOST_NAMED + 1]:
                yield f"{model._meta.verbose_name} {key} names a {link.name} that is not there."


def statuses() -> Iterator[str]:
    """The current status of each activity is that of its latest approved report, and the audit trail says so."""
    wrong = Activity.objects.filter(latest_update__isnull=False).exclude(
        status=F("latest_update__status"), status_as_of=F("latest_update__as_of"), latest_update__state=rules.APPROVED
    )
    for ref in wrong.order_by("pk").values_list("ref", flat=True):
        yield f"The status of activity {ref} is not that of its latest report."
    for ref in Activity.objects.filter(~Q(latest_update__activity=F("pk")), latest_update__isnull=False).values_list(
        "ref", flat=True
    ):
        yield f"The latest report of activity {ref} is of another activity."
    recorded: dict[int, object] = {}
    entries = AuditEntry.objects.filter(changes__has_key="latest_update", activity__isnull=False).order_by("pk")
    for activity, changes in entries.values_list("activity", "changes").iterator(chunk_size=CHUNK):
        recorded[activity] = changes["latest_update"][-1]
    for pk, ref, latest in Activity.objects.order_by("pk").values_list("pk", "ref", "latest_update"):
        if recorded.get(pk) != latest:
            yield f"The status of activity {ref} is not the one that the audit trail recorded last."
    approved = Review.objects.filter(update=OuterRef("pk"), decision=rules.APPROVE)
    unreviewed = StatusUpdate.objects.filter(~Exists(approved), state=rules.APPROVED, is_direct=False)
    for key in unreviewed.order_by("pk").values_list("pk", flat=True):
        yield f"The report {key} is approved, and nobody has approved it."
    elsewhere = ~Q(report__activity=F("activity")) | ~Q(report__round=F("round"))
    for key in Obligation.objects.filter(elsewhere, report__isnull=False).values_list("pk", flat=True):
        yield f"The report due {key} names a report of another activity or round."


def uploaded_files() -> Iterator[str]:
    """Every file behind a report is there, and as it came."""
    noted = {one.name: one for one in FileChecksum.objects.all()}
    for name, size in Evidence.objects.exclude(file="").order_by("pk").values_list("file", "file_size"):
        found = integrity.checksum_of(name)
        if found is None:
            yield f"The file {name} is missing in {default_storage.path('')}."
        elif (size is not None and size != found[0]) or (name in noted and noted[name].sha256 != found[1]):
            yield f"The file {name} is not as it came."
