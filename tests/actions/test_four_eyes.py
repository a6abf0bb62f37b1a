"""Four eyes: nobody decides on, nor concurs with, a report in which the audit trail knows them to have had a part."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from workplan import actions, permissions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import NotAllowed
from workplan.models import Activity, Membership, ReportingRound, SectoralBody, StatusUpdate, User, WorkPlan

DAY = datetime.date(2018, 6, 30)
BEGUN = Report(status="ongoing", as_of=DAY, narrative="One sentence.")
REWRITTEN = Report(
    status="ongoing",
    as_of=DAY,
    narrative="A whole draft, rewritten.",
    outputs_delivered="A module.",
    evidence=(EvidenceItem("Module", "https://example.org/module"),),
)
JOINT = "A.1.1.4"  # led by SLOM and SOMTC


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, by(cast.secretariat))


@pytest.fixture
def both(cast: Cast) -> User:
    """Somebody of the secretariat who is a focal point of SOMTC, too, and of SLOM, its joint lead."""
    person = make_person("budi", name="Budi Both", body="SOMTC")
    person.groups.add(Group.objects.get(name=permissions.SECRETARIAT_GROUP))
    return person


def begun(author: User, reporting_round: ReportingRound) -> StatusUpdate:
    return actions.begin_report(
        activity=Activity.objects.get(ref=JOINT),
        report=BEGUN,
        by=by(author),
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )


def rewrite(person: User, update: StatusUpdate) -> StatusUpdate:
    return actions.save_report(update=update, version=update.version, report=REWRITTEN, by=by(person))


def finish(author: User, update: StatusUpdate) -> StatusUpdate:
    """The author changes one character and submits."""
    last = Report(**{**REWRITTEN.field_values, "narrative": "A whole draft, rewritten!"})
    update = actions.save_report(update=update, version=update.version, report=last, by=by(author))
    return actions.submit_report(update=update, version=update.version, by=by(author))


def rewritten(person: User, author: User, reporting_round: ReportingRound) -> StatusUpdate:
    return finish(author, rewrite(person, begun(author, reporting_round)))


def began(person: User, author: User, reporting_round: ReportingRound) -> StatusUpdate:
    return finish(author, begun(person, reporting_round))


def contributed(person: User, author: User, reporting_round: ReportingRound) -> StatusUpdate:
    """The person wrote a contribution, which somebody else of the body has replaced since."""
    activity = Activity.objects.get(ref=JOINT)
    cooperating = SectoralBody.objects.get(acronym="ACWC")
    Membership.objects.create(user=person, body=cooperating)
    other = make_person("citra", name="Citra Focal", body="ACWC")
    person, other = (User.objects.get(pk=one.pk) for one in (person, other))
    written = actions.contribute(
        activity=activity, reporting_round=reporting_round, body=cooperating, text="Trainers.", by=by(person)
    )
    actions.contribute(
        activity=activity,
        reporting_round=reporting_round,
        body=cooperating,
        text="Three trainers.",
        by=by(other),
        version=written.version,
    )
    return finish(author, begun(author, reporting_round))


PARTS: tuple[Callable[[User, User, ReportingRound], StatusUpdate], ...] = (rewritten, began, contributed)


@pytest.mark.parametrize("part", PARTS)
def test_whoever_had_a_part_neither_approves_nor_concurs(
    cast: Cast, both: User, reporting_round: ReportingRound, part: Any, api: Any, page: Any
) -> None:
    Activity.objects.filter(ref=JOINT).update(all_other_bodies_cooperate=True)
    update = part(both, cast.somtc, reporting_round)
    Membership.objects.get_or_create(user=both, body=SectoralBody.objects.get(acronym="SLOM"))
    person = User.objects.get(pk=both.pk)

    for attempt in (
        lambda: actions.approve_report(update=update, version=update.version, by=by(person)),
        lambda: actions.approve_reports(versions={update.pk: update.version}, by=by(person)),
        lambda: actions.concur(update=update, version=update.version, by=by(person)),
    ):
        with pytest.raises(NotAllowed, match="You took part in this report"):
            attempt()
    assert StatusUpdate.objects.get(pk=update.pk).state == rules.SUBMITTED

    shown = api(person).get(f"/api/v1/updates/{update.pk}/").json()
    assert "approve" not in shown["allowed_actions"] and "concur" not in shown["allowed_actions"]
    assert list(shown["refused_actions"]) == ["approve", "concur"]
    [listed] = api(person).get("/api/v1/updates/?state=submitted").json()["results"]
    assert listed["refused_actions"] == shown["refused_actions"]
    for address in ("/review/", update.get_absolute_url()):
        assert shown["refused_actions"]["approve"] in page(person).get(address).content.decode()

    # A colleague who had none may do both, and so may the person where the plan does not ask for four eyes.
    assert "approve" in permissions.allowed_actions(cast.colleague, update)
    assert permissions.refused_actions(cast.colleague, update) == {}
    WorkPlan.objects.update(four_eyes=False)
    again = StatusUpdate.objects.for_display().get(pk=update.pk)
    assert {"approve", "concur"} <= set(permissions.allowed_actions(person, again))
    assert actions.approve_report(update=again, version=again.version, by=by(person)).state == rules.APPROVED


def test_the_queue_asks_once_for_any_number_of_reports(
    cast: Cast, both: User, reporting_round: ReportingRound, page: Any, api: Any
) -> None:
    def queries() -> list[int]:
        found = []
        for get, address in ((page(both).get, "/review/"), (api(both).get, "/api/v1/updates/?state=submitted")):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert get(address).status_code == 200
            found.append(len(captured))
        return found

    somtc = SectoralBody.objects.get(acronym="SOMTC")
    led = Activity.objects.filter(responsibilities__body=somtc, responsibilities__role=rules.LEAD).order_by("pk")
    numbers = []
    for activity in led[:6]:
        report = Report(status="ongoing", as_of=DAY, narrative="Taken on.")
        draft = actions.begin_report(
            activity=activity, report=BEGUN, by=by(both), reporting_round=reporting_round, body=somtc
        )
        saved = actions.save_report(update=draft, version=1, report=report, by=by(cast.somtc))
        actions.submit_report(update=saved, version=2, by=by(cast.somtc))
        numbers.append(queries())
    assert numbers[1:] == [numbers[1]] * 5
