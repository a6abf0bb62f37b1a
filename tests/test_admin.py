"""The administration site: who comes in, what is edited there, and what it leaves behind."""

import datetime
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from tests.building import grow, opened
from tests.conftest import PASSWORD, Cast, make_person
from workplan import actions
from workplan.actions import Actor, Proof, Report
from workplan.models import (
    Activity,
    ApiToken,
    AuditEntry,
    BodyAlias,
    CollaborationArea,
    Membership,
    Provision,
    Responsibility,
    Section,
    SectoralBody,
    StatusUpdate,
    User,
    WorkPlan,
)

Page = Callable[..., Client]
PLAN_KINDS = "workplan section provision collaborationarea activity responsibility sectoralbody bodyalias".split()
PEOPLE_KINDS = ["workplan/user", "workplan/membership", "workplan/apitoken", "auth/group"]
HISTORIES = [
    "statusupdate",
    "evidence",
    "review",
    "reportinground",
    "lateexception",
    "obligation",
    "contribution",
    "decision",
    "auditentry",
]


class Typed(HTMLParser):
    """What a browser would send of a page's main form as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self.inside = False
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        name, value = have.get("name") or "", have.get("value")
        if tag == "form":
            self.inside = (have.get("id") or "").endswith("_form")
        if not self.inside or "__prefix__" in name:
            return
        if tag == "input" and name and have.get("type") != "submit":
            if have.get("type") not in ("checkbox", "radio") or "checked" in have:
                unsaid = "on" if have.get("type") in ("checkbox", "radio") else ""
                self.values.setdefault(name, []).append(unsaid if value is None else value)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in have:
            self.values.setdefault(self.select, []).append(value or "")
        elif tag == "textarea":
            self.area, self.values[name] = name, [""]

    def handle_data(self, text: str) -> None:
        if self.area:
            self.values[self.area][0] += text

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.area:
            # The line break after the tag is the browser's; those in the text travel as two characters.
            self.values[self.area] = [self.values[self.area][0].removeprefix("\n").replace("\n", "\r\n")]
            self.area = ""


def typed(response: Any, **changes: Any) -> dict[str, Any]:
    """The form of ``response`` with ``changes`` typed into it."""
    parser = Typed()
    parser.feed(response.content.decode())
    return {**parser.values, **changes}


def list_of(kind: str) -> str:
    return f"/admin/{kind}/" if "/" in kind else f"/admin/workplan/{kind}/"


def page_of(record: Any) -> str:
    return f"/admin/{record._meta.app_label}/{record._meta.model_name}/{record.pk}/change/"


def last_entry() -> AuditEntry:
    entry = AuditEntry.objects.first()
    assert entry
    return entry


def errors_of(response: Any) -> str:
    """Everything that the form finds fault with, in one line."""
    assert response.status_code == 200, response.status_code
    return " ".join(str(error) for errors in response.context["errors"] for error in errors)


@pytest.fixture
def activity(plan: WorkPlan) -> Activity:
    return Activity.objects.get(plan=plan, ref="A.1.1.1")


def record(activity: Activity, cast: Cast) -> StatusUpdate:
    activity.refresh_from_db()
    return actions.record_status(
        activity=activity,
        version=activity.version,
        report=Report(
            status="ongoing",
            as_of=datetime.date(2026, 11, 20),
            narrative="The pages are linked.",
            evidence=(Proof("Page", "https://asean.org/page"),),
        ),
        by=Actor(cast.secretariat, "page"),
    )


# Who comes in


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/workplan/activity/", "/admin/nothing/here/"])
def test_a_visitor_is_sent_to_the_ordinary_sign_in_and_comes_back(path: str, cast: Cast, page: Page) -> None:
    client = page()
    response = client.get(path, follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=/admin/")
    response = client.post(
        response.redirect_chain[-1][0],
        {"login": "sari", "password": PASSWORD, "next": response.redirect_chain[-1][0].partition("next=")[2]},
    )
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/")


@pytest.mark.parametrize("who", ["newcomer", "somtc"])
@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/admin/login/?next=/admin/", "/admin/workplan/activity/"]
)
def test_signed_in_people_without_the_right_get_a_403_page_and_no_loop(
    who: str, path: str, cast: Cast, page: Page
) -> None:
    response = page(getattr(cast, who)).get(path)
    assert response.status_code == 403
    assert "secretariat" in response.content.decode()


def test_being_staff_in_djangos_sense_opens_nothing(cast: Cast, page: Page) -> None:
    User.objects.filter(pk=cast.newcomer.pk).update(is_staff=True)
    assert page(User.objects.get(pk=cast.newcomer.pk)).get("/admin/").status_code == 403


@pytest.mark.parametrize("kind", [*PLAN_KINDS, *HISTORIES])
def test_the_secretariat_sees_plan_bodies_and_histories(kind: str, cast: Cast, page: Page) -> None:
    assert page(cast.secretariat).get(list_of(kind)).status_code == 200


@pytest.mark.parametrize("kind", PEOPLE_KINDS)
def test_people_are_for_administrators_only(kind: str, cast: Cast, page: Page) -> None:
    assert page(cast.secretariat).get(list_of(kind)).status_code == 403
    assert page(cast.administrator).get(list_of(kind)).status_code == 200


def test_the_secretariat_cannot_open_add_or_delete_people(cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    for path in ("add/", f"{cast.somtc.pk}/change/", f"{cast.somtc.pk}/delete/", f"{cast.somtc.pk}/password/"):
        assert client.get(f"/admin/workplan/user/{path}").status_code == 403
        assert client.post(f"/admin/workplan/user/{path}", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=cast.somtc.pk).exists()


def test_the_index_names_what_the_person_may_keep(cast: Cast, page: Page) -> None:
    seen = page(cast.secretariat).get("/admin/").content.decode()
    assert "/admin/workplan/activity/" in seen
    assert "/admin/workplan/user/" not in seen
    seen = page(cast.administrator).get("/admin/").content.decode()
    assert "/admin/workplan/user/" in seen
    assert "/admin/account/emailaddress/" not in seen
    assert "/plans/tip-2016-2020/" in seen


def test_sign_out_and_password_change_lead_to_the_ordinary_pages(cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    assert client.post("/admin/logout/")["Location"] == "/accounts/logout/"
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


@pytest.mark.parametrize("path", ["/admin/", "/admin/workplan/activity/", "/admin/workplan/activity/add/"])
def test_pages_hold_no_inline_script_or_style(path: str, cast: Cast, page: Page) -> None:
    response = page(cast.secretariat).get(path)
    text = response.content.decode()
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text
    assert all(" src=" in tag.partition(">")[0] or "json" in tag for tag in text.split("<script")[1:])


# Editing


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
    from django.apps import apps

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
    deeds = list(AuditEntry.objects.values_list("action", "reason")[:3])
    assert {deed for deed, _ in deeds} == {
        "responsibility.changed",
        "responsibility.deleted",
        "responsibility.created",
    }
    assert {reason for _, reason in deeds} == {"Column 5 corrected"}


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
    assert "Stored now: “His”" in errors_of(response)
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
        ("text", "a\x00b", "Null characters"),
        ("text", "x" * 20_001, "at most 20000"),
        ("position", "-1", "greater than or equal to 0"),
        ("position", "99999999999999999999", "less than or equal to"),
        ("area", "nonsense", "Select a valid choice"),
        ("area", "99999999999999999999", "Select a valid choice"),
        ("area", "1\x00", "Null characters"),
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


# Deleting


def test_a_body_in_use_is_not_deleted(cast: Cast, page: Page) -> None:
    client, body = page(cast.secretariat), SectoralBody.objects.get(acronym="SOMTC")
    path = f"/admin/workplan/sectoralbody/{body.pk}/delete/"
    response = client.post(path, {"post": "yes"})
    assert response.status_code == 200
    assert "Cannot delete sectoral body" in response.content.decode()
    assert SectoralBody.objects.filter(pk=body.pk).exists()


def test_what_the_action_refuses_to_delete_stays_with_a_message(
    cast: Cast, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django's own look for what stands on a record has passed; somebody used it a moment later."""
    from workplan.admin.document import SectoralBodyAdmin

    monkeypatch.setattr(SectoralBodyAdmin, "get_deleted_objects", lambda *_: ([], {}, set(), []))
    client, body = page(cast.secretariat), SectoralBody.objects.get(acronym="SOMTC")
    entries = AuditEntry.objects.count()
    response = client.post(f"/admin/workplan/sectoralbody/{body.pk}/delete/", {"post": "yes"}, follow=True)
    assert "SOMTC cannot be deleted" in response.content.decode()
    response = client.post(
        list_of("sectoralbody"),
        {"action": "delete_selected", "_selected_action": [body.pk], "post": "yes"},
        follow=True,
    )
    assert "SOMTC cannot be deleted" in response.content.decode()
    assert SectoralBody.objects.filter(pk=body.pk).exists()
    assert body.aliases.count() == BodyAlias.objects.filter(body=body).count()
    assert AuditEntry.objects.count() == entries


