"""Sealing the audit trail and noting the checksums of files: by the worker, once a minute, and before each backup.

Apart from the actions that write entries, so that nobody waits for the chain: a chain within each transaction would let
only one of them run at a time.
"""

import datetime
import hashlib
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from workplan.models import AuditEntry, AuditSeal, BackupRecord, Evidence, FileChecksum
from workplan.rules import seals

BATCH = 1_000
# Entries that are younger than the newest sealed one by so many ids are looked through each time. A transaction that
# took so long that more were written meanwhile is found by the complete search before each backup.
OVERLAP = 10_000
TRIES = 5
CHUNK = 1024 * 1024  # bytes


def seal_entries(*, complete: bool = False) -> int:
    """Seal the audit entries that have no seal; how many. Several processes may do so at once.

    Args:
        complete: whether all entries are looked through, and not only the latest.
    """
    total = 0
    while True:
        sealed = _seal_some(complete)
        total += sealed
        if sealed < BATCH:
            return total


def _seal_some(complete: bool) -> int:
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                new = _new_seals(complete)
                AuditSeal.objects.bulk_create(new)
                return len(new)
        except IntegrityError:
            # Somebody else has sealed the same meanwhile: the place in the chain is taken.
            continue
    return 0


def _new_seals(complete: bool) -> list[AuditSeal]:
    last = AuditSeal.objects.last()
    position, digest = (last.position, last.digest) if last else (0, seals.BEFORE_THE_FIRST)
    found = []
    for entry in unsealed_entries(complete=complete)[:BATCH]:
        position += 1
        digest = seals.seal(position, digest, values_of(entry))
        found.append(AuditSeal(position=position, entry_id=entry.pk, digest=digest))
    return found


def unsealed_entries(*, complete: bool) -> QuerySet[AuditEntry]:
    """The entries without a seal, oldest first. For ``complete`` see ``seal_entries``."""
    entries = AuditEntry.objects.filter(~Exists(AuditSeal.objects.filter(entry_id=OuterRef("pk")))).order_by("pk")
    newest = None if complete else AuditSeal.objects.aggregate(newest=Max("entry_id"))["newest"]
    return entries if newest is None else entries.filter(pk__gt=newest - OVERLAP)


def values_of(entry: AuditEntry) -> dict[str, Any]:
    """The values of ``entry`` as they are sealed."""
    values = {name: getattr(entry, name) for name in seals.SEALED_FIELDS}
    return values | {"at": entry.at.astimezone(datetime.UTC).isoformat(timespec="microseconds")}


def note_checksums() -> int:
    """Note size and SHA-256 of uploaded files that have none noted; how many. A file that is gone is left out."""
    noted = 0
    known = FileChecksum.objects.filter(name=OuterRef("file"))
    for name in Evidence.objects.exclude(file="").filter(~Exists(known)).values_list("file", flat=True).order_by("pk"):
        found = checksum_of(name)
        if found is not None:
            size, digest = found
            FileChecksum.objects.get_or_create(name=name, defaults={"size": size, "sha256": digest})
            noted += 1
    used = Evidence.objects.filter(file=OuterRef("name"))
    # A day later, because the file of a draft that is being saved stands in no row yet.
    FileChecksum.objects.filter(~Exists(used), noted_at__lt=timezone.now() - datetime.timedelta(days=1)).delete()
    return noted


def checksum_of(name: str) -> tuple[int, str] | None:
    """Size and SHA-256 of a stored file; ``None`` where it is not there."""
    digest, size = hashlib.sha256(), 0
    try:
        with default_storage.open(name) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except FileNotFoundError:
        return None
    return size, digest.hexdigest()


def record_backup(*, path: str, size: int, is_encrypted: bool, fingerprint: str, position: int, digest: str) -> None:
    """Note that a backup was completed. For the arguments see ``BackupRecord``."""
    BackupRecord.objects.create(
        path=path, size=size, is_encrypted=is_encrypted, fingerprint=fingerprint, position=position, digest=digest
    )
