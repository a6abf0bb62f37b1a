"""How near reading comes to the database: ``make bench`` prints the answers of apta beside what others need for them.

The contestants read the same rows, in turn, each in a process of its own, so that a busy machine is busy for all:

- the limit: PostgreSQL writes the same JSON by hand-written prepared statements, without any program around it;
- the serializers of Django REST framework with everything prefetched, as apta answered up to 0.3.0;
- apta on PostgreSQL and on SQLite: the whole application, called without network and server.

No figure here passes or fails: it depends on the machine, which is named.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIST = "/api/v1/activities/"
FIRST, UNCHANGED, NOT_MODIFIED, AFTER_WRITE = "nothing kept", "nothing changed", "304", "after a write"
# Each work: its query, what is kept of it, and which rows the limit reads.
WORKS: dict[str, tuple[str, str, str]] = {
    "list of 50": ("", FIRST, ""),
    "list of 50, after a write": ("", AFTER_WRITE, ""),
    "list of 50, nothing changed": ("", UNCHANGED, ""),
    "list of 50, 304": ("", NOT_MODIFIED, ""),
    "list of 1,000": ("limit=1000", FIRST, ""),
    "status": ("status=ongoing", FIRST, "AND status = 'ongoing'"),
    "body and role": (
        "body=SOMTC&role=lead",
        FIRST,
        "AND EXISTS (SELECT 1 FROM workplan_responsibility r JOIN workplan_sectoralbody b ON b.id = r.body_id "
        "WHERE r.activity_id = workplan_activity.id AND r.role = 'lead' AND b.acronym = 'SOMTC')",
    ),
    "90 % deep": ("offset={deep}", FIRST, ""),
}
LIMIT, SERIALIZERS, ON_POSTGRESQL, ON_SQLITE = "limit", "serializers", "apta, PostgreSQL", "apta, SQLite"

BODIES = (
    "coalesce((SELECT json_agg(b.acronym ORDER BY r.position, r.id) FROM workplan_responsibility r "
    "JOIN workplan_sectoralbody b ON b.id = r.body_id WHERE r.activity_id = a.id AND r.role = '{}'), '[]')"
)
EVIDENCE = (
    "coalesce((SELECT json_agg(json_build_object('id', e.id, 'title', e.title, 'url', e.url, 'dated_on', e.dated_on, "
    "'file_name', e.file_name, 'file_size', e.file_size) ORDER BY e.position, e.id) "
    "FROM workplan_evidence e WHERE e.update_id = u.id), '[]')"
)
DUE = (
    "coalesce((SELECT CASE WHEN o.due_on < current_date THEN 'overdue' ELSE 'not_due' END FROM workplan_obligation o "
    "JOIN workplan_reportinground n ON n.id = o.round_id WHERE o.activity_id = a.id AND n.state = 'open' "
    "ORDER BY o.due_on DESC, o.id LIMIT 1), 'not_due')"
)
OF_UPDATE = "kind status as_of narrative outputs_delivered challenges next_steps reason state is_direct".split()
UPDATE = (
    "CASE WHEN u.id IS NULL THEN NULL ELSE json_build_object('id', u.id, 'url', 'http://x/api/v1/updates/' || u.id, "
    + "".join(f"'{name}', u.{name}, " for name in (*OF_UPDATE, "created_at", "submitted_at", "approved_at", "version"))
    + f"'status_label', u.status, 'evidence', {EVIDENCE}, 'reported_by', coalesce(ub.acronym, 'Secretariat'), "
    "'body', ub.acronym, 'round', u.round_id, 'round_code', ur.code, 'author', null, 'submitted_by', null, "
    "'approved_by', null) END"
)
OF_ACTIVITY = (
    "id ref kind marker text notes expected_output all_other_bodies_cooperate status status_as_of reading_note "
    "source_lines version updated_at"
).split()
ROW = (
    "json_build_object("
    + "".join(f"'{name}', a.{name}, " for name in OF_ACTIVITY)
    + "'plan', p.code, 'url', 'http://x/api/v1/activities/' || a.id || '/', 'html_url', 'http://x/plans/' || p.code "
    "|| '/activities/' || a.ref || '/', 'section', json_build_object('ref', s.ref, 'title', s.text), "
    "'provision', json_build_object('ref', v.ref, 'marker', v.marker, 'text', v.text), "
    "'area', json_build_object('ref', c.ref, 'marker', c.marker, 'text', c.text), "
    f"'lead_bodies', {BODIES.format('lead')}, 'cooperating_bodies', {BODIES.format('cooperating')}, "
    f"'status_label', a.status, 'timeliness', {DUE}, 'latest_update', {UPDATE}, 'allowed_actions', '[]'::json)"
)
FROM = (
    "(SELECT * FROM workplan_activity WHERE plan_id = (SELECT id FROM workplan_workplan) {where} "
    "ORDER BY position LIMIT {limit} OFFSET {offset}) a "
    "JOIN workplan_workplan p ON p.id = a.plan_id JOIN workplan_collaborationarea c ON c.id = a.area_id "
    "JOIN workplan_provision v ON v.id = c.provision_id JOIN workplan_section s ON s.id = v.section_id "
    "LEFT JOIN workplan_statusupdate u ON u.id = a.latest_update_id "
    "LEFT JOIN workplan_sectoralbody ub ON ub.id = u.body_id LEFT JOIN workplan_reportinground ur ON ur.id = u.round_id"
)


def sql_of(query: str, where: str) -> str:
    """The hand-written statement of a work."""
    named = dict(pair.split("=") for pair in query.split("&") if pair)
    rows = FROM.format(where=where, limit=named.get("limit", 50), offset=named.get("offset", 0))
    return f"SELECT json_agg({ROW})::text FROM {rows}"


# Each contestant, in a process of its own


def prepared(deep: int) -> Callable[[str], tuple[int, int]]:
    """The limit."""
    from django.db import connection

    names = {work: f"work_{place}" for place, work in enumerate(WORKS)}
    cursor = connection.cursor()
    for work, (query, _, where) in WORKS.items():
        cursor.execute(f"PREPARE {names[work]} AS {sql_of(query.format(deep=deep), where)}")

    def ask(work: str) -> tuple[int, int]:
        cursor.execute(f"EXECUTE {names[work]}")
        return len(cursor.fetchone()[0]), 1

    return ask


def application(deep: int, *, serializers: bool) -> Callable[[str], tuple[int, int]]:
    """apta, called as a server calls it."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connection
    from django.test import RequestFactory

    from workplan.api import reading
    from workplan.api.base import Records
    from workplan.api.views import Activities
    from workplan.models import Activity

    if serializers:
        Activities.list = Records.list  # type: ignore[method-assign]
    handler = WSGIHandler()
    tags: dict[str, str] = {}

    def call(query: str, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        environ = RequestFactory().generic("GET", f"{LIST}?{query}", headers=headers).environ
        given: dict[str, str] = {}
        respond: Any = lambda status, headers: given.update(headers)  # noqa: E731
        answer = handler(environ, respond)
        return b"".join(answer), given

    def ask(work: str) -> tuple[int, int]:
        query, kept, _ = WORKS[work]
        query = query.format(deep=deep)
        if kept == NOT_MODIFIED and work not in tags:
            tags[work] = call(query, {})[1]["ETag"]
        headers = {"If-None-Match": tags[work]} if kept == NOT_MODIFIED else {}
        if kept == AFTER_WRITE:
            Activity.objects.filter(ref="A.1.1.1").update(marker="a")
            tags.clear()
        if kept in (FIRST, AFTER_WRITE):
            reading.forget_answers()
        connection.force_debug_cursor = ask.counts  # type: ignore[attr-defined]
        connection.queries_log.clear()
        start = time.perf_counter()
        content, _ = call(query, headers)
        ask.took = time.perf_counter() - start  # type: ignore[attr-defined]
        return len(content), len(connection.queries_log)

    ask.counts = False  # type: ignore[attr-defined]
    return ask


def contest(contestant: str, database: str, deep: int) -> None:
    """Answer, for each work that is named on a line, how long it took; counts statements where it is asked to."""
    set_up(database)
    ask: Any = prepared(deep) if contestant == LIMIT else application(deep, serializers=contestant == SERIALIZERS)
    for line in sys.stdin:
        work, counts = json.loads(line)
        ask.counts = counts
        start, used = time.perf_counter(), time.process_time()
        size, statements = ask(work)
        took = getattr(ask, "took", time.perf_counter() - start)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps([took, time.process_time() - used, size, statements, memory]), flush=True)