def test_a_deleted_activity_leaves_an_entry_for_itself_and_each_of_its_parts(cast: Cast, page: Page) -> None:
    activity = Activity.objects.get(ref="A.1.1.2")
    parts = activity.responsibilities.count()
    client = page(cast.secretariat)
    path = f"/admin/workplan/activity/{activity.pk}/delete/"
    assert "Reason" in client.get(path).content.decode()
    assert client.post(path, {"post": "yes", "reason": "Merged with A.1.1.1"}).status_code == 302
    assert not Activity.objects.filter(pk=activity.pk).exists()
    entries = AuditEntry.objects.all()[: parts + 1]
    assert [entry.action for entry in entries] == ["activity.deleted", *["responsibility.deleted"] * parts]
    assert {entry.reason for entry in entries} == {"Merged with A.1.1.1"}


def test_delete_selected_goes_through_the_action_too(cast: Cast, page: Page) -> None:
    client, chosen = page(cast.secretariat), list(Responsibility.objects.all()[:3])
    response = client.post(
        list_of("responsibility"),
        {"action": "delete_selected", "_selected_action": [one.pk for one in chosen], "post": "yes"},
    )
    assert response.status_code == 302
    assert not Responsibility.objects.filter(pk__in=[one.pk for one in chosen]).exists()
    assert [entry.action for entry in AuditEntry.objects.all()[:3]] == ["responsibility.deleted"] * 3


