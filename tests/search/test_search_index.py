"""The database keeps the search in step with what is written, whichever way it is written."""

from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import CharField

from tests.conftest import Cast
from workplan import actions, search
from workplan.actions import Actor
from workplan.models import Activity, SectoralBody, WorkPlan
from workplan.search.matching import SEARCHED

INDEX = import_module("workplan.migrations.0012_search_words")


def refs(words: str) -> list[str]:
    found = Activity.objects.filter(search.matches(Activity, words))
    return list(found.order_by("position").values_list("ref", flat=True))


def test_every_searched_table_has_its_indexes_after_all_migrations(db: None) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            wanted = {f"{table}_search_{event}" for table in INDEX.SEARCHED for event in INDEX.EVENTS}
        else:
            cursor.execute("SELECT indexname FROM pg_indexes")
            wanted = {f"{table}_search_{index}" for table in INDEX.SEARCHED for index in INDEX.INDEXES}
        assert wanted <= {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_made_a_table_anew_loses_nothing_of_the_search(plan: WorkPlan) -> None:
    """Django adds a field with a default so on SQLite, where the triggers of the table are lost."""
    field = CharField(max_length=10, default="", db_column="temporary")
    field.set_attributes_from_name("temporary")
    with connection.schema_editor() as editor:
        editor.add_field(Activity, field)
        editor.execute("UPDATE workplan_activity SET text = 'A kaleidoscope' WHERE ref = 'A.1.1.1'")
    call_command("migrate", "workplan", verbosity=0)

    assert refs("kaleidoscope") == ["A.1.1.1"]
    Activity.objects.filter(ref="A.1.1.1").update(text="Plain")
    assert refs("kaleidoscope") == []
    with connection.schema_editor() as editor:
        editor.remove_field(Activity, field)
    call_command("migrate", "workplan", verbosity=0)
    assert refs("plain") == ["A.1.1.1"]


def test_the_search_asks_for_the_fields_that_the_indexes_hold() -> None:
    assert {f"workplan_{kind}": fields for kind, fields in SEARCHED.items()} == INDEX.SEARCHED


def test_what_is_written_in_bulk_is_found_at_once_and_what_is_gone_is_not(plan: WorkPlan) -> None:
    assert refs("kaleidoscope") == []
    Activity.objects.filter(ref="A.1.1.1").update(text="A kaleidoscope of measures")
    assert refs("kaleidoscopes") == ["A.1.1.1"]
    Activity.objects.filter(ref="A.1.1.1").update(text="Something else", notes=["Mentions a kaleidoscope", "so"])
    assert refs("kaleidoscope") == ["A.1.1.1"]
    one = Activity.objects.get(ref="A.1.1.1")
    [made] = Activity.objects.bulk_create(
        [Activity(plan=plan, area=one.area, ref="A.1.1.99", position=999, text="Another kaleidoscope")]
    )
    assert refs("kaleidoscope") == ["A.1.1.1", "A.1.1.99"]
    made.delete()
    Activity.objects.filter(ref="A.1.1.1").update(notes=[])
    assert refs("kaleidoscope") == []


def test_what_is_edited_and_undone_is_found_as_it_stands(plan: WorkPlan, cast: Cast) -> None:
    body = SectoralBody.objects.get(acronym="SLOM")
    by = Actor(cast.secretariat, "page", "edit")
    body.name = "Marmalade Meeting"
    actions.save_record(record=body, expected_version=body.version, by=by)
    found = SectoralBody.objects.filter(search.matches(SectoralBody, "marmalade"))
    assert [one.acronym for one in found] == ["SLOM"]
    actions.undo_request(request_id="edit", reason="A slip.", by=Actor(cast.secretariat, "page", "undo"))
    assert not SectoralBody.objects.filter(search.matches(SectoralBody, "marmalade")).exists()


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_made_a_table_anew_can_fill_the_indexes_again(plan: WorkPlan) -> None:
    with connection.schema_editor() as editor:
        INDEX.unindex(None, editor)
        editor.execute("UPDATE workplan_activity SET text = 'A kaleidoscope' WHERE ref = 'A.1.1.1'")
        INDEX.index_again(None, editor)

    assert refs("kaleidoscope") == ["A.1.1.1"]
    Activity.objects.filter(ref="A.1.1.1").update(text="Plain")
    assert refs("kaleidoscope") == []


@pytest.mark.django_db(transaction=True)
def test_a_database_of_an_earlier_release_is_searched_by_the_words_of_this_one(plan: WorkPlan) -> None:
    """What was written under the indexes of 0.3.0 is found after the upgrade, and as before after the way back."""
    try:
        with connection.schema_editor() as editor:
            INDEX.take_back(None, editor)
        Activity.objects.filter(ref="A.1.1.1").update(text="Kaleidoscopes, การฝึกอบรมตำรวจ", notes=["打击人口贩运"])
    finally:
        with connection.schema_editor() as editor:
            INDEX.index(None, editor)
    assert refs("kaleidoscope") == refs("ตำรวจ") == refs("人口") == ["A.1.1.1"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_emptied_between_tests_finds_nothing_that_is_gone(plan: WorkPlan) -> None:
    Activity.objects.filter(ref="A.1.1.1").update(text="A leftover of an earlier test")
    assert refs("leftover") == ["A.1.1.1"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_emptied_is_searched_like_a_new_one(plan: WorkPlan) -> None:
    assert refs("leftover") == []
    assert refs("uploading") == ["A.1.1.1"]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for index in INDEX.INDEXES:
                cursor.execute(f"SELECT count(*) FROM workplan_activity_{index}")
                assert cursor.fetchone() == (Activity.objects.count(),)
