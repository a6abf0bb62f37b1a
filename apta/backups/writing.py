"""Making a backup while people work."""

import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import FileField
from django.utils import timezone

from apta import __version__
from apta.backups import BackupProblem, archive, tables
from workplan.actions import integrity
from workplan.models import AuditSeal, Evidence, FileChecksum

# A file that goes while it is copied belongs to a draft that somebody discards: the next try does not name it.
TRIES = 5
CHUNK = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made.

    Attributes:
        path: the file.
        size: in bytes.
        rows, files: how many are in it.
        fingerprint: of all tables and files.
        damaged: names of uploaded files that are missing or not as they came; they are in it as they are.
    """

    path: Path
    size: int
    rows: int
    files: int
    fingerprint: str
    damaged: list[str]


class FileGone(Exception):
    """A file went while the backup was made."""


def make_backup(folder: Path, recipients: Sequence[Any] = ()) -> Backup:
    """Write database and uploaded files, as they are at one moment, to a new file in ``folder``.

    Args:
        folder: where to; it is made where it is missing.
        recipients: public keys, of which any opens it; without one it is not encrypted.

    Raises:
        BackupProblem: the folder cannot be written, or a newer version has been at work on the database.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise BackupProblem(f"The folder {folder} cannot be made: {problem}") from problem
    applied = tables.applied_migrations()
    if ("workplan", "0055_audit_seals") in applied:
        integrity.seal_entries(complete=True)
        integrity.note_checksums()
    target = _free_name(folder, archive.ENCRYPTED if recipients else archive.PLAIN)
    for last in range(TRIES - 1, -1, -1):
        # What is not encrypted yet stays on this machine.
        with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.DATA_DIR) as place:
            inner = Path(place, "content")
            inner.mkdir()
            try:
                manifest, damaged = _collect(inner, applied, ignore_gone=not last)
            except FileGone:
                continue
            (inner / archive.MANIFEST).write_text(json.dumps(manifest, indent=1))
            try:
                size = archive.pack(inner, target, recipients)
            except OSError as problem:
                raise BackupProblem(f"{target} could not be written: {problem}") from problem
            break
    if ("workplan", "0055_audit_seals") in applied:
        integrity.record_backup(
            path=str(target),
            size=size,
            is_encrypted=bool(recipients),
            fingerprint=manifest["fingerprint"],
            position=manifest["audit"]["position"],
            digest=manifest["audit"]["digest"],
        )
    rows = sum(stated["rows"] for stated in manifest["tables"].values())
    return Backup(target, size, rows, len(manifest["files"]), manifest["fingerprint"], damaged)


def _free_name(folder: Path, ending: str) -> Path:
    moment = f"{timezone.now():%Y%m%dT%H%M%SZ}"
    names = (f"apta-{moment}{f'-{number}' if number else ''}{ending}" for number in range(1_000))
    return next(folder / name for name in names if not (folder / name).exists())


def _collect(folder: Path, applied: list[tuple[str, str]], *, ignore_gone: bool) -> tuple[dict[str, Any], list[str]]:
    """Put rows and files into ``folder``; the manifest, and the names of damaged files."""
    models = tables.models_at(applied)
    (folder / "tables").mkdir()
    with tables.snapshot():
        stated = {}
        for model in models:
            label = model._meta.label_lower
            with (folder / "tables" / f"{label}.jsonl").open("wb") as file:
                stated[label] = tables.write_rows(model, file)
        last_keys = tables.last_keys(models)
        names = names_of_files(models)
        with_seals = ("workplan", "0055_audit_seals") in applied
        last = AuditSeal.objects.last() if with_seals else None
        noted = dict(FileChecksum.objects.values_list("name", "sha256")) if with_seals else {}
    files, damaged = {}, []
    for name in names:
        found = _copy(name, folder / "files" / name)
        if found is None and not ignore_gone and not Evidence.objects.filter(file=name).exists():
            raise FileGone
        if found is None:
            damaged.append(name)
            continue
        if noted.get(name, found["sha256"]) != found["sha256"]:
            damaged.append(name)
        files[name] = found
    manifest = {
        "format": archive.FORMAT,
        "apta": __version__,
        "at": timezone.now().isoformat(),
        "database": connection.vendor,
        "migrations": applied,
        "tables": stated,
        "last_keys": last_keys,
        "files": files,
        "audit": {"position": last.position if last else 0, "digest": last.digest if last else ""},
        "fingerprint": fingerprint_of(stated, files),
    }
    return manifest, damaged


def names_of_files(models: Sequence[tables.Model]) -> list[str]:
    """The names of all uploaded files that rows name."""
    found: set[str] = set()
    for model in models:
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField):
                used = model._base_manager.exclude(**{field.attname: ""}).values_list(field.attname, flat=True)
                found.update(name for name in used if name)
    return sorted(found)


def fingerprint_of(stated: dict[str, Any], files: dict[str, Any]) -> str:
    """One digest of all tables and files. It is the same where, and only where, all of them are."""
    parts = [f"{label} {one['rows']} {one['sha256']}" for label, one in sorted(stated.items())]
    parts += [f"{name} {one['size']} {one['sha256']}" for name, one in sorted(files.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def present_fingerprint() -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The fingerprint of this installation as it is, with what it is made of."""
    models = tables.models_at(tables.applied_migrations())
    stated = {model._meta.label_lower: tables.digest_of(model) for model in models}
    found = {name: integrity.checksum_of(name) for name in names_of_files(models)}
    files = {name: {"size": one[0], "sha256": one[1]} for name, one in found.items() if one}
    return fingerprint_of(stated, files), stated, files


def _copy(name: str, target: Path) -> dict[str, Any] | None:
    """Copy an uploaded file; its size and checksum, or ``None`` where it is not there."""
    digest, size = hashlib.sha256(), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with default_storage.open(name) as file, target.open("wb") as written:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                written.write(chunk)
    except FileNotFoundError:
        return None
    return {"size": size, "sha256": digest.hexdigest()}
