"""Full-text search that the database itself keeps in step with every way of writing: actions, bulk, fixtures, undo.

Each searched table has two indexes: ``stems``, where a word stands by its stem, and ``plain``, where it stands as it
is written, for words that are not finished yet. Accents are folded in both, and no word is too common to be found.
PostgreSQL keeps them in generated columns with GIN indexes, SQLite in FTS5 tables that triggers fill.

What a later migration has to do:

- SQLite alters a column of a table by making the table anew, and loses its triggers on the way. So a migration that
  adds a field with a default to one of ``SEARCHED``, or alters one, ends with the operation that writes the triggers
  and fills the indexes again (``tests/test_search_index.py`` fails without it)::

      migrations.RunPython(import_module("workplan.migrations.0010_search").index_again, migrations.RunPython.noop)

- PostgreSQL refuses to change the type of a column that is searched: drop the two generated columns before it
  (``unindex``) and call ``index_again`` after it.
"""

from django.db import migrations

# The first field weighs most, the last least; "notes" are lists of texts.
SEARCHED = {
    "workplan_section": ("text", "notes"),
    "workplan_provision": ("text", "notes"),
    "workplan_collaborationarea": ("text", "notes"),
    "workplan_activity": ("text", "expected_output", "notes"),
    "workplan_sectoralbody": ("name", "acronym"),
    "workplan_statusupdate": ("narrative", "outputs_delivered", "challenges", "next_steps", "reason"),
}
LISTS = ("notes",)
INDEXES = ("stems", "plain")

# PostgreSQL


def folded(field):
    """The words of a field: without accents, and with a space for whatever stands between two words."""
    # Within JSON, a line break and its like are written with a letter, which is no part of a word.
    text = f"regexp_replace({field}::text, '\\\\[bfnrt]', ' ', 'g')" if field in LISTS else field
    bare = f"regexp_replace(normalize({text}, NFD), '[\\u0300-\\u036F]', '', 'g')"
    between = "[\\u0001-\\u002F\\u003A-\\u0040\\u005B-\\u0060\\u007B-\\u00BF\\u00D7\\u00F7\\u2000-\\u206F\\u2E00-\\u2E7F\\u3000-\\u303F]+"
    return f"regexp_replace({bare}, '{between}', ' ', 'g')"


def vector(index, fields):
    configuration = {"stems": "apta_stems", "plain": "pg_catalog.simple"}[index]
    return " || ".join(
        f"setweight(to_tsvector('{configuration}'::regconfig, {folded(field)}), '{'ABCDD'[place]}')"
        for place, field in enumerate(fields)
    )


def postgresql():
    """The stemmer is the one of SQLite, without a list of words that are left out."""
    yield "CREATE TEXT SEARCH DICTIONARY apta_porter (TEMPLATE = pg_catalog.snowball, LANGUAGE = porter)"
    yield "CREATE TEXT SEARCH CONFIGURATION apta_stems (COPY = pg_catalog.simple)"
    yield (
        "ALTER TEXT SEARCH CONFIGURATION apta_stems ALTER MAPPING FOR "
        "asciiword, word, numword, asciihword, hword, numhword, hword_asciipart, hword_part, hword_numpart "
        "WITH apta_porter"
    )
    yield from postgresql_columns()


def postgresql_columns():
    for table, fields in SEARCHED.items():
        columns = ", ".join(
            f"ADD COLUMN search_{index} tsvector GENERATED ALWAYS AS ({vector(index, fields)}) STORED"
            for index in INDEXES
        )
        yield f"ALTER TABLE {table} {columns}"
        for index in INDEXES:
            yield f"CREATE INDEX {table}_search_{index} ON {table} USING gin (search_{index})"


# SQLite

TOKENIZERS = {"stems": "porter unicode61 remove_diacritics 2", "plain": "unicode61 remove_diacritics 2"}


def value(field, row):
    listed = f"(SELECT group_concat(value, ' ; ') FROM json_each({row}.{field}))"
    return listed if field in LISTS else f"{row}.{field}"


def sqlite():
    for table, fields in SEARCHED.items():
        for index in INDEXES:
            yield (
                f"CREATE VIRTUAL TABLE {table}_{index} USING fts5 "
                f"({', '.join(fields)}, tokenize = '{TOKENIZERS[index]}'{', prefix = 3' if index == 'plain' else ''})"
            )
    yield from sqlite_triggers()


def sqlite_triggers():
    for table, fields in SEARCHED.items():
        names, new = ", ".join(fields), ", ".join(value(field, "NEW") for field in fields)
        put = "".join(f"INSERT INTO {table}_{index} (rowid, {names}) VALUES (NEW.id, {new}); " for index in INDEXES)
        take = "".join(f"DELETE FROM {table}_{index} WHERE rowid = OLD.id; " for index in INDEXES)
        for event, deeds in (("INSERT", put), (f"UPDATE OF id, {names}", take + put), ("DELETE", take)):
            name = f"{table}_search_{event.split()[0].lower()}"
            yield f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW BEGIN {deeds}END"


def sqlite_filling():
    for table, fields in SEARCHED.items():
        values = ", ".join(value(field, table) for field in fields)
        for index in INDEXES:
            yield f"DELETE FROM {table}_{index}"
            yield (f"INSERT INTO {table}_{index} (rowid, {', '.join(fields)}) SELECT {table}.id, {values} FROM {table}")


# Operations


def run(schema_editor, *scripts):
    for script in scripts:
        for statement in script():
            schema_editor.execute(statement, params=None)


def index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, postgresql)
    else:
        run(schema_editor, sqlite, sqlite_filling)


def unindex(apps, schema_editor):
    """Take the columns or the triggers away; on SQLite the indexes stay until they are filled again."""
    for table in SEARCHED:
        if schema_editor.connection.vendor == "postgresql":
            columns = ", ".join(f"DROP COLUMN IF EXISTS search_{index}" for index in INDEXES)
            schema_editor.execute(f"ALTER TABLE {table} {columns}", params=None)
        else:
            for event in ("insert", "update", "delete"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_search_{event}", params=None)


def index_again(apps, schema_editor):
    """What a later migration ends with that makes one of the tables anew."""
    unindex(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, postgresql_columns)
    else:
        run(schema_editor, sqlite_triggers, sqlite_filling)


def take_back(apps, schema_editor):
    unindex(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TEXT SEARCH CONFIGURATION apta_stems", params=None)
        schema_editor.execute("DROP TEXT SEARCH DICTIONARY apta_porter", params=None)
        return
    for table in SEARCHED:
        for index in INDEXES:
            schema_editor.execute(f"DROP TABLE {table}_{index}", params=None)


class Migration(migrations.Migration):
    dependencies = [("workplan", "0009_saved_views")]

    operations = [migrations.RunPython(index, take_back)]
