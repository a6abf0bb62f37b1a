"""Twenty programs report on the same version of one activity at the same moment. One of them is heard."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from workplan.models import Activity, ApiToken, AuditEntry, StatusUpdate

AT_ONCE = 20


@pytest.mark.django_db(transaction=True)
def test_of_twenty_reports_on_one_version_exactly_one_is_recorded(plan: Any, cast: Any) -> None:
    activity = Activity.objects.get(plan=plan, ref="A.1.1.1")
    address = f"/api/v1/activities/{activity.pk}/"
    # With real tokens, so that each request signs in by itself as a program does.
    tokens = [ApiToken.objects.create(user=cast.secretariat)[1] for _ in range(AT_ONCE)]
    tag = APIClient().get(address)["ETag"]
    audited = AuditEntry.objects.count()
    together = Barrier(AT_ONCE)

    def report(number: int) -> tuple[int, Any]:
        try:
            client = APIClient(raise_request_exception=False)
            together.wait(timeout=60)
            answer = client.post(
                f"{address}updates/",
                {
                    "status": "ongoing",
                    "as_of": "2018-06-30",
                    "narrative": f"Report of program {number}.",
                    "evidence": [{"title": f"Paper {number}", "url": f"https://example.org/{number}"}],
                },
                headers={"If-Match": tag, "Authorization": f"Token {tokens[number]}"},
            )
            return answer.status_code, answer.json()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(report, range(AT_ONCE)))

    assert Counter(status for status, _ in answers) == {201: 1, 412: AT_ONCE - 1}
    [recorded] = [body for status, body in answers if status == 201]
    for status, body in answers:
        if status == 412:
            assert body["error"]["code"] == "stale_version"
            assert (body["current"]["version"], body["current"]["latest_update"]["id"]) == (2, recorded["id"])
    [update] = StatusUpdate.objects.filter(activity=activity)
    assert (update.pk, update.narrative) == (recorded["id"], recorded["narrative"])
    assert update.evidence.count() == 1
    activity.refresh_from_db()
    assert (activity.version, activity.status, activity.latest_update_id) == (2, "ongoing", update.pk)
    assert AuditEntry.objects.count() == audited + 1
