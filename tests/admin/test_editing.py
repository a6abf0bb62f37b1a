"""Plan and bodies are edited in the administration site through the actions, and never over somebody else’s edit."""

from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError
from django.urls import reverse

from tests.admin.forms import PLAN_KINDS, Page, errors_of, last_entry, list_of, page_of, record, typed
from tests.conftest import Cast
from workplan import actions
from workplan.models import (
    Activity,
    AuditEntry,
    BodyAlias,
    CollaborationArea,
    Provision,
    Responsibility,
    Section,
    SectoralBody,
    WorkPlan,
)


def test_the_secretariat_edits_an_activity_in_admin_and_an_audit_entry_says_so(
    cast: Cast, page: Page, activity: Activity
) -> None:
    client = page(cast.secretariat)
    response = client.post(
        page_of(activity),
        typed(client.get(page_of(activity)), expected_output="A linked page", reason="Agreed in Bangkok"),
    )
    assert response.status_code == 302
    stored = Activity.objects.get(pk=activity.pk)
    assert (stored.expected_output, stored.version) == ("A linked page", activity.version + 1)
    entry = last_entry()
    assert (entry.action, entry.channel, entry.actor, entry.reason) == (
        "activity.changed",
        "admin",
        cast.secretariat,
        "Agreed in Bangkok",
    )
    assert entry.changes == {"expected_output": ["", "A linked page"]}
    assert entry.request_id == response["X-Request-ID"]


@pytest.mark.parametrize("kind", PLAN_KINDS)
def test_saving_a_form_as_it_stands_changes_nothing(kind: str, cast: Cast, page: Page) -> None:
    """Lists, line ranges and line ends survive the way through the form."""

    client, model = page(cast.secretariat), apps.get_model("workplan", kind)
    before = AuditEntry.objects.count()
    for row in model.objects.order_by("pk")[:25]:
        response = client.post(page_of(row), typed(client.get(page_of(row))))
        assert response.status_code == 302, errors_of(response)
        assert model.objects.get(pk=row.pk).version == row.version
    assert AuditEntry.objects.count() == before


def test_no_form_of_the_real_plan_would_alter_what_it_shows(cast: Cast, rf: Any) -> None:
    """Every record, field by field: what the form shows reads back as what is stored."""
    from django.contrib import admin

    request = rf.get("/admin/")
    request.user = cast.secretariat
    for model in (Section, Provision, CollaborationArea, Activity):
        model_admin = admin.site.get_model_admin(model)
        for row in model._default_manager.all():
            form = model_admin.get_form(request, row, change=True)(instance=row)
            for name in set(form.fields) - {"seen_version", "reason"}:
                bound = form[name]
                shown = bound.value()
                if isinstance(shown, str | int | None):
                    shown = "" if shown is None else str(shown).replace("\n", "\r\n")
                    assert not bound.field.has_changed(bound.initial, shown), (row, name, shown)


def test_lists_are_typed_one_to_a_line_and_lines_as_ranges(cast: Cast, page: Page, activity: Activity) -> None:
    client = page(cast.secretariat)
    data = typed(client.get(page_of(activity)), notes="First\r\n\r\n Second ", source_lines="27, 30-31")
    assert client.post(page_of(activity), data).status_code == 302
    activity.refresh_from_db()
    assert (activity.notes, activity.source_lines) == (["First", "Second"], [[27, 27], [30, 31]])
    data = typed(client.get(page_of(activity)), notes="", source_lines="")
    assert client.post(page_of(activity), data).status_code == 302
    activity.refresh_from_db()
    assert (activity.notes, activity.source_lines) == ([], [])


@pytest.mark.parametrize("wrong", ["x", "31-30", "0", "1-", "30;31", "99999999"])
def test_line_ranges_that_cannot_be_are_refused_with_an_example(
    wrong: str, cast: Cast, page: Page, activity: Activity
) -> None:
    client = page(cast.secretariat)
    response = client.post(page_of(activity), typed(client.get(page_of(activity)), source_lines=wrong))
    assert "such as" in errors_of(response)
    assert wrong in response.content.decode()


