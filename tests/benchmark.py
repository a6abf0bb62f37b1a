"""How fast the answers are: ``python -m tests.benchmark`` prints medians and queries for the real plan and for more.

It works on a database of its own, in memory or the empty one that ``--database`` names, and asks through
Django's test client: what is measured is apta with its database, without network and server.
"""

import argparse
import datetime
import os
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workplan.models import WorkPlan

ADDRESSES = {
    "home": "/",
    "matrix": "/plans/tip-2016-2020/",
    "list": "/plans/tip-2016-2020/activities/",
    "list, filtered": "/plans/tip-2016-2020/activities/?body=SOMTC&role=lead&status=not_reported",
    "list as of a day": "/plans/tip-2016-2020/activities/?as_of=2026-01-01",
    "dashboard": "/plans/tip-2016-2020/dashboard/",
    "dashboard as of a day": "/plans/tip-2016-2020/dashboard/?as_of=2026-01-01",
    "coverage": "/plans/tip-2016-2020/coverage/",
    "coverage, xlsx": "/plans/tip-2016-2020/coverage.xlsx",
    "compare": "/plans/tip-2016-2020/compare/?from=2026-01-01",
    "timeline": "/plans/tip-2016-2020/timeline/",
    "open questions": "/plans/tip-2016-2020/questions/",
    "body": "/plans/tip-2016-2020/bodies/SOMTC/",
    "activity": "/plans/tip-2016-2020/activities/A.1.1.1/",
    "csv": "/plans/tip-2016-2020/activities.csv",
    "search": "/search/?q=victims",
    "search, a slip": "/search/?q=vicitms+identificatoin",
    "jump": "/jump/?q=a11",
    "api list, 50": "/api/v1/activities/",
    "api list, 1000": "/api/v1/activities/?limit=1000",
    "api summary": "/api/v1/summary/",
    "api summary as of a day": "/api/v1/summary/?as_of=2026-01-01",
    "api coverage": "/api/v1/coverage/?plan=tip-2016-2020",
    "api search": "/api/v1/search/?q=victims",
}
ROUNDS = 5


def median_of(ask: Callable[[str], object], address: str) -> float:
    """The median time of one answer, in milliseconds, after one that does not count."""
    ask(address)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        ask(address)
        times.append(time.perf_counter() - start)
    return 1_000 * statistics.median(times)


def main() -> None:
    """Measure the real plan, then the same plan with more and more rows."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000], help="how many activities more, in turn")
    parser.add_argument("--database", default="sqlite://:memory:", help="the address of an empty database")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apta.settings")
    os.environ.update(APTA_DEBUG="1", APTA_ALLOWED_HOSTS="testserver", DATABASE_URL=options.database)
    import django

    django.setup()

    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from workplan.models import WorkPlan

    call_command("migrate", verbosity=0)
    call_command("loaddata", "bodies", "tip-work-plan", verbosity=0)
    client = Client()

    def ask(address: str) -> bytes:
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        return b"".join(response)  # type: ignore[arg-type]

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            ask(address)
        return len(asked)

    columns: list[tuple[int, dict[str, str]]] = []
    for number in (0, *options.rows):
        rows = enlarge(WorkPlan.objects.get(), number)
        figures = {name: f"{median_of(ask, address):,.0f} / {queries(address)}" for name, address in ADDRESSES.items()}
        columns.append((rows, figures))

    print(
        f"{'ms (median of ' + str(ROUNDS) + ') / queries':<32}"
        + "".join(f"{f'{rows:,} rows':>16}" for rows, _ in columns)
    )
    for name in ADDRESSES:
        print(f"{name:<32}" + "".join(f"{figures[name]:>16}" for _, figures in columns))


def enlarge(plan: "WorkPlan", number: int) -> int:
    """Add ``number`` activities and report on all that have no report; how many there are then."""
    from tests.conftest import make_person
    from tests.larger_plans import grow
    from workplan.actions import Actor, EvidenceItem, Report, record_status_of_many
    from workplan.models import Activity
    from workplan.permissions import SECRETARIAT_GROUP

    grow(plan, number)
    keeper = Actor(make_person("sari", name="Sari Staff", group=SECRETARIAT_GROUP), "command")
    link = (EvidenceItem("Module", "https://example.org/module"),)
    report = Report("ongoing", datetime.date(2018, 6, 30), narrative="The module was drafted.", evidence=link)
    versions = dict(Activity.objects.filter(plan=plan, latest_update=None).values_list("pk", "version"))
    keys = sorted(versions)
    for start in range(0, len(keys), 1_000):
        part = {pk: versions[pk] for pk in keys[start : start + 1_000]}
        record_status_of_many(versions=part, report=report, by=keeper)
    return Activity.objects.count()


if __name__ == "__main__":
    main()