def test_a_reported_activity_and_a_plan_stay(cast: Cast, page: Page, activity: Activity) -> None:
    record(activity, cast)
    client = page(cast.secretariat)
    client.post(f"/admin/workplan/activity/{activity.pk}/delete/", {"post": "yes"})
    assert Activity.objects.filter(pk=activity.pk).exists()
    assert client.post(f"/admin/workplan/workplan/{activity.plan_id}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("chosen", ["nonsense", "99999999999999999999", "\x00"])
def test_choosing_what_cannot_exist_is_a_message(chosen: str, cast: Cast, page: Page) -> None:
    data = {"action": "delete_selected", "_selected_action": [chosen], "post": "yes"}
    assert page(cast.secretariat).post(list_of("activity"), data).status_code == 302


# Histories


@pytest.mark.parametrize("who", ["secretariat", "administrator"])
def test_histories_are_read_and_nothing_else(who: str, cast: Cast, page: Page, activity: Activity) -> None:
    update = record(activity, cast)
    client = page(getattr(cast, who))
    for row in (update, update.evidence.get(), last_entry()):
        kind = row._meta.model_name or ""
        response = client.get(page_of(row))
        assert response.status_code == 200
        assert 'name="_save"' not in response.content.decode()
        before = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}
        assert client.post(page_of(row), {"status": "completed", "title": "x", "reason": "x"}).status_code == 403
        assert client.post(page_of(row).replace("change", "delete"), {"post": "yes"}).status_code == 403
        assert client.get(f"{list_of(kind)}add/").status_code == 403
        client.post(list_of(kind), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        row.refresh_from_db()
        assert before == {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}


def test_the_history_button_leads_to_the_audit_entries_of_the_record(
    cast: Cast, page: Page, activity: Activity
) -> None:
    client = page(cast.secretariat)
    client.post(page_of(activity), typed(client.get(page_of(activity)), marker="*"))
    response = client.get(page_of(activity).replace("change", "history"), follow=True)
    assert [entry.record_id for entry in response.context["cl"].result_list] == [str(activity.pk)]
    assert not LogEntry.objects.exists()
    entry = client.get(page_of(last_entry())).content.decode()
    assert "<th>marker</th><td>-</td><td>*</td>" in entry
    assert activity.ref in client.get("/admin/").content.decode()


# Lists


@pytest.mark.parametrize("kind", [*PLAN_KINDS, *HISTORIES, *PEOPLE_KINDS])
def test_lists_ask_no_more_questions_when_there_is_more_to_show(
    kind: str, cast: Cast, page: Page, plan: WorkPlan
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def people(number: int, name: str) -> None:
        for place in range(number):
            user = make_person(f"{name}{place}", name="Some Body", body="SOMTC", group="Secretariat")
            ApiToken.objects.create(user=user)
            BodyAlias.objects.create(name=f"{name} {place}", body=SectoralBody.objects.order_by("?")[0])

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            response = client.get(list_of(kind))
            assert response.status_code == 200
        return len(asked)

    client = page(cast.administrator)
    people(2, "few")
    for activity in Activity.objects.all()[:3]:
        record(activity, cast)
    client.get(list_of(kind))
    few = questions()
    people(8, "many")
    for activity in grow(plan, 60)[:30]:
        record(activity, cast)
    assert questions() <= few <= 18


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("activity/?q=website", True),
        ("activity/?q=nonexistent", False),
        ("activity/?body=SOMTC", True),
        ("activity/?body=NOBODY", False),
        ("activity/?status__exact=not_reported", True),
        ("activity/?status__exact=completed", False),
        ("activity/?all_other_bodies_cooperate__exact=1", True),
        ("provision/?q=A.1", True),
        ("sectoralbody/?pillar__exact=socio_cultural", True),
        ("sectoralbody/?q=somtc", True),
        ("responsibility/?role__exact=lead&q=SLOM", True),
    ],
)
def test_lists_search_and_filter(address: str, found: bool, cast: Cast, page: Page) -> None:
    response = page(cast.secretariat).get(f"/admin/workplan/{address}")
    assert response.status_code == 200
    assert bool(response.context["cl"].result_count) is found