def test_every_kind_of_plan_record_can_be_added(cast: Cast, page: Page, plan: WorkPlan) -> None:
    client = page(cast.secretariat)
    body = SectoralBody.objects.get(acronym="SOMTC")

    def add(kind: str, **values: Any) -> None:
        path = f"{list_of(kind)}add/"
        response = client.post(path, typed(client.get(path), **values))
        assert response.status_code == 302, errors_of(response)
        assert last_entry().action == f"{kind}.created"

    add("workplan", code="next", title="The next plan", period_start="2026-01-01", period_end="2030-12-31")
    new = WorkPlan.objects.get(code="next")
    place = {"plan": new.pk, "position": 1, "text": "Words"}
    add("section", ref="A", **place)
    add("provision", ref="A.1", section=Section.objects.get(plan=new).pk, **place)
    add(
        "collaborationarea",
        ref="A.1.1",
        provision=Provision.objects.get(plan=new).pk,
        proposed_by=[body.pk],
        **place,
    )
    area = CollaborationArea.objects.get(plan=new)
    assert list(area.proposed_by.all()) == [body]
    assert last_entry().changes["proposed_by"] == [[], ["SOMTC"]]
    add("activity", ref="A.1.1.1", area=area.pk, **place)
    new_activity = Activity.objects.get(plan=new)
    assert (new_activity.status, new_activity.version) == ("not_reported", 1)
    add("responsibility", activity=new_activity.pk, body=body.pk, role="lead")
    assert new_activity.lead_bodies == [body]
    add("sectoralbody", acronym="AMMTC", name="Ministers", pillar="political_security")
    add("bodyalias", body=body.pk, name="S.O.M.T.C.")


def test_bodies_of_an_activity_are_edited_on_its_page_and_raise_its_version(
    cast: Cast, page: Page, activity: Activity
) -> None:
    client = page(cast.secretariat)
    assert [str(body) for body in activity.lead_bodies] == ["SOMTC"]
    lead, cooperating = activity.responsibilities.order_by("position")[:2]
    data = typed(
        client.get(page_of(activity)),
        **{
            "responsibilities-TOTAL_FORMS": "3",
            "responsibilities-0-lead_country": "Thailand",
            "responsibilities-1-DELETE": "on",
            "responsibilities-2-body": SectoralBody.objects.get(acronym="AICHR").pk,
            "responsibilities-2-role": "cooperating",
            "responsibilities-2-position": "3",
            "reason": "Column 5 corrected",
        },
    )
    response = client.post(page_of(activity), data)
    assert response.status_code == 302, errors_of(response)
    lead.refresh_from_db()
    assert lead.lead_country == "Thailand"
    assert [str(one.body) for one in activity.responsibilities.all()] == ["SOMTC", "AICHR"]
    assert not Responsibility.objects.filter(pk=cooperating.pk).exists()
    assert Activity.objects.get(pk=activity.pk).version == activity.version + 3
    recorded = list(AuditEntry.objects.values_list("action", "reason")[:3])
    assert {action for action, _ in recorded} == {
        "responsibility.changed",
        "responsibility.deleted",
        "responsibility.created",
    }
    assert {reason for _, reason in recorded} == {"Column 5 corrected"}


def test_spellings_of_a_body_are_edited_on_its_page(cast: Cast, page: Page) -> None:
    client, body = page(cast.secretariat), SectoralBody.objects.get(acronym="SOMTC")
    count = body.aliases.count()
    data = typed(
        client.get(page_of(body)),
        **{"aliases-TOTAL_FORMS": str(count + 1), f"aliases-{count}-name": "S.O.M.T.C."},
    )
    response = client.post(page_of(body), data)
    assert response.status_code == 302, errors_of(response)
    assert BodyAlias.objects.get(name="S.O.M.T.C.").body == body
    assert last_entry().action == "bodyalias.created"


def test_a_stale_edit_is_refused_keeps_what_was_typed_and_shows_what_is_stored(
    cast: Cast, page: Page, activity: Activity
) -> None:
    sari, ben = page(cast.secretariat), page(cast.colleague)
    hers = typed(sari.get(page_of(activity)), expected_output="Hers", marker="=")
    his = typed(ben.get(page_of(activity)), expected_output="His")
    assert ben.post(page_of(activity), his).status_code == 302
    entries = AuditEntry.objects.count()

    response = sari.post(page_of(activity), hers)
    assert "Somebody else has changed this" in errors_of(response)
    assert "Stored value: “His”" in errors_of(response)
    assert typed(response)["expected_output"] == ["Hers"]
    activity.refresh_from_db()
    assert (activity.expected_output, activity.marker) == ("His", "-")
    assert AuditEntry.objects.count() == entries

    # She has seen his version now and puts hers in its place, knowingly.
    assert sari.post(page_of(activity), typed(response)).status_code == 302
    activity.refresh_from_db()
    assert activity.expected_output == "Hers"
    assert last_entry().changes["expected_output"] == ["His", "Hers"]


def test_a_status_recorded_meanwhile_makes_an_edit_stale(cast: Cast, page: Page, activity: Activity) -> None:
    client = page(cast.secretariat)
    data = typed(client.get(page_of(activity)), expected_output="A page")
    record(activity, cast)
    assert "Somebody else has changed this" in errors_of(client.post(page_of(activity), data))


