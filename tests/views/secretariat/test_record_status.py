"""Recording a status in the browser, one by one and several at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.models import (
    Activity,
    AuditEntry,
    Evidence,
    Obligation,
    ReportingRound,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

Page = Callable[..., Client]
CODE = "tip-2016-2020"
FORM = f"/plans/{CODE}/activities/A.1.1.1/update/"
BULK = f"/plans/{CODE}/activities/update/"
NO_LINKS = {"evidence-TOTAL_FORMS": "0", "evidence-INITIAL_FORMS": "0"}
GOOD = {
    "version": "1",
    "status": "ongoing",
    "as_of": "2020-06-30",
    "narrative": "The first workshop was held.",
    "outputs_delivered": "",
    "challenges": "",
    "next_steps": "",
    "kind": "progress",
    **NO_LINKS,
}


def get(ref: str = "A.1.1.1") -> Activity:
    return Activity.objects.get(ref=ref)


def test_the_secretariat_records_a_status(cast: Cast, page: Page) -> None:
    links = {
        "evidence-TOTAL_FORMS": "2",
        "evidence-INITIAL_FORMS": "0",
        "evidence-0-title": "Minutes",
        "evidence-0-url": "https://example.org/minutes",
        "evidence-1-title": "",
        "evidence-1-url": "",
    }

    response = page(cast.secretariat).post(FORM, {**GOOD, **links}, follow=True)

    assert response.redirect_chain == [(f"/plans/{CODE}/activities/A.1.1.1/", 302)]
    assert "Recorded: A.1.1.1 is “Ongoing”." in response.content.decode()
    assert (get().status, get().version) == ("ongoing", 2)
    assert [link.title for link in get().latest_update.evidence.all()] == ["Minutes"]  # type: ignore[union-attr]
    assert AuditEntry.objects.get().channel == "page"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"status": ""}, "Select a status."),
        ({"status": "done"}, "Select a valid choice"),
        ({"status": "not_reported"}, "only a correction can return to it"),
        ({"as_of": ""}, "Enter the date of this status."),
        ({"as_of": "2026-02-30"}, "This is no day of the calendar"),
        ({"as_of": "2999-01-01"}, "This date is in the future"),
        ({"as_of": "1999-01-01"}, "The plan begins on 01 January 2016"),
        ({"narrative": ""}, "Enter in one or more sentences what was done"),
        ({"narrative": "x" * 20_001}, "at most 20000 characters"),
        ({"narrative": "a\x00b"}, "no readable text"),
        ({"narrative": "a\x08b"}, "no readable text"),
        ({"next_steps": "a\ufffdb"}, "no readable text"),
        ({"kind": "gossip"}, "Select a valid choice"),
        ({"version": ""}, "without the version"),
        ({"version": "-1"}, "without the version"),
        ({"version": "9" * 30}, "without the version"),
        (
            {"evidence-TOTAL_FORMS": "1", "evidence-0-title": "A", "evidence-0-url": "ftp://a"},
            "Give a full web address",
        ),
        ({"evidence-TOTAL_FORMS": "1", "evidence-0-title": "A", "evidence-0-url": ""}, "Give the link"),
        ({"evidence-TOTAL_FORMS": "1", "evidence-0-url": "https://a.org"}, "Enter what this link shows"),
        ({"evidence-TOTAL_FORMS": "x"}, "rows of evidence cannot be read"),
        ({"evidence-TOTAL_FORMS": "999999"}, "at most 50 links and files"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    cast: Cast, page: Page, changes: dict[str, str], message: str
) -> None:
    typed = {**GOOD, "challenges": "Typed with care", **changes}

    response = page(cast.secretariat).post(FORM, typed)

    assert response.status_code == 400
    content = response.content.decode()
    assert message in content
    assert "Typed with care" in content
    assert not StatusUpdate.objects.exists()
    assert get().version == 1


def test_the_edit_of_somebody_else_is_shown_beside_what_was_typed(cast: Cast, page: Page) -> None:
    page(cast.colleague).post(FORM, {**GOOD, "status": "not_started", "narrative": "Not yet, says Ben."})

    response = page(cast.secretariat).post(FORM, {**GOOD, "narrative": "Begun, says Sari."})

    assert response.status_code == 409
    content = response.content.decode()
    assert "Not yet, says Ben." in content
    assert "Ben Staff" in content
    assert content.count("Begun, says Sari.") == 2  # in the comparison, and in the form
    assert get().status == "not_started"
    assert get().updates.count() == 1
    again = page(cast.secretariat).post(FORM, {**GOOD, "narrative": "Begun, says Sari.", "version": "2"})
    assert again.status_code == 302
    assert (get().status, get().updates.count()) == ("ongoing", 2)


def test_another_row_for_a_link_keeps_what_was_typed_and_saves_nothing(cast: Cast, page: Page) -> None:
    links = {"evidence-TOTAL_FORMS": "1", "evidence-INITIAL_FORMS": "0", "evidence-0-title": "Minutes"}

    response = page(cast.secretariat).post(FORM, {**GOOD, **links, "narrative": "Half a sen", "more": "1"})

    content = response.content.decode()
    assert response.status_code == 200
    assert "Half a sen" in content
    assert 'value="Minutes"' in content
    assert 'name="evidence-2-title"' in content
    assert 'name="version" value="1"' in content
    assert not StatusUpdate.objects.exists()


def test_several_activities_get_a_status_in_one_go(cast: Cast, page: Page) -> None:
    chosen = list(Activity.objects.order_by("position")[:3])
    form = page(cast.secretariat).get(BULK, {"ref": [activity.ref for activity in chosen], "next": "/my/"})
    assert [activity.ref for activity in form.context["activities"]] == [activity.ref for activity in chosen]
    pairs = [f"{activity.pk}:{activity.version}" for activity in chosen]

    response = page(cast.secretariat).post(BULK, {**GOOD, "activity": pairs, "next": "/my/"})

    assert response["Location"] == "/my/"
    assert Activity.objects.filter(status="ongoing").count() == 3
    assert AuditEntry.objects.filter(channel="bulk").count() == 3


def test_one_stale_activity_keeps_all_of_them_as_they_are(cast: Cast, page: Page) -> None:
    page(cast.colleague).post(FORM, {**GOOD, "narrative": "Meanwhile."})
    pairs = [f"{activity.pk}:1" for activity in Activity.objects.order_by("position")[:3]]

    response = page(cast.secretariat).post(BULK, {**GOOD, "narrative": "For all three.", "activity": pairs})

    content = response.content.decode()
    assert response.status_code == 409
    assert "Changed since you opened the form" in content
    assert "Meanwhile." in content
    assert "For all three." in content
    assert StatusUpdate.objects.count() == 1
    assert f'value="{get().pk}:2"' in content


def test_the_filter_of_the_list_chooses_for_the_bulk_form(cast: Cast, page: Page) -> None:
    response = page(cast.secretariat).get(f"{BULK}?section=D")

    assert {activity.ref[0] for activity in response.context["activities"]} == {"D"}
    assert not page(cast.secretariat).get(BULK).context["activities"]
    assert page(cast.secretariat).get(f"{BULK}?section=Z").status_code == 400


@pytest.mark.parametrize("pairs", [[], ["x"], ["1:0"], ["1:-1"], [f"{10**30}:1"], ["\x00"]])
def test_a_list_of_activities_that_cannot_be_read_is_refused(cast: Cast, page: Page, pairs: list[str]) -> None:
    response = page(cast.secretariat).post(BULK, {**GOOD, "activity": pairs})

    assert response.status_code == 400
    assert not StatusUpdate.objects.exists()


def test_a_bulk_form_does_not_lead_to_a_foreign_page(cast: Cast, page: Page) -> None:
    for version, elsewhere in enumerate(("https://evil.example/", "//evil.example/", "x", "-1"), start=1):
        pairs = [f"{get().pk}:{version}"]

        response = page(cast.secretariat).post(BULK, {**GOOD, "activity": pairs, "next": elsewhere})

        assert response["Location"] == f"/plans/{CODE}/activities/"


def test_a_form_without_its_token_is_refused_with_a_page_that_says_what_to_do(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.secretariat)

    response = client.post(FORM, GOOD)

    assert response.status_code == 403
    assert "nothing was saved" in response.content.decode()


def test_every_status_is_offered_with_its_meaning(cast: Cast, page: Page) -> None:
    content = page(cast.secretariat).get(FORM).content.decode()

    for meaning in ("The work has not begun.", "The work is postponed.", "The work will not be done."):
        assert meaning in content


def test_a_focal_point_cannot_send_the_form(cast: Cast, page: Page) -> None:
    for address in (FORM, BULK):
        response: Any = page(cast.somtc).post(address, {**GOOD, "activity": [f"{get().pk}:1"]})
        assert response.status_code == 403
    assert not StatusUpdate.objects.exists()


# Rules and fields together


def test_rules_and_fields_are_told_together(cast: Cast, page: Page) -> None:
    typed = {**GOOD, "status": "completed", "as_of": "2026-02-30", "narrative": "", "kind": "progress"}

    for address, named in ((FORM, {}), (BULK, {"activity": [f"{get().pk}:1", f"{get('A.1.1.2').pk}:1"]})):
        response = page(cast.secretariat).post(address, {**typed, **named})

        content = response.content.decode()
        assert response.status_code == 400
        for message in (
            "This is no day of the calendar",
            "Enter in one or more sentences what was done",
            "Enter the outputs delivered",
            "Add at least one link or file",
        ):
            assert message in content, message
    assert not StatusUpdate.objects.exists()


def test_a_conflict_and_what_the_rules_refuse_are_told_together(cast: Cast, page: Page) -> None:
    page(cast.colleague).post(FORM, {**GOOD, "narrative": "Meanwhile."})

    one = page(cast.secretariat).post(FORM, {**GOOD, "status": "deferred"})
    many = page(cast.secretariat).post(BULK, {**GOOD, "status": "deferred", "activity": [f"{get().pk}:1"]})

    for response in (one, many):
        assert response.status_code == 409
        assert "Enter the reason: the activity is deferred." in response.content.decode()
        assert "Meanwhile." in response.content.decode()
    assert StatusUpdate.objects.count() == 1
    good = {**GOOD, "status": "deferred", "reason": "No budget.", "version": "2"}
    assert page(cast.secretariat).post(FORM, good).status_code == 302
    assert get().latest_update.reason == "No budget."  # type: ignore[union-attr]


def test_an_older_day_is_recorded_only_after_a_second_look(cast: Cast, page: Page) -> None:
    page(cast.secretariat).post(FORM, GOOD)
    older = {**GOOD, "as_of": "2020-06-01", "narrative": "Found in the archive.", "version": "2"}
    pair = {"activity": [f"{get().pk}:2"]}

    for address, named in ((FORM, {}), (BULK, pair)):
        response = page(cast.secretariat).post(address, {**older, **named})
        content = response.content.decode()
        assert response.status_code == 400
        assert "is older and will replace it" in content
        assert "Found in the archive." in content
        assert 'name="advised"' in content
    assert StatusUpdate.objects.count() == 1
    assert page(cast.secretariat).post(FORM, {**older, "advised": "1"}).status_code == 302
    assert str(get().status_as_of) == "2020-06-01"


# As whose report


def a_round(cast: Cast, **values: Any) -> ReportingRound:
    return opened(WorkPlan.objects.get(code=CODE), Actor(cast.secretariat, "page", "r"), **values)


def test_an_entry_counts_as_the_report_of_the_round_for_a_body(cast: Cast, page: Page) -> None:
    assert "Counts as the report" not in page(cast.secretariat).get(FORM).content.decode()
    reporting_round = a_round(cast)
    address = f"/plans/{CODE}/activities/A.1.1.4/update/"  # led by SLOM and SOMTC
    content = page(cast.secretariat).get(address).content.decode()
    assert "Counts as the report of “First half of 2018”" in content
    assert f'name="counts" value="{reporting_round.pk}"' in content
    assert content.count(" checked") == 1  # the round; the status stays open
    typed = {**GOOD, "as_of": "2018-06-30", "counts": str(reporting_round.pk)}

    strange = page(cast.secretariat).post(address, {**typed, "body": "ACWC"})
    assert strange.status_code == 400
    done = page(cast.secretariat).post(address, {**typed, "body": "SOMTC"})

    assert done.status_code == 302
    update = StatusUpdate.objects.get()
    assert (update.round, update.reported_by, update.is_direct) == (reporting_round, "SOMTC", True)
    due = Obligation.objects.filter(round=reporting_round, activity=update.activity)
    assert set(due.values_list("state", flat=True)) == {rules.APPROVED}
    after = page(cast.secretariat).get(address)
    assert "only a correction can be recorded" in after.content.decode()
    assert not after.context["part"]["counts"].value()
    second = page(cast.secretariat).post(address, {**typed, "version": "2"})
    assert second.status_code == 400
    assert "Choose “Correction” to correct it." in second.content.decode()
    between = page(cast.secretariat).post(address, {**GOOD, "as_of": "2018-06-30", "version": "2"})
    assert between.status_code == 302
    assert StatusUpdate.objects.latest("pk").round is None


def test_a_report_that_waits_for_its_review_is_not_passed_over(cast: Cast, page: Page) -> None:
    reporting_round = a_round(cast)
    somtc = Actor(cast.somtc, "page", "r")
    draft = actions.begin_report(
        activity=get(),
        report=Report(status="ongoing", as_of=reporting_round.period_end, narrative="Begun."),
        by=somtc,
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
    actions.submit_report(update=draft, version=1, by=somtc)

    assert draft.get_absolute_url() in page(cast.secretariat).get(FORM).content.decode()
    response = page(cast.secretariat).post(FORM, {**GOOD, "as_of": "2018-06-30", "counts": str(reporting_round.pk)})

    assert response.status_code == 400
    assert "Approve or return it instead." in response.content.decode()
    assert "The first workshop was held." in response.content.decode()


def test_a_round_that_was_closed_meanwhile_is_told(cast: Cast, page: Page) -> None:
    reporting_round = a_round(cast)
    actions.close_round(
        reporting_round=reporting_round, version=reporting_round.version, by=Actor(cast.colleague, "page", "r")
    )

    response = page(cast.secretariat).post(FORM, {**GOOD, "as_of": "2018-06-30", "counts": str(reporting_round.pk)})

    assert response.status_code == 400
    assert "is no longer open" in response.content.decode()
    assert not StatusUpdate.objects.exists()


def test_an_entry_that_waits_for_the_publication_of_its_round_says_so(cast: Cast, page: Page) -> None:
    reporting_round = a_round(cast, publication=rules.WITH_ROUND)

    response = page(cast.secretariat).post(
        FORM, {**GOOD, "as_of": "2018-06-30", "counts": str(reporting_round.pk)}, follow=True
    )

    assert "will be “Ongoing” when “First half of 2018” is published." in response.content.decode()
    assert get().status == rules.NOT_REPORTED


def test_several_entries_count_for_a_body_that_leads_them_all(cast: Cast, page: Page) -> None:
    reporting_round = a_round(cast)
    refs = ["A.1.1.1", "A.1.1.4"]
    bodies = page(cast.secretariat).get(BULK, {"ref": refs}).context["part"].bodies
    assert list(bodies) == ["SOMTC"]
    pairs = [f"{get(ref).pk}:1" for ref in refs]

    typed = {**GOOD, "as_of": "2018-06-30", "activity": pairs, "counts": str(reporting_round.pk), "body": "SOMTC"}
    assert page(cast.secretariat).post(BULK, typed).status_code == 302

    assert set(StatusUpdate.objects.values_list("round", "body__acronym")) == {(reporting_round.pk, "SOMTC")}


def test_the_bulk_form_keeps_what_was_typed_when_its_list_cannot_be_read(cast: Cast, page: Page) -> None:
    typed = {**GOOD, "as_of": "2018-06-30", "narrative": "Typed with care."}

    response = page(cast.secretariat).post(BULK, {**typed, "activity": ["x"]})

    assert response.status_code == 400
    assert "There is a problem with the list of activities." in response.content.decode()
    assert "Typed with care." in response.content.decode()
    anew = page(cast.secretariat).post(BULK, {**typed, "choose": "1", "refs": "A.1.1.1, Z.9 A.1.1.4"})
    assert [activity.ref for activity in anew.context["activities"]] == ["A.1.1.1", "A.1.1.4"]
    assert "Typed with care." in anew.content.decode()
    assert "Not in this plan: Z.9." in anew.content.decode()
    assert not StatusUpdate.objects.exists()


def test_a_file_stands_behind_each_of_several_entries(cast: Cast, page: Page) -> None:
    pairs = [f"{activity.pk}:1" for activity in Activity.objects.order_by("position")[:2]]
    evidence = {
        "evidence-TOTAL_FORMS": "1",
        "evidence-0-title": "The minutes",
        "evidence-0-dated_on": "2020-06-03",
        "evidence-0-file": SimpleUploadedFile("minutes.pdf", b"%PDF-1.7 minutes"),
    }

    response = page(cast.secretariat).post(BULK, {**GOOD, "as_of": "2018-06-30", **evidence, "activity": pairs})

    assert response.status_code == 302
    kept = Evidence.objects.all()
    assert {(one.file_name, str(one.dated_on)) for one in kept} == {("minutes.pdf", "2020-06-03")}
    for one in kept:
        with one.file.open() as stored:
            assert stored.read() == b"%PDF-1.7 minutes"
