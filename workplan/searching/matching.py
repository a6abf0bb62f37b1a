"""Which rows hold the words: the question to the database, in the language of each.

The indexes are made and kept by the database (migration ``0010_search``).
"""

from typing import Any

from django.apps import apps
from django.db.models import BooleanField, Case, F, Func, IntegerField, Model, Q, Value, When
from django.db.models.functions import Coalesce

from workplan.rules import LEAD
from workplan.searching.words import Named, Term, Words, read, spelling, tokens

# What is searched of each kind of record; the first weighs most.
SEARCHED = {
    "section": ("text", "notes"),
    "provision": ("text", "notes"),
    "collaborationarea": ("text", "notes"),
    "activity": ("text", "expected_output", "notes"),
    "sectoralbody": ("name", "acronym"),
    "statusupdate": ("narrative", "outputs_delivered", "challenges", "next_steps", "reason"),
}
WEIGHTS = "ABCDD"
# What a word weighs where it stands in the row's own text, beside it, in the area, or further up.
OWN, BESIDE, AREA, ABOVE = 8, 4, 2, 1


class Holds(Func):
    """Whether the record that a column names holds a term.

    Args:
        key: the column with the record's key: ``pk``, or a relation to it.
        kind: whose record it is, of ``SEARCHED``.
        first: only in the field that weighs most.
    """

    output_field = BooleanField()

    def __init__(self, key: Any, kind: str, term: Term, *, first: bool = False) -> None:
        super().__init__(key)
        self.kind, self.term, self.first = kind, term, first

    @property
    def asks(self) -> list[tuple[str, bool]]:
        """The indexes to ask, and whether the last word may go on there."""
        words = self.term.tokens
        # What has two letters is no stem of anything.
        whole = ("plain" if len(words) == 1 and len(words[0]) < 3 else "stems", False)
        return [whole, ("plain", True)] if self.term.unfinished else [whole]

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        key, params = compiler.compile(self.source_expressions[0])
        table = f"workplan_{self.kind}"
        found, asked = [], []
        for index, goes_on in self.asks:
            found.append(f"SELECT rowid FROM {table}_{index} WHERE {table}_{index} MATCH %s")
            within = f"{SEARCHED[self.kind][0]} : " if self.first else ""
            phrases = (f'"{" ".join(phrase)}"{" *" if goes_on else ""}' for phrase in self.term.phrases)
            asked.append(f"{within}({' OR '.join(phrases)})")
        return f"{key} IN ({' UNION ALL '.join(found)})", [*params, *asked]

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        key, params = compiler.compile(self.source_expressions[0])
        found, asked = [], []
        for index, goes_on in self.asks:
            configuration = {"stems": "apta_stems", "plain": "simple"}[index]
            found.append(f"search_{index} @@ to_tsquery('{configuration}', %s)")
            asked.append(self._tsquery(goes_on))
        return f"{key} IN (SELECT id FROM workplan_{self.kind} WHERE {' OR '.join(found)})", [*params, *asked]

    def _tsquery(self, goes_on: bool) -> str:
        found = []
        for phrase in self.term.phrases:
            # A phrase stands within one field, a single word in any.
            labels = WEIGHTS[:1] if self.first else dict.fromkeys(WEIGHTS) if len(phrase) > 1 else ("",)
            for label in labels:
                ends = [label] * (len(phrase) - 1) + [("*" if goes_on else "") + label]
                words = (f"'{token}'{end and f':{end}'}" for token, end in zip(phrase, ends, strict=True))
                found.append(f"({' <-> '.join(words)})")
        return " | ".join(found)


def _of(kind: str, key: Any, term: Term, *, first: bool = False) -> Q:
    return Q(Holds(key, kind, term, first=first))


def _refs(field: str, term: Term) -> Q:
    """The record of one of the references meant, and what stands under it."""
    found = Q()
    if term.refs:
        found |= Q(**{f"{field}__in": term.refs})
        for ref in term.refs:
            found |= Q(**{f"{field}__startswith": f"{ref}."})
    return found


