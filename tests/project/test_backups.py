"""A backup that is made under load comes back elsewhere as it was; one that is damaged or not for here is refused."""

import contextlib
import datetime
import io
import os
import re
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyrage
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from apta.backups import BackupProblem, archive, restoring, retention, tables, writing
from apta.verification import verify
from tests import measuring
from tests.conftest import Cast
from tests.project.test_start import environment, run
from workplan.actions import Actor, EvidenceItem, Report, record_status
from workplan.models import Activity, BackupRecord, Evidence, StatusUpdate, WorkPlan

pytestmark = pytest.mark.real_clock
DAY = datetime.date(2020, 6, 30)


def record(ref: str, by: Actor, *evidence: EvidenceItem) -> StatusUpdate:
    activity = Activity.objects.get(ref=ref)
    report = Report(status="ongoing", as_of=DAY, narrative="Begun: ไทย, ខ្មែរ – “quoted”.", evidence=evidence)
    return record_status(activity=activity, version=activity.version, report=report, by=by)


def backup(*arguments: str) -> str:
    output = io.StringIO()
    call_command("backup", *arguments, stdout=output)
    return output.getvalue()


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@contextlib.contextmanager
def elsewhere(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation with nothing in it, on the same kind of database."""
    if connection.vendor == "sqlite":
        yield environment(folder)
        return
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        address = urlsplit(os.environ["DATABASE_URL"])
        url = f"{address.scheme}://{address.netloc}/{name}?{address.query}"
        yield environment(folder, DATABASE_URL=url)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.django_db(transaction=True)
def test_a_backup_made_under_load_is_restored_elsewhere_as_it_was(cast: Cast, tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path / "here", tmp_path / "here/files"
    settings.DATA_DIR.mkdir()
    by = Actor(cast.secretariat, "page", "r")
    files = [SimpleUploadedFile(f"{name}.pdf", b"%PDF-1.7 " + name.encode() * 1_000) for name in ("minutes", "list")]
    record("A.1.1.1", by, *(EvidenceItem(title=file.name or "", file=file) for file in files))
    newest = record("A.1.1.2", by)
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(f"# a comment\n{identity}\n")
    is_enough, failed = threading.Event(), list[BaseException]()

    def go_on_writing() -> None:
        try:
            while not is_enough.is_set():
                record("A.1.1.3", by)
        except BaseException as problem:
            failed.append(problem)
        finally:
            connection.close()

    writer = threading.Thread(target=go_on_writing)
    writer.start()
    try:
        said = backup(str(tmp_path / "backups"), "--recipient", str(identity.to_public()))
    finally:
        is_enough.set()
        writer.join()
    assert failed == []
    fingerprint = re.search(r"Fingerprint ([0-9a-f]{64})", said)[1]  # type: ignore[index]
    (path,) = (tmp_path / "backups").glob("*.age")
    assert BackupRecord.objects.get().fingerprint == fingerprint
    assert b"SOMTC" not in path.read_bytes() and path.stat().st_mode & 0o077 == 0

    (tmp_path / "there").mkdir()
    with elsewhere(tmp_path / "there") as values:
        values |= measuring.of_processes()
        python = (sys.executable, "manage.py")
        done = run(*python, "restore", str(path), "--identity", str(tmp_path / "key"), **values)
        assert done.returncode == 0, done.stderr
        proved = run(*python, "verify", "--fingerprint", **values)
        assert proved.returncode == 0, proved.stdout + proved.stderr
        assert f"Fingerprint {fingerprint}" in proved.stdout
        assert "as it must be" in proved.stdout and "NOT" not in proved.stdout
    kept = files_in(settings.MEDIA_ROOT)
    assert files_in(tmp_path / "there/files") == kept and len(kept) == 2
    # Here, too, everything is as it must be; and no report got the number of another one.
    assert verify().is_whole and StatusUpdate.objects.filter(pk__gt=newest.pk).exists()


@pytest.fixture
def small(cast: Cast, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A backup of the database of the tests, within its transaction."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    monkeypatch.setattr(tables, "snapshot", contextlib.nullcontext)
    by = Actor(cast.secretariat, "page", "r")
    record("A.1.1.1", by, EvidenceItem(title="List", file=SimpleUploadedFile("list.pdf", b"%PDF-1.7 list")))
    yield writing.make_backup(tmp_path / "backups").path


def checked(path: Path, folder: Path) -> dict[str, Any]:
    folder.mkdir()
    return restoring.checked(path, folder, [])


def test_a_flipped_byte_in_a_backup_is_found(small: Path, tmp_path: Path) -> None:
    assert checked(small, tmp_path / "whole")["fingerprint"] == BackupRecord.objects.get().fingerprint

    content = bytearray(small.read_bytes())
    content[len(content) // 2] ^= 1
    small.write_bytes(content)
    with pytest.raises(BackupProblem, match="is damaged: its checksum is not that of"):
        checked(small, tmp_path / "one")
    # In the checksum of the compressed file: in its content, a byte may be another one and mean the same.
    content[len(content) // 2] ^= 1
    content[-6] ^= 1
    small.write_bytes(content)
    small.with_name(f"{small.name}.sha256").unlink()
    with pytest.raises(BackupProblem, match=r"cannot be read as a backup|is damaged"):
        checked(small, tmp_path / "two")


def changed(path: Path, folder: Path, name: str, before: bytes, after: bytes) -> Path:
    """The backup, packed anew with a change in one of its parts, as somebody would who wants it unnoticed."""
    with tarfile.open(path) as opened:
        opened.extractall(folder, filter="data")
    part = folder / name
    assert before in part.read_bytes()
    part.write_bytes(part.read_bytes().replace(before, after))
    archive.pack(folder, path, [])
    return path


@pytest.mark.parametrize(
    ("name", "before", "after", "message"),
    [
        ("manifest.json", b'"format": 1', b'"format": 2', "has a format that this version"),
        ("manifest.json", b'"0019_standard_terms"', b'"9999_of_the_future"', r"made by apta .* \(workplan\.9999_of"),
        ("manifest.json", b'"rows": 73', b'"rows": 72', "of the table workplan.activity it has other rows"),
        ("tables/workplan.workplan.jsonl", b"tip-2016-2020", b"tip-2016-2021", "of the table workplan.workplan it has"),
        ("tables/workplan.workplan.jsonl", b"[", b"{", "of the table workplan.workplan it has"),
        ("manifest.json", b'"fingerprint": "', b'"fingerprint": "0', "its manifest contradicts itself"),
    ],
)
def test_a_backup_that_is_not_for_this_version_or_contradicts_itself_is_refused(
    small: Path, tmp_path: Path, name: str, before: bytes, after: bytes, message: str
) -> None:
    path = changed(small, tmp_path / "changed", name, before, after)
    with pytest.raises(BackupProblem, match=message):
        checked(path, tmp_path / "read")


def test_a_row_that_came_back_otherwise_is_found_before_it_counts(small: Path, tmp_path: Path) -> None:
    manifest = checked(small, tmp_path / "read")
    models = {model._meta.label_lower: model for model in tables.models_at(tables.applied_migrations())}
    tables_of_the_plan = {label: models[label] for label in ("workplan.workplan", "workplan.activity")}
    restoring.refuse_differences(tables_of_the_plan, manifest)
    WorkPlan.objects.update(source_note="Another note")
    with pytest.raises(BackupProblem, match=r"workplan\.workplan could not be restored as it was kept"):
        restoring.refuse_differences(tables_of_the_plan, manifest)


def test_an_installation_with_rows_or_files_is_never_restored_into(small: Path, settings: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"not empty: there are activities in the database\. Restore into a new"):
        call_command("restore", str(small))


def test_an_encrypted_backup_asks_for_its_key(small: Path, tmp_path: Path) -> None:
    public = pyrage.x25519.Identity.generate().to_public()
    (tmp_path / "keys").write_text(f"# of the secretariat\n{public}\n")
    backup(str(tmp_path / "encrypted"), "--recipients-file", str(tmp_path / "keys"))
    (path,) = (tmp_path / "encrypted").glob("*.age")
    (tmp_path / "other").write_text(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(CommandError, match=r"is encrypted\. Name the file with the private key"):
        call_command("restore", str(path), "--check-only")
    with pytest.raises(CommandError, match="cannot be decrypted"):
        call_command("restore", str(path), "--check-only", "--identity", str(tmp_path / "other"))
    for wrong in (("--recipient", "nonsense"), ("--recipients-file", str(tmp_path / "nowhere"))):
        with pytest.raises(CommandError, match=r"public key cannot be used|cannot be read"):
            backup(str(tmp_path / "encrypted"), *wrong)
    (tmp_path / "none").write_text("# nothing\n")
    with pytest.raises(CommandError, match="would not be encrypted"):
        backup(str(tmp_path / "encrypted"), "--recipients-file", str(tmp_path / "none"))


def test_a_missing_file_is_said_and_the_rest_is_kept(small: Path, tmp_path: Path) -> None:
    name = str(Evidence.objects.get().file.name)
    default_storage.delete(name)
    with pytest.raises(CommandError, match=r"1 uploaded file\(s\) are missing or changed, such as") as refusal:
        backup(str(tmp_path / "again"))
    assert name in str(refusal.value) and len(list((tmp_path / "again").glob("*.gz"))) == 1


def test_a_draft_discarded_meanwhile_begins_the_backup_anew(
    small: Path, tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = str(Evidence.objects.get().file.name)
    asked = []

    def names(_: Any) -> list[str]:
        asked.append(1)
        return ["evidence/gone.pdf", name] if len(asked) == 1 else [name]

    monkeypatch.setattr(writing, "names_of_files", names)
    made = writing.make_backup(tmp_path / "again")
    assert (len(asked), made.files, made.damaged) == (2, 1, [])


def test_old_backups_are_removed_by_count_and_age_and_nothing_else_is(tmp_path: Path) -> None:
    now = datetime.datetime(2026, 3, 31, tzinfo=datetime.UTC)
    days = [0, 1, 2, 10, 40]
    for day in days:
        name = f"apta-{now - datetime.timedelta(days=day):%Y%m%dT%H%M%SZ}.tar.gz.age"
        (tmp_path / name).touch()
        (tmp_path / f"{name}.sha256").touch()
    for other in ("apta.tar.gz", "notes.txt", "apta-20200101T000000Z.tar.gz.part"):
        (tmp_path / other).touch()

    def left(**kept: int | None) -> int:
        retention.remove_old(tmp_path, **{"count": None, "days": None} | kept, now=now)  # type: ignore[arg-type]
        return len(retention.backups_in(tmp_path))

    assert left() == 5
    assert left(count=2, days=30) == 4
    assert left(days=5) == 3
    assert left(count=2) == 2
    assert left(days=1, count=1) == 1
    assert retention.remove_old(tmp_path, count=None, days=1, now=now + datetime.timedelta(days=900)) == []
    assert len(list(tmp_path.iterdir())) == 2 + 3


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    for wrong in ("0", "-1", "many", "\uff11"):
        with pytest.raises(CommandError, match="invalid a_number value"):
            backup(str(tmp_path), f"--keep={wrong}")
