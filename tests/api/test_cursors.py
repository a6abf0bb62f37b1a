"""Paging by cursor: nothing that stays is missed or given twice, whatever happens between two pages."""

import datetime
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import DateTimeField, F
from django.test.utils import CaptureQueriesContext

from tests.api.lists import API, COMPUTED, LISTS, NOW, with_query
from tests.conftest import Cast
from workplan import rules
from workplan.api.base import Records
from workplan.api.views import Activities
from workplan.models import Activity, StatusUpdate, WorkPlan
from workplan.querysets.keyset import Keyset

# Orderings of activities by their place, which no report changes.
PLACES = ("", "ordering=ref", "ordering=-ref")


def orderings(view: Any) -> Iterator[str]:
    """Every ordering that a list has: as it is, by each column in both directions, and by several."""
    yield ""
    columns = list(view.filterset_class.base_filters["ordering"].expressions)
    yield from (f"ordering={sign}{column}" for column in columns for sign in ("", "-"))
    yield f"ordering={','.join(sign + column for sign, column in zip('- -', columns, strict=False)).replace(' ', '')}"


def pages(program: Any, address: str, meanwhile: Callable[[list[Any]], object] = lambda rows: None) -> list[Any]:
    """The rows of all pages from ``address`` on, following the links.

    Args:
        meanwhile: what happens after each page but the last; it is given the rows so far.
    """
    found: list[Any] = []
    for _ in range(200):
        answer = program.get(address)
        assert answer.status_code == 200, answer.json()
        shown = answer.json()
        found += shown["results"]
        assert shown["previous"] is None
        assert answer.headers.get("Link") == (f'<{shown["next"]}>; rel="next"' if shown["next"] else None)
        if shown["next"] is None:
            return found
        meanwhile(found)
        address = shown["next"]
    raise AssertionError("The pages have no end.")


def keys(rows: Iterable[Any]) -> list[Any]:
    return [row.get("id") or row.get("slug") or row.get("key") or str(row) for row in rows]


@pytest.mark.parametrize("address", LISTS)
def test_the_pages_are_the_list_in_every_ordering(
    names: dict[str, Any], cast: Cast, api: Callable[..., Any], address: str
) -> None:
    program = api(cast.secretariat)
    for ordering in orderings(LISTS[address]):
        whole = program.get(with_query(address.format(**names), ordering, "limit=1000")).json()
        found = pages(program, with_query(address.format(**names), ordering, "cursor=", "limit=4"))
        assert len(found) == whole["count"] > 1, (address, ordering)
        assert keys(found) == keys(whole["results"]), (address, ordering)


@pytest.mark.parametrize("address", COMPUTED)
def test_so_are_the_pages_of_lists_that_are_no_table(
    names: dict[str, Any], cast: Cast, api: Callable[..., Any], address: str
) -> None:
    program = api(cast.secretariat)
    whole = program.get(with_query(address, "limit=1000")).json()
    found = pages(program, with_query(address, "cursor=", "limit=3"))
    assert len(found) == whole["count"] > 3
    assert found == whole["results"]


class Life:
    """What happens to the activities between two pages: as much as may happen to a plan, by chance."""

    def __init__(self, chance: random.Random, *, keeps_values: bool) -> None:
        self.chance, self.keeps_values = chance, keeps_values
        self.excused: set[int] = set()  # rows that were not there throughout, or whose own value has changed

    def __call__(self, rows: list[Any]) -> None:
        for happening in (self.add, self.delete, self.leave, self.change):
            happening(rows)

    def add(self, rows: list[Any]) -> None:
        """Put an activity before others, which move on."""
        self.put_before(self.chance.choice(list(Activity.objects.all())))

    def put_before(self, model: Activity) -> None:
        Activity.objects.filter(plan=model.plan_id, position__gte=model.position).update(position=F("position") + 1)
        Activity.objects.create(
            plan=model.plan, area=model.area, kind=rules.ACTIVITY, text="New", position=model.position, ref=_new_ref()
        )

    def delete(self, rows: list[Any]) -> None:
        """Delete one; now and then the one that was given last."""
        free = list(Activity.objects.filter(obligations=None, updates=None).values_list("pk", flat=True))
        last = rows[-1]["id"]
        pk = last if last in free else self.chance.choice(free)
        Activity.objects.filter(pk=pk).delete()
        self.excused.add(pk)

    def leave(self, rows: list[Any]) -> None:
        """Take some out of the filter, among them the one that was given last, and others into it."""
        some = self.chance.sample(list(Activity.objects.values_list("pk", "kind")), 3)
        for pk, kind in [*some, (rows[-1]["id"], rules.ACTIVITY)]:
            other = rules.AREA if kind == rules.ACTIVITY else rules.ACTIVITY
            Activity.objects.filter(pk=pk).update(kind=other)
            self.excused.add(pk)

    def change(self, rows: list[Any]) -> None:
        """Report on some, among those that were given last."""
        day = datetime.date(2018, 1, 1) + datetime.timedelta(days=self.chance.randint(0, 500))
        pks = [*self.chance.sample(list(Activity.objects.values_list("pk", flat=True)), 3), rows[-2]["id"]]
        status = self.chance.choice(["ongoing", "completed"])
        Activity.objects.filter(pk__in=pks).update(updated_at=NOW)
        reported = Activity.objects.exclude(latest_update=None).values_list("pk", flat=True)
        pks += self.chance.sample(list(reported), 2)
        reported.filter(pk__in=pks).update(status=status, status_as_of=day)
        if not self.keeps_values:
            self.excused.update(pks)


