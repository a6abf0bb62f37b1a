"""What happens in the scene, from the first token to everything that is refused."""

import datetime
from typing import Any

from tests.api.scene import PEOPLE, PLAN, Scene
from tests.larger_plans import everybody

MINUTES = {"title": "Minutes", "url": "https://example.org/minutes", "dated_on": "2017-12-12"}
REPORT_FIELDS = {
    "status": "ongoing",
    "as_of": "2018-06-30",
    "narrative": "The module on identification is drafted.",
    "outputs_delivered": "Draft module",
    "challenges": "Few trainers",
    "next_steps": "Pilot training",
    "evidence": [MINUTES],
}


def play() -> Scene:
    """Play the whole scene; afterwards it is the morning of 3 August 2018, and one body has more time."""
    scene = Scene()
    tokens(scene)
    an_earlier_round(scene)
    the_round_opens(scene)
    reports(scene)
    comments_and_contributions(scene)
    views(scene)
    questions(scene)
    what_is_refused(scene)
    scene.now = datetime.datetime(2018, 8, 3, 3, tzinfo=datetime.UTC)
    return scene


def tokens(scene: Scene) -> None:
    step = scene.step
    step("a wrong password gives no token", "visitor", "POST", "token/", {"username": "somchai", "password": "wrong"})
    step("half a name gives no token", "visitor", "POST", "token/", {"username": "somchai"})
    step(
        "a token is given",
        "visitor",
        "POST",
        "token/",
        {"username": "somchai", "password": "correct horse battery"},
    )
    token = scene.answers["a token is given"]["body"]
    assert token["token"] == "…"
    step("only a token can be given back", "visitor", "DELETE", "token/")


def an_earlier_round(scene: Scene) -> None:
    """The second half of 2017, from planning to publication, with three reports."""
    step = scene.step
    one = "rounds/{round:2017-2}/"
    step("rounds are planned", "secretariat", "POST", "rounds/plan/", {"plan": PLAN})
    step("a focal point plans no rounds", "focal point", "POST", "rounds/plan/", {"plan": PLAN})
    step("a round is changed", "secretariat", "PATCH", one, {"silence_days": 7, "publication": "with_round"}, seen=one)
    step("a round is opened", "secretariat", "POST", f"{one}open/", seen=one)
    for ref, status in (("A.1.1.1", "ongoing"), ("A.1.1.4", "ongoing"), ("A.2.2.1", "not_started")):
        step(
            f"SOMTC reports on {ref} in the earlier round",
            "focal point",
            "POST",
            f"activities/{{a:{ref}}}/updates/",
            REPORT_FIELDS | {"status": status, "as_of": "2017-12-31", "evidence": [MINUTES]},
            seen=f"activities/{{a:{ref}}}/",
            call_it=f"earlier {ref}",
        )
        update = f"updates/{{earlier {ref}}}/"
        step(f"the report on {ref} is approved", "secretariat", "POST", f"{update}approve/", seen=update)
    step("a round is closed", "secretariat", "POST", f"{one}close/", seen=one)
    step("a round is not reopened without a reason", "secretariat", "POST", f"{one}reopen/", {"reason": " "}, seen=one)
    step("a round is reopened", "secretariat", "POST", f"{one}reopen/", {"reason": "Two were left out."}, seen=one)
    step("a round is closed again", "secretariat", "POST", f"{one}close/", seen=one)
    # Reports are not due yet, so each body is named that could still have been asked for one.
    named = {"confirmed_bodies": everybody()}
    step("a round is published", "secretariat", "POST", f"{one}publish/", named, seen=one)


def the_round_opens(scene: Scene) -> None:
    """The first half of 2018, in which approved reports count at once."""
    scene.now = datetime.datetime(2018, 7, 1, 3, tzinfo=datetime.UTC)
    step = scene.step
    one = "rounds/{round:2018-1}/"
    values = {
        "plan": PLAN,
        "code": "2018-x",
        "name": "Extraordinary",
        "kind": "adhoc",
        "period_start": "2018-01-01",
        "period_end": "2018-06-30",
        "opens_on": "2018-07-01",
        "due_on": "2018-07-31",
        "closes_on": "2018-08-15",
    }
    step("a round of an unknown kind is refused", "secretariat", "POST", "rounds/", values)
    step("a round is planned", "secretariat", "POST", "rounds/", values | {"kind": "mid_term"}, call_it="extra")
    step("a round of a taken code is refused", "secretariat", "POST", "rounds/", values | {"kind": "mid_term"})
    step("a round of another order is refused", "secretariat", "POST", "rounds/", values | {"due_on": "2018-01-01"})
    step("a round is deleted", "secretariat", "DELETE", "rounds/{extra}/", seen="rounds/{extra}/")
    step("a round is not opened without a version", "secretariat", "POST", f"{one}open/")
    step("a round is not opened on an old version", "secretariat", "POST", f"{one}open/", tag='"9"')
    step("the round is given its rules", "secretariat", "PATCH", one, {"publication": "at_once"}, seen=one)
    step("the round is opened", "secretariat", "POST", f"{one}open/", seen=one)
    more_time = {"body": "somtc", "until": "2018-08-14", "reason": "The focal point has changed."}
    step("a body is given more time", "secretariat", "POST", f"{one}exceptions/", more_time)
    step("no body is given less time", "secretariat", "POST", f"{one}exceptions/", more_time | {"until": "2018-07-02"})


