"""Correction of mistyped words: the nearest word of the plan."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import Case, Count, F, Max, Sum, When
from django.db.models.functions import Length
from rapidfuzz import process
from rapidfuzz.distance import OSA

from workplan.search.matching import TextMatches
from workplan.search.query import Query, Term
from workplan.search.words import WORD, fold, iter_words, stem, tokens

# The fields whose words make the vocabulary, with the path to the plan's code.
SOURCES = {
    "Section": ("plan__code", ("text",)),
    "Provision": ("plan__code", ("text",)),
    "CollaborationArea": ("plan__code", ("text",)),
    "Activity": ("plan__code", ("text", "expected_output")),
    "SectoralBody": (None, ("acronym", "name")),
    "BodyAlias": (None, ("name",)),
}
# Shorter words are not corrected: too many others are near.
MIN_LENGTH = 4


@dataclass
class Vocabulary:
    """The words of a plan.

    Attributes:
        words: how often each occurs.
        acronyms: the spelling in capitals of words that are written so.
        stems: the stems of the words.
    """

    words: Counter[str] = field(default_factory=Counter)
    acronyms: dict[str, str] = field(default_factory=dict)
    stems: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        for found in iter_words(text):
            for word in tokens(found[0]):
                self.words[word] += 1
                self.stems.add(stem(word))
                if found[0].isupper() and len(found[0]) > 1:
                    self.acronyms.setdefault(word, found[0])

    @cached_property
    def candidates(self) -> list[str]:
        """The words that a mistyped one may stand for."""
        return [word for word in self.words if len(word) >= MIN_LENGTH - 1 and not word.isdigit()]

    def contains(self, word: str, *, unfinished: bool) -> bool:
        return stem(word) in self.stems or (unfinished and any(one.startswith(word) for one in self.words))

    def nearest(self, word: str) -> str | None:
        """The word with the fewest typing errors between it and ``word``, and of several the most frequent.

        An error is a letter that is wrong, missing, too many or swapped with its neighbour (optimal string alignment).
        A word of up to five letters may have one of them, a longer one two.
        """
        most = 1 if len(word) < 6 else 2
        near = process.extract(word, self.candidates, scorer=OSA.distance, score_cutoff=most, limit=None)
        if not near:
            return None
        best = min(near, key=lambda found: (found[1], -self.words[found[0]], found[0]))[0]
        return self.acronyms.get(best, best)


# The vocabularies that were used last, each with the state of the records that it was made of.
_cache: dict[tuple[str, ...], tuple[Any, Vocabulary]] = {}
MAX_CACHED = 8


def vocabulary_of(plans: Iterable[str]) -> Vocabulary:
    """The words of ``plans`` and of all bodies, made anew when one of their records has changed."""
    key = tuple(sorted(plans))
    sources = [_rows(name, key, columns, path) for name, (path, columns) in SOURCES.items()]
    state = [
        rows.aggregate(
            Count("pk"), Max("updated_at"), Max("pk"), **{f"{one}_length": Sum(Length(one)) for one in columns}
        )
        for rows, (_, columns) in zip(sources, SOURCES.values(), strict=True)
    ]
    cached = _cache.get(key)
    if cached is not None and cached[0] == state:
        return cached[1]
    vocabulary = Vocabulary()
    for rows, (_, columns) in zip(sources, SOURCES.values(), strict=True):
        for texts in rows.values_list(*columns).iterator():
            for text in texts:
                vocabulary.add(text)
    if len(_cache) >= MAX_CACHED:
        _cache.clear()
    _cache[key] = (state, vocabulary)
    return vocabulary


def _rows(name: str, plans: tuple[str, ...], columns: Iterable[str], path: str | None) -> Any:
    rows = apps.get_model("workplan", name)._default_manager.order_by("pk")
    return rows.filter(**{f"{path}__in": plans}) if path and plans else rows


def corrected_query(query: Query, plans: Iterable[str], updates: Any) -> str | None:
    """``query`` with each word that occurs nowhere replaced by the nearest of the plan; ``None`` where none is near.

    Args:
        plans: codes of the plans whose words count; none for all.
        updates: the status updates that the person may read; a word that occurs there is not mistyped.
    """
    vocabulary = vocabulary_of(plans)
    unknown = {}
    for term in query.required_terms:
        if term.refs or term.bodies:
            continue
        for place, token in enumerate(term.tokens):
            unfinished = term.unfinished and place == len(term.tokens) - 1
            is_word = len(token) >= MIN_LENGTH and not any(letter.isdigit() for letter in token)
            if is_word and not vocabulary.contains(token, unfinished=unfinished):
                unknown[token] = Term(token, (token,), unfinished=unfinished)
    if not unknown:
        return None
    counted = updates.order_by().aggregate(
        **{
            f"word_{place}": Count(Case(When(TextMatches(F("pk"), "statusupdate", term), then=1)))
            for place, term in enumerate(unknown.values())
        }
    )
    nearest = {
        token: better
        for place, token in enumerate(unknown)
        if not counted[f"word_{place}"] and (better := vocabulary.nearest(token))
    }
    if not nearest:
        return None
    return WORD.sub(lambda found: nearest.get(fold(found[0]), found[0]), query.typed)
