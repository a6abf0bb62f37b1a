"""Names that links use: what was renamed is found under its former names, and none is given to another record."""

import datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.exceptions import Invalid
from workplan.models import (
    Activity,
    AuditEntry,
    BodyAlias,
    CollaborationArea,
    Notice,
    RecordName,
    ReportingRound,
    Responsibility,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

FIXTURES = ("bodies", "tip-work-plan")
PLAN = "tip-2016-2020"
DAY = datetime.date(2018, 6, 30)


def by(user: Any, request: str = "r") -> Actor:
    return Actor(user, "page", request)


def rename(record: Any, name: str, cast: Cast, request: str = "r") -> Any:
    record = type(record)._default_manager.get(pk=record.pk)
    setattr(record, record.NAMED_BY, name)
    actions.save_record(record=record, by=by(cast.secretariat, request), expected_version=record.version)
    return record


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


def activity(ref: str) -> Activity:
    return Activity.objects.get(ref=ref)


def test_a_renamed_body_is_found_under_its_former_acronym_everywhere(
    plan: WorkPlan, cast: Cast, page: Any, api: Any
) -> None:
    before = api().get("/api/v1/activities/?body=SLOM").json()["count"]
    view = actions.save_view(
        plan=plan, name="Labour", query="body=SLOM&section=A", page=rules.IN_LIST, is_shared=True, by=by(cast.somtc)
    )

    rename(body("SLOM"), "SLMM", cast)

    assert BodyAlias.objects.get(name="SLOM").body.acronym == "SLMM"
    for address in (f"/plans/{PLAN}/bodies/SLOM/", f"/plans/{PLAN}/bodies/SLOM/deadlines.ics"):
        moved = page().get(address)
        assert (moved.status_code, moved["Location"]) == (301, address.replace("SLOM", "SLMM"))
        assert page().get(moved["Location"]).status_code == 200
    assert api().get("/api/v1/activities/?body=SLOM").json()["count"] == before > 0
    for address in (
        f"/plans/{PLAN}/activities/?body=SLOM",
        f"/plans/{PLAN}/activities.csv?body=SLOM",
        f"/plans/{PLAN}/activities/?view={view.slug}",
        f"/views/{view.slug}/feed/",
    ):
        assert page().get(address).status_code == 200, address
    [entry] = AuditEntry.objects.filter(action="name.kept")
    assert entry.changes["former_name"] == [None, "SLOM"] and "SLOM" in entry.changes["aliases"][1]

    # Called back, it is one name again, and the other leads on.
    rename(body("SLMM"), "SLOM", cast)
    assert list(BodyAlias.objects.filter(name__in=("SLOM", "SLMM")).values_list("name", flat=True)) == ["SLMM"]
    assert page().get(f"/plans/{PLAN}/bodies/SLMM/")["Location"] == f"/plans/{PLAN}/bodies/SLOM/"


def test_an_alias_that_is_taken_away_does_not_take_the_address(cast: Cast, plan: WorkPlan, page: Any) -> None:
    rename(body("SLOM"), "SLMM", cast)
    actions.delete_record(record=BodyAlias.objects.get(name="SLOM"), by=by(cast.secretariat))

    assert page().get(f"/plans/{PLAN}/bodies/SLOM/").status_code == 301


def test_renaming_is_undone_and_done_again(cast: Cast, plan: WorkPlan, page: Any) -> None:
    rename(body("SLOM"), "SLMM", cast, "one")
    actions.undo_request(request_id="one", reason="A slip.", by=by(cast.secretariat, "two"))
    assert page().get(f"/plans/{PLAN}/bodies/SLMM/")["Location"].endswith("/SLOM/")
    actions.undo_request(request_id="two", reason="No slip.", by=by(cast.secretariat, "three"))
    assert page().get(f"/plans/{PLAN}/bodies/SLOM/")["Location"].endswith("/SLMM/")


def test_renamed_references_and_codes_lead_on(plan: WorkPlan, cast: Cast, page: Any, api: Any) -> None:
    opened(plan, by(cast.secretariat))
    reporting_round = ReportingRound.objects.filter(plan=plan, state=rules.PLANNED).earliest("pk")
    code = reporting_round.code
    moved = activity("A.1.1.4")
    rename(moved, "A.1.1.44", cast)
    rename(Section.objects.get(ref="B"), "H", cast)
    number = Activity.objects.filter(area__provision__section__ref="H").count()
    reporting_round.code = "first-half"
    actions.save_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))
    rename(plan, "tip", cast)

    for old, new in {
        f"/plans/{PLAN}/": "/plans/tip/",
        f"/plans/{PLAN}/activities/A.1.1.4/": "/plans/tip/activities/A.1.1.44/",
        f"/plans/{PLAN}/activities/A.1.1.44/?utm_source=mail": "/plans/tip/activities/A.1.1.44/?utm_source=mail",
        "/plans/tip/activities/A.1.1.4/": "/plans/tip/activities/A.1.1.44/",
        f"/plans/{PLAN}/rounds/{code}/": "/plans/tip/rounds/first-half/",
        f"/plans/{PLAN}/rounds/{code}/completion.csv": "/plans/tip/rounds/first-half/completion.csv",
        f"/plans/{PLAN}/activities.csv?section=B": "/plans/tip/activities.csv?section=B",
        f"/plans/{PLAN}/bodies/SOM ED/": "/plans/tip/bodies/SOM-ED/",
    }.items():
        answer = page(cast.secretariat).get(old)
        assert (answer.status_code, answer["Location"]) == (301, new), old
        assert page(cast.secretariat).get(new).status_code == 200
    # A form that was open meanwhile is sent on as it is.
    sent = page(cast.secretariat).post(f"/plans/{PLAN}/activities/A.1.1.4/update/", {"status": "ongoing"})
    assert (sent.status_code, sent["Location"]) == (308, "/plans/tip/activities/A.1.1.44/update/")
    for query in ("section=B", "section=H", "section=H&section=B", f"section=B&plan={PLAN}"):
        assert api().get(f"/api/v1/activities/?{query}").json()["count"] == number > 0, query
    [found] = api().get("/api/v1/activities/?ref=A.1.1.4").json()["results"]
    assert found["id"] == moved.pk
    assert api().get(f"/api/v1/activities/?round={code}").status_code == 200
    assert api().get("/api/v1/search/?q=A.1.1.4&kind=activity").json()["results"][0]["ref"] == "A.1.1.44"
    assert page().get("/plans/nowhere/").status_code == 404
    assert page().get(f"/plans/{PLAN}/activities/Z.9.9/").status_code == 301  # the plan is found, and then says so
    assert page().get("/plans/tip/activities/Z.9.9/").status_code == 404


