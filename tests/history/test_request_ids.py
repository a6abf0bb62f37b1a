"""What one request changed is kept together by an id that is ours. The client's own id is kept besides."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import Cast
from workplan.models import Activity, AuditEntry, WorkPlan

Page = Callable[..., Client]
OURS = re.compile(r"[0-9a-f]{32}")
REPORT = {"status": "ongoing", "as_of": "2018-06-30", "narrative": "Begun.", "submit": True}
NO_LINKS = {f"evidence-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}


def record(program: APIClient, ref: str, **headers: str) -> Any:
    activity = Activity.objects.get(ref=ref)
    answer = program.post(
        f"/api/v1/activities/{activity.pk}/updates/", REPORT, headers={"If-Match": f'"{activity.version}"', **headers}
    )
    assert answer.status_code == 201, answer.content
    return answer


def test_the_id_of_a_request_is_ours_whatever_the_client_sends(plan: WorkPlan, page: Page) -> None:
    sent = ["", "program-run-0042", "0" * 32, "short", "x" * 65, "a b c d e f", "ungültig-ungültig"]
    given = [page().get("/robots.txt", headers={"X-Request-ID": one} if one else {})["X-Request-ID"] for one in sent]

    assert all(OURS.fullmatch(one) for one in given)
    assert len(set(given)) == len(given) and not set(given) & set(sent)


def test_the_audit_trail_keeps_both_ids_apart(cast: Cast, api: Callable[..., APIClient]) -> None:
    answer = record(api(cast.secretariat), "A.1.1.1", **{"X-Request-ID": "program-run-0042"})

    entry = AuditEntry.objects.latest("pk")
    assert entry.request_id == answer["X-Request-ID"] != "program-run-0042"
    assert entry.client_request_id == "program-run-0042"


@pytest.mark.parametrize("malformed", ["short", "x" * 65, "a b c d e f g", "<script>alert</script>"])
def test_a_malformed_id_of_a_client_is_not_kept(cast: Cast, api: Callable[..., APIClient], malformed: str) -> None:
    record(api(cast.secretariat), "A.1.1.1", **{"X-Request-ID": malformed})

    assert AuditEntry.objects.latest("pk").client_request_id == ""


def test_nobody_puts_a_change_into_the_request_of_somebody_else(
    cast: Cast, page: Page, api: Callable[..., APIClient]
) -> None:
    """Whoever knows the id of a request, from a log or an error page, sends it with a change of their own."""
    first = record(api(cast.secretariat), "A.1.1.1")["X-Request-ID"]
    record(api(cast.colleague), "A.1.1.4", **{"X-Request-ID": first})

    assert {entry.actor for entry in AuditEntry.objects.filter(request_id=first)} == {cast.secretariat}
    client = page(cast.secretariat)
    assert client.get(f"/audit/requests/{first}/").context["obstacles"] == []
    assert client.post(f"/audit/requests/{first}/", {"reason": "Wrong row."}).status_code == 302
    assert Activity.objects.get(ref="A.1.1.1").status == "not_reported"


def test_two_requests_that_were_given_the_same_id_are_undone_one_by_one(
    cast: Cast, page: Page, api: Callable[..., APIClient]
) -> None:
    headers = {"X-Request-ID": "nightly-import"}
    first, second = (record(api(cast.secretariat), ref, **headers)["X-Request-ID"] for ref in ("A.1.1.1", "A.1.1.2"))

    page(cast.secretariat).post(f"/audit/requests/{second}/", {"reason": "Wrong row."})

    assert first != second
    assert Activity.objects.get(ref="A.1.1.1").status == "ongoing"
    assert Activity.objects.get(ref="A.1.1.2").status == "not_reported"


def test_an_integrator_finds_what_a_run_has_changed(cast: Cast, page: Page, api: Callable[..., APIClient]) -> None:
    answers = [
        record(api(cast.secretariat), ref, **{"X-Request-ID": "nightly-import"}) for ref in ("A.1.1.1", "A.1.1.2")
    ]
    record(api(cast.secretariat), "A.1.1.3")
    client = page(cast.secretariat)

    found = client.get("/audit/?client_request=nightly-import")
    assert {row.entry.request_id for row in found.context["rows"]} == {one["X-Request-ID"] for one in answers}
    assert [chip.label for chip in found.context["chips"]] == ["Client request ID: nightly-import"]
    # The address that 0.3.0 gave such a request leads there.
    old = client.get("/audit/requests/nightly-import/")
    assert (old.status_code, old["Location"]) == (302, "/audit/?client_request=nightly-import")
    one = client.get(f"/audit/requests/{answers[0]['X-Request-ID']}/").content.decode()
    assert "Client request ID <code>nightly-import</code>" in one

    file = b"".join(client.get("/audit/?client_request=nightly-import&format=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    lines = list(csv.DictReader(io.StringIO(file)))
    assert {line["Client request ID"] for line in lines} == {"nightly-import"}
    assert {line["Change set"] for line in lines} == {one["X-Request-ID"] for one in answers}


def test_a_change_on_a_page_keeps_both_ids(cast: Cast, page: Page) -> None:
    saved = page(cast.secretariat).post(
        "/plans/tip-2016-2020/activities/A.1.1.1/update/",
        {"status": "ongoing", "as_of": "2018-06-30", "narrative": "Begun.", "version": "1"} | NO_LINKS,
        headers={"X-Request-ID": "from-the-proxy"},
    )

    entry = AuditEntry.objects.get(action="status.recorded")
    assert (entry.request_id, entry.client_request_id) == (saved["X-Request-ID"], "from-the-proxy")
