"""The chart that other sites show: the same numbers as everywhere, safe to open, and framed only where it may be."""

import base64
import datetime
import hashlib
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import Cast
from tests.larger_plans import make_scenario
from tests.views.plan.test_public_page import record
from workplan.exports.chart_colours import contrast, palettes
from workplan.models import WorkPlan
from workplan.views.plan.embedding import STYLE

Page = Callable[..., Client]
PLAN = "/plans/tip-2016-2020"
CHART, EMBED = f"{PLAN}/status.svg", f"{PLAN}/embed/status/"
SVG = "{http://www.w3.org/2000/svg}"


def drawing(response: Any) -> ElementTree.Element:
    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml"
    return ElementTree.fromstring(response.content)


def legend(picture: ElementTree.Element) -> dict[str, int]:
    """What the chart says of each status, by its label."""
    said = [text.text or "" for group in picture.iter(f"{SVG}g") for text in group.iter(f"{SVG}text")]
    return {label: int(number) for number, label in (one.split(" ", 1) for one in said)}


@pytest.mark.parametrize("query", ["", "section=A", "body=SOMTC", "body=ACWC&role=lead&section=B", "as_of={today}"])
def test_the_chart_has_the_numbers_of_the_summary(
    cast: Cast, page: Page, api: Callable[..., APIClient], query: str
) -> None:
    record(cast, "A.1.1.1")
    record(cast, "B.1.1.1", status="completed", outputs_delivered="A compilation.")
    query = query.format(today=datetime.date.today())
    counts = api().get(f"/api/v1/summary/?{query}").json()

    picture = drawing(page().get(f"{CHART}?{query}"))

    labels = {name: name.replace("_", " ").capitalize() for name in counts["by_status"]}
    assert legend(picture) == {labels[name]: number for name, number in counts["by_status"].items()}
    described = picture.findtext(f"{SVG}desc") or ""
    assert described.startswith(f"{counts['count']} activit")
    for name, number in counts["by_status"].items():
        assert f"{number} {labels[name].lower()}" in described


def test_the_parts_of_the_bar_are_as_wide_as_their_numbers(cast: Cast, page: Page) -> None:
    record(cast, "A.1.1.1")
    picture = drawing(page().get(f"{CHART}?section=D&section=A"))
    parts = [one for one in picture.iter(f"{SVG}rect") if "gap" in one.get("class", "")]

    widths = [float(one.get("width", 0)) for one in parts]
    assert sum(widths) == pytest.approx(448, abs=0.1)
    assert widths[1] / sum(widths) == pytest.approx(1 / sum(legend(picture).values()), abs=0.001)
    assert float(parts[0].get("x", 0)) + widths[0] == pytest.approx(float(parts[1].get("x", 0)), abs=0.05)


def test_a_chart_of_nothing_is_a_chart(plan: WorkPlan, page: Page) -> None:
    picture = drawing(page().get(f"{CHART}?q=zebra"))

    assert set(legend(picture).values()) == {0}
    assert "0 activities" in (picture.findtext(f"{SVG}desc") or "")


def test_the_chart_looks_back_with_the_rows(cast: Cast, page: Page) -> None:
    record(cast, "A.1.1.1")

    then = drawing(page().get(f"{CHART}?as_of=2020-01-01"))

    assert legend(then)["Ongoing"] == 0
    assert "status as at 1 January 2020" in (then.findtext(f"{SVG}desc") or "")


@pytest.mark.parametrize("title", ['<script>alert(1)</script> & "more" \' than that', "W" * 300, "Wider " * 50])
def test_no_name_of_a_plan_breaks_the_chart(plan: WorkPlan, page: Page, title: str) -> None:
    WorkPlan.objects.filter(pk=plan.pk).update(title=title)

    picture = drawing(page().get(f"{CHART}?q=%3Cscript%3E%26"))

    assert title.strip() in (picture.findtext(f"{SVG}title") or "")
    tags = {one.tag.removeprefix(SVG) for one in picture.iter()}
    assert tags == {"svg", "title", "desc", "style", "rect", "text", "g", "circle", "path"}
    assert not [name for one in picture.iter() for name in one.attrib if name.startswith("on") or "href" in name]
    assert len([one for one in picture.iter(f"{SVG}text") if one.get("class") == "title"]) <= 3
    framed = page().get(EMBED).content.decode()
    assert "<script" not in framed


