"""Other programs were written against 0.3.0: every address and every answer of its API is as it was.

``tests/recorded/0.3.0`` holds what 0.3.0 answered in the scene of ``tests/api/steps.py``, and its OpenAPI document
without the sentences for people. What differs now is named here, one by one, or stands in ``INTENDED`` with its reason.

A difference that is meant gets a line in ``INTENDED``, in the commit that makes it. A line that covers nothing any more
fails as well. To record anew, for a release that programs are written against from then on::

    python -m tests.api.record 0.4.0

and name that release in ``RELEASE``; the lines of ``INTENDED`` then go.
"""

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.template.backends.django import Template
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from tests.api import recording
from tests.api.changed_words import CHANGED_WORDS
from tests.api.recording import Difference, Intended, differences
from tests.api.requests import FULL, PAGES, READS, ROWS
from tests.api.scene import API, PLAN, READERS, Scene
from tests.api.steps import play
from tests.conftest import Cast
from workplan.actions import saved_views
from workplan.api.schema import document

RELEASE = "0.3.0"
RECORDED = Path(__file__).resolve().parents[1] / "recorded"
RECORDING = os.environ.get("APTA_RECORD_ANSWERS", "")  # the release under which answers are recorded anew
MOST_TOLD = 40

HEADER = '{"schema": {"type": "string"}}'  # what the description says of a header
NO_LEAD = "Where no body leads, no report is due from anybody."
PUBLISHED = "In a published round what is missing was not received."

