"""What browsers are told to keep from pages and from other sites, at every address; and whom to tell of a weakness."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.conftest import Cast
from workplan.models import WorkPlan

PLAN = "/plans/tip-2016-2020"


@pytest.mark.parametrize(
    ("address", "policy"),
    [
        *(("/", "same-origin"), ("/nowhere/", "same-origin"), ("/api/v1/plans/", "same-origin")),
        *(("/accounts/login/", "same-origin"), ("/admin/", "same-origin"), (f"{PLAN}/activities.csv", "same-origin")),
        *(("/static/workplan/apta.css", "same-origin"), ("/api/docs/", "same-origin"), ("/my/", "same-origin")),
        # What is made to be shown by other sites.
        *((f"{PLAN}/status.svg", "cross-origin"), (f"{PLAN}/embed/status/", "cross-origin")),
    ],
)
def test_other_sites_get_only_what_is_made_for_them(plan: WorkPlan, address: str, policy: str) -> None:
    answer = Client().get(address)
    assert answer["Cross-Origin-Resource-Policy"] == policy
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(answer["Permissions-Policy"].split(", "))
    answer.close()


@pytest.mark.parametrize("is_public", [True, False])
def test_whoever_found_a_weakness_reads_whom_to_tell(
    cast: Cast, settings: Any, page: Callable[..., Client], is_public: bool
) -> None:
    address = "/.well-known/security.txt"
    assert Client().get(address).status_code == 404
    settings.SECURITY_CONTACT, settings.PUBLIC_READ = "mailto:security@example.org", is_public
    settings.BASE_URL = "https://plan.example.org"
    answer = Client().get(address)
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert lines["Contact"] == "mailto:security@example.org"
    assert lines["Canonical"] == "https://plan.example.org/.well-known/security.txt"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", lines["Expires"])
    expires = datetime.strptime(lines["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=30) < expires - timezone.now() < timedelta(days=365)
