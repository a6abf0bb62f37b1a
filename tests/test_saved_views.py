"""Saved views: what they keep, whose they are, and what they show."""

import html
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import Client

from tests.building import saved
from tests.conftest import Cast
from workplan import actions, permissions
from workplan.actions import Actor
from workplan.exceptions import Invalid, NotAllowed, Refusal, Stale, WrongState
from workplan.filters.saved_queries import canonical
from workplan.models import Activity, AuditEntry, SavedView, Section, SectoralBody, WorkPlan

CODE = "tip-2016-2020"
LIST, MATRIX, CSV = f"/plans/{CODE}/activities/", f"/plans/{CODE}/", f"/plans/{CODE}/activities.csv"
SECRET = "Zebra crossing"


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def refs(client: Client, query: str) -> list[str]:
    """The activities that the export gives for ``query``."""
    response: Any = client.get(f"{CSV}?{query}")
    assert response.status_code == 200
    lines = b"".join(response).decode("utf-8-sig").splitlines()
    return [line.split(",")[0] for line in lines[1:] if line[:2] in ("A.", "B.", "C.", "D.")]


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
        ("as_of=2018-01-01", "as_of: A view moves with the plan."),
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
        for name in ("Training, not begun", "New", "งานป้องกัน", "Übersicht 2018", long)
    }

    assert made == {
        "Training, not begun": "training-not-begun",
        "New": "new-view",
        "งานป้องกัน": "view",
        "Übersicht 2018": "ubersicht-2018",
        long: "a-name-of-so-many-words-that-no-address-could",
    }
    assert saved(plan, cast.acwc, "Training not begun").slug == "training-not-begun-2"
    view = SavedView.objects.get(slug="view")
    assert actions.change_view(view=view, version=1, name="Prevention", by=by(cast.somtc)).slug == "view"


def test_a_name_is_needed_readable_and_its_owners_only_one(plan: WorkPlan, cast: Cast) -> None:
    saved(plan, cast.somtc, "Mine")
    for name, said in ((" ", "Give the view a name."), ("a\x00b", "characters"), ("  Mine ", "of the same owner")):
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
            ready.wait(timeout=10)
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
    for deed in (
        lambda: saved(plan, cast.visitor),  # type: ignore[arg-type]
        lambda: actions.follow_view(view=view, by=by(cast.visitor)),
        lambda: actions.unfollow_view(view=view, by=by(cast.visitor)),
    ):
        with pytest.raises(NotAllowed):
            deed()


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


def test_the_trail_tells_of_shared_views_and_of_private_ones_only_that_they_are(plan: WorkPlan, cast: Cast) -> None:
    view = saved(plan, cast.somtc, SECRET, "q=zebra", is_shared=False)
    actions.follow_view(view=view, by=by(cast.somtc))
    actions.change_view(view=view, version=1, name="Lion", by=by(cast.somtc))
    told = [(one.action, one.record_label, one.changes) for one in AuditEntry.objects.order_by("id")]
    assert told == [
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
    signed_in = [f"/views/{slug}/{word}/" for word in ("edit", "delete", "follow", "unfollow")]
    refused = [f"{address}?view={slug}" for address in (LIST, MATRIX, CSV)]
    refused += [f"/api/v1/activities/?view={slug}", f"/api/v1/summary/?view={slug}"]
    quiet = ["/views/", "/views/?q=zebra", "/api/v1/views/", "/api/v1/views/?q=zebra", "/audit/", "/messages/"]
    quiet += ["/audit/requests/r/", "/search/?q=zebra", f"/plans/{CODE}/views/new/?query=view%3D{slug}"]
    for person in (cast.visitor, cast.newcomer, cast.acwc, cast.secretariat, cast.administrator):
        client, program = page(person), api(person)
        found = {}
        for address in (*missing, *signed_in, *refused, *quiet):
            answer: Any = (program if address.startswith("/api/") else client).get(address)
            found[address] = answer.status_code
            assert SECRET not in text_of(answer) and "q=zebra&" not in text_of(answer), (person, address)
        assert {found[address] for address in missing} == {404}
        assert {found[address] for address in signed_in} == {302 if person is cast.visitor else 404}
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


# What it shows


def test_both_apply_what_the_view_says_and_what_the_address_says(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client]
) -> None:
    """More can narrow a view, and nothing widens it, where both name the same parameter neither."""
    view = saved(plan, cast.somtc, "SOMTC in A", "section=A&body=SOMTC")
    client = page()
    in_a, of_acwc = refs(client, "section=A&body=SOMTC"), refs(client, "body=ACWC")

    assert refs(client, f"view={view.slug}&body=ACWC") == [ref for ref in in_a if ref in of_acwc] != []
    assert refs(client, f"view={view.slug}&section=B") == []
    assert refs(client, f"view={view.slug}&section=A&section=B") == in_a
    timely = saved(plan, cast.somtc, "Not due", "timeliness=not_due")
    assert refs(client, f"view={timely.slug}&timeliness=overdue") == []


