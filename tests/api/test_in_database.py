"""What the database writes equals what the serializers write: row by row, reader by reader, for every filter."""

import copy
import datetime
import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.conftest import Cast, make_person
from tests.larger_plans import opened, saved, strew
from tests.random_history import play
from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.api.base import Records
from workplan.api.views import Activities, Bodies, Updates
from workplan.filters import ActivityFilterSet
from workplan.models import Activity, ReportingRound, SectoralBody, WorkPlan

AFTER = datetime.datetime(2019, 8, 2, 3, tzinfo=datetime.UTC)
LIST = "/api/v1/activities/"

OTHER_LISTS = {
    Updates: (
        "/api/v1/updates/",
        ("", "limit=3&offset=2", "plan=tip-2016-2020&section=A", "activity=A.1.1.1", "round=2018-1", "body=SOMTC"),
        ("status=ongoing", "state=approved", "state=draft", "kind=correction", "q=done", "updated_since=2018-07-01"),
        ("ordering=-as_of", "ordering=submitted_at,updated_at"),
    ),
    Bodies: ("/api/v1/bodies/", ("", "limit=3&offset=2", "pillar=political_security", "q=som")),
}

# Every parameter, alone and with others, those that choose nothing too.
QUERIES = (
    "",
    "limit=80&offset=70",
    "limit=1",
    "limit=7&offset=3",
    "limit=5&offset=1000",
    "as_of=2018-09-01&limit=15",
    "as_of=2018-12-24T03:00:00Z&ordering=-status_as_of&status=ongoing",
    "plan=tip-2016-2020&section=A",
    "provision=A.1&provision=B.1&ordering=-ref",
    "area=A.1.1",
    "body=SOMTC&limit=10",
    "body=SOMTC&body=ACWC&role=lead",
    "role=cooperating&limit=9",
    "role=lead&limit=20",
    "status=ongoing&status=completed&ordering=status,-updated_at",
    "status_as_of__gte=2018-07-01",
    "as_of=2018-12-24&status_as_of__gte=2018-01-01&status_as_of__lte=2018-06-30",
    "expected_output__empty=true&limit=10",
    "expected_output__empty=false",
    "report_state=submitted",
    "report_state=draft",
    "report_state=approved&round=2018-1",
    "timeliness=overdue&limit=20",
    "timeliness=not_due&round=2018-2",
    "timeliness=on_time&timeliness=late",
    "silent=1&limit=20",
    "round=2018-2&limit=20",
    "kind=activity&limit=5",
    "gap=no_lead&limit=20",
    "attribute=Timeline",
    "q=training",
    "q=victims&section=B",
    "ref=A.1.1.1&ref=A.1.1.2",
    "ref=Z",
    "updated_since=2018-07-01",
    "updated_since=2200-01-01",
    "view=ongoing-work",
    "ordering=-status,ref&limit=20",
)


@pytest.fixture(scope="module")
def played_plan(module_database: Cast) -> WorkPlan:
    """A plan with odd rows, two rounds behind it, and one in which reports are in every state; one has a file."""
    cast, plan = module_database, WorkPlan.objects.get()
    strew(plan, 20, random.Random(7))
    play(plan, cast, seed=3, steps=28)
    keeper, author = Actor(cast.secretariat, "page", "r"), Actor(cast.somtc, "page", "r")
    make_person("double", name="Dara Double", body="SOMTC")
    make_person("double", body="ACWC")
    file = SimpleUploadedFile("minutes.pdf", b"%PDF-1.7 minutes", content_type="application/pdf")
    with time_machine.travel(AFTER - datetime.timedelta(days=20), tick=False):
        saved(plan, cast.somtc, query="status=ongoing")
        reporting_round = opened(plan, keeper, code="2019-1")
        led = Activity.objects.led_by([SectoralBody.objects.get(acronym="SOMTC")]).filter(latest_update=None)
        led = list(led.order_by("position")[:5])
        report = Report("ongoing", datetime.date(2019, 6, 30), narrative='“Quoted”, \\ and\nlines; ไทย "x"')
        for activity, state in zip(led, (rules.DRAFT, rules.SUBMITTED, rules.RETURNED, rules.APPROVED), strict=False):
            _report(activity, state, report, reporting_round, author=author, keeper=keeper)
        alone = led[4]
        with_file = Report("ongoing", report.as_of, narrative="On.", evidence=(EvidenceItem("Minutes", file=file),))
        actions.record_status(activity=alone, version=alone.version, report=with_file, by=keeper)
    return plan


