"""A body reports a whole round in a workbook: four people, from the download to the changes edition."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.places import PLAN
from tests.conftest import Cast, make_person
from tests.imports.edited import filled, rows_by_ref
from tests.larger_plans import opened
from workplan import rules
from workplan.actions import Actor
from workplan.models import Activity, AuditEntry, StatusUpdate, WorkPlan

ROUND = f"{PLAN}/rounds/2018-1/"


def send(page: Page, file: Path) -> None:
    page.goto(ROUND)
    page.get_by_label("The workbook of SOMTC, filled in").set_input_files(file)
    page.get_by_role("button", name="Preview changes").click()


def test_a_round_is_reported_in_a_workbook(window: OpenWindow, cast: Cast, plan: WorkPlan, tmp_path: Path) -> None:
    opened(plan, Actor(cast.secretariat, "page", "r"))
    lead, secretariat, visitor = window(cast.somtc), window(cast.secretariat), window(fresh=True)

    lead.goto("/my/")
    lead.get_by_role("link", name="Report in a workbook").click()
    with lead.expect_download() as download:
        lead.get_by_role("link", name="Download the workbook of SOMTC").click()
    book = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename == "tip-2016-2020-2018-1-SOMTC.xlsx"

    refs = list(rows_by_ref(book))
    cells: dict[tuple[str, str], object] = {}
    for ref in refs:
        cells |= {
            (ref, "Status"): "Ongoing",
            (ref, "Status as at"): "30 June 2018",
            (ref, "Progress"): f"Begun: {ref}.",
        }
    cells[refs[0], "Status"] = "nearly there"
    cells[refs[1], "Status as at"] = "03/04/2018"
    file = tmp_path / "filled.xlsx"
    file.write_bytes(filled(book, cells))

    send(lead, file)
    expect(lead.get_by_role("heading", level=1)).to_have_text("Changes in this file")
    expect(lead.locator(".tallies")).to_contain_text("2 cells to correct")
    row = rows_by_ref(book)
    lead.get_by_label(f"Correction: Status in row {row[refs[0]]}").select_option("Ongoing")
    lead.get_by_label(f"Correction: Status as at in row {row[refs[1]]}").fill("2018-04-03")
    lead.get_by_role("button", name="Read again with these corrections").click()
    expect(lead.locator(".tallies")).to_contain_text(f"{3 * len(refs)} changes in {len(refs)} reports")
    lead.get_by_role("button", name="Submit for review").click()
    expect(lead.locator(".messages")).to_contain_text(f"{len(refs)} reports of SOMTC are submitted for review.")
    reports = StatusUpdate.objects.filter(round__code="2018-1")
    assert set(reports.values_list("state", flat=True)) == {rules.SUBMITTED}
    entries = AuditEntry.objects.filter(channel="import")
    assert entries.values("request_id").distinct().count() == 1

    # The joint lead of one of them sees it at once; a visitor sees nothing before the approval.
    shared = next(one for one in Activity.objects.filter(ref__in=refs).for_display() if len(one.lead_bodies) > 1)
    other = next(body for body in shared.lead_bodies if body.acronym != "SOMTC")
    joint = window(make_person("joint", name="Joint Lead", body=other.acronym))
    joint.goto("/my/")
    expect(joint.locator("main")).to_contain_text(shared.ref)
    visitor.goto(f"{PLAN}/activities/{refs[0]}/")
    expect(visitor.locator("main")).not_to_contain_text(f"Begun: {refs[0]}.")

    secretariat.goto("/review/?body=SOMTC")
    for one in secretariat.locator('input[name="report"]').all():
        one.check()
    secretariat.get_by_role("button", name="Approve selected").click()
    expect(secretariat.locator(".messages")).to_contain_text("approved")
    secretariat.goto(f"{PLAN}/compare/")
    with secretariat.expect_download() as edition:
        secretariat.evaluate("address => { location.href = address }", f"{PLAN}/changes.docx?from=2018-01-01")
    assert Path(edition.value.path()).stat().st_size > 10_000
    visitor.reload()
    expect(visitor.locator("main")).to_contain_text(f"Begun: {refs[0]}.")
