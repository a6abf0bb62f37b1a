"""Figures for Prometheus: requests as they are answered, and the state of the installation when it is asked for.

Labels name addresses by their patterns and never hold what a person sent.
"""

import os
from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError, InterfaceError
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from apta import __version__
from apta.health import state

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Where the processes of one web server add up what each has counted; ``manage.py serve`` sets it.
SHARED = "PROMETHEUS_MULTIPROC_DIR"

REQUESTS = Counter("apta_requests", "Answered requests.", ("method", "route", "status"))
SECONDS = Histogram(
    "apta_request_seconds",
    "Seconds until an answer was ready.",
    ("route",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
QUERIES = Histogram(
    "apta_request_queries", "Queries of a request.", ("route",), buckets=(0, 5, 10, 20, 30, 50, 100, 200)
)


def count(*, method: str, route: str, status: int, seconds: float, queries: int) -> None:
    """Count one answered request."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)
    QUERIES.labels(route).observe(queries)


class Installation(Collector):
    """The state of the installation, read when somebody asks for the metrics."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        version = GaugeMetricFamily("apta_version_info", "The version that answers.", labels=["version"])
        version.add_metric([__version__], 1)
        yield version
        yield gauge("apta_disk_free_bytes", "Bytes that are left where the data lie.", state.disk_free())
        try:
            yield from self._of_the_database()
            up = 1
        except (DatabaseError, InterfaceError):
            up = 0
        yield gauge("apta_database_up", "Whether the database answers.", up)

    def _of_the_database(self) -> Iterable[GaugeMetricFamily]:
        queue, backup = state.queue(), state.last_backup()
        found = [
            gauge("apta_queue_tasks", "Tasks that wait for the worker.", queue.waiting),
            gauge("apta_queue_oldest_seconds", "How long the oldest of them has waited.", queue.oldest),
            gauge("apta_queue_failed_tasks", "Tasks that failed within a day.", queue.failed),
            gauge("apta_audit_unsealed_entries", "Audit entries without a seal.", state.unsealed_entries()),
        ]
        mails = GaugeMetricFamily("apta_mails", "Mails that have not been sent.", labels=["state"])
        for name, number in state.mails().items():
            mails.add_metric([name], number)
        found.append(mails)
        if backup:
            made = backup.at.timestamp()
            found.append(gauge("apta_backup_timestamp_seconds", "When the last backup was made.", made))
            found.append(gauge("apta_backup_size_bytes", "How large it is.", backup.size))
        return found


def gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def exposition() -> bytes:
    """All figures in the text format of Prometheus."""
    installation = CollectorRegistry()
    installation.register(Installation())
    requests: Any = REGISTRY
    if os.environ.get(SHARED):
        requests = CollectorRegistry()
        multiprocess.MultiProcessCollector(requests)
    return generate_latest(requests) + generate_latest(installation)