# Differences from the release that are meant: where, with * for anything, why, and what differs.
INTENDED: tuple[Intended, ...] = (
    Intended("* > headers > Cache-Control", "What is shown to signed-in people is kept by nobody; the rest says how."),
    Intended("* > a token is given > body > expiry", "A token ends some day."),
    Intended("openapi > components > schemas > Round > required", "Rounds say where their dates are days."),
    Intended("* > time_zone", "Rounds say where their dates are days."),
    Intended("* > refused_actions", "Why the caller cannot approve or concur with what they had a part in."),
    Intended("openapi > components > schemas > Update* > required", "An update has refused_actions."),
    Intended("writes > who may approve: focal point > body > error > message", "It names every part, not two of them."),
    Intended("addresses > /plans/{plan}/activities/?colour=red > *", "Pages leave out what is not theirs."),
    Intended(
        "* > headers > WWW-Authenticate",
        "The scheme is called by the name that other programs know.",
        r'was "Token", is "Bearer realm=\"apta\""',
    ),
    Intended("writes > only a token can be given back > body > error > message", "It names the scheme as well."),
    *(
        Intended(f"writes > {step} > headers > ETag", "The tag is that of what was made, not of the activity.", "was *")
        for step in (
            "SOMTC reports on *",
            "ACWC reports",
            "a draft is begun",
            "a second draft is begun",
            "the secretariat records a status",
            "a report is corrected",
        )
    ),
    *(
        Intended(
            f"{address} > * > body > error > fields > * > 0",
            "updated_since is among the parameters that a refusal lists.",
            "was *There is no parameter*, is *There is no parameter*, updated_since, *",
        )
        for address in (
            "plan > GET sections/?colour=red",
            "plan > GET provisions/?colour=red",
            "plan > GET areas/?colour=red",
            "plan > GET bodies/?colour=red",
            "reports > GET contributions/?colour=red",
            "rounds > GET rounds/?colour=red",
            "views > GET views/?colour=red",
            "views > GET views/?shared=1",
            "views > GET views/?mine=1",
        )
    ),
    Intended("openapi > paths > * > get > parameters > updated_since", "Every list takes it.", "is new: *"),
    Intended("openapi > paths > * > operationId", "Generated clients call operations as a person would.", "was *"),
    Intended(
        "openapi > paths > * > parameters > 0 > examples > Version3 > value",
        "A tag names its record.",
        r'was "\"3-*\"", is "\"3-*.*-*\""',
    ),
    Intended("openapi > paths > * > responses > 411", "A body in chunks has a status of its own.", "is new: *"),
    Intended(
        "openapi > paths > * > post > responses > 201 > headers",
        "What was made names its address and its tag.",
        f'is new: {{"Location": {HEADER}, "ETag": {HEADER}, *}}',
    ),
    *(
        Intended(f"openapi > paths > * > responses > * > {where}", "Every answer has the id of its request.", what)
        for where, what in (
            ("headers", f'is new: {{"X-Request-ID": {HEADER}}}'),
            ("headers > X-Request-ID", f"is new: {HEADER}"),
        )
    ),
    *(
        Intended(f"openapi > components > schemas > * > properties > * > oneOf > 1 > {key}", "Null is a type.", what)
        for key, what in (
            ("$ref", 'is gone; it was "#/components/schemas/NullEnum"'),
            ("type", 'is new: "null"'),
        )
    ),
    Intended("openapi > components > schemas > SavedView > properties > owner > type", "Null is named once."),
    *(
        Intended(f"openapi > components > schemas > {old}", "Another name says what it is of.", "is gone; *")
        for old in ("NullEnum", "PageEnum", "GapEnum", "SavedViewAllowedActionsEnum", "Exception", "ExceptionInput")
    ),
    *(
        Intended(f"openapi > components > schemas > {new}", "The new name.", "is new: *")
        for new in ("CoverageGapKind", "SavedViewAction", "SavedViewPage")
    ),
    *(
        Intended(
            f"openapi > components > schemas > {where} > $ref", "It leads to the new name.", f'was *, is "*/{new}"'
        )
        for where, new in (
            ("CoverageGap > properties > gap", "CoverageGapKind"),
            ("PatchedSavedViewChange > properties > page", "SavedViewPage"),
            ("SavedView > properties > page > allOf > 0", "SavedViewPage"),
            ("SavedViewInput > properties > page", "SavedViewPage"),
            ("SavedView > properties > allowed_actions > items", "SavedViewAction"),
            ("Round > properties > exceptions > items", "DeadlineExtensionInBrief"),
        )
    ),
    Intended("openapi > components > securitySchemes > token > *", "It is the Bearer scheme of HTTP."),
    Intended("openapi > paths > /api/v1/rounds/{id}/exceptions/*", "More time has a version, and is taken back."),
    Intended("reports > GET updates/?colour=red > * > body > *", "Reports are also listed as of a moment."),
    Intended("openapi > paths > */updates/ > get > parameters > as_of", "Reports are listed as of a moment, too."),
    *(
        Intended(where, "Other columns of an imported plan are kept, with the cells that were read.", "is new: *")
        for where in (
            *(f"* > {name}" for name in ("attributes", "source_cells", "bodies_source_cells")),
            "openapi > paths > * > get > parameters > attribute",
        )
    ),
    Intended("openapi > components > schemas > ActivityDetail > properties > bodies_as_printed > maxLength", "A cell."),
    *(
        Intended(f"{where} > * > body > error > fields > * > 0", "attribute is one of them.", "*, attribute, *")
        for where in ("activities > GET activities/?colour=red", "figures > GET *")
    ),
    Intended(
        "writes > a view with a filter that is none is refused > body > error > fields > query > 0",
        "attribute is among the parameters.",
    ),
    Intended("openapi > components > schemas > *DeadlineExtension*", "What these new addresses answer and take."),
    Intended("openapi > paths > /api/v1/rounds/{id}/publish/ > post > requestBody", "Bodies that lose are named."),
    Intended("openapi > paths > /api/v1/rounds/{id}/schedule/", "A day of publication is set."),
    Intended("openapi > paths > /api/v1/rounds/{id}/unschedule/", "A day of publication is taken back."),
    Intended("openapi > paths > /api/v1/rounds/{id}/withdraw/", "A publication is withdrawn."),
    Intended("openapi > components > schemas > Publication*", "What these new addresses take."),
    Intended("* > allowed_actions", "A publication is set for a day, and withdrawn."),
    Intended("* > asks_for_all", "A round asks about every activity, or about those that go on."),
    Intended("* > publish_on", "A publication is set for a day."),
    Intended("* > deferred_until", "A deferred activity is reported on again from a day on."),
    Intended("* > not_received", "In a published round nothing is due or overdue; what is missing was not received."),
    Intended("* > without_lead", "Activities without a lead body are counted apart."),
    Intended("openapi > * > enum", "Not received is a state and a timeliness; rounds have three more actions."),
    Intended("openapi > components > schemas > * > required", "The fields that are new are always there."),
    Intended("openapi > components > schemas > BodyCompletion > properties > body > type", "Every row is of a body."),
    Intended("writes > a round is published > sent", "Bodies that lose something are named."),
    Intended("writes > everything that is wrong is named > * > fields > colour > 0", "A report has one field more."),
    *(
        Intended(f"activities > GET activities/?{one}* > results > *", NO_LEAD)
        for one in ("limit", "section", "body", "role=cooperating", "report_state=draft")
    ),
    Intended("activities > GET activities/?ordering=status* > results > *", NO_LEAD),
    *(
        Intended(f"addresses > {one}/{action}/", "A publication is set for a day, and withdrawn.")
        for one in ("/plans/{plan}/rounds/2018-1", "/api/v1/rounds/{round:2018-1}")
        for action in ("schedule", "unschedule", "withdraw")
    ),
    Intended("activities > GET activities/?timeliness=*", NO_LEAD),
    Intended("activities > GET activities/?round=*", NO_LEAD),
    Intended("activities > GET activities/?silent=*", NO_LEAD),
    Intended("activities > GET activities/?gap=no_lead > * > results > *", NO_LEAD),
    Intended("activities > GET activities/?updated_since=* > results > *", NO_LEAD),
    Intended("rounds > GET rounds/* > total > *", f"{NO_LEAD} {PUBLISHED}"),
    Intended("rounds > GET rounds/* > bodies", f"{NO_LEAD} {PUBLISHED}"),
    Intended("rounds > GET rounds/*/obligations/* > results > *", f"{NO_LEAD} {PUBLISHED}"),
    Intended("figures > GET summary/* > by_round > * > counts > *", f"{NO_LEAD} {PUBLISHED}"),
    Intended("* > confirmed_on", "A status keeps its date; when it was confirmed without change is a date of its own."),
    Intended("* > correct*", "A correction names the report that it corrects, and the report its correction."),
    Intended("* > allowed_actions", "An approved report can be corrected."),
    Intended("* > no change is reported on several > * > as_of", "Its date is the end of the period, as in the form."),
    Intended("openapi > paths > /api/v1/updates/{id}/correct/*", "An approved report can be corrected."),
    Intended("openapi > components > schemas > ReportCorrection*", "What the new address takes."),
    Intended("openapi > components > schemas > Activity* > required", "It always answers `confirmed_on`."),
    Intended("openapi > components > schemas > Update* > required", "It always answers `corrects`."),
    Intended("openapi > components > schemas > UpdateAction > enum", "An approved report can be corrected."),
    *CHANGED_WORDS,
)


