"""Reports by API: drafted, submitted, reviewed, and what is said beside them; and who sees which of them."""

import datetime
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.building import opened
from tests.conftest import Cast, make_person
from workplan import actions, permissions, rules
from workplan.actions import Actor, Report
from workplan.models import (
    Activity,
    AuditEntry,
    Evidence,
    ReportingRound,
    Responsibility,
    SectoralBody,
    StatusUpdate,
    User,
    WorkPlan,
)

SAID: dict[str, Any] = {"status": "ongoing", "as_of": "2018-06-30", "narrative": "The module is drafted."}
JOINT, ALONE = "A.1.1.4", "A.1.1.1"  # led by SLOM and SOMTC; by SOMTC, with ACWC cooperating
PDF = b"%PDF-1.7 something to read"


@pytest.fixture
def the_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, Actor(cast.secretariat, "command"))


@pytest.fixture
def slom(cast: Cast) -> User:
    return make_person("slamet", name="Slamet Focal", body="SLOM")


def fresh(user: User) -> User:
    """The person as a new request finds them."""
    return User.objects.get(pk=user.pk)


def on(ref: str) -> str:
    return f"/api/v1/activities/{Activity.objects.get(ref=ref).pk}/"


def begun(program: Any, ref: str = ALONE, **said: Any) -> Any:
    tag = program.get(on(ref))["ETag"]
    return program.post(f"{on(ref)}updates/", SAID | said, headers={"If-Match": tag})


def do(program: Any, update: Any, deed: str, body: Any = None) -> Any:
    """A deed on the version of the update that the program reads now."""
    tag = program.get(update["url"])["ETag"]
    return program.post(f"{update['url']}{deed}/", body or {}, headers={"If-Match": tag})


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content[:400]
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code and error["message"]
    return error


# The way of a report


def test_a_report_goes_its_whole_way(the_round: ReportingRound, cast: Cast, slom: User, api: Any) -> None:
    author, other, staff = api(cast.somtc), api(slom), api(cast.secretariat)
    assert author.get(on(JOINT)).json()["allowed_actions"] == ["report"]
    made = begun(author, JOINT, submit=False)
    draft = made.json()
    assert made.status_code == 201 and made["Location"] == draft["url"]
    assert (draft["state"], draft["body"], draft["reported_by"]) == ("draft", "SOMTC", "SOMTC")
    assert (draft["round"], draft["round_code"], draft["is_direct"]) == (the_round.pk, "2018-1", False)
    assert draft["allowed_actions"] == ["edit", "submit", "discard", "comment"]
    assert author.get(on(JOINT)).json()["allowed_actions"] == []

    tag = author.get(draft["url"])["ETag"]
    assert tag.startswith('"1-')
    saved = author.patch(draft["url"], {"next_steps": "Pilot training"}, headers={"If-Match": tag})
    assert saved.status_code == 200 and saved["ETag"] == author.get(draft["url"])["ETag"]
    assert saved.json()["narrative"] == SAID["narrative"] and saved.json()["next_steps"] == "Pilot training"

    sent = do(author, draft, "submit")
    assert (sent.status_code, sent.json()["state"]) == (200, "submitted")
    assert sent.json()["allowed_actions"] == ["comment"] and sent.json()["submitted_by"] == "Somchai Focal (somchai)"
    assert other.get(draft["url"]).json()["allowed_actions"] == ["concur", "comment"]
    assert staff.get(draft["url"]).json()["allowed_actions"] == ["approve", "return", "comment"]

    refused(do(staff, draft, "return", {"reason": " "}), 400, "invalid")
    back = do(staff, draft, "return", {"reason": "Name the module."}).json()
    assert back["state"] == "returned" and back["reviews"][0]["reason"] == "Name the module."
    assert author.get(draft["url"]).json()["reviews"][0]["decision"] == "return"
    tag = author.get(draft["url"])["ETag"]
    mended = {"narrative": "The module on identification is drafted."}
    assert author.patch(draft["url"], mended, headers={"If-Match": tag}).status_code == 200
    assert do(author, draft, "submit").status_code == 200

    agreed = do(other, draft, "concur")
    assert agreed.json()["concurrences"][0]["body"] == "SLOM" and agreed.json()["allowed_actions"] == ["comment"]
    refused(do(other, draft, "concur"), 409, "wrong_state")
    assert other.post(f"{draft['url']}comments/", {"text": "Well done."}).json()["body"] == "SLOM"
    assert [one["text"] for one in staff.get(f"{draft['url']}comments/").json()["results"]] == ["Well done."]

    approved = do(staff, draft, "approve").json()
    assert (approved["state"], approved["allowed_actions"]) == ("approved", ["comment"])
    assert api().get(on(JOINT)).json()["status"] == "ongoing"
    assert author.get(on(JOINT)).json()["allowed_actions"] == ["correct"]
    public = api().get(draft["url"]).json()
    assert (public["author"], public["submitted_by"], public["reviews"], public["comments"]) == (None,) * 4
    trail = AuditEntry.objects.filter(record_type="statusupdate", record_id=str(draft["id"]))
    assert set(trail.values_list("channel", flat=True)) == {"api"} and trail.count() == 7


