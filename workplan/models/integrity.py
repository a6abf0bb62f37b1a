"""By what it is proved that nothing was changed or lost: seals of audit entries, checksums of files, and backups."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class AuditSeal(models.Model):
    """One link of the chain over the audit trail. The database refuses to change or delete it.

    Attributes:
        position: the place in the chain, from 1 and without a gap. Entries are sealed in the order in which they were
            seen, because transactions that began earlier may end later.
        entry_id: the audit entry. No constraint links it, so that a seal outlives an entry that somebody removes.
        digest: of the entry and of the digest before; see ``workplan.rules.seals``.
    """

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["position"]

    def __str__(self) -> str:
        return f"{self.position}: {self.digest[:12]}"


class FileChecksum(models.Model):
    """What an uploaded file was when it came: a file never changes afterwards.

    Attributes:
        name: the name in the storage.
        sha256: in hexadecimal.
    """

    name = models.CharField(max_length=200, unique=True)
    size = models.BigIntegerField(help_text="In bytes.")
    sha256 = models.CharField(max_length=64)
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class BackupRecord(models.Model):
    """A backup that was completed, with the head of the chain of seals in it.

    Attributes:
        fingerprint: of all tables and files in it; a restored installation has the same.
        position, digest: the last seal in it; 0 and nothing where there was none.
    """

    at = models.DateTimeField(default=timezone.now)
    path = models.CharField(max_length=1_000)
    size = models.BigIntegerField(help_text="In bytes.")
    is_encrypted = models.BooleanField(default=False)
    fingerprint = models.CharField(max_length=64)
    position = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.path}"
