"""The API does what its description says, and the description says all that it does."""

import datetime
import io
import re
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.urls import URLPattern, get_resolver

from apta.wsgi import application
from workplan.actions import Actor, Proof, Report, record_status
from workplan.api import urls
from workplan.api.schema import document
from workplan.filters import ActivityFilterSet
from workplan.filters.base import StrictFilterSet
from workplan.models import Activity, ApiToken

EXAMPLES = 6


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_description_is_valid_and_complete() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=io.StringIO())
    assert document()["openapi"] == "3.1.0"


def test_every_address_is_described() -> None:
    described = {path.removeprefix("/api/v1/") for path in document()["paths"]}
    routed = {str(route.pattern) for route in urls.urlpatterns if isinstance(route, URLPattern) and route.name}
    plain = {re.sub(r"<\w+:(\w+)>", r"{\1}", route).replace("{pk}", "{id}") for route in routed}
    assert described == plain
    assert get_resolver().resolve("/api/v1/nothing-at-all/").url_name is None


def test_every_operation_tells_its_errors_and_entity_tags() -> None:
    for method, path, operation in operations():
        assert operation["operationId"] and operation["summary"] and operation["tags"], path
        responses = operation["responses"]
        errors = {"400", "401", "404", "406", "503"} | ({"403", "413", "415"} if method == "post" else set())
        assert errors <= set(responses), (method, path)
        for status, response in responses.items():
            if status >= "400":
                [shape] = [media["schema"] for media in response["content"].values()]
                assert shape["$ref"].endswith("Error")
        if method == "get":
            assert "ETag" in responses["200"]["headers"] and "304" in responses
            assert "If-None-Match" in {parameter["name"] for parameter in operation["parameters"]}


def test_every_filter_is_described() -> None:
    found = document()["paths"]["/api/v1/activities/"]["get"]["parameters"]
    described = {parameter["name"]: parameter for parameter in found if parameter["in"] == "query"}
    assert set(described) == {*ActivityFilterSet.base_filters, "limit", "offset"}
    assert described["status"]["schema"]["items"]["enum"][0] == "not_reported"
    counted = {
        parameter["name"]
        for parameter in document()["paths"]["/api/v1/summary/"]["get"]["parameters"]
        if parameter["in"] == "query"
    }
    assert counted == set(ActivityFilterSet.base_filters)


@pytest.mark.parametrize("filterset", StrictFilterSet.__subclasses__(), ids=lambda one: one.__name__)
def test_every_filter_has_a_help_text(filterset: type[StrictFilterSet]) -> None:
    for name, one in filterset.base_filters.items():
        assert one.extra.get("help_text"), name


def test_a_status_is_recorded_on_condition_of_a_version() -> None:
    operation = document()["paths"]["/api/v1/activities/{id}/updates/"]["post"]
    [header] = [parameter for parameter in operation["parameters"] if parameter["in"] == "header"]
    assert (header["name"], header["required"]) == ("If-Match", True)
    assert {"201", "412", "428"} <= set(operation["responses"])
    assert operation["requestBody"]["content"]["application/json"]["examples"]


def test_the_page_of_the_description_needs_no_foreign_host(client: Any, db: None) -> None:
    answer = client.get("/api/docs/")
    assert answer.status_code == 200
    assert "http" not in answer.content.decode().replace("http-equiv", "")
    policy = answer["Content-Security-Policy"].split("; ")
    assert "script-src 'self'" in policy and "style-src 'self' 'unsafe-inline'" in policy


# A program that makes up requests from the description, right ones and wrong ones, the same in every run

made_up = schemathesis.openapi.from_dict(document(), config=schemathesis.config.SchemathesisConfig(seed=1))
made_up.app = application

# Values that the description allows may still break a rule, such as a day before the plan began.
NOT_PROMISED = [schemathesis.checks.positive_data_acceptance]


@pytest.fixture
def signed_in(cast: Any) -> dict[str, str]:
    """There is a report to be read, and it is Sari whose program it is."""
    activity = Activity.objects.get(ref="A.1.1.1")
    report = Report("ongoing", datetime.date(2018, 1, 1), "Begun.", evidence=(Proof("a", "https://example.org"),))
    record_status(activity=activity, version=activity.version, report=report, by=Actor(cast.secretariat, "command"))
    # In process nobody unpacks what is compressed (``tests/test_compression.py`` does).
    _, token = ApiToken.objects.create(user=cast.secretariat)
    return {"Accept-Encoding": "identity", "Authorization": f"Token {token}"}


@pytest.fixture
def unhurried(monkeypatch: Any) -> None:
    """Made-up attempts to get a token are more than anybody is allowed."""
    monkeypatch.setattr("workplan.api.views.tokens.TokenThrottle.count", lambda *_: None)


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
def test_every_answer_is_as_described(case: schemathesis.Case, signed_in: dict[str, str]) -> None:
    # The program that makes them up reads answers as they are, and unpacks none.
    case.call_and_validate(headers={**signed_in, "Accept-Encoding": "identity"}, excluded_checks=NOT_PROMISED)
