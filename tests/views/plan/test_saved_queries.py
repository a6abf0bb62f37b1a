"""What a saved view keeps: its filters, its name, its address, and whose it is."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import Cast
from tests.larger_plans import saved
from tests.views.plan.saved_queries import CODE, CSV, LIST, MATRIX, by, refs, text_of
from workplan import actions
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.filters.saved_queries import canonical
from workplan.models import AuditEntry, SavedView, WorkPlan

SECRET = "Zebra crossing"


# What a view keeps


def test_equal_filters_are_kept_as_the_same_text(plan: WorkPlan, cast: Cast) -> None:
    ways = (
        "status=ongoing&body=som-%20ed&status=completed&body=SOMTC",
        "?body=SOMTC&status=completed&status=ongoing&status=ongoing&body=SOMED&q=",
        f"status=completed&plan={CODE}&status=ongoing&body=somtc&body=SOM-ED",
    )

    assert {canonical(way, plan, cast.somtc) for way in ways} == {
        "body=SOM-ED&body=SOMTC&status=completed&status=ongoing"
    }


def test_what_is_kept_finds_the_same_activities(plan: WorkPlan, cast: Cast, page: Callable[..., Client]) -> None:
    for number, query in enumerate(
        (
            "",
            "section=A&section=C",
            "body=SOMTC&role=lead",
            "role=cooperating",
            "q=training+workshop",
            "area=A.1.1&kind=activity",
            "timeliness=not_due",
            "ordering=-ref&body=ACWC",
        )
    ):
        view = saved(plan, cast.somtc, f"View {number}", query)

        assert refs(page(), f"view={view.slug}") == refs(page(), query), query


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("status=nonsense", "status: "),
        ("section=Z", "section: There is no section Z."),
        ("colour=red", "There is no parameter “colour”"),
        ("page=2", "There is no parameter “page”"),
        ("as_of=2018-01-01", "as_of: A view shows the plan as it is today."),
        ("view=no-such-view", "view: There is no view “no-such-view”."),
        ("plan=another", "plan: "),
        ("q=a&q=b", "q: Give q once only."),
        ("&" * 500, "Give at most 200 parameters."),
        ("q=%00", "q: "),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_by_name(plan: WorkPlan, cast: Cast, query: str, named: str) -> None:
    with pytest.raises(Invalid) as refused:
        saved(plan, cast.somtc, query=query)

    assert named in " ".join(refused.value.fields["query"])
    assert not SavedView.objects.exists()


def test_a_view_saved_within_a_view_says_what_both_say(plan: WorkPlan, cast: Cast, page: Any) -> None:
    inner = saved(plan, cast.somtc, "Prevention", "section=A&ordering=-ref")
    query = f"view={inner.slug}&body=SOMTC&ordering=ref"

    outer = saved(plan, cast.somtc, "Prevention by SOMTC", query)

    assert outer.query == "section=A&body=SOMTC&ordering=ref"
    assert refs(page(), f"view={outer.slug}") == refs(page(), query)
    for twice in ("section=B", "role=lead&body=SOMTC"):
        both = saved(plan, cast.acwc, twice, "section=A&body=ACWC")
        with pytest.raises(Invalid, match="cannot be accepted") as refused:
            saved(plan, cast.somtc, "Both", f"view={both.slug}&{twice}")
        assert "chooses by" in refused.value.fields["query"][0]


# Names and addresses


def test_an_address_is_made_of_the_name_and_stays(plan: WorkPlan, cast: Cast) -> None:
    long = "A name of so many words that no address could reasonably hold them all"
    made = {
        name: saved(plan, cast.somtc, name).slug
        for name in ("Training, not begun", "New", "งานป้องกัน", "!?", "Übersicht 2018", long)
    }

    assert made == {
        "Training, not begun": "training-not-begun",
        "New": "new-view",
        "งานป้องกัน": "งานป้องกัน",
        "!?": "view",
        "Übersicht 2018": "ubersicht-2018",
        long: "a-name-of-so-many-words-that-no-address-could",
    }
    assert saved(plan, cast.acwc, "Training not begun").slug == "training-not-begun-2"
    view = SavedView.objects.get(slug="view")
    assert actions.change_view(view=view, version=1, name="Prevention", by=by(cast.somtc)).slug == "view"


@pytest.mark.parametrize("is_shared", [True, False])
def test_no_address_tells_that_somebody_has_a_private_view_of_this_name(
    plan: WorkPlan, cast: Cast, api: Callable[..., APIClient], is_shared: bool
) -> None:
    def addresses(name: str) -> list[str]:
        sent = {"plan": CODE, "name": name, "query": "section=A", "page": "list", "is_shared": is_shared}
        answers = [api(person).post("/api/v1/views/", sent) for person in (cast.acwc, cast.secretariat)]
        # Letters drawn at random say nothing; all else does.
        drawn = re.compile(r"-[0-9a-z]{8}$")
        return [drawn.sub("-*", answer.json()["slug"]) for answer in answers]

    saved(plan, cast.somtc, "Our secret plan", is_shared=False)

    assert addresses("Our secret plan") == [slug.replace("open", "secret") for slug in addresses("Our open plan")]


def test_a_name_is_needed_readable_and_its_owners_only_one(plan: WorkPlan, cast: Cast) -> None:
    saved(plan, cast.somtc, "Mine")
    for name, said in (
        (" ", "Give the view a name."),
        ("a\x00b", "characters"),
        ("  Mine ", "already has a view"),
    ):
        with pytest.raises(Invalid) as refused:
            saved(plan, cast.somtc, name)
        assert said in refused.value.fields["name"][0]
    with pytest.raises(Invalid) as refused:
        saved(plan, cast.somtc, "x" * 101)
    assert "name" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        saved(plan, cast.somtc, "Else", page="map")
    assert "page" in refused.value.fields
    assert SavedView.objects.count() == 1


def test_the_database_keeps_names_and_addresses_apart(plan: WorkPlan, cast: Cast) -> None:
    view = saved(plan, cast.somtc, "Mine")
    for same in ({"slug": view.slug, "name": "Other"}, {"slug": "other", "name": view.name}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.create(plan=plan, owner=cast.somtc, **same)


@pytest.mark.django_db(transaction=True)
def test_people_who_choose_one_name_at_the_same_moment_get_addresses_of_their_own(plan: WorkPlan, cast: Cast) -> None:
    ready = threading.Barrier(3)
    failed: list[BaseException] = []

    def save(person: Any) -> None:
        try:
            ready.wait(timeout=60)
            saved(plan, person, "Training")
        except BaseException as problem:
            failed.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(one,)) for one in (cast.somtc, cast.acwc, cast.secretariat)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert failed == []
    assert set(SavedView.objects.values_list("slug", flat=True)) == {"training", "training-2", "training-3"}


# Whose it is


def test_whoever_has_an_account_saves_and_follows(plan: WorkPlan, cast: Cast) -> None:
    view = saved(plan, cast.newcomer)
    assert actions.follow_view(view=view, by=by(cast.acwc))
    assert not actions.follow_view(view=view, by=by(cast.acwc)), "Once is enough."
    assert actions.unfollow_view(view=view, by=by(cast.acwc))
    assert not actions.unfollow_view(view=view, by=by(cast.acwc))
    for operation in (
        lambda: saved(plan, cast.visitor),  # type: ignore[arg-type]
        lambda: actions.follow_view(view=view, by=by(cast.visitor)),
        lambda: actions.unfollow_view(view=view, by=by(cast.visitor)),
    ):
        with pytest.raises(NotAllowed):
            operation()


def test_only_the_owner_and_of_shared_ones_the_secretariat_change_a_view(plan: WorkPlan, cast: Cast) -> None:
    shared, private = saved(plan, cast.somtc), saved(plan, cast.somtc, SECRET, is_shared=False)
    for stranger, view, refusal in (
        (cast.acwc, shared, NotAllowed),
        (cast.newcomer, shared, NotAllowed),
        (cast.visitor, shared, NotAllowed),
        (cast.acwc, private, WrongState),
        (cast.secretariat, private, WrongState),
        (cast.administrator, private, WrongState),
    ):
        with pytest.raises(refusal):
            actions.change_view(view=view, version=1, name="Taken over", by=by(stranger))
        with pytest.raises(refusal):
            actions.delete_view(view=view, version=1, by=by(stranger))
    with pytest.raises(Invalid, match="cannot be accepted"):
        actions.change_view(view=shared, version=1, is_shared=False, by=by(cast.secretariat))

    changed = actions.change_view(view=shared, version=1, name="Moderated", query="section=B", by=by(cast.secretariat))
    assert (changed.name, changed.query, changed.version, changed.owner) == ("Moderated", "section=B", 2, cast.somtc)
    actions.delete_view(view=changed, version=2, by=by(cast.secretariat))
    actions.delete_view(view=private, version=1, by=by(cast.somtc))
    assert not SavedView.objects.exists()


def test_a_view_that_somebody_has_changed_is_not_overwritten(plan: WorkPlan, cast: Cast) -> None:
    view = saved(plan, cast.somtc)
    actions.change_view(view=view, version=1, name="First", by=by(cast.secretariat))
    with pytest.raises(Stale):
        actions.change_view(view=view, version=1, name="Second", by=by(cast.somtc))
    with pytest.raises(Stale):
        actions.delete_view(view=view, version=1, by=by(cast.somtc))

    same = actions.change_view(view=view, version=2, name="First", by=by(cast.somtc))
    assert (same.name, same.version) == ("First", 2), "What changes nothing makes no new version."


def test_the_audit_trail_tells_of_shared_views_and_of_private_ones_only_that_they_are(
    plan: WorkPlan, cast: Cast
) -> None:
    view = saved(plan, cast.somtc, SECRET, "q=zebra", is_shared=False)
    actions.follow_view(view=view, by=by(cast.somtc))
    actions.change_view(view=view, version=1, name="Lion", by=by(cast.somtc))
    stated = [(one.action, one.record_label, one.changes) for one in AuditEntry.objects.order_by("id")]
    assert stated == [
        ("view.saved", "A private view", {"is_shared": [None, False]}),
        ("view.followed", "A private view", {}),
        ("view.changed", "A private view", {}),
    ]

    actions.change_view(view=view, version=2, is_shared=True, by=by(cast.somtc))
    shared = AuditEntry.objects.latest("id")
    assert (shared.record_label, shared.plan) == ("Lion", plan)
    assert shared.changes["name"] == [None, "Lion"] and shared.changes["query"] == [None, "q=zebra"]
    actions.delete_view(view=view, version=3, by=by(cast.somtc))
    assert AuditEntry.objects.latest("id").changes["query"] == ["q=zebra", None]


def test_another_persons_private_view_is_met_by_no_way(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client], api: Callable[..., Any]
) -> None:
    view = saved(plan, cast.somtc, SECRET, "q=zebra&section=A", is_shared=False)
    slug = view.slug
    actions.follow_view(view=view, by=by(cast.somtc))
    missing = [f"/views/{slug}/", f"/views/{slug}/feed/", f"/api/v1/views/{slug}/"]
    sign_in_required = [f"/views/{slug}/{word}/" for word in ("edit", "delete", "follow", "unfollow")]
    refused = [f"{address}?view={slug}" for address in (LIST, MATRIX, CSV)]
    refused += [f"/api/v1/activities/?view={slug}", f"/api/v1/summary/?view={slug}"]
    quiet = ["/views/", "/views/?q=zebra", "/api/v1/views/", "/api/v1/views/?q=zebra", "/audit/", "/messages/"]
    quiet += ["/audit/requests/r/", "/search/?q=zebra", f"/plans/{CODE}/views/new/?query=view%3D{slug}"]
    for person in (cast.visitor, cast.newcomer, cast.acwc, cast.secretariat, cast.administrator):
        client, program = page(person), api(person)
        found = {}
        for address in (*missing, *sign_in_required, *refused, *quiet):
            answer: Any = (program if address.startswith("/api/") else client).get(address)
            found[address] = answer.status_code
            assert SECRET not in text_of(answer) and "q=zebra&" not in text_of(answer), (person, address)
        assert {found[address] for address in missing} == {404}
        assert {found[address] for address in sign_in_required} == {302 if person is cast.visitor else 404}
        assert {found[address] for address in refused} == {400}
        for verb in ("patch", "delete"):
            sent = getattr(program, verb)(f"/api/v1/views/{slug}/", {}, headers={"If-Match": '"1"'})
            assert sent.status_code == (401 if person is cast.visitor else 404)

    same = text_of(page(cast.acwc).get(f"{LIST}?view=no-such-view"))
    assert "There is no view “no-such-view”." in same, "What is private and what is not there are told alike."
    own = page(cast.somtc)
    assert SECRET in text_of(own.get("/views/"))
    assert own.get(f"/views/{slug}/").status_code == 302
    assert SECRET in text_of(own.get(f"{LIST}?view={slug}"))
    assert own.get(f"/views/{slug}/feed/").status_code == 404, "A private view has no feed, for its owner neither."


def test_names_of_owners_are_for_those_who_have_signed_in(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client], api: Any
) -> None:
    view = saved(plan, cast.somtc)
    for address in ("/views/", f"{LIST}?view={view.slug}", f"{MATRIX}?view={view.slug}", f"/views/{view.slug}/feed/"):
        assert "Somchai" not in text_of(page().get(address))
    assert "Somchai" in text_of(page(cast.newcomer).get("/views/"))
    assert api().get(f"/api/v1/views/{view.slug}/").json()["owner"] is None


def test_a_closed_installation_shows_views_to_those_who_sign_in(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client], settings: Any
) -> None:
    view = saved(plan, cast.somtc)
    settings.PUBLIC_READ = False

    for address in ("/views/", f"/views/{view.slug}/", f"/views/{view.slug}/feed/"):
        assert page().get(address).status_code == 302
        assert "/accounts/login/" in page().get(address)["Location"]
    assert not SavedView.objects.visible_to(cast.visitor).exists()
    assert page(cast.newcomer).get(f"/views/{view.slug}/feed/").status_code == 200
