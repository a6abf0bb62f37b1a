"""What a program is answered, made comparable, kept in files, and compared with them."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Model

from workplan.models import (
    Activity,
    CollaborationArea,
    Comment,
    Contribution,
    Evidence,
    Provision,
    ReportingRound,
    Review,
    SavedView,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

WIDTH = 118
# What is said in words for people may be worded better.
FOR_PEOPLE = ("description", "summary")
# The largest numbers of a column, by database.
LARGEST = (2**31 - 1, 2**63 - 1)
HEADERS = ("Content-Type", "ETag", "Location", "Allow", "Cache-Control", "Vary", "WWW-Authenticate", "Retry-After")
# The year that the clock of the scene shows. Every other time is that of the machine.
YEAR = "2018"

MODELS: Mapping[str, type[Model]] = {
    "plans": WorkPlan,
    "sections": Section,
    "provisions": Provision,
    "areas": CollaborationArea,
    "bodies": SectoralBody,
    "activities": Activity,
    "rounds": ReportingRound,
    "updates": StatusUpdate,
    "contributions": Contribution,
    "evidence": Evidence,
    "reviews": Review,
    "comments": Comment,
    "views": SavedView,
}
# Which records an id is of, by the name of the value that holds it or that holds the object around it.
BY_NAME = {"round": "rounds", "by_round": "rounds", "trend": "rounds"}
WRAPPERS = ("results", "current")
PAGES = {"reports": "updates"}
ADDRESS = re.compile(r"/(?P<resource>[a-z]+)/(?P<pk>[0-9]+)(?=/)")
# The version of a record or the tag of a question, the name of the record (from 0.4.0), and the hash of an answer.
TAG = re.compile(r'"(?:(?P<version>[0-9a-f-]+)-)?(?:[a-z]+\.[^"]+-)?(?:[0-9a-f]{24}|[0-9a-f]{32})"')
QUESTION_TAG = re.compile(r"([0-9]+)-[0-9a-f]{0,16}-([0-9]+)")
MOMENT = re.compile(r"\b([0-9]{4})-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})")


class Normal:
    """Makes answers of different days, machines and databases comparable.

    An id becomes the place of its record in the order in which the records of its kind were made. Hashes and times
    of the machine's own clock become an ellipsis.

    Args:
        slugs: the slug of each saved view by what its name alone would make of it: part of it may be random.
    """

    def __init__(self, slugs: Mapping[str, str]) -> None:
        self._places: dict[str, dict[int, int]] = {}
        self._slugs = slugs

    def place(self, resource: str, pk: int) -> int:
        """The place of a record among its kind, from 1; an id that no record has stays as it is."""
        if pk not in self._places.setdefault(resource, {}):
            pks = MODELS[resource]._default_manager.order_by("pk").values_list("pk", flat=True)
            self._places[resource].update({one: number for number, one in enumerate(pks, 1)})
        return self._places[resource].get(pk, pk)

    def with_slugs(self, address: str) -> str:
        """``address`` with the slugs that views have now in place of those of their names."""
        for plain, slug in self._slugs.items():
            address = re.sub(rf"(?<=views/){plain}(?=/)|(?<=view=){plain}\b", slug, address)
        return address

    def text(self, value: str) -> str:
        for plain, slug in self._slugs.items():
            value = value.replace(slug, plain)
        value = ADDRESS.sub(self._address, value)
        return MOMENT.sub(lambda found: found[0] if found[1] == YEAR else "…", value)

    def tag(self, value: str) -> str:
        """An entity tag, with the version that it begins with."""
        found = TAG.fullmatch(value)
        if not found:
            return value
        version = f"{self.question_tag(found['version'])}-" if found["version"] else ""
        return f'"{version}…"'

    def question_tag(self, value: str) -> str:
        return QUESTION_TAG.sub(r"\1-…-\2", value)

    def json(self, value: Any, name: str = "") -> Any:
        """An answer, of which ``name`` is what it holds, such as ``comments``."""
        if isinstance(value, dict):
            return {key: self._entry(value, key, inner, name) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.json(one, name) for one in value]
        return self.text(value) if isinstance(value, str) else value

    def _entry(self, around: dict[str, Any], key: str, value: Any, name: str) -> Any:
        if key == "id" and isinstance(value, int):
            return self.place(self._resource(around, name), value)
        if key == "round" and isinstance(value, int):
            return self.place("rounds", value)
        if key == "token" and isinstance(value, str):
            return "…"
        if key == "tag" and isinstance(value, str):
            return self.question_tag(value)
        return self.json(value, name if key in WRAPPERS else key)

    def _resource(self, around: dict[str, Any], name: str) -> str:
        """What kind of record ``around`` is: its own address says so, or the name under which it stands."""
        found = re.search(r"/api/v1/([a-z]+)/[^/]+/$", str(around.get("url", "")))
        return found[1] if found else BY_NAME.get(name, name)

    def _address(self, found: re.Match[str]) -> str:
        resource = PAGES.get(found["resource"], found["resource"])
        return f"/{found['resource']}/{self.place(resource, int(found['pk']))}" if resource in MODELS else found[0]


def plain(value: Any) -> Any:
    """A description in OpenAPI without what it says in words for people, and without the limits of the database."""
    if isinstance(value, dict):
        if value.get("maximum") in LARGEST:
            value = {key: one for key, one in value.items() if key not in ("maximum", "format")}
        kept = {key: one for key, one in value.items() if not (key in FOR_PEOPLE and isinstance(one, str))}
        return {key: plain(one) for key, one in kept.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def apart(first: Any, second: Any, *where: str) -> Iterator[tuple[str, Any]]:
    """Where ``second`` is another than ``first``, and what it has there."""
    if isinstance(first, dict) and list(first) == list(second or ()):
        for key in first:
            yield from apart(first[key], second[key], *where, key)
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for place, (one, other) in enumerate(zip(first, second, strict=True)):
            yield from apart(one, other, *where, str(place))
    elif first != second:
        yield " > ".join(where), second


def compact(answers: Any) -> Any:
    """What each reader is answered; of others than the visitor only where it is another answer than the visitor's."""
    if not isinstance(answers, dict) or len(answers) < 2 or "visitor" not in answers:
        return answers
    first = answers["visitor"]
    return {
        person: answer if answer is first or isinstance(answer, str) else dict(apart(first, answer))
        for person, answer in answers.items()
    }