def test_a_focal_point_reports_at_once(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    sent = begun(api(cast.somtc))
    assert (sent.status_code, sent.json()["state"], sent.json()["round"]) == (201, "submitted", the_round.pk)
    assert sent["ETag"] == api(cast.somtc).get(on(ALONE))["ETag"]


def test_a_draft_may_say_nothing_yet(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    program = api(cast.somtc)
    tag = program.get(on(ALONE))["ETag"]
    draft = program.post(f"{on(ALONE)}updates/", {"submit": False}, headers={"If-Match": tag}).json()
    assert (draft["status"], draft["status_label"], draft["as_of"]) == (None, None, None)
    error = refused(do(program, draft, "submit"), 400, "invalid")
    assert {"status", "as_of", "narrative"} == set(error["fields"])
    error = refused(program.post(f"{on(ALONE)}updates/", {}, headers={"If-Match": tag}), 400, "invalid")
    assert {"status", "as_of"} == set(error["fields"])


def test_what_is_refused_leaves_no_draft_behind(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    refused(begun(api(cast.somtc), narrative=""), 400, "invalid")
    assert not StatusUpdate.objects.exists()


def test_without_a_round_there_is_nothing_to_report_for(plan: WorkPlan, cast: Cast, api: Any) -> None:
    assert "open" in refused(begun(api(cast.somtc)), 409, "wrong_state")["message"]


def test_whoever_speaks_for_both_leads_names_one(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    both = make_person("both", body="SOMTC")
    make_person("both", body="SLOM")
    error = refused(begun(api(both), JOINT), 400, "invalid")
    assert "SLOM" in error["fields"]["body"][0] and "SOMTC" in error["fields"]["body"][0]
    assert begun(api(both), JOINT, body="SLOM").json()["body"] == "SLOM"


def test_nobody_reports_for_a_body_that_is_not_theirs(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    refused(begun(api(cast.somtc), JOINT, body="SLOM"), 403, "permission_denied")
    refused(begun(api(cast.acwc), ALONE), 403, "permission_denied")
    assert not StatusUpdate.objects.exists()


def test_the_secretariat_enters_directly(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    between = begun(api(cast.secretariat)).json()
    assert (between["round"], between["body"], between["is_direct"], between["state"]) == (None, None, True, "approved")
    behalf = begun(api(cast.secretariat), JOINT, round=the_round.pk, body="slom").json()
    assert (behalf["round_code"], behalf["body"], behalf["is_direct"]) == ("2018-1", "SLOM", True)
    refused(begun(api(cast.secretariat), ALONE, body="ACWC"), 400, "invalid")
    draft = begun(api(cast.secretariat), "A.1.1.2", submit=False, round=the_round.pk).json()
    assert (draft["state"], draft["is_direct"]) == ("draft", True)
    assert do(api(cast.colleague), draft, "submit").json()["state"] == "approved"


def test_a_draft_is_discarded(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    program = api(cast.somtc)
    draft = begun(program, submit=False).json()
    refused(program.delete(draft["url"]), 428, "precondition_required")
    refused(api(cast.secretariat).delete(draft["url"], headers={"If-Match": '"1"'}), 403, "permission_denied")
    assert program.delete(draft["url"], headers={"If-Match": '"1"'}).status_code == 204
    refused(program.get(draft["url"]), 404, "not_found")


def test_two_of_one_body_do_not_overwrite_each_other(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    second = make_person("second", body="SOMTC")
    draft = begun(api(cast.somtc), submit=False).json()
    tag = api(second).get(draft["url"])["ETag"]
    changed = api(cast.somtc).patch(draft["url"], {"challenges": "Time"}, headers={"If-Match": tag})
    assert changed.status_code == 200
    late = api(second).patch(draft["url"], {"challenges": "Money"}, headers={"If-Match": tag})
    refused(late, 412, "stale_version")
    now = api(second).get(draft["url"])
    assert (late.json()["current"], late["ETag"]) == (now.json(), now["ETag"])
    assert now.json()["challenges"] == "Time"
    for deed in ("submit", "approve", "return", "concur"):
        answer = api(second).post(f"{draft['url']}{deed}/", {}, headers={"If-Match": tag})
        assert answer.status_code == (412 if deed == "submit" else 403)


def test_reports_are_approved_together_or_not_at_all(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    first, second = begun(api(cast.somtc), ALONE).json(), begun(api(cast.somtc), JOINT).json()
    named = [{"id": one["id"], "version": one["version"]} for one in (first, second)]
    staff = api(cast.secretariat)
    address = "/api/v1/updates/approve/"
    refused(api().post(address, {"updates": named}), 401, "not_authenticated")
    refused(api(cast.somtc).post(address, {"updates": named}), 403, "permission_denied")
    refused(staff.post(address, {"updates": []}), 400, "invalid")
    refused(staff.post(address, {"updates": named[:1] * 2}), 400, "invalid")
    refused(staff.post(address, {"updates": [*named, {"id": 10**9, "version": 1}]}), 409, "wrong_state")
    stale = staff.post(address, {"updates": [named[0], named[1] | {"version": 9}]})
    refused(stale, 412, "stale_version")
    assert [one["id"] for one in stale.json()["current"]] == [second["id"]]
    assert set(StatusUpdate.objects.values_list("state", flat=True)) == {"submitted"}
    done = staff.post(address, {"updates": named})
    assert {one["state"] for one in done.json()["updates"]} == {"approved"}


# Evidence


def test_evidence_comes_as_link_and_as_file(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    program = api(cast.somtc)
    link = {"title": "Agenda", "url": "https://example.org/agenda", "dated_on": "2018-03-01"}
    draft = begun(program, submit=False, evidence=[link]).json()
    address = f"{draft['url']}evidence/"
    form = {"title": "Minutes", "dated_on": "2018-05-02", "file": SimpleUploadedFile("minutes.pdf", PDF)}
    refused(program.post(address, form, format="multipart"), 428, "precondition_required")
    form["file"] = SimpleUploadedFile("minutes.pdf", PDF)
    added = program.post(address, form, format="multipart", headers={"If-Match": '"1"'})
    assert added.status_code == 201, added.content
    agenda, minutes = added.json()["evidence"]
    assert (agenda["url"], agenda["dated_on"], agenda["file_name"]) == (link["url"], "2018-03-01", "")
    assert minutes["url"] == f"http://testserver/evidence/{minutes['id']}/"
    assert (minutes["file_name"], minutes["file_size"], minutes["dated_on"]) == ("minutes.pdf", len(PDF), "2018-05-02")

    # A list of evidence replaces the list; what is named by its id stays as it is.
    kept = [{"id": minutes["id"], "url": minutes["url"]}, {"title": "Photos", "url": "https://example.org/photos"}]
    changed = program.patch(draft["url"], {"evidence": kept}, headers={"If-Match": added["ETag"]})
    assert [one["title"] for one in changed.json()["evidence"]] == ["Minutes", "Photos"]
    assert changed.json()["evidence"][0] == minutes
    strange = program.patch(draft["url"], {"evidence": [{"id": agenda["id"]}]}, headers={"If-Match": changed["ETag"]})
    refused(strange, 400, "invalid")

    gone = program.delete(f"{address}{minutes['id']}/", headers={"If-Match": changed["ETag"]})
    assert gone.status_code == 204 and gone["ETag"] == program.get(draft["url"])["ETag"]
    refused(program.delete(f"{address}{minutes['id']}/", headers={"If-Match": gone["ETag"]}), 404, "not_found")
    plain = program.post(address, link, headers={"If-Match": gone["ETag"]})
    assert [one["title"] for one in plain.json()["evidence"]] == ["Photos", "Agenda"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"title": "Page", "file": ("page.html", b"<script>")}, "evidence"),
        ({"title": "Not one", "file": ("a.pdf", b"MZ")}, "evidence"),
        ({"title": "Empty", "file": ("a.pdf", b"")}, "evidence"),
        ({"title": "Neither"}, "evidence"),
        ({"title": "Both", "url": "https://example.org", "file": ("a.pdf", PDF)}, "evidence"),
        ({"file": ("a.pdf", PDF)}, "title"),
        ({"title": "Script", "url": "javascript:alert(1)"}, "evidence"),
        ({"title": "Day", "file": ("a.pdf", PDF), "dated_on": "tomorrow"}, "dated_on"),
        ({"title": "More", "file": ("a.pdf", PDF), "colour": "red"}, "colour"),
        ({"title": ["One", "Two"], "url": "https://example.org"}, "title"),
        ({"title": "Text for a file", "file": "a.pdf"}, "file"),
    ],
)
def test_evidence_that_cannot_be_taken_is_refused_by_field(
    the_round: ReportingRound, cast: Cast, api: Any, form: dict[str, Any], field: str
) -> None:
    program = api(cast.somtc)
    draft = begun(program, submit=False).json()
    form = {name: SimpleUploadedFile(*value) if isinstance(value, tuple) else value for name, value in form.items()}
    answer = program.post(f"{draft['url']}evidence/", form, format="multipart", headers={"If-Match": '"1"'})
    assert list(refused(answer, 400, "invalid")["fields"]) == [field]
    assert not Evidence.objects.exists()


def test_what_is_no_form_and_no_json_is_refused(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    program = api(cast.somtc)
    draft = begun(program, submit=False).json()
    address, tag = f"{draft['url']}evidence/", {"If-Match": '"1"'}
    for body, kind, status in (
        (b"x", "text/plain", 415),
        (b"[]", "application/json", 400),
        (b"--", "multipart/form-data", 400),
        (b"garbage", "multipart/form-data; boundary=abc", 400),
    ):
        answer = program.generic("POST", address, body, content_type=kind, headers=tag)
        assert answer.status_code == status and answer.json()["error"]["code"], (kind, answer.content)
    long = {"CONTENT_LENGTH": str(20 * 1024 * 1024), "wsgi.input": io.BytesIO(b"")}
    answer = program.generic("POST", address, b"x", content_type="multipart/form-data; boundary=a", headers=tag, **long)
    assert "at most 10 MB" in refused(answer, 413, "too_large")["message"]
    # Elsewhere forms are not read.
    form = program.post(f"{draft['url']}comments/", {"text": "Hello"}, format="multipart")
    refused(form, 415, "unsupported_media_type")


def test_as_much_evidence_as_a_program_may_send_can_be_kept_on_the_page(
    the_round: ReportingRound, cast: Cast, api: Any, page: Any
) -> None:
    links = [{"title": f"Minutes {place}", "url": f"https://example.org/{place}"} for place in range(50)]
    assert begun(api(cast.somtc), submit=False, evidence=[*links, links[0]]).status_code == 400
    draft = begun(api(cast.somtc), submit=False, evidence=links).json()
    one_more = api(cast.somtc).post(
        f"{draft['url']}evidence/", {"title": "One more", "url": "https://example.org/"}, headers={"If-Match": '"1"'}
    )
    assert "at most 50" in str(refused(one_more, 400, "invalid"))
    client = page(cast.somtc)
    rows = client.get(f"/reports/{draft['id']}/edit/").context["links"]
    form = {"evidence-TOTAL_FORMS": str(len(rows.forms)), "evidence-INITIAL_FORMS": str(rows.initial_form_count())}
    for row in rows.forms:
        form |= {row.add_prefix(name): str(row[name].value() or "") for name in ("kept", "title", "url")}

    for headers in ({"X-Autosave": "1"}, {}):
        version = str(StatusUpdate.objects.get().version)
        answer = client.post(
            f"/reports/{draft['id']}/edit/", {**form, "narrative": "More.", "version": version}, headers=headers
        )
        assert answer.status_code in (200, 302)
        assert Evidence.objects.count() == 50


# Who sees what


def test_another_bodys_draft_cannot_be_reached(the_round: ReportingRound, cast: Cast, slom: User, api: Any) -> None:
    draft = begun(api(cast.somtc), JOINT, submit=False, narrative="Unripe words.").json()
    program = api(cast.somtc)
    form = {"title": "Minutes", "file": SimpleUploadedFile("minutes.pdf", PDF)}
    added = program.post(f"{draft['url']}evidence/", form, format="multipart", headers={"If-Match": '"1"'}).json()
    tag = {"If-Match": '"2"'}
    for person in (slom, cast.acwc, cast.newcomer, None):
        stranger = api(person)
        for address in (draft["url"], f"{draft['url']}comments/"):
            refused(stranger.get(address), 404, "not_found")
        for query in ("", "?state=draft", "?q=unripe", f"?round={the_round.pk}", "?body=SOMTC", f"?activity={JOINT}"):
            assert stranger.get(f"/api/v1/updates/{query}").json()["results"] == [], query
        assert stranger.get(f"{on(JOINT)}updates/").json()["results"] == []
        for query in ("report_state=draft", f"report_state=draft&round={the_round.code}"):
            assert stranger.get(f"/api/v1/activities/?{query}").json()["results"] == []
        if person is None:
            continue
        for deed in ("submit", "approve", "return", "concur", "comments", "evidence"):
            answer = stranger.post(f"{draft['url']}{deed}/", {"text": "x", "reason": "x"}, headers=tag)
            refused(answer, 404, "not_found")
        refused(stranger.patch(draft["url"], {"narrative": "x"}, headers=tag), 404, "not_found")
        refused(stranger.delete(draft["url"], headers=tag), 404, "not_found")
        evidence = f"{draft['url']}evidence/{added['evidence'][0]['id']}/"
        refused(stranger.delete(evidence, headers=tag), 404, "not_found")
        if person is not cast.newcomer:
            owed = stranger.get(f"/api/v1/rounds/{the_round.pk}/obligations/?activity={JOINT}").json()["results"]
            assert {(one["body"], one["state"], one["report"]) for one in owed} == {
                ("SLOM", "owed", None),
                ("SOMTC", "owed", None),
            }
            found = stranger.get(f"/api/v1/rounds/{the_round.pk}/obligations/?state=draft")
            assert found.json()["results"] == []
    for person in (cast.somtc, cast.secretariat):
        assert api(person).get("/api/v1/updates/?state=draft&q=unripe&body=somtc").json()["count"] == 1
        found = api(person).get(f"/api/v1/activities/?report_state=draft&round={the_round.code}").json()
        assert [row["ref"] for row in found["results"]] == [JOINT]


def test_what_is_said_beside_a_report_is_for_those_who_have_a_part_in_it(
    the_round: ReportingRound, cast: Cast, slom: User, api: Any
) -> None:
    sent = begun(api(cast.somtc), JOINT).json()
    assert api(slom).post(f"{sent['url']}comments/", {"text": "A word."}).status_code == 201
    do(api(cast.secretariat), sent, "approve")
    for person in (cast.somtc, slom, cast.secretariat):
        assert api(person).get(sent["url"]).json()["comments"][0]["text"] == "A word."
        assert api(person).get(f"{sent['url']}comments/").json()["count"] == 1
    for person in (cast.acwc, cast.newcomer):
        assert api(person).get(sent["url"]).json()["comments"] is None
        refused(api(person).get(f"{sent['url']}comments/"), 403, "permission_denied")
        refused(api(person).post(f"{sent['url']}comments/", {"text": "x"}), 403, "permission_denied")
    refused(api().get(f"{sent['url']}comments/"), 401, "not_authenticated")
    refused(api().post(f"{sent['url']}comments/", {"text": "x"}), 401, "not_authenticated")
    refused(api(slom).post(f"{sent['url']}comments/", {"text": " "}), 400, "invalid")


# What is allowed is what is then done


def in_every_state(plan: WorkPlan, cast: Cast, slom: User) -> list[StatusUpdate]:
    """A report in each state, and reports whose submission something else stands against."""
    staff, author = Actor(cast.secretariat, "command"), Actor(cast.somtc, "command")
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    slom_body = SectoralBody.objects.get(acronym="SLOM")
    led = list(Activity.objects.for_display().led_by([somtc])[:14])
    joint, alone = led[:3], [activity for activity in led[3:] if slom_body not in activity.lead_bodies]
    for activity in joint:
        Responsibility.objects.update_or_create(activity=activity, body=slom_body, defaults={"role": rules.LEAD})
    said = Report(status="ongoing", as_of=datetime.date(2018, 1, 1), narrative="Begun.")
    earlier = opened(plan, staff, code="2017-2")
    left = actions.begin_report(activity=alone[0], report=said, by=author, the_round=earlier, body=somtc)
    actions.close_round(the_round=earlier, version=earlier.version, by=staff)
    now = opened(plan, staff)
    made = [left]

    def draft(activity: Activity, by: Actor = author, body: SectoralBody | None = somtc) -> StatusUpdate:
        return actions.begin_report(activity=activity, report=said, by=by, the_round=now, body=body)

    def sent(activity: Activity) -> StatusUpdate:
        return actions.submit_report(update=draft(activity), version=1, by=author)

    made += [draft(alone[1]), sent(joint[0])]
    back = sent(alone[2])
    made.append(actions.return_report(update=back, version=2, reason="Say more.", by=staff))
    made.append(actions.approve_report(update=sent(alone[3]), version=2, by=staff))
    agreed = sent(joint[1])
    actions.concur(update=agreed, version=2, by=Actor(slom, "command"))
    made.append(agreed)
    # Begun by one lead, then submitted by the other.
    made.append(draft(joint[2], by=Actor(slom, "command"), body=slom_body))
    made.append(sent(joint[2]))
    # Returned, and then entered by the secretariat.
    replaced = actions.return_report(update=sent(alone[4]), version=2, reason="Say more.", by=staff)
    made.append(replaced)
    made.append(actions.submit_report(update=draft(alone[4], staff, None), version=1, by=staff))
    made.append(draft(alone[5], staff, None))
    # Written by the secretariat on a body's behalf, while the body writes itself.
    made += [draft(alone[7], staff), draft(alone[7])]
    # Begun by a body that leads the activity no longer.
    made.append(draft(alone[8]))
    Responsibility.objects.filter(activity=alone[8], body=somtc).update(role=rules.COOPERATING)
    made.append(actions.begin_report(activity=alone[6], report=said, by=staff, the_round=None))
    return made


DEEDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "edit": ("patch", "", {"challenges": "Few translators"}),
    "submit": ("post", "submit/", {}),
    "discard": ("delete", "", {}),
    "approve": ("post", "approve/", {}),
    "return": ("post", "return/", {"reason": "Say more."}),
    "concur": ("post", "concur/", {}),
    "comment": ("post", "comments/", {"text": "A word."}),
}


def test_what_is_allowed_is_what_is_then_done(plan: WorkPlan, cast: Cast, slom: User, api: Any) -> None:
    """For every update, person and deed: it is among the allowed actions if, and only if, the verb does it."""
    assert set(DEEDS) == set(rules.REPORT_MOVES)
    updates = in_every_state(plan, cast, slom)
    hybrid = make_person("hybrid", body="SOMTC", group=permissions.SECRETARIAT_GROUP)
    people = (cast.newcomer, cast.somtc, slom, cast.acwc, cast.secretariat, cast.colleague, cast.administrator, hybrid)
    seen: dict[str, int] = {}
    for person in people:
        listed = api(fresh(person)).get("/api/v1/updates/?limit=1000").json()["results"]
        allowed = {one["id"]: one["allowed_actions"] for one in listed}
        for update in updates:
            address = f"/api/v1/updates/{update.pk}/"
            alone = api(fresh(person)).get(address)
            assert (alone.status_code == 200) == (update.pk in allowed)
            if alone.status_code == 200:
                assert alone.json()["allowed_actions"] == allowed[update.pk]
            version = StatusUpdate.objects.get(pk=update.pk).version
            for deed, (method, where, body) in DEEDS.items():
                with transaction.atomic():
                    program = getattr(api(fresh(person)), method)
                    answer = program(address + where, body, headers={"If-Match": f'"{version}"'})
                    transaction.set_rollback(True)
                done = answer.status_code in (200, 201, 204)
                assert done or answer.status_code in (403, 404, 409), (deed, answer.content)
                told = deed in allowed.get(update.pk, [])
                assert told == done, (person.username, str(update), update.state, deed, answer.content)
                seen[deed] = seen.get(deed, 0) + done
    assert all(seen.values()), seen


# Contributions


def test_a_cooperating_body_adds_to_a_report(the_round: ReportingRound, cast: Cast, slom: User, api: Any) -> None:
    program, address = api(cast.acwc), f"{on(ALONE)}contributions/"
    assert program.get(on(ALONE)).json()["allowed_actions"] == ["contribute"]
    made = program.post(address, {"text": "Two of our trainers took part."})
    added = made.json()
    assert made.status_code == 201 and made["Location"] == added["url"]
    assert (added["body"], added["round_code"], added["version"]) == ("ACWC", "2018-1", 1)
    assert added["allowed_actions"] == ["edit"] and added["author"] == "Aisyah Focal (aisyah)"
    again = program.post(address, {"text": "Once more."})
    refused(again, 412, "stale_version")
    assert again.json()["current"]["text"] == added["text"]

    refused(program.patch(added["url"], {"text": "Three."}), 428, "precondition_required")
    changed = program.patch(added["url"], {"text": "Three trainers."}, headers={"If-Match": made["ETag"]})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    late = program.patch(added["url"], {"text": "Four."}, headers={"If-Match": made["ETag"]})
    refused(late, 412, "stale_version")
    assert (late.json()["current"], late["ETag"]) == (changed.json(), changed["ETag"])

    for person in (cast.somtc, cast.secretariat):
        [seen] = api(person).get(address).json()["results"]
        assert seen["text"] == "Three trainers." and seen["allowed_actions"] == []
        refused(api(person).patch(added["url"], {"text": "x"}, headers={"If-Match": '"2"'}), 403, "permission_denied")
        for query in ("?body=acwc", "?round=2018-1", f"?activity={ALONE}", f"?plan={the_round.plan.code}"):
            assert api(person).get(f"/api/v1/contributions/{query}").json()["count"] == 1
        assert api(person).get("/api/v1/contributions/?body=AICHR").json()["count"] == 0
    for stranger in (slom, cast.newcomer, None):
        assert api(stranger).get(address).json()["count"] == 0
        assert api(stranger).get("/api/v1/contributions/").json()["count"] == 0
        refused(api(stranger).get(added["url"]), 404, "not_found")
    refused(api().post(address, {"text": "x"}), 401, "not_authenticated")
    refused(api(cast.somtc).post(address, {"text": "x"}), 403, "permission_denied")
    refused(program.post(address, {"text": ""}), 400, "invalid")
    refused(program.post(address, {"text": "x", "round": 10**8}), 400, "invalid")


def test_nothing_is_added_to_a_round_that_is_over(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    made = api(cast.acwc).post(f"{on(ALONE)}contributions/", {"text": "In time."})
    staff = Actor(cast.secretariat, "command")
    actions.close_round(the_round=the_round, version=the_round.version, by=staff)
    found = api(cast.acwc).get(made.json()["url"])
    assert found.json()["allowed_actions"] == [] == api(cast.acwc).get(on(ALONE)).json()["allowed_actions"]
    late = api(cast.acwc).patch(made.json()["url"], {"text": "Late."}, headers={"If-Match": found["ETag"]})
    refused(late, 409, "wrong_state")
    refused(api(cast.acwc).post(f"{on(ALONE)}contributions/", {"text": "Late."}), 409, "wrong_state")


# Filters


def test_rounds_are_found_by_code_and_by_id(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    begun(api(cast.somtc))
    program = api(cast.secretariat)
    for named in (the_round.code, the_round.pk):
        assert program.get(f"/api/v1/updates/?round={named}&section=A").json()["count"] == 1
        submitted = program.get(f"/api/v1/activities/?round={named}&report_state=submitted").json()
        assert [row["ref"] for row in submitted["results"]] == [ALONE]
    assert program.get("/api/v1/updates/?round=2016-1").json()["count"] == 0
    assert program.get("/api/v1/activities/?round=2016-1").json()["count"] == 0
    whole = program.get("/api/v1/activities/?round=2018-1&limit=1").json()["count"]
    assert whole == Activity.objects.count()
    for address in ("activities", "updates", "summary", "contributions"):
        error = refused(program.get(f"/api/v1/{address}/?round=2099-1"), 400, "invalid")
        assert "2099-1" in error["fields"]["round"][0]
    listed = [one["timeliness"] for one in program.get("/api/v1/activities/?limit=1000").json()["results"]]
    for value in rules.TIMELINESS.values:
        assert program.get(f"/api/v1/activities/?timeliness={value}").json()["count"] == listed.count(value)