def test_the_address_may_sort_what_the_view_has_sorted(plan: WorkPlan, cast: Cast, page: Any) -> None:
    view = saved(plan, cast.somtc, "Backwards", "section=A&ordering=-ref")
    client = page()

    assert refs(client, f"view={view.slug}") == refs(client, "section=A&ordering=-ref")
    assert refs(client, f"view={view.slug}&ordering=ref") == refs(client, "section=A")


def test_a_view_is_seen_as_of_a_day_unless_it_chooses_by_what_is_known_today_only(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client]
) -> None:
    view = saved(plan, cast.somtc, "Nothing heard", "status=not_reported&section=A")
    late = saved(plan, cast.somtc, "Late", "timeliness=late")

    assert refs(page(), f"view={view.slug}&as_of=2018-01-01") == refs(page(), "section=A")
    response = page().get(f"{LIST}?view={late.slug}&as_of=2018-01-01")
    assert response.status_code == 400
    assert "“Late” chooses by timeliness" in text_of(response)


def test_list_and_matrix_say_which_view_they_show(plan: WorkPlan, cast: Cast, page: Callable[..., Client]) -> None:
    view = saved(plan, cast.somtc, "Prevention & more", "section=A", page="matrix")
    opened = page().get(f"/views/{view.slug}/?status=ongoing")
    assert (opened.status_code, opened["Location"]) == (302, f"{MATRIX}?status=ongoing&view={view.slug}")
    for address in (LIST, MATRIX):
        text = text_of(page().get(f"{address}?view={view.slug}"))
        assert "<strong>Prevention & more</strong>" in text and "Section: A" in text
        assert (
            f'type="application/atom+xml" title="Prevention & more: status updates" href="/views/{view.slug}/' in text
        )
        assert "Save this view" not in text
    part = page().get(f"{LIST}?view={view.slug}", headers={"HX-Request": "true"})
    assert "<strong>Prevention & more</strong>" in text_of(part)


def test_save_this_view_is_offered_where_filters_are_chosen(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client]
) -> None:
    offer = f"/plans/{CODE}/views/new/?opens="
    for address in (LIST, MATRIX):
        assert offer not in text_of(page(cast.somtc).get(address))
        assert offer not in text_of(page().get(f"{address}?section=A"))
        text = text_of(page(cast.somtc).get(f"{address}?section=A&as_of=2018-01-01"))
        assert offer in text
        assert "query=section%3DA" in text and "query=section%3DA%26as_of" not in text


def test_a_view_is_saved_from_the_list_by_the_form(plan: WorkPlan, cast: Cast, page: Callable[..., Client]) -> None:
    client = page(cast.somtc)
    form = f"/plans/{CODE}/views/new/"
    text = text_of(client.get(f"{form}?opens=matrix&query=status%3Dongoing%26section%3DA"))
    assert "Status: Ongoing" in text and "Section: A" in text and "<strong>0</strong> activities now" in text
    assert '<option value="matrix" selected>' in text

    sent = {"name": "Mine", "page": "matrix", "is_shared": "on", "query": "section=A"}
    answer = client.post(form, sent)

    view = SavedView.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/views/{view.slug}/")
    assert (view.name, view.page, view.is_shared, view.query, view.owner) == (
        "Mine",
        "matrix",
        True,
        "section=A",
        cast.somtc,
    )
    again = client.post(form, {**sent, "query": "section=B"})
    assert again.status_code == 400
    assert "of the same owner" in text_of(again) and 'value="section=B"' in text_of(again), "Nothing typed is lost."
    assert client.get(f"{form}?query=section%3DZ").status_code == 400
    wrong = client.post(form, {**sent, "name": "Other", "query": "section=Z"})
    assert wrong.status_code == 400 and "section: There is no section Z." in text_of(wrong)


def test_a_view_is_changed_by_the_form_and_gets_other_filters_from_the_list(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client]
) -> None:
    view = saved(plan, cast.somtc, "Mine", "section=A")
    client, form = page(cast.somtc), f"/views/{view.slug}/edit/"
    offered = text_of(client.get(f"/plans/{CODE}/views/new/?query=section%3DB"))
    assert f'href="{form}?query=section%3DB"' in offered
    text = text_of(client.get(f"{form}?query=section%3DB"))
    assert "Section: B" in text and 'name="query" value="section=B"' in text
    sent = {"name": "Ours", "page": "list", "query": "section=B", "version": "1"}

    assert client.post(form, {**sent, "version": ""}).status_code == 400
    assert client.post(form, {**sent, "is_shared": "on"})["Location"] == "/views/"
    view.refresh_from_db()
    assert (view.name, view.query, view.is_shared, view.version) == ("Ours", "section=B", True, 2)

    conflict = client.post(form, {**sent, "name": "Theirs"})
    assert conflict.status_code == 409
    assert "Somebody else has changed this view" in text_of(conflict) and 'value="Theirs"' in text_of(conflict)
    assert 'name="version" value="2"' in text_of(conflict)
    refused = page(cast.secretariat).post(form, {**sent, "version": "2"})
    assert refused.status_code == 400 and "Only its owner makes a shared view private." in text_of(refused)


