"""Statuses, dates and achievements everywhere equal a recount from the approved reports, by decision 16."""

import csv
import datetime
import importlib
import io
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.test import Client

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import Refusal
from workplan.models import Activity, AuditEntry, ReportingRound, SectoralBody, StatusUpdate, WorkPlan

Page = Callable[..., Client]
CODE = "tip-2016-2020"
PLAN = f"/plans/{CODE}"
BEGINNING = datetime.datetime(2018, 6, 20, 3, tzinfo=datetime.UTC)
WITHOUT_CHANGE = ("no_change", "nil_return")


@dataclass(frozen=True)
class Counted:
    """What is known of an activity: its status, its date, its report, when it was confirmed and since when it is so."""

    status: str = "not_reported"
    as_of: datetime.date | None = None
    report: int | None = None
    confirmed_on: datetime.date | None = None
    since: datetime.date | None = None


def recounted(reports: list[StatusUpdate]) -> Counted:
    """Read from reports that are published, in the order of their approval."""
    places: dict[int, StatusUpdate] = {}  # a dictionary keeps the place of what is replaced
    for report in reports:
        places[report.corrects_id or report.pk] = report
    found, counted = Counted(), list[StatusUpdate]()
    for report in places.values():
        assert report.as_of is not None
        if report.kind in WITHOUT_CHANGE:
            is_later = found.as_of is not None and report.as_of >= found.as_of
            found = Counted(found.status, found.as_of, found.report, report.as_of if is_later else None, found.since)
            continue
        counted = [*(one for one in counted if one.as_of < report.as_of), report]  # type: ignore[operator]
        since: datetime.date | None = report.as_of
        for one in reversed(counted):
            if one.status != report.status:
                break
            since = one.as_of
        found = Counted(report.status, report.as_of, report.pk, None, since)
    return found


def recount(moment: datetime.datetime) -> dict[int, Counted]:
    """Each activity as of ``moment``, from the reports alone."""
    reports: dict[int, list[StatusUpdate]] = {pk: [] for pk in Activity.objects.values_list("pk", flat=True)}
    approved = StatusUpdate.objects.filter(state="approved").select_related("round").order_by("approved_at", "pk")
    for report in approved:
        assert report.approved_at is not None
        waits = report.round is not None and report.round.publication == rules.WITH_ROUND
        public_at = report.round.published_at if waits and report.round else report.approved_at
        if public_at is not None and max(public_at, report.approved_at) <= moment:
            reports[report.activity_id].append(report)
    return {pk: recounted(found) for pk, found in reports.items()}


def play(cast: Cast, seed: int) -> datetime.datetime:
    """Let people report, confirm and correct at random in two rounds; returns when they are done."""
    chance, now = random.Random(seed), BEGINNING
    keeper, reviewer, author = (Actor(user, "page", "r") for user in (cast.secretariat, cast.colleague, cast.somtc))
    plan, body = WorkPlan.objects.get(code=CODE), SectoralBody.objects.get(acronym="SOMTC")
    activities = list(Activity.objects.led_by([body]).order_by("position")[:6])
    reporting_round: ReportingRound | None = None
    for step in range(130):
        now += datetime.timedelta(seconds=chance.randint(1, 90_000))
        with time_machine.travel(now, tick=False):
            try:
                if step in (0, 60):
                    publication = rules.AT_ONCE if step == 0 else rules.WITH_ROUND
                    reporting_round = opened(plan, keeper, code=f"2018-{1 + step // 60}", publication=publication)
                elif step in (50, 110) and reporting_round is not None:
                    finish(reporting_round, keeper, reviewer)
                    reporting_round = None
                else:
                    something(chance, now, chance.choice(activities), reporting_round, body, keeper, reviewer, author)
            except Refusal:
                pass
    return now


def finish(reporting_round: ReportingRound, keeper: Actor, reviewer: Actor) -> None:
    for update in StatusUpdate.objects.filter(round=reporting_round, state="submitted"):
        actions.approve_report(update=update, version=update.version, by=reviewer)
    reporting_round.refresh_from_db()
    closed = actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=keeper)
    actions.publish_round(reporting_round=closed, version=closed.version, by=keeper)


