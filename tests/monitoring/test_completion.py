"""Who has reported: the figures, counted once by the database and once by hand, and the same wherever they stand."""

import csv
import datetime
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Cast
from tests.larger_plans import grow, make_scenario, opened
from tests.workbooks import cells
from workplan import actions, permissions, rules
from workplan.actions import Actor, Report
from workplan.exports import csv as csv_file
from workplan.exports import xlsx
from workplan.models import Activity, Obligation, ReportingRound, SectoralBody, WorkPlan
from workplan.monitoring import completion
from workplan.monitoring.completion import Counts

Page = Callable[..., Client]
CODE = "tip-2016-2020"
ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.")


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


def play(plan: WorkPlan, cast: Cast, **values: Any) -> ReportingRound:
    """A round in which SOMTC has one report in each state."""
    reporting_round = opened(plan, by(cast.secretariat), **values)
    refs = Activity.objects.led_by([body("SOMTC")]).order_by("position")[:4]
    for activity, state in zip(refs, rules.REPORT_STATES.values, strict=True):
        update = actions.begin_report(
            activity=activity, report=ONGOING, by=by(cast.somtc), reporting_round=reporting_round, body=body("SOMTC")
        )
        if state != rules.DRAFT:
            update = actions.submit_report(update=update, version=1, by=by(cast.somtc))
        if state == rules.RETURNED:
            actions.return_report(update=update, version=2, reason="Name it.", by=by(cast.secretariat))
        if state == rules.APPROVED:
            actions.approve_report(update=update, version=2, by=by(cast.secretariat))
    reporting_round.refresh_from_db()
    return reporting_round


def naive(reporting_round: ReportingRound, user: Any) -> tuple[Counts, dict[SectoralBody | None, Counts]]:
    """The same figures, row by row: of what bodies owe, and by body (``None``: of what no body leads)."""
    today = timezone.localdate()
    is_over = reporting_round.state == rules.PUBLISHED
    public = reporting_round.publication == rules.AT_ONCE or is_over

    def add(counts: Counts, row: Obligation, state: str) -> None:
        shown = state
        if not permissions.can_see_progress(user):
            shown = rules.APPROVED if state == rules.APPROVED and public else rules.DUE
        if is_over and shown in (rules.DUE, rules.DRAFT, rules.RETURNED):
            shown = "not_received"
        setattr(counts, shown, getattr(counts, shown) + 1)
        if shown in (rules.SUBMITTED, rules.APPROVED):
            assert row.first_submitted_on is not None
            counts.on_time += row.first_submitted_on <= row.due_on
            counts.late += row.first_submitted_on > row.due_on
        elif not is_over and row.body is not None:
            counts.overdue += row.due_on < today

    bodies: dict[SectoralBody | None, Counts] = {}
    by_activity: dict[int, list[Obligation]] = {}
    for row in Obligation.objects.filter(round=reporting_round).select_related("body").order_by("pk"):
        add(bodies.setdefault(row.body, Counts()), row, row.state)
        if row.body is not None:
            by_activity.setdefault(row.activity_id, []).append(row)
    total = Counts()
    for rows in by_activity.values():
        latest = max(rows, key=lambda row: (row.due_on, -row.pk))
        drafting = any(row.state == rules.DRAFT for row in rows)
        add(total, latest, rules.DRAFT if latest.state == rules.DUE and drafting else latest.state)
    return total, bodies


