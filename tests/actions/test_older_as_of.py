"""A status of an older day than the present one warns before it takes its place, whichever way it comes."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from tests.answer_text import text
from tests.conftest import Cast
from tests.larger_plans import everybody, opened
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.exceptions import Unconfirmed
from workplan.models import Activity, ReportingRound, SectoralBody, StatusUpdate, WorkPlan

OLDER, PRESENT = datetime.date(2018, 5, 31), datetime.date(2018, 6, 30)
WARNING = "The current status is as at 30 June 2018; this one, as at 31 May 2018, is older and will replace it."
TOLD = 'older_as_of;ref="A.1.1.1";as_of="2018-05-31";present="2018-06-30"'
REPORT = Report(status="ongoing", as_of=OLDER, narrative="The module was drafted.")
STRICT = {"Prefer": "handling=strict"}


@pytest.fixture(autouse=True)
def in_the_round() -> Iterator[None]:
    with time_machine.travel("2018-07-20T05:00:00Z", tick=False):
        yield


@pytest.fixture
def activity(plan: WorkPlan, cast: Cast) -> Activity:
    """A.1.1.1, with a status of 30 June 2018."""
    activity = Activity.objects.get(ref="A.1.1.1")
    report = Report(status="ongoing", as_of=PRESENT, narrative="Begun.")
    actions.record_status(activity=activity, version=1, report=report, by=Actor(cast.secretariat, "page", "r"))
    return Activity.objects.get(pk=activity.pk)


@pytest.fixture
def submitted(plan: WorkPlan, cast: Cast, activity: Activity) -> StatusUpdate:
    """A report of SOMTC of an older day, which waits for its review."""
    reporting_round = opened(plan, Actor(cast.secretariat, "page", "r"))
    by, somtc = Actor(cast.somtc, "page", "r"), SectoralBody.objects.get(acronym="SOMTC")
    draft = actions.begin_report(activity=activity, report=REPORT, by=by, reporting_round=reporting_round, body=somtc)
    # A body is advised; that its report becomes the status is for the review to decide.
    return actions.submit_report(update=draft, version=draft.version, by=by, confirmed=False)


def as_of(activity: Activity) -> datetime.date | None:
    return Activity.objects.get(pk=activity.pk).status_as_of


def test_each_action_that_makes_a_status_can_be_asked_to_refuse(
    cast: Cast, activity: Activity, submitted: StatusUpdate
) -> None:
    by = Actor(cast.secretariat, "page", "r")
    draft = actions.begin_report(activity=activity, report=REPORT, by=by, reporting_round=None)
    attempts: list[Callable[[], object]] = [
        lambda: actions.record_status(
            activity=activity, version=activity.version, report=REPORT, by=by, confirmed=False
        ),
        lambda: actions.submit_report(update=draft, version=draft.version, by=by, confirmed=False),
        lambda: actions.approve_report(update=submitted, version=submitted.version, by=by, confirmed=False),
    ]

    for attempt in attempts:
        with pytest.raises(Unconfirmed) as refusal:
            attempt()
        assert refusal.value.fields == {"as_of": [f"A.1.1.1: {WARNING}"]}
    assert as_of(activity) == PRESENT
    # The same day, and a later one, pass.
    same = Report(status="ongoing", as_of=PRESENT, narrative="The same day.")
    actions.record_status(activity=activity, version=activity.version, report=same, by=by, confirmed=False)


# Pages


def test_the_form_of_one_and_of_several_ask_with_both_days(
    cast: Cast, activity: Activity, page: Callable[..., Client]
) -> None:
    typed = {
        "version": str(activity.version),
        "activity": f"{activity.pk}:{activity.version}",
        "status": "ongoing",
        "as_of": "2018-05-31",
        "narrative": "Typed with care",
        "kind": "progress",
        "evidence-TOTAL_FORMS": "0",
        "evidence-INITIAL_FORMS": "0",
    }
    client = page(cast.secretariat)

    for address in (f"{activity.get_absolute_url()}update/", "/plans/tip-2016-2020/activities/update/"):
        asked = client.post(address, typed)
        assert asked.status_code == 400
        assert WARNING in text(asked) and "Typed with care" in text(asked)
        assert as_of(activity) == PRESENT
    assert client.post(f"{activity.get_absolute_url()}update/", {**typed, "advised": "1"}).status_code == 302
    assert as_of(activity) == OLDER


def test_the_reviewer_is_warned_on_the_page_of_the_report(
    cast: Cast, activity: Activity, submitted: StatusUpdate, page: Callable[..., Client]
) -> None:
    client, address = page(cast.secretariat), f"/reports/{submitted.pk}/"
    shown = text(client.get(address))
    assert WARNING in shown and "Approve anyway" in shown
    assert WARNING not in text(page(cast.somtc).get(address)), "whose body it is cannot approve it"

    # A page that was opened before the status was of a later day did not warn, so it is asked now.
    asked = client.post(f"{address}approve/", {"version": str(submitted.version)})
    assert asked.status_code == 409
    assert WARNING in text(asked) and as_of(activity) == PRESENT
    sent = client.post(f"{address}approve/", {"version": str(submitted.version), "advised": "1"})
    assert sent.status_code == 302
    assert as_of(activity) == OLDER


def test_the_reviewer_is_warned_where_several_are_approved(
    cast: Cast, activity: Activity, submitted: StatusUpdate, page: Callable[..., Client]
) -> None:
    client, chosen = page(cast.secretariat), f"{submitted.pk}:{submitted.version}"
    assert WARNING in text(client.get("/review/"))

    asked = client.post("/review/", {"report": chosen})
    assert asked.status_code == 409
    shown = text(asked)
    assert f"A.1.1.1: {WARNING}" in shown and "Approve selected anyway" in shown
    assert f'value="{chosen}"' in shown and "checked" in shown
    assert as_of(activity) == PRESENT
    assert client.post("/review/", {"report": chosen, "advised": "1"}).status_code == 302
    assert as_of(activity) == OLDER


def test_what_the_secretariat_submits_itself_asks_too(
    cast: Cast, activity: Activity, page: Callable[..., Client]
) -> None:
    by = Actor(cast.secretariat, "page", "r")
    draft = actions.begin_report(activity=activity, report=REPORT, by=by, reporting_round=None)
    client, address = page(cast.secretariat), f"/reports/{draft.pk}/"
    assert WARNING in text(client.get(address))

    assert client.post(f"{address}submit/", {"version": "1"}).status_code == 409
    typed = {
        "version": "1",
        "status": "ongoing",
        "as_of": "2018-05-31",
        "narrative": "Typed with care",
        "kind": "progress",
        "submit": "1",
        "evidence-TOTAL_FORMS": "0",
        "evidence-INITIAL_FORMS": "0",
    }
    asked = client.post(f"{address}edit/", typed)
    assert asked.status_code == 400
    shown = text(asked)
    assert "Saved, but not submitted yet" in shown and WARNING in shown and "Submit anyway" in shown
    assert as_of(activity) == PRESENT
    assert client.post(f"{address}edit/", {**typed, "version": "2", "advised": "1"}).status_code == 302
    assert as_of(activity) == OLDER


def test_publishing_says_which_statuses_come_to_an_older_day(
    plan: WorkPlan, cast: Cast, activity: Activity, page: Callable[..., Client]
) -> None:
    by = Actor(cast.secretariat, "page", "r")
    reporting_round = opened(plan, by, publication=rules.WITH_ROUND)
    actions.record_status(
        activity=activity, version=activity.version, report=REPORT, by=by, reporting_round=reporting_round
    )
    reporting_round = ReportingRound.objects.get(pk=reporting_round.pk)
    actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by)
    assert as_of(activity) == PRESENT

    client, address = page(cast.secretariat), "/plans/tip-2016-2020/rounds/2018-1/publish/"
    assert f"A.1.1.1: {WARNING}" in text(client.get(address))
    reporting_round.refresh_from_db()
    form = {"version": str(reporting_round.version), "confirmed": "on", "confirmed_bodies": everybody()}
    assert client.post(address, form).status_code == 302
    assert as_of(activity) == OLDER


# The API: its answers stay what they are; a header advises, and a program may ask to be refused.


def test_a_program_is_advised_by_a_header(
    cast: Cast, activity: Activity, submitted: StatusUpdate, api: Callable[..., APIClient]
) -> None:
    address = f"/api/v1/updates/{submitted.pk}/"
    assert api(cast.secretariat).get(address)["Apta-Advice"] == TOLD
    assert "Apta-Advice" not in api(cast.somtc).get(address)

    tag = {"If-Match": f'"{submitted.version}"'}
    approved = api(cast.secretariat).post(f"{address}approve/", headers=tag)
    assert (approved.status_code, approved["Apta-Advice"]) == (200, TOLD)
    now = Activity.objects.get(pk=activity.pk)
    said = {"status": "ongoing", "as_of": "2018-05-01", "narrative": "Older still."}
    updates = f"/api/v1/activities/{activity.pk}/updates/"
    sent: Any = api(cast.secretariat).post(updates, said, headers={"If-Match": f'"{now.version}"'})
    assert sent.status_code == 201
    assert sent["Apta-Advice"] == 'older_as_of;ref="A.1.1.1";as_of="2018-05-01";present="2018-05-31"'
    newer = {**said, "as_of": "2018-07-01"}
    sent = api(cast.secretariat).post(updates, newer, headers={"If-Match": f'"{now.version + 1}"'})
    assert (sent.status_code, "Apta-Advice" in sent) == (201, False)


def test_a_program_that_asks_for_it_is_refused_before_anything_is_saved(
    cast: Cast, activity: Activity, submitted: StatusUpdate, api: Callable[..., APIClient]
) -> None:
    client, by = api(cast.secretariat), Actor(cast.secretariat, "page", "r")
    draft = actions.begin_report(activity=activity, report=REPORT, by=by, reporting_round=None)
    said = {"status": "ongoing", "as_of": "2018-05-31", "narrative": "Begun."}
    many = {"updates": [{"id": submitted.pk, "version": submitted.version}]}
    asks: list[tuple[str, Any, int]] = [
        (f"activities/{activity.pk}/updates/", said, activity.version),
        (f"updates/{draft.pk}/submit/", None, draft.version),
        (f"updates/{submitted.pk}/approve/", None, submitted.version),
        ("updates/approve/", many, 0),
    ]

    for path, body, version in asks:
        answer = client.post(f"/api/v1/{path}", body, headers={"If-Match": f'"{version}"', **STRICT})
        assert answer.status_code == 409, path
        assert answer.json()["error"]["code"] == "older_as_of"
        assert answer.json()["error"]["fields"] == {"as_of": [f"A.1.1.1: {WARNING}"]}
    assert as_of(activity) == PRESENT
    newer = {**said, "as_of": "2018-07-01"}
    address = f"/api/v1/activities/{activity.pk}/updates/"
    sent = client.post(address, newer, headers={"If-Match": f'"{activity.version}"', **STRICT})
    assert (sent.status_code, sent["Preference-Applied"]) == (201, "handling=strict")


@pytest.mark.parametrize(
    ("prefer", "strict"),
    [
        ("handling=strict", True),
        ('return=minimal, Handling = "Strict"; a=b', True),
        ("handling=lenient, handling=strict", False),
        ("handling", False),
        ("", False),
    ],
)
def test_the_wish_is_read_as_its_standard_says(
    cast: Cast, submitted: StatusUpdate, api: Callable[..., APIClient], prefer: str, strict: bool
) -> None:
    tag = {"If-Match": f'"{submitted.version}"', "Prefer": prefer}

    answer = api(cast.secretariat).post(f"/api/v1/updates/{submitted.pk}/approve/", headers=tag)

    assert answer.status_code == (409 if strict else 200)
