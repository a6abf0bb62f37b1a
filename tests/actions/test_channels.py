"""One action, one record: whichever way a status comes in, the same rows stand afterwards."""

from collections.abc import Callable
from typing import Any

from django.forms import model_to_dict
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import Cast
from workplan.models import Activity, AuditEntry, StatusUpdate

CODE = "tip-2016-2020"
WORDS = {
    "status": "completed",
    "as_of": "2020-06-30",
    "narrative": "All national plans are aligned.",
    "outputs_delivered": "A table of concordance",
    "challenges": "Translations",
    "next_steps": "Publication",
    "kind": "progress",
}
FORM = {
    **WORDS,
    "evidence-TOTAL_FORMS": "1",
    "evidence-INITIAL_FORMS": "0",
    "evidence-0-title": "Table",
    "evidence-0-url": "https://example.org/table",
}
BODY = {**WORDS, "evidence": [{"title": "Table", "url": "https://example.org/table"}], "submit": True, "round": None}

# What has to differ: identities, moments, and the way itself.
OF_ITS_OWN = {"id", "activity", "latest_update", "channel", "request_id", "at", "record_id", "record_label"}


def rows(ref: str) -> list[dict[str, Any]]:
    activity = Activity.objects.get(ref=ref)
    (update,) = StatusUpdate.objects.filter(activity=activity)
    (entry,) = AuditEntry.objects.filter(record_type="activity", record_id=str(activity.pk))
    (link,) = update.evidence.all()
    assert update.created_at == update.approved_at == activity.updated_at
    assert entry.changes.pop("latest_update") == [None, update.pk]
    assert entry.record_label.startswith(ref)
    kept = [
        {name: getattr(activity, name) for name in ("status", "status_as_of", "version")},
        model_to_dict(update),
        {"title": link.title, "url": link.url, "position": link.position},
        model_to_dict(entry),
    ]
    moments = {"created_at", "approved_at"}
    return [{name: value for name, value in row.items() if name not in OF_ITS_OWN | moments} for row in kept]


def test_page_bulk_form_and_api_leave_identical_rows(
    cast: Cast, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    browser, program = page(cast.secretariat), api(cast.secretariat)
    by_page, by_bulk, by_api = Activity.objects.order_by("position")[:3]

    browser.post(f"/plans/{CODE}/activities/{by_page.ref}/update/", {**FORM, "version": "1"})
    browser.post(f"/plans/{CODE}/activities/update/", {**FORM, "activity": [f"{by_bulk.pk}:1"]})
    program.post(f"/api/v1/activities/{by_api.pk}/updates/", BODY, headers={"If-Match": '"1"'})

    assert rows(by_page.ref) == rows(by_bulk.ref) == rows(by_api.ref)
    channels = AuditEntry.objects.order_by("id").values_list("channel", flat=True)
    assert list(channels) == ["page", "bulk", "api"]
    assert all(AuditEntry.objects.values_list("request_id", flat=True))


def test_page_api_file_and_summary_tell_the_same_figure(
    cast: Cast, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    ref = "A.5.1.1"
    browser = page(cast.secretariat)
    browser.post(f"/plans/{CODE}/activities/{ref}/update/", {**FORM, "version": "1"})

    for query in ("status=completed", "body=ACMW&role=cooperating", "section=A&body=SOMTC", "q=plan", "kind=area"):
        listed = browser.get(f"/plans/{CODE}/activities/?{query}").context["listing"].number
        matrix = browser.get(f"/plans/{CODE}/?{query}").context["number"]
        file = b"".join(browser.get(f"/plans/{CODE}/activities.csv?{query}"))  # type: ignore[arg-type]
        asked = api().get(f"/api/v1/activities/?{query}").json()["count"]
        summed = api().get(f"/api/v1/summary/?{query}").json()["count"]
        assert listed == matrix == len(file.decode().splitlines()) - 1 == asked == summed, query
    assert browser.get("/").context["tally"].by_status["completed"] == 1
    assert api().get("/api/v1/summary/").json()["by_status"]["completed"] == 1
