"""Words of the search are split by one rule, in all scripts: that of ``workplan.search.words``.

Before, each database split words as its own parser does: SQLite at every mark, which broke most words of Thai, Khmer
and Burmese, PostgreSQL by its locale. Now a function ``apta_words`` gives the folded words of a text, separated by
spaces, and the databases only split at spaces. PostgreSQL's function is created here, from sets of characters;
SQLite's is that of ``workplan.search.words``, which Django registers on each connection: every program that writes
into a searched table of SQLite has to use Django.

On SQLite a migration that alters a field of one of ``SEARCHED``, or adds one with a default, makes the table anew and
loses its triggers. ``workplan.search.index`` restores them after each ``migrate``; a migration that itself searches, or
writes texts afterwards, ends with this operation::

    migrations.RunPython(import_module("workplan.migrations.0012_search_words").index_again, migrations.RunPython.noop)

PostgreSQL refuses to change the type of a searched column: call ``unindex`` before it and ``index_again`` after it. A
change of the rule needs a migration that creates the function and the indexes anew, as this one does.
"""

from importlib import import_module

import regex
from django.db import migrations

BEFORE = import_module("workplan.migrations.0010_search")
SEARCHED, LISTS, INDEXES = BEFORE.SEARCHED, BEFORE.LISTS, BEFORE.INDEXES
EVENTS = ("insert", "update", "delete")

# As in workplan.search.words, which explains them.
LETTERS = r"[\p{L}\p{N}\p{M}]"
UNSPACED = r"[\p{L}&&[\p{Word_Break=Other}\p{Line_Break=AK}\p{Line_Break=AP}\p{Line_Break=AS}]]"
IGNORED = (
    r"[[[\p{M}&&[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}]]--[\u3099\u309A]]"
    r"\p{Word_Break=Format}\p{Word_Break=ZWJ}\u200C]"
)
EQUIVALENT = ("đς", "dσ")  # noqa: RUF001

# PostgreSQL


def characters(wanted):
    """The characters of a set of Unicode properties, as ranges for a regular expression of PostgreSQL."""
    everything = "".join(map(chr, (*range(1, 0xD800), *range(0xE000, 0x110000))))
    runs = (found[0] for found in regex.finditer(f"{wanted}+", everything, regex.V1))
    return "".join(f"\\U{ord(run[0]):08X}-\\U{ord(run[-1]):08X}" for run in runs)


def postgresql_functions():
    """``apta_words``: folds, separates the letters of scripts without spaces, and puts one space between words."""
    bare = f"regexp_replace(normalize(value, NFD), '[{characters(IGNORED)}]+', '', 'g')"
    folded = f"translate(lower({bare}), '{EQUIVALENT[0]}', '{EQUIVALENT[1]}')"
    single, marks = characters(UNSPACED), characters(r"\p{M}")
    apart = f"regexp_replace({folded}, '([{single}][{marks}]*)', ' \\1 ', 'g')"
    words = f"regexp_replace({apart}, '[^{characters(LETTERS)}]+', ' ', 'g')"
    # PL/pgSQL, because SQL would be copied, with all these characters, into each place of each statement that calls it.
    yield (
        "CREATE FUNCTION apta_words(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE "
        f"AS $body$ BEGIN RETURN {words}; END $body$"
    )

    # A tsvector stores at most 255 positions of a word, and none beyond 16,383. A long report in a script whose letters
    # count as words has more; its words are kept as text, in which phrases are looked up.
    yield (
        "CREATE FUNCTION apta_words_of_long(words text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE "
        "AS $body$ BEGIN RETURN CASE WHEN length(words) > 500 AND ("
        "SELECT max(number) > 254 OR sum(number) > 16382 "
        "FROM (SELECT count(*) AS number FROM string_to_table(words, ' ') AS word GROUP BY word) AS counted"
        ") THEN words END; END $body$"
    )


def words_of(field):
    # Within JSON, a line break and its like are written with a letter, which is no part of a word.
    text = f"regexp_replace({field}::text, '\\\\[bfnrt]', ' ', 'g')" if field in LISTS else field
    return f"apta_words({text})"


def vector(index, fields):
    configuration = {"stems": "apta_stems", "plain": "pg_catalog.simple"}[index]
    return " || ".join(
        f"setweight(to_tsvector('{configuration}'::regconfig, {words_of(field)}), '{'ABCDD'[place]}')"
        for place, field in enumerate(fields)
    )


