"""What readers see."""

import csv
import datetime
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from tests.answer_text import text
from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.columns import COLUMNS
from workplan.models import Activity, CollaborationArea, Provision, Section, SectoralBody, WorkPlan

Page = Callable[..., Client]
CODE = "tip-2016-2020"


def record(cast: Cast, ref: str, **values: Any) -> None:
    activity = Activity.objects.get(ref=ref)
    values = {"status": "ongoing", "as_of": datetime.date(2020, 6, 30), "narrative": "The work is under way.", **values}
    actions.record_status(
        activity=activity, version=activity.version, report=Report(**values), by=Actor(cast.secretariat, "page", "r")
    )


def test_home_counts_each_activity_once(cast: Cast, page: Page) -> None:
    record(cast, "A.1.1.1", outputs_delivered="A list of links")
    evidence = (EvidenceItem("List", "https://example.org/list"),)
    record(cast, "A.1.1.2", status="completed", outputs_delivered="A list of links", evidence=evidence)

    response = page().get("/")

    tally = response.context["tally"]
    assert tally.total == Activity.objects.count()
    assert tally.by_status["ongoing"] == 1
    assert sum(part.total for _, part in response.context["sections"]) == tally.total
    assert [update.activity.ref for update in response.context["achievements"]] == ["A.1.1.2"]


def test_the_matrix_shows_every_record_of_the_document_in_its_order(plan: WorkPlan, page: Page) -> None:
    content = page().get(f"/plans/{CODE}/").content.decode()

    for model in (Section, Provision, CollaborationArea, Activity):
        places = [
            content.find(f'id="{ref}"') for ref in model.objects.order_by("position").values_list("ref", flat=True)
        ]
        assert -1 not in places
        assert places == sorted(places)


def test_the_matrix_takes_the_filters_of_the_list(plan: WorkPlan, page: Page) -> None:
    response = page().get(f"/plans/{CODE}/?section=D&body=ASLOM")

    content = response.content.decode()
    assert response.context["number"] == 2
    assert 'id="D.1.2.1"' in content
    assert 'id="A.1.1.1"' not in content
    assert "No activity is proposed" not in content


def test_list_csv_and_matrix_show_the_same_activities_for_the_same_filter(cast: Cast, page: Page) -> None:
    record(cast, "B.1.1.1")
    query = "body=ACWC&role=lead&ordering=-status"

    listed = page().get(f"/plans/{CODE}/activities/?{query}&page_size=250").context["listing"]
    file = b"".join(page().get(f"/plans/{CODE}/activities.csv?{query}")).decode()  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(file.removeprefix("\ufeff"))))

    assert [row["Ref"] for row in rows] == [activity.ref for activity in listed.page]
    assert rows[-1]["Status"] == "Not reported"
    assert rows[0]["Ref"] == "B.1.1.1" or rows[0]["Status"] == "Not reported"
    matrix = page().get(f"/plans/{CODE}/?{query}")
    assert matrix.context["number"] == len(rows) == 9


def test_the_file_has_every_column_and_is_kept_from_running_formulas(cast: Cast, page: Page) -> None:
    record(cast, "A.1.1.1", narrative='=HYPERLINK("https://evil.example")')

    file = b"".join(page().get(f"/plans/{CODE}/activities.csv?ref=A.1.1.1"))  # type: ignore[arg-type]
    (row,) = csv.DictReader(io.StringIO(file.decode("utf-8-sig")))

    assert list(row) == [column.label for column in COLUMNS.values()]
    assert row["Progress"] == '\'=HYPERLINK("https://evil.example")'


def test_each_count_beside_a_choice_is_what_choosing_it_shows(cast: Cast, page: Page) -> None:
    record(cast, "A.1.1.1")
    address = f"/plans/{CODE}/activities/"
    led = page().get(address + "?body=SOMTC&role=lead").context["listing"]
    roles = next(facet for facet in led.facets if facet.name == "role")
    assert [choice.number for choice in roles.choices] == [41, 30, 11]
    listing = page().get(address + "?body=SOMTC").context["listing"]

    for facet in listing.facets:
        for choice in facet.choices:
            query = "body=SOMTC" if facet.name != "body" else ""
            found = page().get(f"{address}?{query}&{facet.name}={choice.value}", follow=True).context["listing"].number
            assert choice.number == found, (facet.name, choice.value)


