"""What somebody meant who mistyped a word: the nearest word of the plan."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Case, Count, F, Max, Sum, When
from django.db.models.functions import Length

from workplan.searching.matching import Holds
from workplan.searching.stems import stem
from workplan.searching.words import WORD, Term, Words, fold, tokens

# Where the words of a plan stand, by the path to its code.
SOURCES = {
    "Section": ("plan__code", ("text",)),
    "Provision": ("plan__code", ("text",)),
    "CollaborationArea": ("plan__code", ("text",)),
    "Activity": ("plan__code", ("text", "expected_output")),
    "SectoralBody": (None, ("acronym", "name")),
    "BodyAlias": (None, ("name",)),
}
SHORTEST = 4


@dataclass(slots=True)
class Known:
    """The words that a plan knows.

    Attributes:
        words: how often each occurs.
        written: how it is written where small letters would be wrong, as in acronyms.
    """

    words: Counter[str] = field(default_factory=Counter)
    written: dict[str, str] = field(default_factory=dict)
    stems: set[str] = field(default_factory=set)

    def learn(self, text: str) -> None:
        for found in WORD.findall(text):
            for word in tokens(found):
                self.words[word] += 1
                self.stems.add(stem(word))
                if found.isupper() and len(found) > 1:
                    self.written.setdefault(word, found)

    def knows(self, word: str, *, unfinished: bool) -> bool:
        return stem(word) in self.stems or (unfinished and any(one.startswith(word) for one in self.words))

    def nearest(self, word: str) -> str | None:
        """The known word with the fewest slips of the finger between it and ``word``, the most frequent of several."""
        most = 1 if len(word) < 6 else 2
        best: tuple[int, int, str] | None = None
        for one, times in self.words.items():
            if abs(len(one) - len(word)) > most or len(one) < SHORTEST - 1 or one.isdigit():
                continue
            slips = distance(word, one, most)
            if slips <= most and (best is None or (slips, -times, one) < best):
                best = (slips, -times, one)
        return best and self.written.get(best[2], best[2])


def distance(one: str, other: str, most: int) -> int:
    """How many letters are wrong, missing, too many or swapped with their neighbour; beyond ``most``, any number."""
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        current = [row]
        for column, wanted in enumerate(other, start=1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        before, last = last, current
    return last[-1]


# The words of the plans that were asked for last, with what they were when they were read.
_read: dict[tuple[str, ...], tuple[Any, Known]] = {}
MOST_KEPT = 8


def known_words(plans: Iterable[str]) -> Known:
    """The words of ``plans`` and of all bodies, read again when something of them has changed."""
    key = tuple(sorted(plans))
    now = [_rows(name, key, columns, path) for name, (path, columns) in SOURCES.items()]
    state = [
        rows.aggregate(
            Count("pk"), Max("updated_at"), Max("pk"), **{f"{one}_length": Sum(Length(one)) for one in columns}
        )
        for rows, (_, columns) in zip(now, SOURCES.values(), strict=True)
    ]
    kept = _read.get(key)
    if kept is not None and kept[0] == state:
        return kept[1]
    known = Known()
    for rows, (_, columns) in zip(now, SOURCES.values(), strict=True):
        for texts in rows.values_list(*columns).iterator():
            for text in texts:
                known.learn(text)
    if len(_read) >= MOST_KEPT:
        _read.clear()
    _read[key] = (state, known)
    return known


def _rows(name: str, plans: tuple[str, ...], columns: Iterable[str], path: str | None) -> Any:
    rows = apps.get_model("workplan", name)._default_manager.order_by("pk")
    return rows.filter(**{f"{path}__in": plans}) if path and plans else rows


def corrected(words: Words, plans: Iterable[str], updates: Any) -> str | None:
    """``words`` with those that occur nowhere replaced by the nearest that the plan knows; ``None`` where none is.

    Args:
        updates: the status updates that the person may read; a word that occurs there is no slip.
    """
    known = known_words(plans)
    strange = {}
    for term in words.wanted:
        if term.refs or term.bodies:
            continue
        for place, token in enumerate(term.tokens):
            unfinished = term.unfinished and place == len(term.tokens) - 1
            is_word = len(token) >= SHORTEST and not any(letter.isdigit() for letter in token)
            if is_word and not known.knows(token, unfinished=unfinished):
                strange[token] = Term(token, (token,), unfinished=unfinished)
    if not strange:
        return None
    counted = updates.order_by().aggregate(
        **{
            f"word_{place}": Count(Case(When(Holds(F("pk"), "statusupdate", term), then=1)))
            for place, term in enumerate(strange.values())
        }
    )
    nearest = {
        token: better
        for place, token in enumerate(strange)
        if not counted[f"word_{place}"] and (better := known.nearest(token))
    }
    if not nearest:
        return None
    return WORD.sub(lambda found: nearest.get(fold(found[0]), found[0]), words.typed)
