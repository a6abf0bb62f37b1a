"""Saved views for other programs."""

import re
from typing import Any

import pytest

from tests.conftest import Cast
from tests.larger_plans import saved
from workplan import actions
from workplan.actions import Actor
from workplan.models import Activity, AuditEntry, SavedView, WorkPlan

CODE = "tip-2016-2020"
VIEWS = "/api/v1/views/"
FIELDS = [
    *("id", "url", "html_url", "slug", "plan", "name", "query", "page", "is_shared", "owner"),
    *("activities_url", "feed_url", "is_followed", "created_at", "version", "updated_at", "allowed_actions"),
]
BODY = {"plan": CODE, "name": "Ongoing work", "query": "status=ongoing&body=somtc&section=A"}


@pytest.fixture
def view(plan: WorkPlan, cast: Cast) -> SavedView:
    return saved(plan, cast.somtc, "Prevention", "section=A")


def test_a_program_saves_reads_changes_and_deletes_a_view(plan: WorkPlan, cast: Cast, api: Any) -> None:
    program = api(cast.somtc)

    made = program.post(VIEWS, BODY)

    assert made.status_code == 201 and made["Location"] == made.json()["url"]
    found = made.json()
    assert list(found) == FIELDS
    assert found["query"] == "section=A&body=SOMTC&status=ongoing"
    assert (found["page"], found["is_shared"], found["owner"]) == ("list", False, "Somchai Focal")
    # The address of a private view ends in random letters, so that it tells nobody its name.
    assert re.fullmatch(r"ongoing-work-[a-z0-9]{8}", found["slug"])
    assert found["url"] == f"http://testserver{VIEWS}{found['slug']}/"
    assert found["html_url"] == f"http://testserver/views/{found['slug']}/"
    assert (found["feed_url"], found["allowed_actions"]) == (None, ["edit", "delete", "follow"])
    read = program.get(found["url"])
    assert read.json() == found and read["ETag"] == made["ETag"] and read["ETag"].startswith('"1-')
    assert program.get(VIEWS).json()["results"] == [found]

    changed = program.patch(found["url"], {"is_shared": True, "name": "Ours"}, headers={"If-Match": read["ETag"]})
    assert changed.status_code == 200 and changed["ETag"].startswith('"2-')
    assert (changed.json()["name"], changed.json()["slug"], changed.json()["version"]) == ("Ours", found["slug"], 2)
    assert changed.json()["feed_url"] == f"http://testserver/views/{found['slug']}/feed/"
    assert {entry.channel for entry in AuditEntry.objects.all()} == {"api"}
    assert program.delete(found["url"], headers={"If-Match": changed["ETag"]}).status_code == 204
    assert program.get(found["url"]).status_code == 404


def test_a_view_is_a_parameter_of_list_and_summary(plan: WorkPlan, view: SavedView, api: Any) -> None:
    for address, count in (("activities/", "count"), ("summary/", "count")):
        whole = api().get(f"/api/v1/{address}?section=A").json()
        assert api().get(f"/api/v1/{address}?view={view.slug}").json()[count] == whole[count] > 0
        more = api().get(f"/api/v1/{address}?view={view.slug}&body=SOMTC&role=lead").json()
        assert more[count] == api().get(f"/api/v1/{address}?section=A&body=SOMTC&role=lead").json()[count]
        assert api().get(f"/api/v1/{address}?view={view.slug}&section=B").json()[count] == 0
    listed = api().get(api().get(f"{VIEWS}{view.slug}/").json()["activities_url"]).json()
    assert {row["section"]["ref"] for row in listed["results"]} == {"A"}
    twice = api().get(f"/api/v1/activities/?view={view.slug}&view={view.slug}")
    assert (twice.status_code, twice.json()["error"]["fields"]) == (400, {"view": ["Give view once only."]})


