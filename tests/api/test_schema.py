"""The API does what its description says, and the description says all that it does."""

import builtins
import copy
import io
import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import URLPattern, get_resolver
from openapi_spec_validator import OpenAPIV31SpecValidator

from workplan.api import urls
from workplan.api.operation_ids import SPECIAL
from workplan.api.renderers import to_json
from workplan.api.schema import document
from workplan.filters import ActivityFilterSet
from workplan.filters.base import StrictFilterSet


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_description_is_valid_and_complete() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=io.StringIO())
    assert document()["openapi"] == "3.1.0"


def test_a_validator_of_somebody_else_finds_no_fault_with_the_description() -> None:
    """Generators of clients refuse a description in which theirs finds one."""
    described = json.loads(to_json(document()))
    assert [f"{fault.json_path}: {fault.message}" for fault in OpenAPIV31SpecValidator(described).iter_errors()] == []

    faulty = copy.deepcopy(described)
    faulty["components"]["schemas"]["SavedView"]["properties"]["owner"]["type"] = ["string", "null", "null"]
    assert list(OpenAPIV31SpecValidator(faulty).iter_errors())


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
            assert "X-Request-ID" in response["headers"], (method, path, status)
            if status >= "400":
                [shape] = [media["schema"] for media in response["content"].values()]
                assert shape["$ref"].endswith("Error")
        if method == "get":
            assert "ETag" in responses["200"]["headers"] and "304" in responses
            assert "If-None-Match" in {parameter["name"] for parameter in operation["parameters"]}


def test_operations_are_called_as_a_person_would_call_them() -> None:
    found = {(method, path.removeprefix("/api/v1/")): one["operationId"] for method, path, one in operations()}
    assert len(set(found.values())) == len(found)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in found.values())
    assert found["get", "activities/"] == "list_activities" and found["get", "bodies/{acronym}/"] == "get_body"
    assert found["post", "activities/{id}/updates/"] == "report_on_activity"
    assert found["post", "updates/{id}/return/"] == "return_update"
    paths = {(method.upper(), path) for method, path in found}
    assert set(SPECIAL) <= paths, "names of operations that are no more"


def test_no_schema_is_called_as_a_language_calls_something_else() -> None:
    assert not {*dir(builtins), "List", "Object", "NullEnum", "PageEnum"} & set(document()["components"]["schemas"])


def test_every_filter_is_described() -> None:
    found = document()["paths"]["/api/v1/activities/"]["get"]["parameters"]
    described = {parameter["name"]: parameter for parameter in found if parameter["in"] == "query"}
    assert set(described) == {*ActivityFilterSet.base_filters, "limit", "offset", "cursor", "format", "fields", "omit"}
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
    answer = client.get("/api/docs/reference/")
    assert answer.status_code == 200
    assert "http" not in answer.content.decode().replace("http-equiv", "")
    policy = answer["Content-Security-Policy"].split("; ")
    assert "script-src 'self'" in policy and "style-src 'self' 'unsafe-inline'" in policy
