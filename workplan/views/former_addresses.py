"""Addresses with a name that a record had before: they lead on to the same record under its present name."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.urls import NoReverseMatch, reverse

from workplan.models import Activity, ReportingRound, SectoralBody, WorkPlan
from workplan.monitoring.open_questions import RECORDS
from workplan.querysets import fold_spelling

GetResponse = Callable[[HttpRequest], HttpResponse]


class MovedForm(HttpResponseRedirectBase):
    """A form that was opened under a former name is sent again, as it is, to the present one."""

    status_code = HTTPStatus.PERMANENT_REDIRECT


class Moved(HttpResponseRedirectBase):
    status_code = HTTPStatus.MOVED_PERMANENTLY


def lead_on(get_response: GetResponse) -> GetResponse:
    """Where a page finds nothing, look whether its address holds a former name."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, problem: Exception) -> HttpResponse | None:
        match = request.resolver_match
        if not isinstance(problem, Http404) or match is None or match.app_name:
            return None
        given: dict[str, Any] = getattr(match, "captured_kwargs", None) or {}
        try:
            present = given | _present_names(given, request.user)
            address = reverse(match.view_name, kwargs=present) if present != given else ""
        except NoReverseMatch:
            return None
        if not address:
            return None
        query = request.META.get("QUERY_STRING", "")
        kind = Moved if request.method in ("GET", "HEAD") else MovedForm
        return kind(f"{address}?{query}" if query else address)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def _present_names(given: dict[str, Any], user: Any) -> dict[str, str]:
    """The present names of the records that the parts of an address name, as far as ``user`` may know of them."""
    plan = _called(WorkPlan.objects, given.get("code"))
    if plan is None:
        return {}
    found = {"code": plan.code}
    if "ref" in given:
        rows: Any = Activity.objects.visible_to(user)
        if "record_type" in given:
            model = RECORDS.get(given["record_type"], Activity)
            rows = rows if model is Activity else model._default_manager.all()
        record = _called(rows.filter(plan=plan), given["ref"])
        found |= {"ref": record.ref} if record else {}
    if "round_code" in given:
        reporting_round = _called(ReportingRound.objects.visible_to(user).filter(plan=plan), given["round_code"])
        found |= {"round_code": reporting_round.code} if reporting_round else {}
    if "acronym" in given:
        body = SectoralBody.objects.by_spelling().get(fold_spelling(given["acronym"]))
        found |= {"acronym": body.acronym} if body else {}
    return found


def _called(rows: Any, name: str | None) -> Any:
    return rows.named(name).first() if name else None