def expanded(kept: Any) -> Any:
    """The answers that ``compact`` has made short."""
    if not isinstance(kept, dict) or len(kept) < 2 or "visitor" not in kept or isinstance(kept["visitor"], str):
        return kept
    first = kept["visitor"]
    return {person: first if answer is first else _with(first, answer) for person, answer in kept.items()}


def _with(answer: Any, other: dict[str, Any]) -> Any:
    """``answer`` with what stands at each of the places in ``other``."""
    found = copy.deepcopy(answer)
    for where, value in other.items():
        *above, last = where.split(" > ")
        inner = found
        for key in above:
            inner = inner[int(key)] if isinstance(inner, list) else inner[key]
        inner[int(last) if isinstance(inner, list) else last] = value
    return found


def pretty(value: Any, indent: int = 0) -> str:
    """JSON that is read line by line: whatever is short stands on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if indent + len(line) <= WIDTH or not isinstance(value, dict | list) or not value:
        return line
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        rows = [f"{pad}{json.dumps(key, ensure_ascii=False)}: {pretty(one, indent + 1)}" for key, one in value.items()]
        return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"
    rows = [pad + pretty(one, indent + 1) for one in value]
    return "[\n" + ",\n".join(rows) + "\n" + " " * indent + "]"


def write(folder: Path, name: str, value: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(pretty(value) + "\n", encoding="utf-8")


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


class Difference(NamedTuple):
    """One thing that is not as it was recorded.

    Attributes:
        where: the names that lead to it, such as ``activities > GET activities/ > visitor > body > count``.
        what: what was there and what is there now.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class Intended(NamedTuple):
    """A difference that is meant.

    Attributes:
        where: a pattern with ``*`` for ``Difference.where``.
        reason: why the answer is another one now.
        what: a pattern with ``*`` for ``Difference.what``.
    """

    where: str
    reason: str
    what: str = "*"

    @property
    def family(self) -> str:
        """The family of answers that it is about; ``*`` for several."""
        return self.where.split(" > ")[0]

    def covers(self, difference: Difference) -> bool:
        return fnmatchcase(difference.where, self.where) and fnmatchcase(difference.what, self.what)


def rows_by_name(rows: Any) -> dict[str, Any]:
    """The rows of a list by their ``name``, such as the parameters of an address; empty where not each has its own."""
    if not isinstance(rows, list) or not all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in rows
    ):
        return {}
    found = {one["name"]: one for one in rows}
    return found if len(found) == len(rows) else {}


def differences(recorded: Any, present: Any, *where: str) -> Iterator[Difference]:
    """Everything in which ``present`` differs from what was recorded, each named by the way to it."""
    way = " > ".join(where)
    if isinstance(recorded, dict) and isinstance(present, dict):
        for key in recorded | present:
            if key not in present:
                yield Difference(f"{way} > {key}", f"is gone; it was {short(recorded[key])}")
            elif key not in recorded:
                yield Difference(f"{way} > {key}", f"is new: {short(present[key])}")
            else:
                yield from differences(recorded[key], present[key], *where, key)
        if list(recorded) != list(present) and recorded.keys() == present.keys():
            yield Difference(f"{way} > order", f"was {short(list(recorded))}, is {short(list(present))}")
    elif isinstance(recorded, list) and isinstance(present, list) and len(recorded) == len(present):
        for place, (old, new) in enumerate(zip(recorded, present, strict=True)):
            yield from differences(old, new, *where, str(place))
    elif (old_rows := rows_by_name(recorded)) and (new_rows := rows_by_name(present)):
        yield from differences(old_rows, new_rows, *where)
    elif recorded != present or type(recorded) is not type(present):
        yield Difference(way, f"was {short(recorded)}, is {short(present)}")


def in_words(found: list[Difference]) -> list[str]:
    """The differences in words; of those that are alike the first, and how many there are."""
    alike: dict[tuple[str, str], list[Difference]] = {}
    for one in found:
        alike.setdefault((one.where.rpartition(" > ")[2], one.what), []).append(one)
    return [f"{first}" + (f" (and {len(others)} more like it)" if others else "") for first, *others in alike.values()]


def short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}… ({len(text)} characters)"