def _markers(field: str, term: Term) -> Q:
    found = Q()
    for marker in term.markers:
        found |= Q(**{f"{field}__iexact": marker})
    return found


def _parts(term: Term) -> Any:
    return apps.get_model("workplan", "Responsibility").objects.filter(body__in=term.bodies)


def _activity(term: Term) -> Q:
    found = _of("activity", F("pk"), term) | _refs("ref", term) | _markers("marker", term)
    # Most areas stand under no other; what is not known would not be held, nor not held.
    for key in (F("area_id"), Coalesce("area__parent_id", 0)):
        found |= _of("collaborationarea", key, term)
    found |= _of("provision", F("area__provision_id"), term)
    if term.bodies:
        found |= Q(pk__in=_parts(term).values("activity")) | Q(all_other_bodies_cooperate=True)
    return found


def _document(kind: str) -> Any:
    return lambda term: _of(kind, F("pk"), term) | _refs("ref", term) | _markers("marker", term)


def _body(term: Term) -> Q:
    found = _of("sectoralbody", F("pk"), term) | Q(pk__in=term.bodies)
    if term.unfinished and len(term.tokens) == 1:
        found |= Q(acronym__istartswith=term.typed) | Q(aliases__name__istartswith=term.typed)
        known = apps.get_model("workplan", "SectoralBody").objects
        return Q(pk__in=known.filter(found).values("pk"))
    return found


def _update(term: Term) -> Q:
    found = _of("statusupdate", F("pk"), term) | _refs("activity__ref", term)
    return found | Q(body__in=term.bodies) if term.bodies else found


CONDITIONS: dict[str, Any] = {
    "section": _document("section"),
    "provision": _document("provision"),
    "collaborationarea": _document("collaborationarea"),
    "activity": _activity,
    "sectoralbody": _body,
    "statusupdate": _update,
}


def understood(typed: "str | Words") -> Words:
    """What ``typed`` asks for, with the bodies that it names. Asks the database for their spellings."""
    return typed if isinstance(typed, Words) else read(typed, spellings())


def spellings() -> dict[str, Named]:
    """Every body by each ``spelling`` of acronym, alias and name."""
    found: dict[str, Named] = {}
    for body in apps.get_model("workplan", "SectoralBody").objects.prefetch_related("aliases"):
        short = (body.acronym, *(alias.name for alias in body.aliases.all()))
        named = Named(body.pk, tuple(dict.fromkeys(map(tokens, short))))
        for name in (body.name, *short):
            found[spelling(name)] = named
    return found


def holding(model: type[Model], words: "str | Words") -> Q:
    """The condition that a row of ``model`` holds all of ``words``. Without any word, no row does."""
    read_words = understood(words)
    if not read_words:
        return Q(pk__in=())
    condition = CONDITIONS[str(model._meta.model_name)]
    found = Q()
    for term in read_words.terms:
        found &= ~condition(term) if term.excluded else condition(term)
    return found


def relevance(model: type[Model], words: Words) -> Any:
    """How much a row that holds ``words`` is about them: where each of them stands, and whether side by side."""
    kind = str(model._meta.model_name)
    score: Any = Value(0, output_field=IntegerField())
    for term in words.wanted:
        places = [
            When(_of(kind, F("pk"), term, first=True), then=Value(OWN)),
            When(_of(kind, F("pk"), term), then=Value(BESIDE)),
        ]
        if kind == "activity":
            if term.bodies:
                places.append(When(pk__in=_parts(term).filter(role=LEAD).values("activity"), then=Value(BESIDE)))
            places.append(When(_of("collaborationarea", F("area_id"), term), then=Value(AREA)))
        score = score + Case(*places, default=Value(ABOVE), output_field=IntegerField())
    if words.together:
        side_by_side = When(_of(kind, "pk", words.together), then=Value(2 * OWN))
        score = score + Case(side_by_side, default=Value(0), output_field=IntegerField())
    return score