def postgresql_columns():
    for table, fields in SEARCHED.items():
        columns = {f"search_{index}": ("tsvector", vector(index, fields)) for index in INDEXES}
        words = " || E' \\n ' || ".join(map(words_of, fields))
        columns["search_text"] = ("text", f"apta_words_of_long(' ' || {words} || ' ')")
        made = (
            f"ADD COLUMN {name} {kind} GENERATED ALWAYS AS ({value}) STORED" for name, (kind, value) in columns.items()
        )
        yield f"ALTER TABLE {table} {', '.join(made)}"
        for index in INDEXES:
            yield f"CREATE INDEX {table}_search_{index} ON {table} USING gin (search_{index})"


def postgresql_without_columns():
    for table in SEARCHED:
        names = (*(f"search_{index}" for index in INDEXES), "search_text")
        yield f"ALTER TABLE {table} {', '.join(f'DROP COLUMN IF EXISTS {name}' for name in names)}"


def postgresql_without_functions():
    yield "DROP FUNCTION apta_words_of_long(text)"
    yield "DROP FUNCTION apta_words(text)"


# SQLite

# The text is split and folded already: only spaces separate words, and all other characters belong to them.
TOKENIZER = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'"


def value(index, field, row):
    function = {"stems": "apta_stems", "plain": "apta_words"}[index]
    return f"{function}(coalesce({BEFORE.value(field, row)}, ''))"


def sqlite_tables():
    for table, fields in SEARCHED.items():
        for index in INDEXES:
            prefix = ", prefix = 3" if index == "plain" else ""
            yield (
                f"CREATE VIRTUAL TABLE {table}_{index} USING fts5 "
                f'({", ".join(fields)}, tokenize = "{TOKENIZER}"{prefix})'
            )


def sqlite_triggers():
    for table, fields in SEARCHED.items():
        names = ", ".join(fields)
        put = "".join(
            f"INSERT INTO {table}_{index} (rowid, {names}) "
            f"VALUES (NEW.id, {', '.join(value(index, field, 'NEW') for field in fields)}); "
            for index in INDEXES
        )
        take = "".join(f"DELETE FROM {table}_{index} WHERE rowid = OLD.id; " for index in INDEXES)
        for event, statements in (("INSERT", put), (f"UPDATE OF id, {names}", take + put), ("DELETE", take)):
            name = f"{table}_search_{event.split()[0].lower()}"
            yield f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW BEGIN {statements}END"


def sqlite_without_triggers():
    for table in SEARCHED:
        for event in EVENTS:
            yield f"DROP TRIGGER IF EXISTS {table}_search_{event}"


def sqlite_filling():
    for table, fields in SEARCHED.items():
        for index in INDEXES:
            values = ", ".join(value(index, field, table) for field in fields)
            yield f"DELETE FROM {table}_{index}"
            yield f"INSERT INTO {table}_{index} (rowid, {', '.join(fields)}) SELECT {table}.id, {values} FROM {table}"


def sqlite_without_tables():
    for table in SEARCHED:
        for index in INDEXES:
            yield f"DROP TABLE {table}_{index}"


# Operations

run = BEFORE.run


def unindex(apps, schema_editor):
    """Take the columns or the triggers away; on SQLite the indexes stay until they are filled again."""
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, postgresql_without_columns)
    else:
        run(schema_editor, sqlite_without_triggers)


def index(apps, schema_editor):
    unindex(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, postgresql_functions, postgresql_columns)
    else:
        run(schema_editor, sqlite_without_tables, sqlite_tables, sqlite_triggers, sqlite_filling)


def index_again(apps, schema_editor):
    """Write the triggers or columns and fill the indexes again, after a migration that made a table anew."""
    unindex(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, postgresql_columns)
    else:
        run(schema_editor, sqlite_triggers, sqlite_filling)


def take_back(apps, schema_editor):
    """Restore the indexes of migration 0010."""
    unindex(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, postgresql_without_functions, BEFORE.postgresql_columns)
    else:
        run(schema_editor, sqlite_without_tables, BEFORE.sqlite, BEFORE.sqlite_filling)


class Migration(migrations.Migration):
    dependencies = [("workplan", "0011_client_request_id")]

    operations = [migrations.RunPython(index, take_back)]
