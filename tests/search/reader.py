"""Which records a reader finds who reads every text: what the databases have to find as well."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from workplan.models import Activity, CollaborationArea, Provision, Section, SectoralBody, StatusUpdate
from workplan.search import highlight
from workplan.search.matching import SEARCHED
from workplan.search.query import Query, Term

# A reader remembers the texts of the plan: each is split into words once.
tokenize_once = cache(highlight.tokenize.__wrapped__)

DOCUMENT = (Section, Provision, CollaborationArea)


def as_a_reader_would(query: Query, records: Iterable[Any]) -> list[Any]:
    """Those of ``records`` that match ``query``."""
    return [
        record for record in records if query and all(term.excluded != is_held(term, record) for term in query.terms)
    ]


def is_held(term: Term, record: Any) -> bool:
    return any(highlight.occurs(text, term) for text in texts_of(record)) or is_named(term, record)


def texts_of(record: Any) -> list[str]:
    """What a record is searched by, one text after the other."""
    searched = [record]
    if isinstance(record, Activity):
        area = record.area
        searched += [*([area.parent] if area.parent else []), area, area.provision]
    return [
        text
        for one in searched
        for name in SEARCHED[one._meta.model_name]
        # The texts of a list are indexed as one.
        for text in ([" ; ".join(one.notes)] if name == "notes" else [getattr(one, name)])
    ]


def is_named(term: Term, record: Any) -> bool:
    """Whether ``term`` is a reference, a marker or a body of the record."""
    match record:
        case Activity():
            bodies = {one.body_id for one in record.responsibilities.all()}
            named = term.bodies and (record.all_other_bodies_cooperate or bodies & set(term.bodies))
            return bool(named) or _is_place(term, record.ref) or record.marker.lower() in term.markers
        case SectoralBody():
            names = (record.acronym, *(alias.name for alias in record.aliases.all()))
            begun = term.unfinished and len(term.tokens) == 1
            return record.pk in term.bodies or (
                begun and any(one.lower().startswith(term.typed.lower()) for one in names)
            )
        case StatusUpdate():
            return record.body_id in term.bodies or _is_place(term, record.activity.ref)
        case _:
            return _is_place(term, record.ref) or record.marker.lower() in term.markers


def _is_place(term: Term, ref: str) -> bool:
    return any(ref == one or ref.startswith(f"{one}.") for one in term.refs)