@pytest.mark.parametrize("kind", [*PLAN_KINDS, *HISTORIES, *PEOPLE_KINDS])
def test_addresses_that_make_no_sense_are_answered_without_a_crash(kind: str, cast: Cast, page: Page) -> None:
    client = page(cast.administrator)
    for query in ("q=%00", "plan__id__exact=x", "plan__id__exact=99999999999999999999", "p=x", "o=99", "e=1", "no=1"):
        assert client.get(f"{list_of(kind)}?{query}").status_code in (200, 302, 400), query


@pytest.mark.parametrize("key", ["nonsense", "99999999999999999999", "%00", "-1"])
def test_records_that_do_not_exist_are_answered_without_a_crash(key: str, cast: Cast, page: Page) -> None:
    for part in ("change", "delete", "history"):
        assert page(cast.administrator).get(f"/admin/workplan/activity/{key}/{part}/").status_code in (302, 400, 404)


@pytest.mark.parametrize("query", ["plan=x", "area=99999999999999999999", "plan=%00", "period_start=x", "text=ok"])
def test_an_address_may_propose_values_and_nonsense_is_left_out(query: str, cast: Cast, page: Page) -> None:
    assert page(cast.secretariat).get(f"/admin/workplan/activity/add/?{query}").status_code in (200, 400)