def test_a_played_round_has_the_figures_that_were_played(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = play(plan, cast)

    found = completion.of_round(reporting_round, cast.acwc)
    somtc = found.of_body(body("SOMTC"))

    assert somtc is not None
    assert (somtc.draft, somtc.submitted, somtc.returned, somtc.approved) == (1, 1, 1, 1)
    assert somtc.total == Obligation.objects.filter(round=reporting_round, body__acronym="SOMTC").count()
    led = Activity.objects.filter(plan=plan).involving(None, rules.LEAD).count()
    assert found.total.total == led < Activity.objects.filter(plan=plan).count()
    assert found.without_lead.total == Activity.objects.filter(plan=plan).count() - led
    # The second activity is led by SLOM too: submitted for both, and once in the total.
    slom = found.of_body(body("SLOM"))
    assert slom is not None
    assert slom.submitted == found.total.submitted == 1
    assert sum(counts.total for _, counts in found.bodies) > found.total.total
    assert None not in dict(found.bodies) and found.without_lead.overdue == 0, "nobody is late where nobody leads"
    # What came after its date, nine years ago, is late.
    assert (somtc.late, somtc.on_time, somtc.overdue) == (2, 0, somtc.total - 2)


@pytest.mark.parametrize("publication", [rules.AT_ONCE, rules.WITH_ROUND])
@pytest.mark.parametrize("reader", ["visitor", "newcomer"])
def test_whoever_takes_no_part_sees_only_what_is_published(
    plan: WorkPlan, cast: Cast, reader: str, publication: str
) -> None:
    reporting_round = play(plan, cast, publication=publication)

    found = completion.of_round(reporting_round, getattr(cast, reader))

    for counts in (found.total, *(counts for _, counts in found.bodies)):
        assert (counts.draft, counts.submitted, counts.returned) == (0, 0, 0)
    published = 1 if publication == rules.AT_ONCE else 0
    assert (found.total.approved, found.total.late, found.total.on_time) == (published, published, 0)
    assert found.total.owed == Activity.objects.filter(plan=plan).involving(None, rules.LEAD).count() - published
    rows = completion.reports_of(reporting_round, getattr(cast, reader))
    assert {row.shown_state for row in rows} <= {rules.DUE, rules.APPROVED}
    for row in rows:
        if row.shown_state == rules.DUE:
            assert row.shown_first_submitted_on is None
            assert row.shown_timeliness not in ("on_time", "late")


ROWS = st.lists(
    st.tuples(
        st.sampled_from(rules.OBLIGATION_STATES.values),
        st.integers(-20, 20),  # days from today to the date of the first lead
        st.integers(0, 15),  # days more for the second lead
        st.integers(-30, 10),  # days from the date to the day it was first submitted
        st.booleans(),  # whether the second lead has begun a draft
    ),
    min_size=12,
    max_size=12,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=ROWS,
    state=st.sampled_from([rules.OPEN, rules.CLOSED, rules.PUBLISHED]),
    publication=st.sampled_from(rules.PUBLICATIONS.values),
)
def test_the_database_counts_as_one_would_by_hand(
    plan: WorkPlan, cast: Cast, rows: list[tuple[str, int, int, int, bool]], state: str, publication: str
) -> None:
    Obligation.objects.all().delete()
    ReportingRound.objects.filter(code="x").delete()
    today = timezone.localdate()
    reporting_round = ReportingRound.objects.create(
        plan=plan,
        code="x",
        name="X",
        period_start=today,
        period_end=today,
        opens_on=today,
        due_on=today,
        closes_on=today,
        state=state,
        publication=publication,
    )
    leads: list[SectoralBody | None] = [None, *SectoralBody.objects.all()[:3]]
    due_rows = []
    for place, (activity, (report, due, more, after, drafting)) in enumerate(
        zip(Activity.objects.filter(plan=plan), rows, strict=False)
    ):
        first = leads[place % 4]
        own = [(first, due)] if first is None else [(first, due), (leads[1 + place % 3], due + more)]
        for number, (lead, days) in enumerate(dict(own).items()):
            submitted_reports = report in (rules.SUBMITTED, rules.RETURNED, rules.APPROVED)
            second = rules.DRAFT if drafting else rules.DUE
            due_on = today + datetime.timedelta(days=days)
            due_rows.append(
                Obligation(
                    round=reporting_round,
                    activity=activity,
                    body=lead,
                    due_on=due_on,
                    due_soon_from=due_on - datetime.timedelta(days=5),
                    state=report if submitted_reports or number == 0 else second,
                    first_submitted_on=today + datetime.timedelta(days=due + after) if submitted_reports else None,
                )
            )
    Obligation.objects.bulk_create(due_rows)

    for user in (cast.visitor, cast.newcomer, cast.acwc, cast.secretariat):
        found = completion.of_round(reporting_round, user)
        total, bodies = naive(reporting_round, user)
        assert found.total == total
        assert found.without_lead == bodies.pop(None, Counts())
        assert dict(found.bodies) == bodies
        assert found.total.total == len({one.activity_id for one in due_rows if one.body_id})


def test_figures_take_as_many_queries_for_ten_rounds_of_a_large_plan(plan: WorkPlan, cast: Cast) -> None:
    play(plan, cast)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            completion.of_rounds(ReportingRound.objects.all(), cast.secretariat)
        return len(queries)

    permissions.can_see_progress(cast.secretariat)
    small = asked()
    grow(plan, 1_000)
    for reporting_round in ReportingRound.objects.filter(state=rules.PLANNED):
        for open_one in ReportingRound.objects.open():
            actions.close_round(reporting_round=open_one, version=open_one.version, by=by(cast.secretariat))
        actions.open_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))

    assert asked() == small <= 5