def _report(
    activity: Activity, state: str, report: Report, reporting_round: ReportingRound, *, author: Actor, keeper: Actor
) -> None:
    update = actions.begin_report(
        activity=activity,
        report=report,
        by=author,
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
    if state != rules.DRAFT:
        update = actions.submit_report(update=update, version=update.version, by=author)
    if state == rules.RETURNED:
        actions.return_report(update=update, version=update.version, reason="More.", by=keeper)
    if state == rules.APPROVED:
        actions.approve_report(update=update, version=update.version, by=keeper)


@pytest.fixture
def scene(played_plan: WorkPlan, db: None) -> WorkPlan:
    return copy.deepcopy(played_plan)


def people(cast: Cast) -> dict[str, Any]:
    """A reader of each kind; one speaks for two bodies."""
    return {
        "visitor": None,
        "newcomer": cast.newcomer,
        "focal point": cast.somtc,
        "of two bodies": make_person("double"),
        "secretariat": cast.secretariat,
    }


def test_a_focal_point_reads_while_no_round_takes_reports(
    plan: WorkPlan, cast: Cast, api: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = api(cast.somtc).get(f"{LIST}?limit=5")
    monkeypatch.setattr(Activities, "list", Records.list)
    assert written.json() == api(cast.somtc).get(f"{LIST}?limit=5").json()


def test_every_parameter_is_asked_for() -> None:
    asked = {pair.partition("=")[0] for query in QUERIES for pair in query.split("&")}
    assert asked >= set(ActivityFilterSet.base_filters)


@pytest.mark.parametrize("reader", ["visitor", "newcomer", "focal point", "of two bodies", "secretariat"])
def test_the_database_writes_what_the_serializer_writes(
    scene: WorkPlan, cast: Cast, api: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    user = people(cast)[reader]
    different: list[Any] = []
    with time_machine.travel(AFTER, tick=False):
        for query in QUERIES:
            # A new request finds its reader as the database has them.
            written = api(user and type(user).objects.get(pk=user.pk)).get(f"{LIST}?{query}")
            with monkeypatch.context() as patched:
                patched.setattr(Activities, "list", Records.list)
                serialized = api(user and type(user).objects.get(pk=user.pk)).get(f"{LIST}?{query}")
            assert written.status_code == serialized.status_code == 200
            assert not hasattr(written, "accepted_renderer") or not serialized.json()["results"], query
            if written.json() != serialized.json():
                different.append(query)
            different += [
                (query, row["ref"], name)
                for row, same in zip(written.json()["results"], serialized.json()["results"], strict=False)
                for name in same
                if row.get(name) != same[name]
            ]
    assert different == []


@pytest.mark.parametrize("view", OTHER_LISTS)
def test_so_it_does_for_other_lists(
    scene: WorkPlan, cast: Cast, api: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, view: Any
) -> None:
    address, *queries = OTHER_LISTS[view]
    written = {}
    for user in people(cast).values():
        for query in itertools.chain(*queries):
            answer = api(user).get(f"{address}?{query}")
            with monkeypatch.context() as patched:
                patched.setattr(view, "list", Records.list)
                assert answer.json() == api(user).get(f"{address}?{query}").json()
            if user is None:
                assert answer.status_code == 200
                written[query] = not hasattr(answer, "accepted_renderer") and answer.json()["count"]
    assert written[""]
    assert sum(map(bool, written.values())) > len(written) / 2


def test_a_page_is_one_statement_and_so_is_an_answer_that_nothing_has_changed(
    scene: WorkPlan, cast: Cast, api: Callable[..., Any], django_assert_num_queries: Any
) -> None:
    address = f"{LIST}?status=ongoing&body=SOMTC&role=lead"
    first = api().get(address)
    for other in (f"{address}&limit=5", f"{address}&limit=5&offset=5"):
        api().get(other)
        Activity.objects.filter(ref="A.1.1.1").update(marker=other[-3:])
        with django_assert_num_queries(2):  # whether something has changed, and the page
            assert api().get(other).status_code == 200
    tag = api().get(address)["ETag"]
    assert tag != first["ETag"]
    with django_assert_num_queries(1):
        answer = api().get(address, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    with django_assert_num_queries(1):
        assert api().get(address)["ETag"] == tag


def test_what_a_filter_names_is_looked_up_anew_when_the_document_changes(
    scene: WorkPlan, cast: Cast, api: Callable[..., Any]
) -> None:
    address = f"{LIST}?body=SOMTC&limit=1"
    before = api().get(address).json()
    body = SectoralBody.objects.get(acronym="SOMTC")
    body.acronym = "SOMX"
    body.save()

    assert api().get(address).status_code == 400
    after = api().get(f"{LIST}?body=SOMX&limit=1").json()
    assert after["count"] == before["count"]
    assert "SOMX" in after["results"][0]["lead_bodies"] + after["results"][0]["cooperating_bodies"]


def test_the_day_is_part_of_the_entity_tag(scene: WorkPlan, api: Callable[..., Any]) -> None:
    seen = {}
    for day in (AFTER, AFTER + datetime.timedelta(days=1)):
        with time_machine.travel(day, tick=False):
            seen[day] = api().get(LIST)["ETag"]
    assert len(set(seen.values())) == 2


def test_readers_are_not_given_one_anothers_entity_tag(scene: WorkPlan, cast: Cast, api: Callable[..., Any]) -> None:
    tags = {name: api(user).get(LIST)["ETag"] for name, user in people(cast).items()}
    assert len(set(tags.values())) == len(tags)
    answer = api(cast.secretariat).get(LIST, headers={"If-None-Match": tags["visitor"]})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