# The contest


def set_up(database: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apta.settings")
    os.environ.update(APTA_DEBUG="1", APTA_ALLOWED_HOSTS="testserver", DATABASE_URL=database, APTA_LOG_LEVEL="ERROR")
    import django

    django.setup()


def make_data(database: str, rows: int) -> None:
    """The real plan and ``rows`` activities more, each of them reported on, in an open round."""
    set_up(database)
    from django.core.management import call_command
    from django.db import connection

    from tests.benchmark import enlarge
    from tests.larger_plans import opened
    from workplan.actions import Actor
    from workplan.models import User, WorkPlan

    call_command("migrate", verbosity=0)
    call_command("loaddata", "bodies", "tip-work-plan", verbosity=0)
    enlarge(WorkPlan.objects.get(), rows)
    opened(WorkPlan.objects.get(), Actor(User.objects.get(username="sari"), "command"))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def run(rows: int, rounds: int, postgresql: str, folder: Path) -> None:
    """Make the data, let the contestants take turns, and print the table."""
    sqlite = f"sqlite:///{folder / 'bench.sqlite3'}"
    command = [sys.executable, "-m", "tests.reading_benchmark", "--rows", str(rows)]
    for database in (postgresql, sqlite):
        subprocess.run([*command, "--make", database], check=True)
    databases = {LIMIT: postgresql, SERIALIZERS: postgresql, ON_POSTGRESQL: postgresql, ON_SQLITE: sqlite}
    contestants = {
        name: subprocess.Popen(
            [*command, "--contestant", name, "--database", database], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for name, database in databases.items()
    }

    def ask(name: str, work: str, *, counts: bool = False) -> list[float]:
        process: Any = contestants[name]
        process.stdin.write(json.dumps([work, counts]).encode() + b"\n")
        process.stdin.flush()
        answer: list[float] = json.loads(process.stdout.readline())
        return answer

    print(f"{rows:,} activities and those of the plan; {platform.platform()}, {os.cpu_count()} processors,")
    print(f"Python {platform.python_version()}; medians of {rounds} turns; ms, ratio to the limit, statements, KiB.\n")
    print(f"| {'work':<28}" + "".join(f"| {name:>28} " for name in contestants) + "|")
    print("|---" * (len(contestants) + 1) + "|")
    peak: dict[str, float] = {}
    for work in WORKS:
        counted = {name: ask(name, work, counts=True) for name in contestants for _ in range(3)}
        times: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name in contestants:
                times[name].append(ask(name, work)[0])
        median = {name: 1_000 * statistics.median(taken) for name, taken in times.items()}
        cells = [
            f"{median[name]:.2f} · {median[LIMIT] / median[name]:.2f} · {counted[name][3]:.0f} · "
            f"{counted[name][2] / 1024:.0f}"
            for name in contestants
        ]
        peak |= {name: counted[name][4] for name in contestants}
        print(f"| {work:<28}" + "".join(f"| {cell:>28} " for cell in cells) + "|", flush=True)
    print("\nMemory of each process at its end, MiB: " + ", ".join(f"{name} {peak[name]:.0f}" for name in contestants))
    for process in contestants.values():
        process.stdin.close()  # type: ignore[union-attr]
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.reading_benchmark", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000, help="how many activities more than the real plan has")
    parser.add_argument("--rounds", type=int, default=25, help="how many turns each contestant has at each work")
    parser.add_argument("--database", help="of --contestant; else an empty database of PostgreSQL to use")
    parser.add_argument("--make", help=argparse.SUPPRESS)
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make_data(options.make, options.rows)
    elif options.contestant:
        contest(options.contestant, options.database, options.rows * 9 // 10)
    else:
        from tests.postgres import postgres_url

        with tempfile.TemporaryDirectory() as folder:
            if options.database:
                run(options.rows, options.rounds, options.database, Path(folder))
                return
            with postgres_url() as database:
                run(options.rows, options.rounds, database, Path(folder))


if __name__ == "__main__":
    main()
