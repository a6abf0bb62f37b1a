"""Saved views on the pages: opened, saved, changed, deleted and listed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from tests.conftest import Cast
from tests.larger_plans import saved
from tests.views.plan.saved_queries import CODE, CSV, LIST, MATRIX, refs, text_of
from workplan import permissions
from workplan.exceptions import Refusal
from workplan.filters.saved_queries import canonical
from workplan.models import Activity, SavedView, Section, SectoralBody, WorkPlan

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
    assert "already has a view" in text_of(again) and 'value="section=B"' in text_of(again), "Nothing typed is lost."
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
    assert page().get("/views/?page=x").status_code == 400


def test_a_view_that_can_no_longer_be_read_says_so(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client], api: Any
) -> None:
    section = Section.objects.create(plan=plan, ref="E", position=5, text="A section that will go")
    view = saved(plan, cast.somtc, "Doomed", "section=E")
    section.delete()

    for address in (LIST, MATRIX, CSV):
        response = page().get(f"{address}?view={view.slug}")
        assert response.status_code == 400
        assert "The view “Doomed” can no longer be applied" in text_of(response)
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