def test_page_csv_and_workbook_tell_each_reader_the_same(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = play(plan, cast)
    address = f"/plans/{CODE}/rounds/{reporting_round.code}/"
    for person in (cast.visitor, cast.acwc, cast.secretariat):
        client = page(person)
        figures = completion.figures_for(person, reporting_round)
        found = completion.of_round(reporting_round, person)
        expected = [
            [getattr(counts, figure.name) for figure in figures]
            for counts in (*(counts for _, counts in found.bodies), found.total)
        ]
        apart = [getattr(found.without_lead, figure.name) for figure in figures]
        with_apart = [*expected[:-1], apart, expected[-1]]

        html = client.get(address).content.decode()
        table = re.search(r'<table class="table table-figures">.*?</table>', html, re.S)
        assert table is not None
        shown = [
            [int(number) for number in re.findall(r'<td class="num[^>]*>(?:<[^>]+>)?(\d+)', row)]
            for row in table[0].split("<tr>")[2:]
        ]
        assert shown == expected

        lines = b"".join(client.get(f"{address}completion.csv")).decode("utf-8-sig")  # type: ignore[arg-type]
        assert [[int(value) for value in line[4:]] for line in list(csv.reader(io.StringIO(lines)))[1:]] == with_apart

        book = cells(client.get(f"{address}completion.xlsx").content)
        assert [row[1:] for row in book["Completion"][1:]] == with_apart
        states = Counter(row[3] for row in book["Reports"][1:])
        for name in ("draft", "submitted", "returned", "approved"):
            by_bodies = sum(getattr(counts, name) for _, counts in found.bodies) + getattr(found.without_lead, name)
            # Which activity SOMTC is writing on is not ACWC's to know.
            listed = 0 if name == "draft" and person == cast.acwc else by_bodies
            assert states[rules.OBLIGATION_STATES.label(name)] == listed

        overview = cells(client.get(f"/plans/{CODE}/rounds/completion.xlsx").content)
        assert [row[1:] for row in overview["2018-1"][1:]] == with_apart
        place = [figure.name for figure in figures].index("approved")
        assert [row[1:3] for row in overview["Completion"][1:]] == [[row[place], row[0]] for row in expected]
        lines = b"".join(client.get(f"/plans/{CODE}/rounds/completion.csv")).decode("utf-8-sig")  # type: ignore[arg-type]
        assert [[int(value) for value in line[4:]] for line in list(csv.reader(io.StringIO(lines)))[1:]] == with_apart


def test_each_number_leads_to_the_rows_that_it_counts(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = play(plan, cast)
    for person in (cast.visitor, cast.acwc, cast.somtc, cast.secretariat):
        client = page(person)
        html = client.get(f"/plans/{CODE}/rounds/{reporting_round.code}/").content.decode()
        table = re.search(r'<table class="table table-figures">.*?</table>', html, re.S)
        assert table is not None
        links = re.findall(r'href="([^"#]*\?[^"#]*)(?:#reports)?">(\d+)<', table[0])
        assert len(links) > 20
        for href, number in links[:14] + links[-2:]:
            response = client.get(href.replace("&amp;", "&"))
            assert response.status_code == 200, href
            shown = response.context["page"] if "page" in response.context else response.context["listing"].page
            assert shown.paginator.count == int(number), href
        to_the_draft = any("body=SOMTC&amp;state=draft" in href for href, _ in links)
        assert to_the_draft is (person in (cast.somtc, cast.secretariat))


def test_files_hold_texts_that_look_like_formulas_as_texts() -> None:
    rows = [["=1+1", "@x", 3, datetime.date(2018, 7, 31)], ["-", "https://a.org/", -4, None]]

    book = xlsx.workbook([xlsx.Sheet("A/B: [C]?" * 9, [("X", 9)] * 4, rows)], title="T")

    ((name, found),) = cells(book).items()
    assert len(name) <= 31
    assert found[1:] == [["=1+1", "@x", 3, 43312], ["-", "https://a.org/", -4, None]]
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert not [entry for entry in archive.namelist() if "rels" in entry and "sheet1" in entry], "no links"
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")
        assert b'state="frozen"' in archive.read("xl/worksheets/sheet1.xml")
    assert list(csv_file.table(["+A", "B"], [["=1", -4]])) == ["\ufeff'+A,B\r\n", "'=1,-4\r\n"]


def test_no_other_kind_of_file_is_offered(plan: WorkPlan, cast: Cast, page: Page) -> None:
    opened(plan, by(cast.secretariat))

    assert page().get(f"/plans/{CODE}/rounds/completion.pdf").status_code == 404
    assert page().get(f"/plans/{CODE}/rounds/2018-1/completion.xls").status_code == 404
    assert page().get(f"/plans/{CODE}/rounds/1999-1/completion.csv").status_code == 404


@pytest.mark.parametrize(
    ("today", "known", "public"),
    [("2018-07-10", "on_time", "not_due"), ("2018-07-28", "on_time", "due_soon"), ("2018-09-01", "on_time", "overdue")],
)
def test_nobody_outside_can_see_that_a_report_was_submitted(
    plan: WorkPlan, cast: Cast, page: Page, api: Any, today: str, known: str, public: str
) -> None:
    with time_machine.travel(f"{today}T05:00:00Z", tick=False):
        with time_machine.travel("2018-07-05T05:00:00Z", tick=False):
            scenario = make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
        activity = scenario.reports[rules.SUBMITTED].activity
        seen = {}
        for reader in (cast.visitor, cast.newcomer, cast.somtc, cast.secretariat):
            row = api(reader).get(f"/api/v1/activities/{activity.pk}/").json()
            seen[str(reader)] = row["timeliness"]
            for value in rules.TIMELINESS.values:
                found = api(reader).get(f"/api/v1/activities/?ref={activity.ref}&timeliness={value}").json()["count"]
                assert found == (value == row["timeliness"])
            shown = page(reader).get(activity.get_absolute_url()).content.decode()
            assert ("tag-on_time" in shown) is (row["timeliness"] == "on_time")
        assert list(seen.values()) == [public, public, known, known]