def test_a_chip_takes_its_own_filter_away_and_no_other(plan: WorkPlan, page: Page) -> None:
    listing = page().get(f"/plans/{CODE}/activities/?section=A&section=B&body=SOMED&q=tool").context["listing"]

    assert {chip.label: chip.without for chip in listing.chips} == {
        "Section: A": "?section=B&body=SOMED&q=tool",
        "Section: B": "?section=A&body=SOMED&q=tool",
        "Body: SOMED": "?section=A&section=B&q=tool",
        "Keyword: tool": "?section=A&section=B&body=SOMED",
    }


def test_many_filters_stand_in_fifty_chips_and_one_that_takes_the_rest_away(plan: WorkPlan, page: Page) -> None:
    """Each chip holds the address of the page with all others, so a page with all of them grows with their square."""
    refs = [f"A.1.1.{number}" for number in range(1, 61)]
    answer = page().get(f"/plans/{CODE}/activities/", {"ref": refs, "section": "A"})

    *chips, last = answer.context["listing"].chips
    assert [chip.label for chip in chips] == [f"Ref: {ref}" for ref in refs[:50]]
    assert last.label == "11 more"
    assert dict(QueryDict(last.without.removeprefix("?")).lists()) == {"ref": refs[:50]}
    assert "11 more" in text(answer)


def test_the_list_answers_htmx_with_the_part_that_changes(plan: WorkPlan, page: Page) -> None:
    response = page().get(f"/plans/{CODE}/activities/?section=D", headers={"HX-Request": "true"})

    assert "<html" not in response.content.decode()
    assert 'id="results"' in response.content.decode()
    assert "HX-Request" in response["Vary"]