# Autocompletes


@pytest.mark.parametrize(
    ("model", "field", "term", "expected"),
    [
        ("activity", "area", "A.1.1", "A.1.1 "),
        ("activity", "plan", "tip", "ASEAN"),
        ("provision", "section", "A", "A "),
        ("responsibility", "body", "somtc", "SOMTC"),
        ("responsibility", "activity", "website", "A.1.1.1"),
        ("collaborationarea", "proposed_by", "labour", "SLOM"),
    ],
)
def test_the_secretariat_finds_records_while_typing(
    model: str, field: str, term: str, expected: str, cast: Cast, page: Page
) -> None:
    query = {"app_label": "workplan", "model_name": model, "field_name": field, "term": term}
    response = page(cast.secretariat).get("/admin/autocomplete/", query)
    assert response.status_code == 200
    assert any(expected in result["text"] for result in response.json()["results"])


def test_people_are_found_while_typing_by_administrators_only(cast: Cast, page: Page) -> None:
    query = {"app_label": "workplan", "model_name": "membership", "field_name": "user", "term": "sari"}
    assert page(cast.secretariat).get("/admin/autocomplete/", query).status_code == 403
    assert page(cast.somtc).get("/admin/autocomplete/", query).status_code == 403
    results = page(cast.administrator).get("/admin/autocomplete/", query).json()["results"]
    assert [result["text"] for result in results] == ["Sari Staff"]


@pytest.mark.parametrize("change", [{"term": "\x00"}, {"page": "x"}, {"field_name": "ref"}, {"model_name": "x"}])
def test_autocompletes_answer_nonsense_without_a_crash(change: dict[str, str], cast: Cast, page: Page) -> None:
    query = {"app_label": "workplan", "model_name": "activity", "field_name": "area", "term": "a", **change}
    assert page(cast.secretariat).get("/admin/autocomplete/", query).status_code in (400, 403, 404)


# People


def test_an_administrator_makes_an_account_with_a_body_and_the_entry_keeps_no_password(cast: Cast, page: Page) -> None:
    client, path = page(cast.administrator), "/admin/workplan/user/add/"
    data = typed(
        client.get(path),
        username="maria",
        usable_password="true",
        password1="rain on the roof",
        password2="rain on the roof",
        email="maria@example.org",
        **{"memberships-TOTAL_FORMS": "1", "memberships-0-body": SectoralBody.objects.get(acronym="ACWC").pk},
    )
    response = client.post(path, data)
    assert response.status_code == 302, errors_of(response)
    maria = User.objects.get(username="maria")
    assert maria.check_password("rain on the roof")
    assert not maria.is_superuser
    assert not maria.is_staff
    assert [str(body) for body in maria.bodies.all()] == ["ACWC"]
    entries = AuditEntry.objects.all()[:2]
    assert [entry.action for entry in entries] == ["membership.created", "user.created"]
    assert entries[1].changes["password"] == ["…", "…"]
    assert maria.password not in str([entry.changes for entry in entries])
    assert page(maria).get("/").status_code == 200


def test_an_account_can_begin_without_a_password(cast: Cast, page: Page) -> None:
    client, path = page(cast.administrator), "/admin/workplan/user/add/"
    response = client.post(path, typed(client.get(path), username="maria", usable_password="false"))
    assert response.status_code == 302, errors_of(response)
    assert not User.objects.get(username="maria").has_usable_password()


