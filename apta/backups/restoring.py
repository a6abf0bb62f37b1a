"""Restoring a backup into an empty installation. What is restored is compared with what was kept before it counts."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from apta.backups import BackupProblem, archive, tables
from apta.backups.writing import fingerprint_of

# Of these the first migrations and Django's own make rows by themselves.
OURS = "workplan"


def restore(source: Path, identities: Sequence[Any] = ()) -> dict[str, Any]:
    """Restore the backup ``source`` into this installation, and bring it to this version; its manifest.

    Either all of it is there afterwards, or nothing.

    Raises:
        BackupProblem: the installation is not empty, or the backup is damaged, or made by a newer version.
    """
    refuse_unless_empty()
    with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.DATA_DIR) as place:
        folder = Path(place, "content")
        folder.mkdir()
        manifest = checked(source, folder, identities)
        applied = [(app, name) for app, name in manifest["migrations"]]
        _migrate_to(applied)
        models = {model._meta.label_lower: model for model in tables.models_at(applied)}
        if set(models) != set(manifest["tables"]):
            raise BackupProblem(f"{source} has other tables than this version had at its migrations.")
        written: list[Path] = []
        try:
            with transaction.atomic(durable=True):
                _load(models, manifest, folder)
                _copy_files(manifest, folder, written)
        except BaseException:
            for path in written:
                path.unlink(missing_ok=True)
            raise
    # To this version, with the triggers of the search.
    call_command("migrate", interactive=False, verbosity=0)
    return manifest


def checked(source: Path, folder: Path, identities: Sequence[Any]) -> dict[str, Any]:
    """Unpack ``source`` into ``folder`` and compare every part with the manifest, which is returned.

    Raises:
        BackupProblem: a part is damaged or missing, or the backup is of a newer version.
    """
    manifest = archive.unpack(source, folder, identities)
    stated: dict[str, Any] = manifest["tables"]
    for label, one in stated.items():
        path = folder / "tables" / f"{label}.jsonl"
        if not path.is_file() or _stated_of(path) != {"rows": one["rows"], "sha256": one["sha256"]}:
            raise BackupProblem(f"{source} is damaged: of the table {label} it has other rows than it says.")
    for name, one in manifest["files"].items():
        path = folder / "files" / name
        if not path.is_file() or path.stat().st_size != one["size"] or archive.sha256_of(path) != one["sha256"]:
            raise BackupProblem(f"{source} is damaged: the file {name} in it is not as it was.")
    if fingerprint_of(stated, manifest["files"]) != manifest["fingerprint"]:
        raise BackupProblem(f"{source} is damaged: its manifest contradicts itself.")
    nodes = MigrationLoader(None).graph.nodes
    newer = [f"{app}.{name}" for app, name in manifest["migrations"] if (app, name) not in nodes]
    if newer:
        raise BackupProblem(
            f"{source} was made by apta {manifest['apta']}, which has migrations that this version does not know "
            f"({', '.join(newer[:3])}). Install that version."
        )
    return manifest


def _stated_of(path: Path) -> dict[str, Any] | None:
    """Number and digest of the rows in a file, as the manifest states them; ``None`` where it holds something else."""
    digest = tables.Digest()
    with path.open("rb") as file:
        for line in file:
            try:
                digest.add(orjson.loads(line))
            except orjson.JSONDecodeError:
                return None
    return digest.stated()


def refuse_unless_empty() -> None:
    """Refuse an installation in which somebody has worked: a restore never mixes two.

    Raises:
        BackupProblem: there are rows of ours, or uploaded files.
    """
    applied = tables.applied_migrations()
    rows = [
        model._meta.verbose_name_plural
        for model in tables.models_at(applied)
        if model._meta.app_label == OURS and model._base_manager.exists()
    ]
    media = Path(settings.MEDIA_ROOT)
    files = next((path for path in media.rglob("*") if path.is_file()), None) if media.is_dir() else None
    if rows or files:
        found = f"{rows[0]} in the database" if rows else f"the file {files}"
        raise BackupProblem(
            f"This installation is not empty: there are {found}. Restore into a new database (DATABASE_URL) and a new "
            "folder (APTA_DATA_DIR), then let apta use these."
        )


def _migrate_to(applied: list[tuple[str, str]]) -> None:
    """Bring the empty database to just the migrations that the backup was made at."""
    if not MigrationLoader(connection).applied_migrations and set(applied) == set(MigrationLoader(None).graph.nodes):
        call_command("migrate", interactive=False, verbosity=0)
        return
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    wanted = set(applied)
    ends = [key for key in applied if not any(child.key in wanted for child in graph.node_map[key].children)]
    executor.migrate(ends)
    executor.loader.build_graph()
    if extra := set(executor.loader.applied_migrations) - wanted:
        names = ", ".join(sorted(name for _, name in extra)[:3])
        raise BackupProblem(
            f"The database has migrations that the backup had not ({names}). Restore into a database without tables."
        )


def _load(models: dict[str, tables.Model], manifest: dict[str, Any], folder: Path) -> None:
    tables.empty(list(models.values()))
    for label, model in models.items():
        stated = manifest["tables"][label]
        with (folder / "tables" / f"{label}.jsonl").open("rb") as file:
            tables.read_rows(model, file, stated["fields"])
    refuse_differences(models, manifest)
    tables.set_last_keys(list(models.values()), manifest["last_keys"])


def refuse_differences(models: dict[str, tables.Model], manifest: dict[str, Any]) -> None:
    """Compare the rows that are in the database with those of the backup.

    Raises:
        BackupProblem: a table has other rows.
    """
    for label, model in models.items():
        stated = manifest["tables"][label]
        if tables.digest_of(model) != {"rows": stated["rows"], "sha256": stated["sha256"]}:
            raise BackupProblem(f"The table {label} could not be restored as it was kept. Nothing was restored.")


def _copy_files(manifest: dict[str, Any], folder: Path, written: list[Path]) -> None:
    for name in manifest["files"]:
        target = Path(settings.MEDIA_ROOT, name)
        target.parent.mkdir(mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS, parents=True, exist_ok=True)
        written.append(target)
        target.write_bytes((folder / "files" / name).read_bytes())
        target.chmod(settings.FILE_UPLOAD_PERMISSIONS)