def test_a_name_once_used_is_never_given_to_another_record(plan: WorkPlan, cast: Cast) -> None:
    first, second = activity("A.1.1.4"), activity("A.3.1.1")
    rename(first, "A.1.1.44", cast)
    with pytest.raises(Invalid) as refusal:
        rename(second, "A.1.1.4", cast)
    assert "was the reference of activity A.1.1.44" in refusal.value.fields["ref"][0]
    rename(body("SLOM"), "SLMM", cast)
    for name in ("SLOM", "SOMED"):  # the one was an acronym, the other is another spelling of SOM-ED
        with pytest.raises(Invalid) as refusal:
            rename(body("ACWC"), name, cast)
        assert "acronym" in refusal.value.fields
    with pytest.raises(Invalid):
        actions.save_record(record=BodyAlias(body=body("ACWC"), name="SL OM"), by=by(cast.secretariat))

    # Nor is that of a record that was deleted; undoing brings back the record itself.
    made = Activity(plan=plan, area=first.area, ref="A.1.1.77", position=900, text="By mistake.")
    actions.save_record(record=made, by=by(cast.secretariat))
    actions.delete_record(record=Activity.objects.get(pk=made.pk), by=by(cast.secretariat, "deleted"))
    with pytest.raises(Invalid) as refusal:
        again = Activity(plan=plan, area=first.area, ref="A.1.1.77", position=901, text="Another one.")
        actions.save_record(record=again, by=by(cast.secretariat))
    assert "a deleted activity" in refusal.value.fields["ref"][0]
    actions.undo_request(request_id="deleted", reason="It is needed.", by=by(cast.secretariat, "undone"))
    assert activity("A.1.1.77").text == "By mistake."
    # A name of its own it may have again.
    rename(first, "A.1.1.4", cast)


def test_a_planned_round_that_was_deleted_is_planned_again(plan: WorkPlan, cast: Cast) -> None:
    made = actions.plan_rounds(plan=plan, by=by(cast.secretariat))
    actions.delete_round(reporting_round=made[3], by=by(cast.secretariat))
    again = actions.plan_rounds(plan=plan, by=by(cast.secretariat))
    assert [one.code for one in again] == [made[3].code]


def test_whoever_renames_is_told_that_the_former_name_leads_on(plan: WorkPlan, cast: Cast, page: Any) -> None:
    [reporting_round, *_] = actions.plan_rounds(plan=plan, by=by(cast.secretariat))
    form = page(cast.secretariat).get(f"/plans/{PLAN}/rounds/{reporting_round.code}/edit/").context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    answer = page(cast.secretariat).post(
        f"/plans/{PLAN}/rounds/{reporting_round.code}/edit/",
        values | {"code": "one", "version": reporting_round.version},
        follow=True,
    )
    assert f"Code “{reporting_round.code}” stays as a former name of one" in answer.content.decode()


def test_a_view_that_cannot_be_read_any_more_tells_its_owner_and_followers(plan: WorkPlan, cast: Cast) -> None:
    made = Section(plan=plan, ref="Y", position=99, text="A section by mistake")
    actions.save_record(record=made, by=by(cast.secretariat))
    for owner, is_shared in ((cast.somtc, True), (cast.acwc, False)):
        view = actions.save_view(
            plan=plan, name="Mistaken", query="section=Y", page=rules.IN_LIST, is_shared=is_shared, by=by(owner)
        )
        if is_shared:
            actions.follow_view(view=view, by=by(cast.newcomer))

    actions.delete_record(record=Section.objects.get(ref="Y"), by=by(cast.secretariat))

    notified = {one.user: one.text for one in Notice.objects.filter(key__startswith="unreadable:")}
    assert set(notified) == {cast.somtc, cast.newcomer, cast.acwc}
    assert "There is no section Y." in notified[cast.newcomer]
    assert "Mistaken" not in notified[cast.acwc] and "One of your private views" in notified[cast.acwc]


