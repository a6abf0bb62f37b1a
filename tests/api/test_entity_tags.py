"""The tag of a record names it: a write takes no tag of another record, however alike their versions are."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from tests.api.reports import ALONE, begun, on
from tests.conftest import Cast
from workplan.models import Activity, AuditEntry, ReportingRound, StatusUpdate, WorkPlan

API = "/api/v1/"
# Of each kind of record a write on condition of its version: how, where below its address, and what is sent.
WRITES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "activity": ("post", "updates/", {"narrative": "x", "submit": False}),
    "update": ("patch", "", {"narrative": "y"}),
    "view": ("patch", "", {"name": "Another"}),
    "round": ("patch", "", {"name": "Another"}),
    "extension": ("patch", "", {"reason": "Another"}),
    "question": ("post", "settle/", {"decision": "keep", "reason": "The endorsed plan has the same words."}),
}


def made(program: Any, address: str, body: dict[str, Any], tag: str = "") -> Any:
    answer = program.post(address, body, headers={"If-Match": tag} if tag else {})
    assert answer.status_code == 201, answer.content
    return answer


@pytest.fixture
def addresses(plan: WorkPlan, cast: Cast, api: Any, reporting_round: ReportingRound) -> dict[str, str]:
    """A record of each kind, by its address."""
    staff = api(cast.secretariat)
    extensions = f"{API}rounds/{reporting_round.pk}/exceptions/"
    later = timezone.localdate() + datetime.timedelta(days=30)
    made(staff, extensions, {"body": "SOMTC", "until": later.isoformat(), "reason": "The focal point has changed."})
    draft = begun(staff, "A.1.1.3", submit=False)
    return {
        "activity": on("A.1.1.4"),
        "update": draft["Location"],
        "view": made(staff, f"{API}views/", {"plan": plan.code, "name": "Mine", "query": "section=A"})["Location"],
        "round": f"{API}rounds/{reporting_round.pk}/",
        "extension": f"{extensions}SOMTC/",
        "question": f"{API}questions/{plan.code}.missing_lead.activity.A.1.1.2/",
    }


def test_a_write_takes_the_tag_of_its_own_record_only(addresses: dict[str, str], cast: Cast, api: Any) -> None:
    staff = api(cast.secretariat)
    tags = {kind: staff.get(address)["ETag"] for kind, address in addresses.items()}
    tags["another activity"] = staff.get(on("A.1.1.3"))["ETag"]
    before = AuditEntry.objects.count()
    for kind, (method, rest, body) in WRITES.items():
        for of, tag in tags.items():
            if of == kind:
                continue
            refused = getattr(staff, method)(f"{addresses[kind]}{rest}", body, headers={"If-Match": tag})
            error = refused.json()["error"]
            assert (refused.status_code, error["code"]) == (412, "stale_version"), (kind, of, error)
            assert f"names {of.split()[-1]}." in error["message"] and f"this is {kind}." in error["message"], error
            assert refused["ETag"] == tags[kind] and refused.json()["current"]
    assert AuditEntry.objects.count() == before

    for kind, (method, rest, body) in WRITES.items():
        several = f"{tags['another activity']}, {tags[kind]}"
        answer = getattr(staff, method)(f"{addresses[kind]}{rest}", body, headers={"If-Match": several})
        assert answer.status_code in (200, 201), (kind, answer.content)


def test_what_was_made_is_changed_by_the_tag_that_came_with_it(
    reporting_round: ReportingRound, cast: Cast, api: Any
) -> None:
    author, staff = api(cast.somtc), api(cast.secretariat)
    first = begun(author, submit=False)
    assert first["ETag"] == author.get(first["Location"])["ETag"]
    changed = author.patch(first["Location"], {"narrative": "More."}, headers={"If-Match": first["ETag"]})
    assert changed.status_code == 200
    direct = made(staff, f"{on(ALONE)}updates/", {"submit": False}, first["Apta-Activity-ETag"])
    assert direct["ETag"] == staff.get(direct["Location"])["ETag"]


@pytest.mark.parametrize("tag", ['"1-5c1d0f6a2b9e4d7788aa01ff"', '"1"', 'W/"1-5c1d0f6a2b9e4d7788aa01ff"'])
def test_a_tag_of_before_0_4_0_names_no_record_and_is_taken(plan: WorkPlan, cast: Cast, api: Any, tag: str) -> None:
    made(api(cast.secretariat), f"{on(ALONE)}updates/", {"submit": False}, tag)
    assert StatusUpdate.objects.get().activity == Activity.objects.get(plan=plan, ref=ALONE)
