"""Who sees which report by API, and that what is allowed is what is then done."""

import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.api.reports import JOINT, PDF, begun, do, on, refused
from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from workplan import actions, permissions, rules
from workplan.actions import Actor, Report
from workplan.models import Activity, ReportingRound, Responsibility, SectoralBody, StatusUpdate, User, WorkPlan


def fresh(user: User) -> User:
    """The person as a new request finds them."""
    return User.objects.get(pk=user.pk)


# Who sees what


def test_another_bodys_draft_cannot_be_reached(
    reporting_round: ReportingRound, cast: Cast, slom: User, api: Any
) -> None:
    draft = begun(api(cast.somtc), JOINT, submit=False, narrative="Unripe words.").json()
    program = api(cast.somtc)
    form = {"title": "Minutes", "file": SimpleUploadedFile("minutes.pdf", PDF)}
    added = program.post(f"{draft['url']}evidence/", form, format="multipart", headers={"If-Match": '"1"'}).json()
    tag = {"If-Match": '"2"'}
    for person in (slom, cast.acwc, cast.newcomer, None):
        stranger = api(person)
        for address in (draft["url"], f"{draft['url']}comments/"):
            refused(stranger.get(address), 404, "not_found")
        for query in (
            "",
            "?state=draft",
            "?q=unripe",
            f"?round={reporting_round.pk}",
            "?body=SOMTC",
            f"?activity={JOINT}",
        ):
            assert stranger.get(f"/api/v1/updates/{query}").json()["results"] == [], query
        assert stranger.get(f"{on(JOINT)}updates/").json()["results"] == []
        for query in ("report_state=draft", f"report_state=draft&round={reporting_round.code}"):
            assert stranger.get(f"/api/v1/activities/?{query}").json()["results"] == []
        if person is None:
            continue
        for action in ("submit", "approve", "return", "concur", "comments", "evidence"):
            answer = stranger.post(f"{draft['url']}{action}/", {"text": "x", "reason": "x"}, headers=tag)
            refused(answer, 404, "not_found")
        refused(stranger.patch(draft["url"], {"narrative": "x"}, headers=tag), 404, "not_found")
        refused(stranger.delete(draft["url"], headers=tag), 404, "not_found")
        evidence = f"{draft['url']}evidence/{added['evidence'][0]['id']}/"
        refused(stranger.delete(evidence, headers=tag), 404, "not_found")
        if person is not cast.newcomer:
            due = stranger.get(f"/api/v1/rounds/{reporting_round.pk}/obligations/?activity={JOINT}").json()["results"]
            assert {(one["body"], one["state"], one["report"]) for one in due} == {
                ("SLOM", "owed", None),
                ("SOMTC", "owed", None),
            }
            found = stranger.get(f"/api/v1/rounds/{reporting_round.pk}/obligations/?state=draft")
            assert found.json()["results"] == []
    for person in (cast.somtc, cast.secretariat):
        assert api(person).get("/api/v1/updates/?state=draft&q=unripe&body=somtc").json()["count"] == 1
        found = api(person).get(f"/api/v1/activities/?report_state=draft&round={reporting_round.code}").json()
        assert [row["ref"] for row in found["results"]] == [JOINT]


def test_comments_on_a_report_are_for_those_who_take_part_in_it(
    reporting_round: ReportingRound, cast: Cast, slom: User, api: Any
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
    left = actions.begin_report(activity=alone[0], report=said, by=author, reporting_round=earlier, body=somtc)
    actions.close_round(reporting_round=earlier, version=earlier.version, by=staff)
    now = opened(plan, staff)
    made = [left]

    def draft(activity: Activity, by: Actor = author, body: SectoralBody | None = somtc) -> StatusUpdate:
        return actions.begin_report(activity=activity, report=said, by=by, reporting_round=now, body=body)

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
    made.append(actions.begin_report(activity=alone[6], report=said, by=staff, reporting_round=None))
    return made


ACTIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "edit": ("patch", "", {"challenges": "Few translators"}),
    "submit": ("post", "submit/", {}),
    "discard": ("delete", "", {}),
    "approve": ("post", "approve/", {}),
    "return": ("post", "return/", {"reason": "Say more."}),
    "concur": ("post", "concur/", {}),
    "comment": ("post", "comments/", {"text": "A word."}),
    "correct": ("post", "correct/", {"narrative": "In other words.", "reason": "So it was meant."}),
}


def test_what_is_allowed_is_what_is_then_done(plan: WorkPlan, cast: Cast, slom: User, api: Any) -> None:
    """For every update, person and action: it is among the allowed actions if, and only if, the verb does it."""
    assert set(ACTIONS) == set(rules.REPORT_ACTIONS)
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
            for action, (method, where, body) in ACTIONS.items():
                with transaction.atomic():
                    program = getattr(api(fresh(person)), method)
                    answer = program(address + where, body, headers={"If-Match": f'"{version}"'})
                    transaction.set_rollback(True)
                done = answer.status_code in (200, 201, 204)
                assert done or answer.status_code in (403, 404, 409), (action, answer.content)
                stated = action in allowed.get(update.pk, [])
                assert stated == done, (person.username, str(update), update.state, action, answer.content)
                seen[action] = seen.get(action, 0) + done
    assert all(seen.values()), seen