def reported(refs: tuple[str, ...], cast: Cast) -> dict[int, tuple[int, str]]:
    """Reports on some activities: for each the activity that it is on, with its words."""
    for ref in refs:
        one = activity(ref)
        report = Report(status="ongoing", as_of=DAY, narrative=f"On {ref}.")
        actions.record_status(activity=one, version=one.version, report=report, by=by(cast.secretariat))
    rows = StatusUpdate.objects.select_related("activity")
    return {one.pk: (one.activity_id, one.activity.text) for one in rows}


def counts() -> tuple[int, ...]:
    models: tuple[Any, ...] = (WorkPlan, SectoralBody, BodyAlias, CollaborationArea, Activity, Responsibility)
    return tuple(model.objects.count() for model in models)


def test_loading_again_after_renaming_changes_nothing(plan: WorkPlan, cast: Cast) -> None:
    stated = reported(("A.1.1.1", "A.1.1.4"), cast)
    rename(activity("A.1.1.4"), "A.1.1.44", cast)
    rename(body("SLOM"), "SLMM", cast)
    rename(plan, "tip", cast)
    before, entries = counts(), AuditEntry.objects.count()

    call_command("loaddata", *FIXTURES, verbosity=0)
    call_command("load_plan", verbosity=0)

    assert (counts(), AuditEntry.objects.count()) == (before, entries)
    rows = StatusUpdate.objects.select_related("activity")
    assert {one.pk: (one.activity_id, one.activity.text) for one in rows} == stated
    assert {activity("A.1.1.44").area.plan.code, body("SLMM").acronym} == {"tip", "SLMM"}


def test_loading_words_that_differ_is_refused_with_the_list(plan: WorkPlan, cast: Cast) -> None:
    one = activity("A.1.1.4")
    one.text = "Words that the secretariat has put right."
    actions.save_record(record=one, by=by(cast.secretariat))
    name = body("ACWC")
    name.name = "Another name"
    actions.save_record(record=name, by=by(cast.secretariat))
    gone = Responsibility.objects.filter(activity__ref="A.1.1.1").first()
    assert gone is not None
    actions.delete_record(record=gone, by=by(cast.secretariat))
    # As somebody has left it who renamed past the actions: the same words from the same lines under another reference.
    Activity.objects.filter(ref="A.3.1.1").update(ref="A.3.1.11")
    before = counts()

    with pytest.raises(CommandError) as refusal:
        call_command("loaddata", *FIXTURES, verbosity=0)

    text = str(refusal.value)
    assert "Nothing was loaded." in text
    assert "activity A.1.1.4: text is “Words that the secretariat has put right.” here" in text
    assert "sectoral body ACWC: full name is “Another name” here" in text
    assert "activity A.3.1.1 of the file is activity A.3.1.11 here" in text
    assert counts() == before and activity("A.1.1.4").text == one.text


def test_the_database_keeps_a_name_to_one_record(plan: WorkPlan, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rename(activity("A.1.1.4"), "A.1.1.44", cast)
    kept = set(RecordName.objects.filter(record_type="activity").values_list("name", flat=True))
    assert kept == {"A.1.1.4", "A.1.1.44"}
    # Whoever was told a moment ago that the former one is free is refused by the database.
    with monkeypatch.context() as patch, pytest.raises(Invalid) as refusal:
        patch.setattr("workplan.models.plan.refuse_used_name", lambda record: None)
        rename(activity("A.3.1.1"), "A.1.1.4", cast)
    assert "a moment ago" in refusal.value.fields["ref"][0]


def test_names_changed_before_they_were_kept_are_read_from_the_audit_trail(plan: WorkPlan, cast: Cast) -> None:
    rename(activity("A.1.1.4"), "A.1.1.44", cast)
    rename(body("SLOM"), "SLMM", cast)
    first, second = activity("A.1.1.1"), activity("A.3.1.1")
    rename(first, "A.1.1.11", cast)
    RecordName.objects.all().delete()
    BodyAlias.objects.filter(name="SLOM").delete()
    rename(second, "A.1.1.1", cast)  # which nothing forbade then
    RecordName.objects.all().delete()

    migration = import_module("workplan.migrations.0031_names_of_before")
    for _ in range(2):
        migration.keep_names_of_before(apps, None)

    kept = RecordName.objects.values_list("record_type", "name", "record_id")
    assert set(kept) == {
        ("activity", "A.1.1.4", activity("A.1.1.44").pk),
        ("sectoralbody", "SLOM", body("SLMM").pk),
        ("activity", "A.3.1.1", second.pk),
    }
    assert BodyAlias.objects.get(name="SLOM").body.acronym == "SLMM"