def test_deleting_says_who_would_miss_it(plan: WorkPlan, cast: Cast, page: Callable[..., Client]) -> None:
    view = saved(plan, cast.somtc)
    client, address = page(cast.somtc), f"/views/{view.slug}/delete/"
    page(cast.acwc).post(f"/views/{view.slug}/follow/")
    assert "1 person follows" in text_of(client.get(address))

    assert client.post(address, {"version": "7"}).status_code == 409
    assert client.post(address, {"version": "1"}).status_code == 302
    assert client.get(f"/views/{view.slug}/").status_code == 404


def test_following_leads_back_to_where_one_was(plan: WorkPlan, cast: Cast, page: Callable[..., Client]) -> None:
    view = saved(plan, cast.somtc)
    client, address = page(cast.acwc), f"/views/{view.slug}/follow/"
    assert client.get(address)["Location"] == "/views/", "Following takes a button."
    assert not view.follows.exists()
    assert client.post(address, {"next": LIST})["Location"] == LIST
    assert client.post(address, {"next": "https://example.org/"})["Location"] == "/views/"
    assert "Followed" in text_of(client.get("/views/"))
    client.post(f"/views/{view.slug}/unfollow/")
    assert not view.follows.exists()


def test_the_list_of_views_counts_what_each_chooses_now(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client]
) -> None:
    view = saved(plan, cast.somtc, "Prevention", "section=A")
    saved(plan, cast.acwc, "All of it", "")
    number = Activity.objects.filter(area__provision__section__ref="A").count()

    text = text_of(page().get("/views/"))

    assert f'href="{LIST}?view={view.slug}">{number}</a>' in text
    assert f">{Activity.objects.count()}</a>" in text and "All activities" in text
    for address in (LIST, MATRIX, CSV, "/api/v1/activities/"):
        assert f'href="{address}?view={view.slug}"' in text
    assert f'href="/views/{view.slug}/feed/"' in text
    assert page().get("/views/?page=x").status_code == page().get("/views/?colour=red").status_code == 400


def test_a_view_that_can_no_longer_be_read_says_so(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client], api: Any
) -> None:
    section = Section.objects.create(plan=plan, ref="E", position=5, text="A section that will go")
    view = saved(plan, cast.somtc, "Doomed", "section=E")
    section.delete()

    for address in (LIST, MATRIX, CSV):
        response = page().get(f"{address}?view={view.slug}")
        assert response.status_code == 400
        assert "The view “Doomed” cannot be read any more" in text_of(response)
        assert "There is no section E." in text_of(response)
    assert page().get(f"/views/{view.slug}/feed/").status_code == 400
    for address in ("activities/", "summary/"):
        answer = api().get(f"/api/v1/{address}?view={view.slug}")
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["view"])
    assert "There is no section E." in text_of(page().get("/views/"))
    form = page(cast.somtc).get(f"/views/{view.slug}/edit/")
    assert form.status_code == 200 and "There is no section E." in text_of(form), "It can be mended."


def test_a_renamed_body_keeps_its_views_under_its_alias(plan: WorkPlan, cast: Cast, page: Any) -> None:
    view = saved(plan, cast.somtc, "Theirs", "body=SOMTC")
    before = refs(page(), f"view={view.slug}")
    body = SectoralBody.objects.get(acronym="SOMTC")
    body.aliases.create(name="SOMTC")
    SectoralBody.objects.filter(pk=body.pk).update(acronym="SOM-TC")

    assert refs(page(), f"view={view.slug}") == before != []


def test_many_views_come_in_pages_and_ask_little(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    for number in range(45):
        saved(plan, cast.somtc, f"View {number:02}", "section=A&status=ongoing")
    first = text_of(page(cast.somtc).get("/views/"))
    assert "Page 1 of 3" in first and "View 19" in first and "View 20" not in first
    assert "View 44" in text_of(page().get("/views/?page=3"))
    # Two lists, and for each view of the page: whether its section is there, and how many activities it has.
    with django_assert_max_num_queries(4 + 2 * 20):
        page().get("/views/")


def test_what_can_be_done_to_a_view_depends_on_who_asks(plan: WorkPlan, cast: Cast) -> None:
    saved(plan, cast.somtc)
    found = {}
    for name in ("visitor", "newcomer", "somtc", "acwc", "secretariat"):
        user = getattr(cast, name)
        found[name] = permissions.allowed_view_actions(user, SavedView.objects.visible_to(user).for_display(user).get())

    assert found == {
        "visitor": [],
        "newcomer": ["follow"],
        "somtc": ["edit", "delete", "follow"],
        "acwc": ["follow"],
        "secretariat": ["edit", "delete", "follow"],
    }


def test_saved_filters_are_an_address_as_they_stand(plan: WorkPlan, cast: Cast) -> None:
    text = canonical("q=a%20%26b&body=SOM-ED", plan, cast.somtc)

    assert QueryDict(text).dict() == {"body": "SOM-ED", "q": "a &b"}
    with pytest.raises(Refusal):
        canonical("q=" + "x" * 3_000, plan, cast.somtc)
