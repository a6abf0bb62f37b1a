"""What somebody changed or removed behind the back of apta is found."""

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from apta.management.commands import verify as command
from apta.verification import verify
from tests.conftest import Cast
from tests.project.test_backups import record
from workplan.actions import Actor, EvidenceItem, integrity
from workplan.models import AuditEntry, AuditSeal, Evidence
from workplan.rules import seals


@pytest.fixture
def sealed(cast: Cast) -> list[int]:
    """Some work of the secretariat, with one file, sealed; the ids of the entries in the order of their seals."""
    by = Actor(cast.secretariat, "page", "r")
    record("A.1.1.1", by, EvidenceItem(title="List", file=SimpleUploadedFile("list.pdf", b"%PDF-1.7 list")))
    for ref in ("A.1.1.2", "A.1.1.3", "A.1.1.4"):
        record(ref, by)
    integrity.seal_entries()
    integrity.note_checksums()
    assert verify().is_whole
    return list(AuditSeal.objects.values_list("entry_id", flat=True))


@contextlib.contextmanager
def behind_the_back() -> Iterator[Any]:
    """What somebody may do who has the database in their hands: no trigger and no reference holds them back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield cursor
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%%'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield cursor
        for _, sql in triggers:
            cursor.execute(sql)


def problems(name: str = "audit trail") -> list[str]:
    return verify().problems[name]


def test_entries_are_sealed_once_and_seals_follow_from_each_other(sealed: list[int]) -> None:
    assert sealed == list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    first, second = AuditSeal.objects.all()[:2]
    entries = AuditEntry.objects.in_bulk(sealed)
    assert first.digest == seals.seal(1, "0" * 64, integrity.values_of(entries[first.entry_id]))
    assert second.digest == seals.seal(2, first.digest, integrity.values_of(entries[second.entry_id]))
    assert integrity.seal_entries() == 0 and integrity.seal_entries(complete=True) == 0


@pytest.mark.parametrize("statement", ["UPDATE workplan_auditseal SET digest = ''", "DELETE FROM workplan_auditseal"])
@pytest.mark.usefixtures("sealed")
def test_the_database_refuses_to_change_or_delete_a_seal(statement: str) -> None:
    with pytest.raises(DatabaseError, match="kept for ever"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_name", "'Somebody Else (sari)'"),
        ("reason", "'x'"),
        ("at", "'2020-01-01 00:00:00+00:00'"),
        ("changes", '\'{"status": ["", "completed"]}\''),
    ],
)
def test_a_changed_entry_is_found(sealed: list[int], column: str, value: str) -> None:
    with behind_the_back() as cursor:
        cursor.execute(f"UPDATE workplan_auditentry SET {column} = {value} WHERE id = %s", [sealed[1]])
    (found,) = [problem for problem in problems() if "was changed" in problem]
    assert f"The audit entry {sealed[1]} of " in found and "(seal 2) was changed" in found


def test_a_removed_entry_is_found(sealed: list[int]) -> None:
    with behind_the_back() as cursor:
        cursor.execute("DELETE FROM workplan_auditentry WHERE id = %s", [sealed[2]])
    assert problems() == [f"The audit entry {sealed[2]} (seal 3) is missing."]


def test_a_removed_entry_is_found_when_its_seal_goes_with_it(sealed: list[int]) -> None:
    with behind_the_back() as cursor:
        cursor.execute("DELETE FROM workplan_auditentry WHERE id = %s", [sealed[2]])
        cursor.execute("DELETE FROM workplan_auditseal WHERE position = 3")
    assert problems() == ["The seals from 3 to 3 are missing."]


def test_an_end_that_was_cut_off_is_found_by_the_head_that_a_backup_kept(sealed: list[int]) -> None:
    last = AuditSeal.objects.get(position=len(sealed))
    integrity.record_backup(
        path="x", size=1, is_encrypted=False, fingerprint="0" * 64, position=last.position, digest=last.digest
    )
    with behind_the_back() as cursor:
        cursor.execute("DELETE FROM workplan_auditentry WHERE id = %s", [last.entry_id])
        cursor.execute("DELETE FROM workplan_auditseal WHERE position = %s", [last.position])
    (found,) = problems()
    assert found.startswith(f"The audit trail ends at seal {len(sealed) - 1}; it had {len(sealed)} when")


def test_a_chain_that_was_made_anew_is_found_by_a_head_that_was_noted(
    sealed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "snapshot", contextlib.nullcontext)
    position, digest = verify().head
    with behind_the_back() as cursor:
        cursor.execute("UPDATE workplan_auditentry SET actor_name = 'x' WHERE id = %s", [sealed[0]])
        cursor.execute("DELETE FROM workplan_auditseal")
    integrity.seal_entries()
    assert verify().is_whole
    with pytest.raises(CommandError, match="not whole"):
        call_command("verify", "--head", f"{position}:{digest}", stdout=io.StringIO())
    assert verify((position, digest)).problems["audit trail"] == [
        f"The seal {position} is not the one that was noted earlier: the chain was made again."
    ]
    with pytest.raises(CommandError, match="POSITION:DIGEST"):
        call_command("verify", "--head", "nonsense")


def test_an_entry_that_commits_late_is_sealed_behind_the_others(sealed: list[int], cast: Cast) -> None:
    late = AuditEntry.objects.latest("pk")
    AuditEntry.objects.bulk_create(
        [AuditEntry(pk=late.pk + 5, actor_name="x", channel="page", action="x.y", record_type="x", record_id="1")]
    )
    integrity.seal_entries()
    AuditEntry.objects.bulk_create(
        [AuditEntry(pk=late.pk + 2, actor_name="y", channel="page", action="x.y", record_type="x", record_id="1")]
    )
    assert integrity.seal_entries() == 1
    assert list(AuditSeal.objects.values_list("entry_id", flat=True))[-2:] == [late.pk + 5, late.pk + 2]
    assert problems() == []


@pytest.mark.django_db(transaction=True)
def test_processes_that_seal_at_once_make_one_chain(cast: Cast) -> None:
    by = Actor(cast.secretariat, "page", "r")
    for ref in ("A.1.1.1", "A.1.1.2", "A.1.1.3"):
        record(ref, by)
    sealed: list[int] = []
    barrier = threading.Barrier(4)

    def seal() -> None:
        try:
            barrier.wait()
            sealed.append(integrity.seal_entries())
        finally:
            connection.close()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sealed) == 4 and sum(sealed) == AuditEntry.objects.count() == AuditSeal.objects.count()
    assert problems() == []


# Other things that must be as they are


def test_a_file_that_is_changed_or_gone_is_found(sealed: list[int]) -> None:
    name = str(Evidence.objects.get().file.name)
    default_storage.delete(name)
    assert len(problems("uploaded files")) == 1 and "is missing" in problems("uploaded files")[0]
    # As long as before, so that only its checksum tells.
    assert default_storage.save(name, ContentFile(b"%PDF-1.7 lisT")) == name
    assert problems("uploaded files") == [f"The file {name} is not as it came."]


def damage(statement: str) -> Callable[[Any], None]:
    return lambda cursor: cursor.execute(statement)


@pytest.mark.parametrize(
    ("check", "statement", "message"),
    [
        (
            "statuses",
            "UPDATE workplan_activity SET status = 'completed' WHERE ref = 'A.1.1.1'",
            "is not that of",
        ),
        (
            "statuses",
            "UPDATE workplan_activity SET latest_update_id = NULL, status = 'not_reported', status_as_of = NULL "
            "WHERE ref = 'A.1.1.2'",
            "A.1.1.2 is not the one that the audit trail recorded last",
        ),
        ("references", "UPDATE workplan_auditentry SET actor_id = 999999", "names a actor that is not there"),
    ],
)
@pytest.mark.usefixtures("sealed")
def test_a_status_or_reference_that_contradicts_is_found(check: str, statement: str, message: str) -> None:
    savepoint = transaction.savepoint()
    with behind_the_back() as cursor:
        cursor.execute(statement)
    assert any(message in problem for problem in problems(check)), verify().problems
    # Before the end of the test, at which references are checked.
    transaction.savepoint_rollback(savepoint)