def something(
    chance: random.Random,
    now: datetime.datetime,
    activity: Activity,
    reporting_round: ReportingRound | None,
    body: SectoralBody,
    keeper: Actor,
    reviewer: Actor,
    author: Actor,
) -> None:
    activity.refresh_from_db()
    report = Report(
        status=chance.choice(("ongoing", "completed", "completed", "deferred")),
        as_of=now.date() - datetime.timedelta(days=chance.randint(0, 60)),
        narrative=f"Said at {now:%d %B, %H:%M:%S}.",
        outputs_delivered="A draft.",
        reason="The meeting decided so.",
        evidence=(EvidenceItem("Minutes", "https://example.org/minutes"),),
    )
    waiting = StatusUpdate.objects.filter(state="submitted").order_by("submitted_at", "pk").first()
    what = chance.random()
    if what < 0.25:  # a correction of any report, by its body or the secretariat
        approved = list(StatusUpdate.objects.filter(activity=activity, state="approved").order_by("pk"))
        if not approved:
            return
        old = chance.choice(approved)
        corrected = Report(**{**report.field_values, "as_of": None, "kind": rules.PROGRESS}, evidence=report.evidence)
        by = chance.choice((keeper, author))
        actions.correct_report(update=old, version=old.version, report=corrected, by=by)
    elif waiting is not None and what < 0.5:
        actions.approve_report(update=waiting, version=waiting.version, by=reviewer)
    elif what < 0.7:  # nothing has changed
        kind = chance.choice(WITHOUT_CHANGE)
        unchanged = Report(status=activity.status, as_of=report.as_of, kind=kind)
        actions.record_status(activity=activity, version=activity.version, report=unchanged, by=keeper)
    elif reporting_round is not None and what < 0.8:
        actions.submit_bulk_report(
            reporting_round=reporting_round, body=body, activities=[activity.pk], kind=rules.NO_CHANGE, by=author
        )
    elif reporting_round is not None and what < 0.9:
        draft = actions.begin_report(
            activity=activity, report=report, by=author, reporting_round=reporting_round, body=body
        )
        actions.submit_report(update=draft, version=draft.version, by=author)
    else:
        actions.record_status(activity=activity, version=activity.version, report=report, by=keeper)


def day(value: datetime.date | None) -> str:
    return value.isoformat() if value else ""


@pytest.mark.parametrize("seed", [16, 2018])
def test_every_place_equals_a_recount_from_the_reports(cast: Cast, page: Page, api: Any, seed: int) -> None:
    end = play(cast, seed)
    with time_machine.travel(end + datetime.timedelta(hours=1), tick=False):
        kinds = Counter(StatusUpdate.objects.filter(state="approved").values_list("kind", flat=True))
        assert min(kinds[kind] for kind in rules.UPDATE_KINDS.values) > 0
        stored = {
            row.pk: (row.status, row.status_as_of, row.latest_update_id, row.confirmed_on)
            for row in Activity.objects.all()
        }
        truth = recount(end)
        assert stored == {pk: (one.status, one.as_of, one.report, one.confirmed_on) for pk, one in truth.items()}
        shown_everywhere(page, api, truth, "")
        for moment in random.Random(seed).sample(
            list(StatusUpdate.objects.filter(state="approved").values_list("approved_at", flat=True)), 12
        ):
            assert moment is not None
            known = Activity.objects.as_of(moment)
            seen = {row.pk: (row.status, row.status_as_of, row.latest_update_id, row.confirmed_on) for row in known}
            then = recount(moment)
            assert seen == {pk: (one.status, one.as_of, one.report, one.confirmed_on) for pk, one in then.items()}
        shown_everywhere(page, api, then, f"as_of={moment:%Y-%m-%dT%H:%M:%S.%fZ}")


