"""What is raised while a program is answered becomes an answer in one shape."""

import json
from typing import Any

import pytest
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DataError, IntegrityError
from django.http import Http404
from rest_framework import exceptions as rest

from workplan.api.errors import answer
from workplan.exceptions import Invalid, TooManyAttempts


def answered(problem: Exception) -> tuple[int, dict[str, Any], Any]:
    found = answer(problem, {})
    assert found is not None
    return found.status_code, json.loads(found.content)["error"], found


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (rest.NotFound(), 404, "not_found"),
        (PermissionDenied("Not you."), 403, "permission_denied"),
        (rest.ValidationError({"status": ["No such status."]}), 400, "invalid"),
        (rest.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (rest.Throttled(2.2), 429, "throttled"),
        (ValidationError({"status": ["No such status."]}), 400, "invalid"),
        (ValidationError("All of it is wrong."), 400, "invalid"),
        (RequestDataTooBig(), 413, "too_large"),
        (SuspiciousOperation(), 400, "bad_request"),
        (IntegrityError(), 409, "conflict"),
        (DataError(), 400, "invalid"),
        (Invalid(fields={NON_FIELD_ERRORS: ["Both are wrong."], "status": ["No such status."]}), 400, "invalid"),
    ],
)
def test_each_problem_has_its_status_and_code(problem: Exception, status: int, code: str) -> None:
    found, error, _ = answered(problem)

    assert (found, error["code"]) == (status, code)
    assert error["message"]


def test_the_message_says_what_concerns_no_single_field() -> None:
    _, error, _ = answered(ValidationError("All of it is wrong."))
    assert (error["message"], error["fields"]) == ("All of it is wrong.", {})
    _, error, _ = answered(Invalid(fields={NON_FIELD_ERRORS: ["Both are wrong."], "status": ["Not this."]}))
    assert (error["message"], error["fields"]) == ("Both are wrong.", {"status": ["Not this."]})
    _, error, _ = answered(
        rest.ValidationError({"non_field_errors": ["Both."], "evidence": [{}, {"url": ["Not this."]}]})
    )
    assert error["message"] == "Both." and error["fields"] == {"evidence": ["Link 2: url: Not this."]}


def test_who_has_to_wait_is_told_how_long() -> None:
    for problem in (rest.Throttled(2.2), TooManyAttempts(seconds=3)):
        assert answered(problem)[2]["Retry-After"] == "3"


def test_what_is_no_problem_of_the_request_is_not_answered_here() -> None:
    assert answer(RuntimeError("A fault"), {}) is None
