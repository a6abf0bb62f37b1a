"""The feed of a saved view: what is published on its activities, for programs that read Atom."""

import datetime
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tests.conftest import Cast
from tests.larger_plans import make_scenario, opened, saved
from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.models import Activity, ReportingRound, SavedView, SectoralBody, StatusUpdate, WorkPlan

ATOM = "{http://www.w3.org/2005/Atom}"
BEGUN = datetime.datetime(2018, 7, 3, 4, tzinfo=datetime.UTC)


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def record(ref: str, cast: Cast, **values: Any) -> StatusUpdate:
    activity = Activity.objects.get(ref=ref)
    said: dict[str, Any] = {"status": "ongoing", "as_of": datetime.date(2018, 6, 30), "narrative": "Begun.", **values}
    report = Report(
        evidence=(EvidenceItem("Minutes", "https://example.org/minutes"),), outputs_delivered="A manual.", **said
    )
    return actions.record_status(activity=activity, version=activity.version, report=report, by=by(cast.secretariat))


def read(client: Client, view: SavedView) -> ElementTree.Element:
    response = client.get(f"/views/{view.slug}/feed/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def entries(feed: ElementTree.Element, name: str = "title") -> list[str]:
    return [entry.findtext(f"{ATOM}{name}") or "" for entry in feed.iter(f"{ATOM}entry")]


@pytest.fixture
def view(plan: WorkPlan, cast: Cast) -> SavedView:
    return saved(plan, cast.somtc, "Prevention & <more>", "section=A")


def test_a_feed_is_well_formed_atom_with_all_that_atom_asks_for(
    view: SavedView, cast: Cast, page: Callable[..., Client]
) -> None:
    with time_machine.travel(BEGUN, tick=False):
        update = record("A.1.1.1", cast, narrative="Two trainings <b>held</b> & reported ]]>.")

    feed = read(page(), view)

    assert feed.tag == f"{ATOM}feed"
    for required in ("id", "title", "updated"):
        assert len(feed.findall(f"{ATOM}{required}")) == 1
    assert (feed.findtext(f"{ATOM}title") or "").startswith("Prevention & <more> · ")
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"http://testserver/views/{view.slug}/feed/"
    assert links["alternate"] == f"http://testserver/views/{view.slug}/"
    [entry] = feed.findall(f"{ATOM}entry")
    for required in ("id", "title", "updated", "published", "summary"):
        assert len(entry.findall(f"{ATOM}{required}")) == 1
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Secretariat"
    assert entry.findtext(f"{ATOM}id") == f"tag:testserver,2018-07-03:update/{update.pk}"
    assert entry.findtext(f"{ATOM}updated") == "2018-07-03T04:00:00+00:00" == feed.findtext(f"{ATOM}updated")
    summary = entry.findtext(f"{ATOM}summary") or ""
    assert "Two trainings &lt;b&gt;held&lt;/b&gt; &amp; reported ]]&gt;." in summary
    ElementTree.fromstring(f"<div>{summary}</div>")
    [link] = entry.findall(f"{ATOM}link")
    assert link.get("href") == f"http://testserver{update.activity.get_absolute_url()}#update-{update.pk}"


def test_a_feed_holds_the_views_updates_newest_first_and_no_others(
    view: SavedView, cast: Cast, page: Callable[..., Client]
) -> None:
    for day, ref in enumerate(("A.1.1.1", "B.1.1.1", "A.1.1.4", "A.1.1.1")):
        with time_machine.travel(BEGUN + datetime.timedelta(days=day), tick=False):
            record(ref, cast, status="completed" if day == 3 else "ongoing")

    feed = read(page(), view)

    assert [title.split(":")[0] for title in entries(feed)] == [
        "A.1.1.1 Completed",
        "A.1.1.4 Ongoing",
        "A.1.1.1 Ongoing",
    ]
    assert entries(feed, "updated") == sorted(entries(feed, "updated"), reverse=True)
    assert len(set(entries(feed, "id"))) == 3


def test_a_feed_stays_the_same_until_something_is_published(
    view: SavedView, cast: Cast, page: Callable[..., Client]
) -> None:
    address, client = f"/views/{view.slug}/feed/", page()
    empty = client.get(address)
    assert entries(read(client, view)) == []
    assert client.get(address, headers={"If-None-Match": empty["ETag"]}).status_code == 304
    assert client.head(address)["ETag"] == empty["ETag"]

    record("A.1.1.1", cast)
    full = client.get(address, headers={"If-None-Match": empty["ETag"]})
    assert full.status_code == 200
    again = client.get(address, headers={"If-None-Match": full["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    record("B.1.1.1", cast)
    assert client.get(address)["ETag"] == full["ETag"], "What is outside the view changes nothing."


def test_ids_stay_whatever_becomes_of_view_and_activity(
    view: SavedView, cast: Cast, page: Callable[..., Client]
) -> None:
    record("A.1.1.1", cast)
    before = read(page(), view)

    actions.change_view(view=view, version=1, name="Another name", by=by(cast.somtc))
    activity = Activity.objects.get(ref="A.1.1.1")
    activity.text = "Other words"
    actions.save_record(record=activity, by=by(cast.secretariat))

    after = read(page(), view)
    assert after.findtext(f"{ATOM}id") == before.findtext(f"{ATOM}id")
    assert entries(after, "id") == entries(before, "id")
    assert entries(after) != entries(before)


@override_settings(BASE_URL="https://plan.example.org/")
def test_addresses_are_those_that_people_use(view: SavedView, cast: Cast, page: Callable[..., Client]) -> None:
    record("A.1.1.1", cast)

    text = page().get(f"/views/{view.slug}/feed/").content.decode()

    assert "testserver" not in text
    assert f'href="https://plan.example.org/views/{view.slug}/feed/"' in text and "<id>tag:plan.example.org," in text


def test_a_feed_tells_nothing_that_is_not_published_to_nobody(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client]
) -> None:
    everything = saved(plan, cast.secretariat, "Everything")
    scenario = make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    approved = scenario.reports[rules.APPROVED]

    for person in (cast.visitor, cast.acwc, cast.somtc, cast.secretariat):
        feed = read(page(person), everything)
        assert [one.rpartition("/")[2] for one in entries(feed, "id")] == [str(approved.pk)]
        text = ElementTree.tostring(feed, encoding="unicode")
        assert "Somchai" not in text and "Sari" not in text and "minutes" not in text


def test_what_waits_for_its_round_comes_with_it_and_with_its_moment(
    plan: WorkPlan, cast: Cast, view: SavedView, page: Callable[..., Client]
) -> None:
    with time_machine.travel(BEGUN, tick=False):
        reporting_round = opened(plan, by(cast.secretariat), publication="with_round")
        draft = actions.begin_report(
            activity=Activity.objects.get(ref="A.1.1.1"),
            report=Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Begun."),
            by=by(cast.somtc),
            reporting_round=reporting_round,
            body=SectoralBody.objects.get(acronym="SOMTC"),
        )
        draft = actions.submit_report(update=draft, version=draft.version, by=by(cast.somtc))
        actions.approve_report(update=draft, version=draft.version, by=by(cast.secretariat))
    assert entries(read(page(), view)) == []

    with time_machine.travel(BEGUN + datetime.timedelta(days=30), tick=False):
        reporting_round = ReportingRound.objects.get(pk=reporting_round.pk)
        reporting_round = actions.close_round(
            reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat)
        )
        actions.publish_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))

    assert entries(read(page(), view), "updated") == ["2018-08-02T04:00:00+00:00"]


def test_a_feed_asks_little_and_ends_somewhere(
    plan: WorkPlan, view: SavedView, cast: Cast, page: Callable[..., Client]
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page().get(f"/views/{view.slug}/feed/")
        return len(queries)

    record("A.1.1.1", cast)
    few = asked()
    activities = Activity.objects.filter(area__provision__section__ref="A")
    for _ in range(3):
        versions = dict(activities.values_list("pk", "version"))
        actions.record_status_of_many(
            versions=versions,
            report=Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Going on."),
            by=by(cast.secretariat),
        )

    assert asked() == few <= 4
    assert len(entries(read(page(), view))) == 50