def test_an_administrator_puts_a_person_into_a_group(cast: Cast, page: Page) -> None:
    client, secretariat = page(cast.administrator), Group.objects.get(name="Secretariat")
    data = typed(client.get(page_of(cast.newcomer)), groups=[secretariat.pk], first_name="Eleonora")
    response = client.post(page_of(cast.newcomer), data)
    assert response.status_code == 302, errors_of(response)
    assert last_entry().changes == {"first_name": ["Nora", "Eleonora"], "groups": [[], ["Secretariat"]]}
    assert page(User.objects.get(pk=cast.newcomer.pk)).get("/admin/").status_code == 200


def test_the_members_of_a_group_are_edited_on_its_page(cast: Cast, page: Page) -> None:
    client, group = page(cast.administrator), Group.objects.get(name="Secretariat")
    response = client.get(page_of(group))
    assert str(cast.secretariat.pk) in typed(response)["members"]
    response = client.post(page_of(group), typed(response, members=[cast.secretariat.pk], name="Kings"))
    assert response.status_code == 302, errors_of(response)
    assert list(group.user_set.all()) == [cast.secretariat]
    group.refresh_from_db()
    assert group.name == "Secretariat"
    entry = last_entry()
    assert entry.action == "group.changed"
    assert "Ben Staff" in entry.changes["user_set"][0]
    assert client.get("/admin/auth/group/add/").status_code == 403
    assert client.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"}).status_code == 403
    response = client.post(page_of(group), typed(client.get(page_of(group)), members=["x", "999999"]))
    assert "Select a valid choice" in errors_of(response) or "not a valid value" in errors_of(response)


def test_an_administrator_does_not_become_a_superuser(cast: Cast, page: Page) -> None:
    client = page(cast.administrator)
    everything = {"is_superuser": "on", "is_staff": "on", "user_permissions": ["1"], "is_demo": "on"}
    response = client.get(page_of(cast.administrator))
    assert not {"is_superuser", "is_staff", "user_permissions"} & set(typed(response))
    assert client.post(page_of(cast.administrator), typed(response, **everything)).status_code == 302
    path = "/admin/workplan/user/add/"
    data = typed(client.get(path), username="root", password1="rain on the roof", password2="rain on the roof")
    assert client.post(path, {**data, "usable_password": "true", **everything}).status_code == 302
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(is_staff=True).exists()
    assert not User.objects.filter(is_demo=True).exists()