def test_pages_of_the_list_do_not_overlap_and_leave_nothing_out(plan: WorkPlan, page: Page) -> None:
    seen: list[str] = []
    for number in (1, 2, 3):
        response = page().get(f"/plans/{CODE}/activities/?page={number}&page_size=25&ordering=status")
        seen += [activity.ref for activity in response.context["listing"].page]

    assert len(seen) == len(set(seen)) == Activity.objects.count()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("status=done", "status"),
        ("section=Z", "section"),
        ("section=%00", "section"),
        ("provision=A.99", "provision"),
        ("area=nothing", "area"),
        ("body=UNODC", "body"),
        ("role=boss", "role"),
        ("kind=thing", "kind"),
        ("q=%00", "q"),
        ("q=%ED%A0%80", "q"),
        (f"q={'x' * 201}", "q"),
        ("q=a&q=b", "q"),
        ("updated_since=2026-02-30", "updated_since"),
        ("updated_since=yesterday", "updated_since"),
        ("updated_since=0001-01-01T00:00:00%2B14:00", "updated_since"),
        ("ordering=password", "ordering"),
        ("plan=other", "plan"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=99999999999999999999", "page"),
        ("page_size=7", "page_size"),
        ("report_state=gossip", "report_state"),
        ("timeliness=soon", "timeliness"),
        ("ref=%ED%A0%80", "ref"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_named(plan: WorkPlan, page: Page, query: str, name: str) -> None:
    response = page().get(f"/plans/{CODE}/activities/?{query}")

    assert response.status_code == 400
    assert f"<strong>{name}</strong>" in response.content.decode()
    for address in (f"/plans/{CODE}/", f"/plans/{CODE}/activities.csv"):
        if name not in {"page", "page_size"}:
            assert page().get(f"{address}?{query}").status_code == 400


def test_an_activity_shows_everything_that_is_known_about_it(cast: Cast, page: Page) -> None:
    record(
        cast,
        "A.1.1.1",
        outputs_delivered="A list of links",
        challenges="Slow website",
        next_steps="More links",
        evidence=(EvidenceItem("Minutes", "https://example.org/minutes"),),
    )

    shown = text(page().get(f"/plans/{CODE}/activities/A.1.1.1/"))

    activity = Activity.objects.get(ref="A.1.1.1")
    for words in (
        "Linking/Uploading of SOMTC Anti-Trafficking activities",
        "Public awareness campaign on TIP",
        "Prevention of TIP",
        "The work is under way.",
        "A list of links",
        "Slow website",
        "More links",
        "https://example.org/minutes",
        "line 27",
        "was not reported",
        "A.1.1.2",
        activity.reading_note[:40],
    ):
        assert words in shown, words


def test_readers_without_an_account_see_no_names(cast: Cast, page: Page) -> None:
    record(cast, "A.1.1.1")
    address = f"/plans/{CODE}/activities/A.1.1.1/"

    for open_page in ("/", address, "/search/?q=begun", f"/plans/{CODE}/activities/"):
        assert "Sari" not in page().get(open_page).content.decode()
    assert "Sari Staff" in page(cast.newcomer).get(address).content.decode()


def test_previous_and_next_follow_the_document(plan: WorkPlan, page: Page) -> None:
    refs = list(Activity.objects.order_by("position").values_list("ref", flat=True))
    walked, ref = [refs[0]], refs[0]
    while True:
        following = page().get(reverse("activity", args=[CODE, ref])).context["next"]
        if following is None:
            break
        ref = following.ref
        walked.append(ref)

    assert walked == refs


def test_bodies_show_the_numbers_that_their_lists_have(plan: WorkPlan, page: Page) -> None:
    for entry, _ in page().get(f"/plans/{CODE}/bodies/").context["bodies"]:
        roles = dict(page().get(f"/plans/{CODE}/bodies/{entry.body.acronym}/").context["roles"])
        assert [len(rows) for rows in roles.values()] == [entry.lead.total, entry.cooperating.total]
        for role, number in (("lead", entry.lead.total), ("cooperating", entry.cooperating.total)):
            found = page().get(f"/plans/{CODE}/activities/?body={entry.body.acronym}&role={role}")
            assert found.context["listing"].number == number


def test_any_spelling_of_a_body_leads_to_its_page(plan: WorkPlan, page: Page) -> None:
    response = page().get(f"/plans/{CODE}/bodies/somed/")

    assert response.status_code == 301
    assert response["Location"] == f"/plans/{CODE}/bodies/SOM-ED/"
    assert page().get(f"/plans/{CODE}/bodies/UNODC/").status_code == 404


def test_all_other_bodies_cooperate_where_the_document_says_so(plan: WorkPlan, page: Page) -> None:
    for body, role in (("ACWC", "cooperating"), ("SOMTC", "lead")):
        listing = page().get(f"/plans/{CODE}/activities/?ref=A.5.1.1&body={body}&role={role}").context["listing"]
        assert listing.number == 1
    listing = page().get(f"/plans/{CODE}/activities/?ref=A.5.1.1&body=SOMTC&role=cooperating").context["listing"]
    assert listing.number == 0


def test_a_focal_point_sees_the_activities_of_the_body_by_role(cast: Cast, page: Page) -> None:
    response = page(cast.acwc).get("/my/")

    (lead, _, led), (cooperating, _, joined) = response.context["groups"]
    assert (lead.value, cooperating.value) == ("lead", "cooperating")
    assert len(led) == 9
    assert len(joined) == 16
    assert all("ACWC" in [body.acronym for body in activity.lead_bodies] for activity in led)
    paged = page(cast.acwc).get("/my/?page_size=25&role=lead")
    assert [number for _, number, _ in paged.context["groups"]] == [9, 0]
    small = page(cast.somtc).get("/my/?page_size=25")
    assert [number for _, number, _ in small.context["groups"]] == [30, 11]
    roles = next(facet for facet in small.context["listing"].facets if facet.name == "role")
    assert [choice.number for choice in roles.choices] == [41, 30, 11]
    filtered = page(cast.acwc).get("/my/?section=B")
    assert filtered.context["listing"].number < 25


def test_a_person_without_a_body_is_told_so(cast: Cast, page: Page) -> None:
    assert "does not represent a sectoral body" in text(page(cast.newcomer).get("/my/"))


def test_search_finds_the_words_of_the_plan_and_marks_them(cast: Cast, page: Page) -> None:
    record(cast, "C.1.1.1.1", narrative="Officers met in Vientiane.")

    groups = {hits.label: hits.number for hits in page().get("/search/?q=Vientiane").context["groups"]}
    kinds = ("Activities", "Areas of collaboration", "Provisions", "Sectoral bodies", "Status updates")
    assert groups == dict(zip(kinds, (0, 0, 0, 0, 1), strict=True))
    assert "<mark>Vientiane</mark>" in page().get("/search/?q=vientiane").content.decode().replace("vientiane", "x")
    assert page().get("/search/?q=witnesses").context["number"] > 0
    assert "<script>" not in page().get("/search/?q=%3Cscript%3E").content.decode()


def test_search_says_what_is_wrong_with_a_word(plan: WorkPlan, page: Page) -> None:
    assert page().get("/search/?q=%00").status_code == 400
    assert page().get("/search/?q=%ED%A0%80").status_code == 400
    assert page().get(f"/search/?q={'x' * 201}").status_code == 400


def test_drafts_are_for_their_own_body_and_the_secretariat_only(cast: Cast, page: Page) -> None:
    by = Actor(cast.secretariat, "page", "r")
    actions.begin_report(
        activity=Activity.objects.get(ref="A.1.1.1"),
        report=Report(status="ongoing", as_of=datetime.date(2018, 6, 1), narrative="Not yet for everybody."),
        by=Actor(cast.somtc, "page", "r"),
        reporting_round=opened(WorkPlan.objects.get(), by),
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
    address = f"/plans/{CODE}/activities/A.1.1.1/"

    for reader in (None, cast.newcomer, cast.acwc):
        assert "Not yet for everybody" not in page(reader).get(address).content.decode()
        assert page(reader).get("/search/?q=everybody").context["number"] == 0
    for reader in (cast.somtc, cast.secretariat):
        assert page(reader).get("/search/?q=everybody").context["number"] == 1


@pytest.mark.parametrize(
    "address",
    [
        "/nothing/",
        "/plans/other/",
        "/plans/other/activities/",
        f"/plans/{CODE}/activities/A.9.9/",
        f"/plans/{CODE}/activities/a.1/",
        f"/plans/{CODE}/bodies/%00/",
        f"/plans/{CODE}/activities/{'A' + '.1' * 300}/",
    ],
)
def test_an_address_with_nothing_behind_it_says_so(plan: WorkPlan, page: Page, address: str) -> None:
    response = page().get(address)

    assert response.status_code == 404
    assert "Go to the home page" in response.content.decode()


def test_the_plan_can_be_closed_to_the_public(cast: Cast, page: Page, settings: Any) -> None:
    settings.PUBLIC_READ = False

    for address in ("/", f"/plans/{CODE}/", f"/plans/{CODE}/activities.csv", "/search/?q=victims"):
        assert page().get(address).status_code == 302
        assert page(cast.newcomer).get(address).status_code == 200


def test_other_plans_and_editions_stand_beside_the_current_one(plan: WorkPlan, page: Page) -> None:
    WorkPlan.objects.create(
        code="next", title="Next plan", period_start="2021-01-01", period_end="2025-12-31", predecessor=plan
    )

    assert "Next plan" in page().get("/plans/").content.decode()
    assert page().get("/plans/next/").status_code == 200
    assert page().get("/plans/next/home/").context["tally"].total == 0


@pytest.mark.django_db
def test_before_any_plan_is_loaded_home_says_what_to_do(page: Page) -> None:
    WorkPlan.objects.update(is_current=False)

    assert "load_plan" in page().get("/").content.decode()
    assert page().get("/search/?q=x").status_code == 200