_numbers = iter(range(5_000, 10_000))


def _new_ref() -> str:
    return f"A.1.1.{next(_numbers)}"


@pytest.mark.parametrize("writer", ["the database", "the serializers"])
def test_no_activity_that_stays_is_missed_or_doubled(
    names: dict[str, Any], api: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, writer: str
) -> None:
    if writer == "the serializers":
        monkeypatch.setattr(Activities, "list", Records.list)
    for number, ordering in enumerate(orderings(Activities)):
        life = Life(random.Random(number), keeps_values=ordering in PLACES)
        there = keys(api().get(with_query("activities/", ordering, "kind=activity", "limit=1000")).json()["results"])
        found = keys(pages(api(), with_query("activities/", ordering, "kind=activity", "cursor=", "limit=9"), life))
        stayed = [pk for pk in there if pk not in life.excused]
        assert len(stayed) > 20
        assert [pk for pk in found if pk in set(stayed)] == stayed, ordering


@pytest.mark.parametrize("ordering", PLACES)
def test_the_last_row_may_be_deleted_while_others_move(
    names: dict[str, Any], api: Callable[..., Any], ordering: str
) -> None:
    life = Life(random.Random(1), keeps_values=True)

    def happens(rows: list[Any]) -> None:
        if len(life.excused) == 3:
            return  # at the end of a list that grows as fast as it is read nobody arrives
        for _ in range(3):
            life.put_before(Activity.objects.filter(plan__code="second").earliest("position"))
        Activity.objects.filter(pk=rows[-1]["id"], obligations=None, updates=None).delete()
        life.excused.add(rows[-1]["id"])

    query = ordering, "plan=second"
    there = keys(api().get(with_query("activities/", *query)).json()["results"])
    found = keys(pages(api(), with_query("activities/", *query, "cursor=", "limit=3"), happens))
    stayed = [pk for pk in there if pk not in life.excused]
    assert stayed != there
    assert [pk for pk in found if pk in set(stayed)] == stayed


@pytest.mark.parametrize("address", ["sections/", "provisions/", "areas/", "bodies/", "contributions/", "updates/"])
def test_no_other_row_that_stays_is(names: dict[str, Any], cast: Cast, api: Callable[..., Any], address: str) -> None:
    model: Any = LISTS[address].filterset_class.Meta.model
    has_place = hasattr(model, "position")
    for number, ordering in enumerate(orderings(LISTS[address])):
        changed: set[int] = set()
        chance, is_excused = random.Random(number), "updated_at" in ordering

        def happens(
            rows: list[Any],
            chance: random.Random = chance,
            changed: set[int] = changed,
            is_excused: bool = is_excused,
        ) -> None:
            if has_place:
                place = chance.randint(0, 40)
                model.objects.filter(position__gte=place).update(position=F("position") + 1)
            # What was approved cannot be changed, nor need it be.
            free = model.objects.filter(state=rules.DRAFT) if model is StatusUpdate else model.objects.all()
            some = chance.sample(list(free.values_list("pk", flat=True)), 2)
            free.filter(pk__in=some).update(updated_at=NOW + datetime.timedelta(days=chance.randint(-500, 0)))
            changed.update(some if is_excused else ())

        program = api(cast.secretariat)
        there = keys(program.get(with_query(address, ordering, "limit=1000")).json()["results"])
        found = keys(pages(program, with_query(address, ordering, "cursor=", "limit=2"), happens))
        stayed = [pk for pk in there if pk not in changed]
        assert [pk for pk in found if pk in set(stayed)] == stayed, (address, ordering)