def test_an_administrator_does_not_take_over_a_superuser(cast: Cast, page: Page) -> None:
    root = make_person("root")
    root.is_superuser = True
    root.save()
    client = page(cast.administrator)
    assert client.get(page_of(root)).status_code == 200
    data = {"email": "ada@example.org", "username": "root", "is_active": "on"}
    assert client.post(page_of(root), data).status_code == 403
    assert client.get(f"/admin/workplan/user/{root.pk}/password/").status_code == 403
    words = {"password1": "rain on the roof", "password2": "rain on the roof", "usable_password": "true"}
    assert client.post(f"/admin/workplan/user/{root.pk}/password/", words).status_code == 403
    assert client.post(f"/admin/workplan/user/{root.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [root.pk], "post": "yes"}
    assert client.post("/admin/workplan/user/", chosen).status_code == 403
    root.refresh_from_db()
    assert root.check_password(PASSWORD)
    assert root.email == "root@example.org"
    response = page(root).get(page_of(cast.newcomer))
    assert "is_superuser" in response.content.decode()
    assert page(root).post(page_of(cast.newcomer), typed(response, is_superuser="on")).status_code == 302
    cast.newcomer.refresh_from_db()
    assert cast.newcomer.is_superuser


def test_nobody_shuts_or_deletes_the_account_they_are_signed_in_with(cast: Cast, page: Page) -> None:
    client = page(cast.administrator)
    data = typed(client.get(page_of(cast.administrator)))
    data.pop("is_active", None)
    client.post(page_of(cast.administrator), data)
    assert client.post(page_of(cast.administrator).replace("change", "delete"), {"post": "yes"}).status_code == 403
    cast.administrator.refresh_from_db()
    assert cast.administrator.is_active


def test_a_password_set_by_an_administrator_leaves_an_entry_without_it(cast: Cast, page: Page) -> None:
    client, path = page(cast.administrator), f"/admin/workplan/user/{cast.somtc.pk}/password/"
    words = {"password1": "rain on the roof", "password2": "rain on the roof", "usable_password": "true"}
    assert client.get(path).status_code == 200
    assert client.post(path, {**words, "set-password": "1"}).status_code == 302
    cast.somtc.refresh_from_db()
    assert cast.somtc.check_password("rain on the roof")
    entry = last_entry()
    assert (entry.action, entry.changes, entry.actor) == (
        "user.changed",
        {"password": ["…", "…"]},
        cast.administrator,
    )
    response = client.post(path, {**words, "password2": "something else", "set-password": "1"})
    assert "match" in response.content.decode()


def test_an_account_that_breaks_a_rule_gets_no_password_and_a_message(cast: Cast, page: Page) -> None:
    User.objects.filter(pk=cast.somtc.pk).update(email="nonsense")
    path = f"/admin/workplan/user/{cast.somtc.pk}/password/"
    words = {"password1": "rain on the roof", "password2": "rain on the roof", "usable_password": "true"}
    response = page(cast.administrator).post(path, {**words, "set-password": "1"}, follow=True)
    assert "email: Enter a valid email address." in response.content.decode()
    cast.somtc.refresh_from_db()
    assert cast.somtc.check_password(PASSWORD)


def test_a_closed_account_is_out_at_once(cast: Cast, page: Page) -> None:
    theirs, client = page(cast.secretariat), page(cast.administrator)
    assert theirs.get("/admin/").status_code == 200
    data = typed(client.get(page_of(cast.secretariat)))
    del data["is_active"]
    assert client.post(page_of(cast.secretariat), data).status_code == 302
    assert theirs.get("/admin/").status_code == 302


def test_no_filter_reads_a_password(cast: Cast, page: Page) -> None:
    client = page(cast.administrator)
    for lookup in ("password__startswith", "auth_token_set__digest__startswith"):
        assert client.get(f"/admin/workplan/user/?{lookup}=a").status_code == 400


def test_an_unused_account_is_deleted_with_its_memberships_and_one_that_did_something_stays(
    cast: Cast, page: Page, activity: Activity
) -> None:
    client = page(cast.administrator)
    assert client.post(page_of(cast.somtc).replace("change", "delete"), {"post": "yes"}).status_code == 302
    assert [entry.action for entry in AuditEntry.objects.all()[:2]] == ["user.deleted", "membership.deleted"]
    assert not Membership.objects.filter(user=cast.somtc.pk).exists()
    record(activity, cast)
    client.post(page_of(cast.secretariat).replace("change", "delete"), {"post": "yes"})
    assert User.objects.filter(pk=cast.secretariat.pk).exists()


def test_an_administrator_takes_a_token_away_and_the_entry_keeps_no_hash(cast: Cast, page: Page) -> None:
    token, _ = ApiToken.objects.create(user=cast.somtc)
    client = page(cast.administrator)
    seen = client.get(page_of(token))
    assert seen.status_code == 200
    assert 'name="_save"' not in seen.content.decode()
    assert client.get("/admin/workplan/apitoken/add/").status_code == 403
    assert client.post(page_of(token).replace("change", "delete"), {"post": "yes"}).status_code == 302
    assert not ApiToken.objects.exists()
    entry = last_entry()
    assert entry.action == "apitoken.deleted"
    assert token.digest not in f"{entry.record_label} {entry.record_id} {entry.changes}"


def test_the_secretariat_does_not_touch_tokens_or_groups_even_by_the_action(cast: Cast) -> None:
    from workplan.exceptions import NotAllowed

    token, _ = ApiToken.objects.create(user=cast.administrator)
    by = Actor(cast.secretariat, "admin")
    with pytest.raises(NotAllowed):
        actions.delete_record(record=token, by=by)
    with pytest.raises(NotAllowed):
        actions.save_record(
            record=Group.objects.get(name="Administrators"), by=by, links={"user_set": [cast.secretariat]}
        )


# Reporting rounds


def test_four_eyes_is_a_choice_of_the_plan_and_leaves_a_trail(cast: Cast, page: Page, plan: WorkPlan) -> None:
    client = page(cast.secretariat)
    data = typed(client.get(page_of(plan)))
    assert data.pop("four_eyes") == ["on"]
    response = client.post(page_of(plan), {**data, "reason": "Two people are here"})
    assert response.status_code == 302, errors_of(response)
    stored = WorkPlan.objects.get(pk=plan.pk)
    assert (stored.four_eyes, stored.version) == (False, plan.version + 1)
    entry = last_entry()
    assert (entry.action, entry.changes, entry.reason) == (
        "workplan.changed",
        {"four_eyes": [True, False]},
        "Two people are here",
    )
    stale = client.post(page_of(plan), {**data, "four_eyes": "on"})
    assert "Somebody else has changed this" in errors_of(stale)


@pytest.mark.parametrize("unreadable", ["a\x08b", "a\x7fb", "a\ufffdb"])
@pytest.mark.parametrize("name", ["expected_output", "notes", "reading_note"])
def test_text_that_nobody_can_read_is_refused_and_shown_again(
    name: str, unreadable: str, cast: Cast, page: Page, activity: Activity
) -> None:
    client = page(cast.secretariat)
    before = AuditEntry.objects.count()
    response = client.post(page_of(activity), typed(client.get(page_of(activity)), **{name: unreadable}))
    assert "no readable text" in errors_of(response)
    assert AuditEntry.objects.count() == before
    stored = Activity.objects.get(pk=activity.pk)
    assert getattr(stored, name) == getattr(activity, name)


def test_reports_reviews_and_rounds_are_read_with_all_that_belongs_to_them(
    cast: Cast, page: Page, plan: WorkPlan
) -> None:
    by = Actor(cast.secretariat, "page", "r")
    the_round = opened(plan, by, silence_days=14)
    joint = Activity.objects.get(ref="A.1.1.4")
    report = Report(
        status="ongoing",
        as_of=datetime.date(2018, 6, 30),
        narrative="The module is drafted.",
        evidence=(Proof("Minutes", "https://asean.org/minutes"),),
    )
    somtc = Actor(cast.somtc, "page", "r")
    body = SectoralBody.objects.get(acronym="SOMTC")
    draft = actions.begin_report(activity=joint, report=report, by=somtc, the_round=the_round, body=body)
    sent = actions.submit_report(update=draft, version=1, by=somtc)
    actions.comment(update=sent, text="A word beside it.", by=by)
    approved = actions.approve_report(update=sent, version=2, by=by)
    actions.give_exception(the_round=the_round, body=body, until=datetime.date(2030, 1, 31), reason="New staff.", by=by)
    client = page(cast.secretariat)

    shown = client.get(page_of(approved)).content.decode()
    for words in ("First half of 2018", "The module is drafted.", "Minutes", "A word beside it.", "No answer", "SLOM"):
        assert words in shown, words
    assert "New staff." in client.get(page_of(the_round)).content.decode()
    review = approved.reviews.get()
    owed = the_round.obligations.get(activity=joint, body=body)
    for record in (approved, the_round, review, owed, the_round.exceptions.get(), approved.evidence.get()):
        before = type(record).objects.filter(pk=record.pk).values().get()
        assert client.get(page_of(record)).status_code == 200, record
        for part in ("change", "delete"):
            refused = client.post(page_of(record).replace("change", part), {"post": "yes", "reason": "x"})
            assert refused.status_code == 403, (record, part)
        listed = page_of(record).removesuffix(f"{record.pk}/change/")
        client.post(listed, {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"})
        assert type(record).objects.filter(pk=record.pk).values().get() == before
        assert client.get(f"{listed}add/").status_code == 403