@pytest.mark.parametrize("address", [CHART, EMBED])
def test_only_the_sheet_in_the_chart_itself_may_dress_it(plan: WorkPlan, page: Page, address: str) -> None:
    response = page().get(address)
    (sheet,) = re.findall(r"<style>(.*?)</style>", response.content.decode(), re.S)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()

    policy = response["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "script-src" not in policy
    assert "prefers-color-scheme: dark" in sheet


def test_the_chart_has_the_colours_of_the_sheet_and_words_that_can_be_read_on_them() -> None:
    light, dark = palettes()

    assert (light["is_dark"], dark["is_dark"]) == (False, True)
    for palette in (light, dark):
        assert contrast(palette["ink"], palette["sheet"]) >= 4.5 and contrast(palette["ink_2"], palette["sheet"]) >= 4.5
        for one in palette["statuses"]:
            assert contrast(one["on_area"], one["area"]) >= 4.5, one
            assert contrast(one["sign"], palette["sheet"]) >= 3, one
            assert all(colour in STYLE for name, colour in one.items() if name != "status")
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_other_sites_may_frame_the_chart_and_nothing_else(plan: WorkPlan, page: Page) -> None:
    framed = page().get(EMBED)

    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    for address in ("/", CHART, f"{PLAN}/", f"{EMBED}?status=nonsense&x=1", "/accounts/login/"):
        response = page().get(address)
        if response.status_code == 200:
            assert response["X-Frame-Options"] == "DENY", address
            assert "frame-ancestors 'none'" in response["Content-Security-Policy"], address


@pytest.mark.parametrize("address", [CHART, EMBED])
def test_a_chart_may_be_kept_for_a_while_and_asked_for_again_in_short(plan: WorkPlan, page: Page, address: str) -> None:
    first = page().get(address)

    assert first["Cache-Control"] == "public, max-age=600"
    again = page().get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and again["Cache-Control"] == first["Cache-Control"]


def test_what_a_person_sees_in_a_chart_is_not_kept(cast: Cast, page: Page) -> None:
    make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    query = f"{CHART}?report_state=draft"

    mine, everybodys = page(cast.somtc).get(query), page().get(query)

    assert sum(legend(drawing(mine)).values()) == 1 and sum(legend(drawing(everybodys)).values()) == 0
    assert mine["Cache-Control"] == "private, no-store"
    assert "Cookie" in mine["Vary"] and "Cookie" in everybodys["Vary"]


@pytest.mark.parametrize("address", [CHART, EMBED])
@pytest.mark.parametrize(("query", "name"), [("section=Z", "section"), ("as_of=2999-01-01", "as_of")])
def test_a_parameter_that_cannot_be_meant_is_named_in_plain_words(
    plan: WorkPlan, page: Page, address: str, query: str, name: str
) -> None:
    response = page().get(f"{address}?{query}")

    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().startswith(f"{name}: ")


def test_the_page_leads_to_the_rows_that_it_counts(plan: WorkPlan, page: Page) -> None:
    content = page().get(f"{EMBED}?section=A&body=SOMTC").content.decode()

    (address,) = re.findall(r'<a href="http://testserver([^"]+)" target="_blank" rel="noopener">', content)
    rows = page().get(address.replace("&amp;", "&")).context["listing"].number
    assert f"{rows} activities · Section: A · Body: SOMTC" in " ".join(content.split())


def test_the_home_gives_the_lines_to_copy(plan: WorkPlan, page: Page, settings: Any) -> None:
    settings.BASE_URL = "https://plan.example.org"
    content = page().get("/").content.decode()

    assert f"&lt;iframe src=&quot;https://plan.example.org{EMBED}&quot;".replace("&quot;", '"') in content
    assert f'<img src="{CHART}"' in content


def test_there_is_no_chart_of_a_plan_that_is_not_there(plan: WorkPlan, page: Page) -> None:
    assert (
        page().get("/plans/other/status.svg").status_code == page().get("/plans/other/embed/status/").status_code == 404
    )


def test_a_closed_installation_shows_its_chart_to_who_is_signed_in_only(cast: Cast, page: Page, settings: Any) -> None:
    settings.PUBLIC_READ = False

    for address in (CHART, EMBED):
        assert page().get(address).status_code == 302
        assert page(cast.newcomer).get(address)["Cache-Control"] == "private, no-store"
