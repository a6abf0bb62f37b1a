"""How fast the answers are: ``python -m tests.benchmark`` prints medians for the real plan and for 1,000 more rows.

It works on a database of its own, in memory, and asks through Django's test client: what is measured
is apta with its database, without network and server.
"""

import os
import statistics
import time
from collections.abc import Callable

ADDRESSES = {
    "home": "/",
    "matrix": "/plans/tip-2016-2020/",
    "list": "/plans/tip-2016-2020/activities/",
    "list, filtered": "/plans/tip-2016-2020/activities/?body=SOMTC&role=lead&status=not_reported",
    "activity": "/plans/tip-2016-2020/activities/A.1.1.1/",
    "csv": "/plans/tip-2016-2020/activities.csv",
    "search": "/search/?q=victims",
    "api list, 50": "/api/v1/activities/",
    "api list, 1000": "/api/v1/activities/?limit=1000",
    "api summary": "/api/v1/summary/",
}
ROUNDS = 9


def median_of(ask: Callable[[], object]) -> float:
    """The median time of one answer, in milliseconds, after one that does not count."""
    ask()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        ask()
        times.append(time.perf_counter() - start)
    return 1_000 * statistics.median(times)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apta.settings")
    os.environ.update(APTA_DEBUG="1", APTA_ALLOWED_HOSTS="testserver", DATABASE_URL="sqlite://:memory:")
    import django

    django.setup()

    from django.core.management import call_command
    from django.test import Client

    from tests.building import grow
    from workplan.models import WorkPlan

    call_command("migrate", verbosity=0)
    call_command("loaddata", "bodies", "tip-work-plan", verbosity=0)
    client = Client()

    def ask(address: str) -> bytes:
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        return b"".join(response)  # type: ignore[arg-type]

    small = {name: median_of(lambda address=address: ask(address)) for name, address in ADDRESSES.items()}  # type: ignore[misc]
    grow(WorkPlan.objects.get(), 1_000)
    large = {name: median_of(lambda address=address: ask(address)) for name, address in ADDRESSES.items()}  # type: ignore[misc]

    print(f"{'milliseconds, median of ' + str(ROUNDS):<32}{'73 rows':>12}{'1,073 rows':>12}")
    for name in ADDRESSES:
        print(f"{name:<32}{small[name]:>12.1f}{large[name]:>12.1f}")


if __name__ == "__main__":
    main()
