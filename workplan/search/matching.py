"""Which rows match a query: the condition in the SQL of each database.

The indexes are made and kept by the database (migration ``0012_search_words``).
"""

from typing import Any

from django.apps import apps
from django.db.models import BooleanField, Case, F, Func, IntegerField, Model, Q, Value, When
from django.db.models.functions import Coalesce

from workplan.rules import LEAD
from workplan.search.query import BodySpellings, Query, Term, parse, spelling
from workplan.search.words import stem, tokens

# The searched fields of each kind of record; the first weighs most.
SEARCHED = {
    "section": ("text", "notes"),
    "provision": ("text", "notes"),
    "collaborationarea": ("text", "notes"),
    "activity": ("text", "expected_output", "notes"),
    "sectoralbody": ("name", "acronym"),
    "statusupdate": ("narrative", "outputs_delivered", "challenges", "next_steps", "reason"),
}
WEIGHTS = "ABCDD"
# The weight of a term in the first field of a row, in another of its fields, in its area, or higher up in the plan.
OWN_TEXT, OTHER_TEXT, AREA_TEXT, HIGHER_TEXT = 8, 4, 2, 1


class TextMatches(Func):
    """Whether the texts of the record that a column names hold a term.

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
    def lookups(self) -> list[tuple[str, bool]]:
        """The indexes to look in, and whether the last word is a prefix there."""
        words = self.term.tokens
        # A single word of up to two letters has no other form.
        whole = ("plain" if len(words) == 1 and len(words[0]) < 3 else "stems", False)
        return [whole, ("plain", True)] if self.term.unfinished else [whole]

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        key, params = compiler.compile(self.source_expressions[0])
        table = f"workplan_{self.kind}"
        selects = []
        for index, is_prefix in self.lookups:
            selects.append(f"SELECT rowid FROM {table}_{index} WHERE {table}_{index} MATCH %s")
            within = f"{SEARCHED[self.kind][0]} : " if self.first else ""
            form = stem if index == "stems" else str
            phrases = (f'"{" ".join(map(form, phrase))}"{" *" if is_prefix else ""}' for phrase in self.term.phrases)
            params = [*params, f"{within}({' OR '.join(phrases)})"]
        return f"{key} IN ({' UNION ALL '.join(selects)})", params

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        key, params = compiler.compile(self.source_expressions[0])
        conditions = []
        for index, is_prefix in self.lookups:
            configuration = {"stems": "apta_stems", "plain": "simple"}[index]
            match = f"search_{index} @@ to_tsquery('{configuration}', %s)"
            conditions.append(match)
            params = [*params, " | ".join(self._tsquery(phrase, is_prefix) for phrase in self.term.phrases)]
            for phrase in self.term.phrases:
                if len(phrase) > 1:
                    # The positions in the index of a long text are incomplete: its words are looked up as text.
                    text = "split_part(search_text, E'\\n', 1)" if self.first else "search_text"
                    conditions.append(f"({match} AND {text} ~ %s)")
                    params.append(self._tsquery(phrase, is_prefix, adjacent=False))
                    params.append(_pattern(phrase, index, is_prefix))
        return f"{key} IN (SELECT id FROM workplan_{self.kind} WHERE {' OR '.join(conditions)})", params

    def _tsquery(self, phrase: tuple[str, ...], is_prefix: bool, *, adjacent: bool = True) -> str:
        """The words of ``phrase`` as a query of PostgreSQL: adjacent, or all of them anywhere."""
        # The words of a phrase are in one field, a single word is in any.
        anywhere = dict.fromkeys(WEIGHTS) if adjacent and len(phrase) > 1 else ("",)
        found = []
        for label in WEIGHTS[:1] if self.first else anywhere:
            ends = [label] * (len(phrase) - 1) + [("*" if is_prefix else "") + label]
            words = (f"'{token}'{end and f':{end}'}" for token, end in zip(phrase, ends, strict=True))
            found.append(f"({(' <-> ' if adjacent else ' & ').join(words)})")
        return " | ".join(found)


def _pattern(phrase: tuple[str, ...], index: str, is_prefix: bool) -> str:
    """A regular expression for the adjacent words of ``phrase``, which hold letters, digits and marks alone.

    A word that is looked up by its stem may end otherwise, as in policy, policies.
    """
    stemmed = index == "stems"
    words = (f"{stem(word)[:-1]}[^ ]*" if stemmed and word.isascii() and len(word) > 2 else word for word in phrase)
    return f" {' '.join(words)}{'' if is_prefix else ' '}"


def _text_matches(kind: str, key: Any, term: Term, *, first: bool = False) -> Q:
    return Q(TextMatches(key, kind, term, first=first))


def _refs(kind: str, key: str, term: Term) -> Q:
    """The record of one of the references, now or once, and those under it.

    Args:
        key: the column with the record's key: ``pk``, or a relation to it.
    """
    found = Q()
    field = "ref" if key == "pk" else f"{key}__ref"
    if term.refs:
        former = apps.get_model("workplan", "RecordName").objects.filter(record_type=kind, name__in=term.refs)
        found |= Q(**{f"{field}__in": term.refs}) | Q(**{f"{key}__in": former.values("record_id")})
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
    found = _text_matches("activity", F("pk"), term) | _refs("activity", "pk", term) | _markers("marker", term)
    # Most areas have no parent; a NULL would be neither true nor, where the term is excluded, false.
    for key in (F("area_id"), Coalesce("area__parent_id", 0)):
        found |= _text_matches("collaborationarea", key, term)
    found |= _text_matches("provision", F("area__provision_id"), term)
    if term.bodies:
        found |= Q(pk__in=_parts(term).values("activity")) | Q(all_other_bodies_cooperate=True)
    return found


def _document(kind: str) -> Any:
    return lambda term: _text_matches(kind, F("pk"), term) | _refs(kind, "pk", term) | _markers("marker", term)


def _body(term: Term) -> Q:
    found = _text_matches("sectoralbody", F("pk"), term) | Q(pk__in=term.bodies)
    if term.unfinished and len(term.tokens) == 1:
        found |= Q(acronym__istartswith=term.typed) | Q(aliases__name__istartswith=term.typed)
        known = apps.get_model("workplan", "SectoralBody").objects
        return Q(pk__in=known.filter(found).values("pk"))
    return found


def _update(term: Term) -> Q:
    found = _text_matches("statusupdate", F("pk"), term) | _refs("activity", "activity", term)
    return found | Q(body__in=term.bodies) if term.bodies else found


CONDITIONS: dict[str, Any] = {
    "section": _document("section"),
    "provision": _document("provision"),
    "collaborationarea": _document("collaborationarea"),
    "activity": _activity,
    "sectoralbody": _body,
    "statusupdate": _update,
}


def parse_query(query: str | Query) -> Query:
    """The query that was typed, with the bodies that it names. Asks the database for their spellings."""
    return query if isinstance(query, Query) else parse(query, body_spellings())


def body_spellings() -> dict[str, BodySpellings]:
    """Every body by each ``spelling`` of acronym, alias and name."""
    found: dict[str, BodySpellings] = {}
    for body in apps.get_model("workplan", "SectoralBody").objects.prefetch_related("aliases"):
        short = (body.acronym, *(alias.name for alias in body.aliases.all()))
        spellings = BodySpellings(body.pk, tuple(dict.fromkeys(map(tokens, short))))
        for name in (body.name, *short):
            found[spelling(name)] = spellings
    return found


def matches(model: type[Model], query: str | Query) -> Q:
    """The condition that a row of ``model`` holds all terms of ``query``. Without any term, no row does."""
    parsed = parse_query(query)
    if not parsed:
        return Q(pk__in=())
    condition = CONDITIONS[str(model._meta.model_name)]
    found = Q()
    for term in parsed.terms:
        found &= ~condition(term) if term.excluded else condition(term)
    return found


def relevance(model: type[Model], query: Query) -> Any:
    """How relevant a row that matches ``query`` is: where each of its terms stands, and whether they are adjacent."""
    kind = str(model._meta.model_name)
    score: Any = Value(0, output_field=IntegerField())
    for term in query.required_terms:
        places = [
            When(_text_matches(kind, F("pk"), term, first=True), then=Value(OWN_TEXT)),
            When(_text_matches(kind, F("pk"), term), then=Value(OTHER_TEXT)),
        ]
        if kind == "activity":
            if term.bodies:
                places.append(When(pk__in=_parts(term).filter(role=LEAD).values("activity"), then=Value(OTHER_TEXT)))
            places.append(When(_text_matches("collaborationarea", F("area_id"), term), then=Value(AREA_TEXT)))
        score = score + Case(*places, default=Value(HIGHER_TEXT), output_field=IntegerField())
    if query.adjacent:
        adjacent = When(_text_matches(kind, "pk", query.adjacent), then=Value(2 * OWN_TEXT))
        score = score + Case(adjacent, default=Value(0), output_field=IntegerField())
    return score