# What is there now


def openapi() -> Any:
    found = recording.plain(document())
    return found | {"info": {"title": found["info"]["title"]}}  # without the release


def brief(body: Any) -> Any:
    """A list with what names each row in place of the row."""
    if not isinstance(body, dict) or "results" not in body:
        return body
    return body | {"results": [named(row) for row in body["results"]]}


def named(row: Any) -> Any:
    activity = row.get("activity")
    if isinstance(activity, dict):
        what = row.get("body"), row.get("state"), row.get("timeliness") or row.get("status")
        return " ".join([activity["ref"], *(str(one) for one in what if one)])
    [name] = [row[one] for one in ("key", "slug", "ref", "code", "acronym") if one in row][:1]
    return " ".join([name, *(row[one] for one in ("status", "timeliness", "state") if row.get(one))])


def asked(scene: Scene, address: str, shape: str) -> dict[str, Any]:
    """What each reader is answered."""
    found = {}
    for person in ("visitor",) if shape == ROWS else READERS:
        shown = scene.shown(scene.ask(person, address))
        found[person] = shown if shape == FULL else shown | {"body": brief(shown["body"])}
    return found


def status_of(scene: Scene, browser: Client, address: str) -> str:
    """The status of a page, and where it leads, without the query that tells where one came from."""
    response = browser.get(address)
    where = scene.normal.text(response.headers.get("Location", "")).split("?")[0]
    return f"{response.status_code} {where}".strip()


