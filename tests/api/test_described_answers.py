"""Every answer is as the description of the API says, whatever a program asks that has read nothing else."""

import datetime
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from workplan.actions import Actor, EvidenceItem, Report, record_status
from workplan.api.chosen_fields import CHOOSING
from workplan.api.schema import document
from workplan.models import Activity, ApiToken

pytestmark = pytest.mark.engine_independent(
    because="shapes of answers are compared; odd values are asked of each database by the other tests of the API"
)

EXAMPLES = 3

# A program that makes up requests from the description, right ones and wrong ones, the same in every run


def whole_rows(described: Any) -> Any:
    """The description without what chooses fields: such rows have others (``test_files.py`` asks for each)."""
    if isinstance(described, dict):
        return {name: whole_rows(one) for name, one in described.items()}
    if isinstance(described, list):
        kept = [one for one in described if not (isinstance(one, dict) and one.get("name") in CHOOSING)]
        return [whole_rows(one) for one in kept]
    return described


made_up = schemathesis.openapi.from_dict(whole_rows(document()), config=schemathesis.config.SchemathesisConfig(seed=1))
made_up.app = get_wsgi_application()

# Values that the description allows may still break a rule, such as a day before the plan began.
NOT_PROMISED = [schemathesis.checks.positive_data_acceptance]


@pytest.fixture
def sign_in_required(cast: Any) -> dict[str, str]:
    """There is a report to be read, and it is Sari whose program it is."""
    activity = Activity.objects.get(ref="A.1.1.1")
    report = Report(
        "ongoing", datetime.date(2018, 1, 1), "Begun.", evidence=(EvidenceItem("a", "https://example.org"),)
    )
    record_status(activity=activity, version=activity.version, report=report, by=Actor(cast.secretariat, "command"))
    # In process nobody unpacks what is compressed (``tests/test_compression.py`` does).
    _, token = ApiToken.objects.create(user=cast.secretariat)
    return {"Accept-Encoding": "identity", "Authorization": f"Token {token}"}


@pytest.fixture
def unhurried(monkeypatch: Any) -> None:
    """Made-up attempts to get a token are more than anybody is allowed."""
    monkeypatch.setattr("workplan.actions.attempts._count", lambda *_: None)


@pytest.fixture
def in_process(db: None) -> Iterator[None]:
    """A request to the server's own entry would close the connection that this test writes in."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@made_up.exclude(path="/api/v1/schema/").parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    # One report and one token serve all requests that are made up for an address.
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@pytest.mark.usefixtures("unhurried", "in_process")
def test_every_answer_is_as_described(case: schemathesis.Case, sign_in_required: dict[str, str]) -> None:
    # The program that makes them up reads answers as they are, and unpacks none.
    case.call_and_validate(headers={**sign_in_required, "Accept-Encoding": "identity"}, excluded_checks=NOT_PROMISED)