def test_questions_that_are_settled_meanwhile_move_no_other(
    names: dict[str, Any], cast: Cast, api: Callable[..., Any]
) -> None:
    program = api(cast.secretariat)
    settled: list[str] = []

    def settle(rows: list[Any]) -> None:
        question = rows[-1]
        if question["state"] != rules.OPEN or question["kind"] != rules.READING:
            return
        address = f"{API}questions/{question['key']}/"
        decision = {"decision": "keep", "reason": "Looked at again."}
        answer = program.post(f"{address}settle/", decision, headers={"If-Match": program.get(address)["ETag"]})
        assert answer.status_code == 200, answer.json()
        settled.append(question["key"])

    there = keys(program.get(with_query("questions/", "limit=1000", "kind=reading")).json()["results"])
    found = keys(pages(program, with_query("questions/", "kind=reading", "cursor=", "limit=5"), settle))
    assert len(settled) > 2
    stayed = [key for key in there if key not in settled]
    assert [key for key in found if key in stayed] == stayed


# What is refused


def refusal(answer: Any, name: str) -> str:
    assert answer.status_code == 400, answer.json()
    error = answer.json()["error"]
    assert error["code"] == "invalid" and set(error["fields"]) == {name}
    [message] = error["fields"][name]
    return str(message)


def test_a_cursor_belongs_to_its_list_its_ordering_and_its_filters(plan: WorkPlan, api: Callable[..., Any]) -> None:
    program = api()
    following = program.get(f"{API}activities/?section=A&ordering=-ref&cursor=&limit=2").json()["next"]
    query = following.partition("?")[2]
    assert program.get(following.replace("limit=2", "limit=5")).status_code == 200
    assert "another list" in refusal(program.get(f"{API}areas/?{query}"), "cursor")
    assert "another ordering" in refusal(program.get(following.replace("-ref", "ref")), "cursor")
    for other in (following.replace("section=A", "section=B"), f"{following}&kind=activity"):
        assert "other filters" in refusal(program.get(other), "cursor")


@pytest.mark.parametrize("address", ["activities/", "areas/", "questions/", "search/?q=training", "compare/?limit=1"])
def test_a_damaged_cursor_is_refused(plan: WorkPlan, api: Callable[..., Any], address: str) -> None:
    for damaged in ("x", "W10:x", "%F0%9F%98%80", "a" * 3_000, "%00", "%20", "1:2:3"):
        message = refusal(api().get(with_query(address, f"cursor={damaged}")), "cursor")
        assert "Begin again" in message
    following = api().get(with_query("activities/", "cursor=", "limit=2")).json()["next"]
    assert "no cursor that was given out" in refusal(api().get(following.replace("cursor=W", "cursor=")), "cursor")
    assert "no cursor that was given out" in refusal(api().get(following.replace("cursor=W", "cursor=X")), "cursor")


@pytest.mark.parametrize("address", ["activities/", "areas/", "questions/", "search/?q=training"])
def test_a_cursor_stands_alone(plan: WorkPlan, api: Callable[..., Any], address: str) -> None:
    assert "either offset or cursor" in refusal(api().get(with_query(address, "cursor=", "offset=2")), "offset")
    assert "once" in refusal(api().get(with_query(address, "cursor=", "cursor=")), "cursor")
    assert refusal(api().get(with_query(address, "cursor=", "limit=0")), "limit")


# What it costs


def test_a_page_deep_in_a_list_asks_as_little_as_the_first(names: dict[str, Any], api: Callable[..., Any]) -> None:
    for address in ("activities/", "areas/", "updates/", "rounds/"):
        numbers = []
        where = with_query(address, "cursor=", "limit=3")
        while where:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                where = api().get(where).json()["next"]
            numbers.append(len(asked))
        assert len(numbers) > 2
        assert max(numbers) <= numbers[0], address


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (Activity.objects.in_order(), "activity_in_list"),
        (Activity.objects.order_by("updated_at"), "activity_by_change"),
        (StatusUpdate.objects.newest_first(), "statusupdate_newest_first"),
    ],
    ids=["activities", "changes", "updates"],
)
def test_a_page_begins_by_an_index(plan: WorkPlan, rows: Any, index: str) -> None:
    keyset = Keyset(rows.all())
    values = [NOW.isoformat() if isinstance(field, DateTimeField) else 1 for field in keyset.fields]
    page = keyset.after([*values, None]).values("pk")[:50]
    if connection.vendor == "sqlite":
        assert index in page.explain()
        return
    # Which index PostgreSQL takes for a table of a few rows depends on its statistics; that it takes one does not.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    planned = page.explain()
    assert "Seq Scan" not in planned and "Index Cond" in planned


def test_a_cursor_page_has_its_own_entity_tag(plan: WorkPlan, api: Callable[..., Any]) -> None:
    first = api().get(with_query("activities/", "cursor=", "limit=3"))
    second = api().get(first.json()["next"])
    assert first["ETag"] != second["ETag"]
    kept = api().get(first.json()["next"], headers={"If-None-Match": second["ETag"]})
    assert kept.status_code == 304
    again = api().get(with_query("activities/", "cursor=", "limit=3"))
    assert (again.content, again["Link"]) == (first.content, first["Link"])