def reports(scene: Scene) -> None:
    step = scene.step

    def report(title: str, person: str, ref: str, name: str, **said: Any) -> Any:
        address = f"activities/{{a:{ref}}}/"
        return step(title, person, "POST", f"{address}updates/", REPORT_FIELDS | said, seen=address, call_it=name)

    def do(title: str, person: str, name: str, what: str, body: Any = None) -> Any:
        address = f"updates/{{{name}}}/"
        return step(title, person, "POST", f"{address}{what}/", body, seen=address)

    report("a draft is begun", "focal point", "A.1.1.1", "draft", submit=False)
    change = {"narrative": "The module is drafted and reviewed.", "status": "completed"}
    step("a draft is changed", "focal point", "PATCH", "updates/{draft}/", change, seen="updates/{draft}/")
    step("a draft is not changed on an old version", "focal point", "PATCH", "updates/{draft}/", change, tag='"1"')
    attached = step(
        "a file is attached",
        "focal point",
        "POST",
        "updates/{draft}/evidence/",
        {"title": "Photographs", "dated_on": "2018-05-02", "file": scene.file()},
        seen="updates/{draft}/",
        format="multipart",
    )
    scene.name_evidence(attached, "evidence")
    linked = {"title": "Agenda", "url": "https://example.org/agenda", "dated_on": "2018-03-01"}
    there = "updates/{draft}/evidence/"
    attached = step("a link is attached", "focal point", "POST", there, linked, seen="updates/{draft}/")
    scene.name_evidence(attached, "link")
    step(
        "evidence is taken away",
        "focal point",
        "DELETE",
        "updates/{draft}/evidence/{evidence}/",
        seen="updates/{draft}/",
    )
    report("a second draft is begun", "focal point", "A.2.2.1", "thrown away", submit=False)
    step("a draft is discarded", "focal point", "DELETE", "updates/{thrown away}/", seen="updates/{thrown away}/")

    report("a joint lead reports", "focal point", "A.1.1.4", "joint", status="completed")
    do("the other lead agrees", "joint lead", "joint", "concur", {})
    do("nobody agrees twice", "joint lead", "joint", "concur", {})
    step("the other lead comments", "joint lead", "POST", "updates/{joint}/comments/", {"text": "Well done."})
    do("a report is returned", "secretariat", "joint", "return", {"reason": "Name the module."})
    step(
        "a returned report is changed",
        "focal point",
        "PATCH",
        "updates/{joint}/",
        {"narrative": "Module 3 is taught in ten States."},
        seen="updates/{joint}/",
    )
    do("a returned report is submitted again", "focal point", "joint", "submit")
    do("a report is approved", "secretariat", "joint", "approve")

    report("ACWC reports", "other focal point", "A.6.1.3", "returned")
    do("its report is returned", "secretariat", "returned", "return", {"reason": "Say where."})
    report("SOMTC reports on one more", "focal point", "C.1.1.1.1", "waiting", status="deferred", reason="No budget.")
    report("SOMTC reports on another", "focal point", "C.1.1.1.2", "together", status="not_started")
    step(
        "reports are not approved together on an old version",
        "secretariat",
        "POST",
        "updates/approve/",
        {"updates": [{"id": "{together}", "version": 9}]},
    )
    step(
        "reports are approved together",
        "secretariat",
        "POST",
        "updates/approve/",
        {"updates": [{"id": "{together}", "version": 2}]},
    )
    report("the secretariat records a status", "secretariat", "A.1.1.2", "direct", status="ongoing")
    report("the secretariat keeps a draft", "secretariat", "A.1.1.3", "direct draft", submit=False)
    corrected = {"kind": "correction", "narrative": "Module 4 it was.", "status": "ongoing", "reason": "A slip."}
    report("a report is corrected", "focal point", "A.1.1.4", "correction", **corrected)
    do("a correction is approved", "colleague", "correction", "approve")