def shown_everywhere(page: Page, api: Any, truth: dict[int, Counted], query: str) -> None:
    """The list, the matrix, the API, the CSV, the dashboard and, for today, the home say what ``truth`` says."""
    expected = {pk: (one.status, day(one.as_of), day(one.confirmed_on)) for pk, one in truth.items()}
    rows = api().get(f"/api/v1/activities/?limit=1000&{query}").json()["results"]
    answered = {row["id"]: (row["status"], row["status_as_of"] or "", row["confirmed_on"] or "") for row in rows}
    assert answered == expected
    assert {row["id"]: row["latest_update"] and row["latest_update"]["id"] for row in rows} == {
        pk: one.report for pk, one in truth.items()
    }
    file = b"".join(page().get(f"{PLAN}/activities.csv?{query}")).decode("utf-8-sig")  # type: ignore[arg-type]
    lines = list(csv.DictReader(io.StringIO(file)))
    narratives = dict(StatusUpdate.objects.values_list("pk", "narrative"))
    for row, line in zip(rows, lines, strict=True):
        _, as_of, confirmed_on = expected[row["id"]]
        report = truth[row["id"]].report
        stated = (line["Status"], line["Status as at"], line["Confirmed without change"], line["Progress"])
        assert stated == (row["status_label"], as_of, confirmed_on, narratives[report] if report else "")
    matrix = page().get(f"{PLAN}/?{query}").context["blocks"]
    in_matrix = [row for block in matrix for part in block.provisions for area in part.areas for row in area.activities]
    listed = page().get(f"{PLAN}/activities/?{query}")
    for row in [*in_matrix, *listed.context["listing"].page]:
        assert (row.status, day(row.status_as_of), day(row.confirmed_on)) == expected[row.pk]
    assert len(in_matrix) == len(truth)

    positions = dict(Activity.objects.values_list("pk", "position"))
    done = sorted(
        ((one.since, pk) for pk, one in truth.items() if one.status == rules.COMPLETED),
        key=lambda one: (-one[0].toordinal(), positions[one[1]]),  # type: ignore[union-attr]
    )
    dashboard = page().get(f"{PLAN}/dashboard/?{query}").context["dashboard"]
    assert [(one.day, one.activity.pk) for one in dashboard.completed] == done[:6]
    assert dashboard.whole.tally.by_status == Counter(one.status for one in truth.values())
    if not query:
        home = page().get("/").context
        assert [(one.day, one.activity.pk) for one in home["achievements"]] == done[:5]
        assert home["tally"].by_status == dashboard.whole.tally.by_status


def test_the_migration_gives_back_what_no_change_had_taken(plan: WorkPlan, cast: Cast) -> None:
    migration = importlib.import_module("workplan.migrations.0027_status_keeps_its_date")
    keeper = Actor(cast.secretariat, "page", "r")
    done = datetime.date(2018, 3, 31)
    words: dict[str, Any] = {
        "narrative": "Done.",
        "outputs_delivered": "A manual",
        "evidence": (EvidenceItem("M", "https://a.org"),),
    }
    for report in (
        Report(status="completed", as_of=done, **words),
        Report(status="completed", as_of=datetime.date(2018, 6, 30), kind=rules.NO_CHANGE),
    ):
        row = Activity.objects.get(ref="A.1.1.1")
        actions.record_status(activity=row, version=row.version, report=report, by=keeper)
    nothing = Activity.objects.get(ref="A.1.1.2")
    nil = Report(status="not_reported", as_of=done, kind=rules.NIL_RETURN)
    actions.record_status(activity=nothing, version=nothing.version, report=nil, by=keeper)
    before = {row.pk: (row.status, row.status_as_of, row.latest_update_id) for row in Activity.objects.all()}

    migration.take_back(apps, None)
    taken = Activity.objects.get(ref="A.1.1.1")
    assert (taken.status_as_of, taken.latest_update.kind) == (datetime.date(2018, 6, 30), rules.NO_CHANGE)  # type: ignore[union-attr]
    migration.restate(apps, None)

    after = {row.pk: (row.status, row.status_as_of, row.latest_update_id) for row in Activity.objects.all()}
    assert after == before
    row = Activity.objects.get(ref="A.1.1.1")
    assert (row.status_as_of, row.confirmed_on) == (done, datetime.date(2018, 6, 30))
    entry = AuditEntry.objects.get(action="status.restated", activity=row)
    assert entry.changes["status_as_of"] == ["2018-06-30", "2018-03-31"] and entry.reason