def test_a_change_between_check_and_lock_is_found_by_the_action(
    cast: Cast, page: Page, activity: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form's own check has passed; the action, under its lock, finds the newer version."""
    from workplan.admin import base

    client = page(cast.secretariat)
    data = typed(client.get(page_of(activity)), expected_output="Hers")

    def meanwhile(**arguments: Any) -> bool:
        Activity.objects.filter(pk=activity.pk).update(version=activity.version + 1, marker="*")
        return actions.save_record(**arguments)

    monkeypatch.setattr(base, "save_record", meanwhile)
    response = client.post(page_of(activity), data)
    assert "Somebody else has changed this" in errors_of(response)
    assert typed(response)["expected_output"] == ["Hers"]
    assert Activity.objects.get(pk=activity.pk).expected_output == ""


def test_a_refused_part_takes_the_whole_save_back(
    cast: Cast, page: Page, activity: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workplan.admin import base
    from workplan.exceptions import Invalid

    client = page(cast.secretariat)
    data = typed(client.get(page_of(activity)), expected_output="A page", **{"responsibilities-0-lead_country": "Laos"})

    def refuse_parts(**arguments: Any) -> bool:
        if isinstance(arguments["record"], Responsibility):
            raise Invalid(fields={"lead_country": ["Not a member state."]})
        return actions.save_record(**arguments)

    monkeypatch.setattr(base, "save_record", refuse_parts)
    entries = AuditEntry.objects.count()
    response = client.post(page_of(activity), data)
    assert "lead_country: Not a member state." in errors_of(response)
    assert typed(response)["expected_output"] == ["A page"]
    assert Activity.objects.get(pk=activity.pk).expected_output == ""
    assert AuditEntry.objects.count() == entries


def test_two_who_write_the_same_at_once_meet_a_message_and_no_crash(
    cast: Cast, page: Page, activity: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workplan.admin import base

    def collide(**arguments: Any) -> bool:
        raise IntegrityError("duplicate key")

    monkeypatch.setattr(base, "save_record", collide)
    client = page(cast.secretariat)
    response = client.post(page_of(activity), typed(client.get(page_of(activity)), marker="*"))
    assert "at the same moment" in errors_of(response)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("ref", "A.1.1.2", "Another record of this plan has this reference."),
        ("ref", "a/1", "Use a reference such as"),
        ("text", "", "required"),
        ("text", "a\x00b", "no readable text"),
        ("text", "x" * 20_001, "at most 20000"),
        ("position", "-1", "greater than or equal to 0"),
        ("position", "99999999999999999999", "less than or equal to"),
        ("area", "nonsense", "Select a valid choice"),
        ("area", "99999999999999999999", "Select a valid choice"),
        ("area", "1\x00", "Select a valid choice"),
        ("kind", "nonsense", "Select a valid choice"),
        ("seen_version", "", "required"),
        ("seen_version", "x", "whole number"),
        ("responsibilities-0-body", "nonsense", "Select a valid choice"),
        ("responsibilities-0-id", "nonsense", ""),
        ("responsibilities-0-id", "", ""),
        ("responsibilities-TOTAL_FORMS", "x", ""),
        ("responsibilities-TOTAL_FORMS", "5000", ""),
    ],
)
def test_wrong_values_are_form_errors_and_never_a_crash(
    field: str, value: str, expected: str, cast: Cast, page: Page, activity: Activity
) -> None:
    client = page(cast.secretariat)
    response = client.post(page_of(activity), typed(client.get(page_of(activity)), **{field: value}))
    assert expected in errors_of(response)
    assert Activity.objects.get(pk=activity.pk).version == activity.version


def test_a_body_cannot_have_two_roles_in_one_activity(cast: Cast, page: Page, activity: Activity) -> None:
    client = page(cast.secretariat)
    path = f"{list_of('responsibility')}add/"
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    response = client.post(
        path, typed(client.get(path), activity=activity.pk, body=somtc.pk, role="cooperating", position=9)
    )
    assert "already has a role" in errors_of(response)


def test_a_status_is_shown_in_admin_and_never_edited_there(cast: Cast, page: Page, activity: Activity) -> None:
    record(activity, cast)
    client = page(cast.secretariat)
    response = client.get(page_of(activity))
    assert reverse("update-status", args=["tip-2016-2020", "A.1.1.1"]) in response.content.decode()
    assert not {"status", "status_as_of", "latest_update", "version"} & set(typed(response))
    assert client.post(page_of(activity), typed(response, status="completed", version="99")).status_code == 302
    assert Activity.objects.get(pk=activity.pk).status == "ongoing"
