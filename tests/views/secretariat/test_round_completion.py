"""Who has reported in a round: its list of reports, for everybody and of any size."""

import pytest

from tests.answer_text import text
from tests.conftest import Cast
from tests.larger_plans import grow, opened
from tests.test_queries import count
from tests.views.secretariat.rounds import CODE, ROUND, ROUNDS, Page, by, drafted
from workplan import actions, rules
from workplan.models import Obligation, ReportingRound, WorkPlan


def test_the_list_of_reports_is_filtered_by_body_and_state(plan: WorkPlan, cast: Cast, page: Page) -> None:
    drafted(opened(plan, by(cast.secretariat)), cast)
    client = page(cast.secretariat)

    def rows(query: str) -> list[tuple[str, str]]:
        found = client.get(f"{ROUND}{query}").context["page"].object_list
        return [(row.due_from, row.shown_state) for row in found]

    assert rows("?body=SOMTC&state=draft") == [("SOMTC", "draft")]
    assert set(rows("?body=som-ed&body=secretariat")) == {("SOM-ED", "owed"), ("Secretariat", "owed")}
    assert rows("?state=approved") == []
    assert len(rows("?timeliness=overdue")) == Obligation.objects.from_bodies().count() < Obligation.objects.count()
    for stranger in (cast.visitor, cast.acwc):
        assert page(stranger).get(f"{ROUND}?body=SOMTC&state=draft").context["page"].paginator.count == 0
    for query, sentence in (
        ("?state=done", "“done” is not known here."),
        ("?body=XYZ", "“XYZ” is not a body"),
        ("?page=0", "Give the number of a page, from 1."),
        ("?page=x", "Give the number of a page, from 1."),
        ("?page=²", "Give the number of a page, from 1."),
        ("?state=%00", "no readable text"),
    ):
        answer = client.get(f"{ROUND}{query}")
        assert answer.status_code == 400, query
        assert sentence in text(answer), query


def test_a_long_list_of_reports_comes_in_pages_and_keeps_its_filters(plan: WorkPlan, cast: Cast, page: Page) -> None:
    grow(plan, 150)
    opened(plan, by(cast.secretariat))

    response = page().get(f"{ROUND}?state=owed&page=2")

    due = Obligation.objects.count()
    assert len(response.context["page"].object_list) == min(100, due - 100)
    assert 'href="?state=owed&amp;page=1#reports"' in text(response)
    last = page().get(f"{ROUND}?page=999999")
    assert (last.status_code, last.context["page"].number) == (200, -(-due // 100))


def test_a_visitor_reads_no_word_of_what_is_in_the_making(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = opened(plan, by(cast.secretariat))
    update = drafted(reporting_round, cast)
    sent = actions.submit_report(update=update, version=1, by=by(cast.somtc))
    actions.return_report(update=sent, version=2, reason="Mend it.", by=by(cast.secretariat))

    for address in (ROUNDS, ROUND, f"/plans/{CODE}/bodies/", f"/plans/{CODE}/bodies/SOMTC/", f"{ROUND}completion.csv"):
        response = page().get(address)
        content = b"".join(response).decode() if response.streaming else response.content.decode()  # type: ignore[arg-type]
        for word in ("returned", "Returned", "draft", "Submitted<", "Begun.", "Somchai"):
            assert word not in content.replace("Draft, November 2016", ""), (address, word)


def test_the_body_page_shows_its_rounds(plan: WorkPlan, cast: Cast, page: Page) -> None:
    drafted(opened(plan, by(cast.secretariat)), cast)

    response = page(cast.secretariat).get(f"/plans/{CODE}/bodies/SOMTC/")

    ((reporting_round, counts),) = response.context["completions"]
    assert (reporting_round.code, counts.draft, counts.total) == ("2018-1", 1, 30)
    assert f"{ROUND}?body=SOMTC&amp;state=draft#reports" in text(response)


@pytest.mark.parametrize(
    ("address", "most"),
    [
        (ROUNDS, 16),
        (ROUND, 18),
        (f"{ROUND}close/", 16),
        (f"{ROUND}exception/", 14),
        (f"{ROUNDS}completion.csv", 12),
        (f"{ROUND}completion.xlsx", 13),
        (f"/plans/{CODE}/bodies/", 16),
        (f"/plans/{CODE}/bodies/SOMTC/", 27),
        (f"/plans/{CODE}/bodies/SOMTC/deadlines.ics", 10),
    ],
)
def test_a_page_takes_the_same_queries_for_a_plan_of_any_size(
    plan: WorkPlan, cast: Cast, page: Page, address: str, most: int
) -> None:
    reporting_round = opened(plan, by(cast.secretariat))
    client = page(cast.secretariat)
    small = count(client, address)
    actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))
    grow(plan, 1_000)
    Obligation.objects.all().delete()
    ReportingRound.objects.filter(pk=reporting_round.pk).update(state=rules.PLANNED)
    reporting_round.refresh_from_db()
    actions.open_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))

    assert count(client, address) == small <= most, small
