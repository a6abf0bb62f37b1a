"""The administration site: who comes in, and what they see."""

import pytest
from django.apps import apps

from tests.admin.forms import HISTORIES, PEOPLE_KINDS, PLAN_KINDS, Page, list_of, record
from tests.conftest import PASSWORD, Cast
from workplan.models import Activity, User


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
def test_the_secretariat_sees_plan_bodies_and_histories(kind: str, cast: Cast, page: Page, activity: Activity) -> None:
    record(activity, cast)
    response = page(cast.secretariat).get(list_of(kind))
    assert response.status_code == 200
    rows = apps.get_model("workplan", kind)._default_manager.count()
    assert response.context["cl"].result_count == rows
    assert rows or kind not in (*PLAN_KINDS, "statusupdate", "evidence", "auditentry")
    assert 'class="addlink"' in response.content.decode() if kind in PLAN_KINDS else True


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