def answers_of(scene: Scene) -> dict[str, Any]:
    """All that is answered, by family."""
    families: dict[str, Any] = {"writes": scene.answers}
    with time_machine.travel(scene.now, tick=False):
        for family, requests in READS.items():
            families[family] = {f"GET {address}": asked(scene, address, shape) for address, shape in requests}
        families["conditions"] = conditional(scene)
    return families


def conditional(scene: Scene) -> dict[str, Any]:
    """What is answered to whoever has the answer already, or wants another version."""
    found = {}
    for address in ("activities/{a:A.1.1.4}/", "activities/?limit=2", "summary/?section=D", "rounds/{round:2018-1}/"):
        tag = scene.tag("visitor", address)
        for name, headers in {
            "has it": {"If-None-Match": tag},
            "has it, weakly": {"If-None-Match": f"W/{tag}"},
            "has another": {"If-None-Match": '"1-x"'},
            "wants this one": {"If-Match": tag},
            "wants another": {"If-Match": '"1-x"'},
        }.items():
            shown = scene.shown(scene.ask("visitor", address, **headers))
            found[f"GET {address}: {name}"] = shown | {"body": shown["body"] if shown["status"] != 200 else "…"}
    return found


def statuses(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The status with which every address answers each reader. What the pages say is not asked here."""
    monkeypatch.setattr(Template, "render", lambda *_, **__: "")
    found: dict[str, Any] = {}
    with time_machine.travel(scene.now, tick=False):
        browsers = {person: scene.browser(person) for person in READERS}
        for address in PAGES:
            where = str(scene.filled(address.replace("{plan}", PLAN)))
            found[address] = {person: status_of(scene, browser, where) for person, browser in browsers.items()}
    return found


def addresses(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """The pattern of every address, as `urls` has it."""
    for one in (resolver or get_resolver()).url_patterns:
        here = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield here
        else:
            yield from addresses(one, here)


def nameless(pattern: str) -> str:
    """The pattern of an address whatever its variable parts are called in the code."""
    return re.sub(r"<[^>]+>", "<>", pattern).replace("^", "")


def resolves(address: str) -> bool:
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


# The comparison


def recorded(name: str) -> dict[str, Any]:
    return {key: recording.expanded(one) for key, one in recording.read(RECORDED / RELEASE, name).items()}


def compare(present: dict[str, Any]) -> None:
    """Find everything in these families that differs from the recording and is not meant.

    Raises:
        AssertionError: something differs, or a line of ``INTENDED`` covers nothing; each is told in words.
    """
    if RECORDING:
        for name, answers in present.items():
            kept = {request: recording.compact(one) for request, one in answers.items()}
            recording.write(RECORDED / RECORDING, name, kept)
        return
    found = [one for name, answers in present.items() for one in differences(recorded(name), answers, name)]
    stated = recording.in_words([one for one in found if not any(intended.covers(one) for intended in INTENDED)])
    judged = {*present, *(["*"] if "writes" in present else [])}
    for intended in INTENDED:
        if intended.family in judged and not any(intended.covers(one) for one in found):
            stated.append(f"INTENDED has a line for “{intended.where}”, where nothing differs: take it away")
    more = [f"… and {len(stated) - MOST_TOLD} more"] if len(stated) > MOST_TOLD else []
    assert not stated, "\n".join([f"Differences from {RELEASE}:", *stated[:MOST_TOLD], *more])


def test_the_description_of_the_api_is_unchanged_but_for_its_words() -> None:
    compare({"openapi": openapi()})


@pytest.fixture
def silent() -> Iterator[None]:
    """Hundreds of refusals are logged, which would hide the one difference that a failure is about."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("silent")
def test_every_answer_of_the_api_and_every_status_is_unchanged(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    # The address of a private view ends in letters drawn at random; here it is the one that 0.3.0 gave it.
    readable = saved_views._free_slug
    monkeypatch.setattr(saved_views, "_free_slug", lambda name, is_shared: readable(name, is_shared=True))
    scene = play()
    compare(answers_of(scene) | {"addresses": statuses(scene, monkeypatch)})


def test_every_address_that_was_there_is_there_and_is_asked() -> None:
    """New addresses may come. Those of the administration are Django's, by model; the rest is asked one by one."""
    present = {nameless(pattern) for pattern in addresses()}
    if RECORDING:
        recording.write(RECORDED / RECORDING, "patterns", sorted(present))
        return
    there = recording.read(RECORDED / RELEASE, "patterns")
    assert sorted(set(there) - present) == [], f"addresses of {RELEASE} that are no more"

    asked_for = {API + address for requests in READS.values() for address, _ in requests} | set(PAGES)
    filled = {re.sub(r"\{[^}]+\}", "1", address.replace("{plan}", PLAN)).split("?")[0] for address in asked_for}
    reached = {nameless(resolve(address).route) for address in filled if resolves(address)}
    assert [one for one in there if one not in reached and not one.startswith("admin/")] == []


def test_differences_are_told_in_words_and_covered_by_a_pattern() -> None:
    before = {"GET rounds/": {"visitor": {"status": 200, "body": {"count": 2, "results": ["A", "B"], "next": None}}}}
    after = {"GET rounds/": {"visitor": {"status": 200, "body": {"count": 2, "results": ["A", "C"], "extra": True}}}}
    found = sorted(differences(before, after, "rounds"))

    assert [str(one) for one in found] == [
        "rounds > GET rounds/ > visitor > body > extra: is new: true",
        "rounds > GET rounds/ > visitor > body > next: is gone; it was null",
        'rounds > GET rounds/ > visitor > body > results > 1: was "B", is "C"',
    ]
    assert Intended("rounds > * > body > extra", "why").covers(found[0])
    assert not Intended("rounds > * > body > extra", "why").covers(found[1])
    assert Intended("rounds > * > body > extra", "why", "is new: *").covers(found[0])
    assert not Intended("rounds > * > body > extra", "why", "is gone; *").covers(found[0])
    assert list(differences([1], [True], "x")) and list(differences([1], [1, 2], "x"))
    limit, since = {"name": "limit", "in": "query"}, {"name": "since", "in": "query"}
    assert [one.where for one in differences([limit], [since, limit], "x")] == ["x > since"]
    assert [one.where for one in differences([limit], [limit, limit], "x")] == ["x"]
    answers = {"visitor": {"rows": [1, 2], "name": None}, "secretariat": {"rows": [1, 3], "name": "Sari"}}
    assert recording.compact(answers)["secretariat"] == {"rows > 1": 3, "name": "Sari"}
    assert recording.expanded(recording.compact(answers)) == answers
    assert list(differences({"a": 1, "b": 2}, {"b": 2, "a": 1}, "x")) == [
        Difference("x > order", 'was ["a", "b"], is ["b", "a"]')
    ]
