"""Words go over the line in a fifth of their bytes, and entity tags mean what they meant."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import Cast
from workplan.models import Activity, ApiToken, WorkPlan

Page = Callable[..., Client]
CODE = "tip-2016-2020"
TAKES_GZIP = {"Accept-Encoding": "gzip"}


def content(response: Any) -> bytes:
    return b"".join(response) if response.streaming else bytes(response.content)


@pytest.mark.parametrize(
    "address",
    [
        "/",
        f"/plans/{CODE}/",
        f"/plans/{CODE}/activities.csv",
        "/api/v1/activities/?limit=100",
        f"/plans/{CODE}/status.svg",
    ],
)
def test_a_long_answer_is_compressed_for_who_takes_it(plan: WorkPlan, page: Page, address: str) -> None:
    plain, packed = page().get(address), page().get(address, headers=TAKES_GZIP)

    assert not plain.has_header("Content-Encoding")
    assert packed["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed["Vary"]
    sent, whole = content(packed), content(plain)
    assert len(sent) < len(whole) / 2
    assert gzip.decompress(sent) == whole


@pytest.mark.parametrize("address", [f"/plans/{CODE}/rounds/completion.xlsx", "/robots.txt?"])
def test_what_would_not_get_shorter_is_sent_as_it_is(plan: WorkPlan, page: Page, settings: Any, address: str) -> None:
    settings.PUBLIC_READ = address != "/robots.txt?"

    response = page().get(address, headers=TAKES_GZIP)

    assert response.status_code == 200 and not response.has_header("Content-Encoding")
    sent = content(response)
    assert sent.startswith(b"PK") if address.endswith(".xlsx") else sent == b"User-agent: *\nDisallow: /\n"


def test_the_length_of_a_page_does_not_give_its_words_away(plan: WorkPlan, page: Page) -> None:
    """The same page has another length each time, which is what keeps BREACH from measuring it."""
    lengths = {len(page().get("/plans/", headers=TAKES_GZIP).content) for _ in range(12)}

    assert len(lengths) > 1


@pytest.mark.parametrize(
    "address", ["/api/v1/activities/?ref=A.1.1.1", "/api/v1/summary/", f"/plans/{CODE}/status.svg"]
)
def test_what_has_not_changed_is_not_sent_again_though_it_was_compressed(
    plan: WorkPlan, page: Page, address: str
) -> None:
    packed = page().get(address, headers=TAKES_GZIP)
    assert packed["ETag"].startswith('W/"')

    for headers in (TAKES_GZIP, {}):
        again = page().get(address, headers={**headers, "If-None-Match": packed["ETag"]})
        assert again.status_code == 304 and again.content == b""


def test_a_report_is_taken_with_the_tag_of_a_compressed_answer_and_refused_with_a_stale_one(cast: Cast) -> None:
    activity = Activity.objects.get(ref="A.1.1.1")
    address = f"/api/v1/activities/{activity.pk}/"
    program = APIClient(
        headers={**TAKES_GZIP, "Authorization": f"Token {ApiToken.objects.create(user=cast.secretariat)[1]}"}
    )
    tag = program.get(address)["ETag"]
    report = {"status": "ongoing", "as_of": "2018-06-30", "narrative": "Begun."}
    assert tag.startswith('W/"1-')

    first = program.post(f"{address}updates/", report, headers={"If-Match": tag})
    second = program.post(f"{address}updates/", report, headers={"If-Match": tag})

    assert first.status_code == 201
    assert second.status_code == 412
    assert second["Content-Encoding"] == "gzip"
    assert b'"stale_version"' in gzip.decompress(second.content)
    assert program.get(address)["ETag"].startswith('W/"2-')


# What web servers make of a tag when they compress the answer themselves: Apache with gzip, with Brotli, and nginx.
MADE_OF_TAGS = ['"{}-gzip"', '"{}-br"', 'W/"{}"', 'W/"{}-gzip"', '"other", "{}-gzip"']


@pytest.mark.parametrize("made", MADE_OF_TAGS)
@pytest.mark.parametrize(
    "address",
    ["/api/v1/activities/?ref=A.1.1.1", f"/plans/{CODE}/status.svg", f"/plans/{CODE}/bodies/ACWC/deadlines.ics"],
)
def test_a_tag_is_understood_that_a_web_server_has_added_to(
    plan: WorkPlan, page: Page, address: str, made: str
) -> None:
    tag = page().get(address)["ETag"].removeprefix("W/").strip('"')

    assert page().get(address, headers={"If-None-Match": made.format(tag)}).status_code == 304
    assert page().get(address, headers={"If-None-Match": made.format(f"{tag}0")}).status_code == 200
    if not made.startswith("W/"):  # a weak tag never matches where the same bytes are asked for (RFC 9110, 13.1.1)
        assert page().get(address, headers={"If-Match": made.format(tag)}).status_code == 200


@pytest.mark.parametrize("made", MADE_OF_TAGS)
def test_a_report_is_taken_with_a_tag_that_a_web_server_has_added_to(cast: Cast, made: str) -> None:
    address = f"/api/v1/activities/{Activity.objects.get(ref='A.1.1.1').pk}/"
    program = APIClient(headers={"Authorization": f"Token {ApiToken.objects.create(user=cast.secretariat)[1]}"})
    tag = made.format(program.get(address)["ETag"].strip('"'))
    report = {"status": "ongoing", "as_of": "2018-06-30", "narrative": "Begun."}

    assert program.post(f"{address}updates/", report, headers={"If-Match": tag}).status_code == 201
    assert program.post(f"{address}updates/", report, headers={"If-Match": tag}).status_code == 412