def comments_and_contributions(scene: Scene) -> None:
    step = scene.step
    there = "activities/{a:A.1.1.1}/contributions/"
    said = {"text": "Two trainers of our network reviewed the module."}
    step("a contribution is made", "other focal point", "POST", there, said, call_it="contribution")
    step("a contribution is made once", "other focal point", "POST", there, said)
    step(
        "a contribution is changed",
        "other focal point",
        "PATCH",
        "contributions/{contribution}/",
        {"text": "Three trainers reviewed it."},
        seen="contributions/{contribution}/",
    )
    nil = {"kind": "nil_return", "activities": ["{a:B.1.1.1}"]}
    step("a nil return is refused where nothing is owed", "focal point", "POST", "rounds/{round:2018-1}/alike/", nil)
    same = {"kind": "no_change", "activities": ["{a:A.2.2.1}"]}
    step("no change is reported on several", "focal point", "POST", "rounds/{round:2018-1}/alike/", same)


def views(scene: Scene) -> None:
    step = scene.step
    chosen = {"plan": PLAN, "name": "Ongoing work", "query": "status=ongoing&body=somtc&section=A"}
    step("a view is saved", "focal point", "POST", "views/", chosen)
    step("a view of a taken name is refused", "focal point", "POST", "views/", chosen)
    step("a view with a filter that is none is refused", "focal point", "POST", "views/", chosen | {"query": "x=1"})
    shared = {"is_shared": True, "name": "Ongoing work of SOMTC"}
    step("a view is shared", "focal point", "PATCH", "views/ongoing-work/", shared, seen="views/ongoing-work/")
    step("a view is followed", "other focal point", "POST", "views/ongoing-work/follow/")
    step("a view is no longer followed", "other focal point", "POST", "views/ongoing-work/unfollow/")
    step("a view is saved for oneself", "focal point", "POST", "views/", chosen | {"name": "Quiet"})
    step("a view of the secretariat is saved", "secretariat", "POST", "views/", chosen | {"name": "Short-lived"})
    step("a view is deleted", "secretariat", "DELETE", "views/short-lived/", seen="views/short-lived/")


def questions(scene: Scene) -> None:
    step = scene.step
    lead, reading = f"questions/{PLAN}.missing_lead.activity.A.1.1.2/", f"questions/{PLAN}.reading.activity.A.1.1.1/"
    named = {"decision": "amend", "reason": "Agreed at the meeting of June.", "lead": "ACWC"}
    step("a question is not settled unseen", "secretariat", "POST", f"{lead}settle/", named)
    step("a question is not settled on an old tag", "secretariat", "POST", f"{lead}settle/", named, tag='"0-a-1"')
    step("a question is not settled by a body", "focal point", "POST", f"{lead}settle/", named, seen=lead)
    step("a lead is named", "secretariat", "POST", f"{lead}settle/", named, seen=lead)
    kept = {"decision": "keep", "reason": "The endorsed plan has the same words."}
    step("a reading stands", "secretariat", "POST", f"{reading}settle/", kept, seen=reading)


def what_is_refused(scene: Scene) -> None:
    """One of each refusal, and who is refused what."""
    step = scene.step
    there = "activities/{a:A.1.1.1}/"
    for person in PEOPLE:
        if person != "colleague":
            step(f"who may report: {person}", person, "POST", f"{there}updates/", {"narrative": "x"}, tag='"1"')
            step(f"who may approve: {person}", person, "POST", "updates/{waiting}/approve/", tag='"1"')
            step(f"who may open a round: {person}", person, "POST", "rounds/{round:2018-2}/open/", tag='"1"')
    step("a version has to be sent", "secretariat", "POST", f"{there}updates/", REPORT_FIELDS)
    step("an old version is refused", "secretariat", "POST", f"{there}updates/", REPORT_FIELDS, tag='"9"')
    wrong = REPORT_FIELDS | {
        "status": "done",
        "as_of": "June",
        "narrative": 1,
        "colour": "red",
        "evidence": [{"title": "x"}],
    }
    step("everything that is wrong is named", "secretariat", "POST", f"{there}updates/", wrong, seen=there)
    step("a list is not an object", "secretariat", "POST", f"{there}updates/", [], seen=there)
    early = REPORT_FIELDS | {"as_of": "2010-01-01"}
    step("a day before the plan is refused", "secretariat", "POST", f"{there}updates/", early, seen=there)
    step(
        "no word is no report", "secretariat", "POST", f"{there}updates/", REPORT_FIELDS | {"narrative": ""}, seen=there
    )
    step("a verb that is not there", "secretariat", "PATCH", "activities/{a:A.1.1.1}/", {})
    step("a list that takes nothing", "secretariat", "POST", "summary/", {})
    form = {"status": "ongoing"}
    step("a form is not read", "secretariat", "POST", f"{there}updates/", form, seen=there, format="multipart")
    step("an approved report is not changed", "focal point", "PATCH", "updates/{joint}/", {}, seen="updates/{joint}/")
    step("nothing is written by reading", "visitor", "OPTIONS", "activities/")