def test_a_view_of_another_plan_shows_that_plans_activities(plan: WorkPlan, view: SavedView, api: Any) -> None:
    other = WorkPlan.objects.create(code="other", title="Other", period_start="2020-01-01", period_end="2021-12-31")
    everything = saved(other, view.owner, "Everything of the other plan")

    assert api().get(f"/api/v1/activities/?view={everything.slug}").json()["count"] == 0
    assert api().get(f"/api/v1/activities/?view={view.slug}&plan=other").json()["count"] == 0
    assert api().get(f"{VIEWS}?plan=other").json()["count"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"query": "section=Z"}, "query"),
        ({"query": "page_size=50"}, "query"),
        ({"query": 7}, "query"),
        ({"name": ""}, "name"),
        ({"name": "a\x01b"}, "name"),
        ({"page": "map"}, "page"),
        ({"is_shared": "yes"}, "is_shared"),
        ({"plan": "nothing"}, "plan"),
        ({"slug": "mine"}, "slug"),
        ({"query": None}, "query"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_field(
    plan: WorkPlan, cast: Cast, api: Any, change: dict[str, Any], field: str
) -> None:
    answer = api(cast.somtc).post(VIEWS, {**BODY, **change})

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
    assert not SavedView.objects.exists()


def test_a_write_takes_the_version_that_was_read(plan: WorkPlan, cast: Cast, view: SavedView, api: Any) -> None:
    program, address = api(cast.somtc), f"{VIEWS}{view.slug}/"
    tag = program.get(address)["ETag"]
    for verb in (program.patch, program.delete):
        assert verb(address, {}).status_code == 428
    actions.change_view(view=view, version=1, name="Other", by=Actor(cast.secretariat, "page", "r"))

    for verb, body in ((program.patch, {"name": "Mine"}), (program.delete, None)):
        stale = verb(address, body, headers={"If-Match": tag})
        assert (stale.status_code, stale.json()["error"]["code"]) == (412, "stale_version")
        assert stale.json()["current"] == program.get(address).json()
        assert stale["ETag"] == program.get(address)["ETag"]


def test_following_is_an_action_of_its_own(plan: WorkPlan, cast: Cast, view: SavedView, api: Any) -> None:
    program, address = api(cast.acwc), f"{VIEWS}{view.slug}/"

    for _ in range(2):
        answer = program.post(f"{address}follow/")
        assert answer.status_code == 200
        assert (answer.json()["is_followed"], answer.json()["allowed_actions"]) == (True, ["unfollow"])
    assert api(cast.somtc).get(address).json()["is_followed"] is False
    assert program.post(f"{address}unfollow/").json()["is_followed"] is False
    assert api().post(f"{address}follow/").status_code == 401


def test_lists_show_what_is_shared_and_ones_own(plan: WorkPlan, cast: Cast, view: SavedView, api: Any) -> None:
    saved(plan, cast.acwc, "Mine alone", is_shared=False)

    def names(user: Any, query: str = "") -> list[str]:
        return [row["name"] for row in api(user).get(f"{VIEWS}?{query}").json()["results"]]

    assert names(cast.visitor) == names(cast.secretariat) == ["Prevention"]
    assert names(cast.acwc) == ["Mine alone", "Prevention"]
    assert names(cast.acwc, "q=alone") == ["Mine alone"]
    assert names(cast.acwc, "ordering=-created_at") == ["Mine alone", "Prevention"]
    assert api().get(f"{VIEWS}?status=ongoing").status_code == 400


def test_the_list_asks_the_same_whatever_is_in_it(
    plan: WorkPlan, cast: Cast, view: SavedView, api: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        saved(plan, cast.acwc, f"View {number}", "section=A")
    with django_assert_max_num_queries(2):
        assert api().get(f"{VIEWS}?limit=1000").json()["count"] == 31
    with django_assert_max_num_queries(14):
        api().get(f"/api/v1/activities/?view={view.slug}&limit=1000")
    assert Activity.objects.exists()
