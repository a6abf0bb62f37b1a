"""What a token may be used for: its scopes, and which of them include which others."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from workplan.rules.vocabulary import Term, Vocabulary

READ_SCOPE, REPORT_SCOPE, REVIEW_SCOPE, PLAN_SCOPE = "read", "report", "review", "plan"

SCOPES = Vocabulary(
    Term(READ_SCOPE, "Read", "Reads what the account may read, and writes nothing."),
    Term(
        REPORT_SCOPE,
        "Report",
        "Also drafts, submits and corrects reports with their evidence, concurs, comments and contributes, and keeps "
        "saved views. Of the secretariat it also records statuses directly.",
    ),
    Term(REVIEW_SCOPE, "Review", "Also approves and returns reports; includes Report."),
    Term(PLAN_SCOPE, "Plan", "Also keeps the plan: rounds, deadline extensions and open questions."),
)
INCLUDED: dict[str, tuple[str, ...]] = {
    READ_SCOPE: (),
    REPORT_SCOPE: (READ_SCOPE,),
    REVIEW_SCOPE: (READ_SCOPE, REPORT_SCOPE),
    PLAN_SCOPE: (READ_SCOPE,),
}
EVERY_SCOPE = tuple(SCOPES.values)
MOST_TOKEN_NAME = 100


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What a token may be used for.

    Attributes:
        scopes: of ``SCOPES``, with those that they include.
        body_id: the body for which alone it acts; ``None`` where it acts for whatever the account acts for.
        expiry: when it ends.
        key: the primary key of the token.
    """

    scopes: frozenset[str]
    body_id: int | None
    expiry: datetime.datetime
    key: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it takes nothing away."""
        return self.body_id is None and self.scopes.issuperset(EVERY_SCOPE)


def with_included(scopes: Iterable[str]) -> tuple[str, ...]:
    """``scopes`` with those that they include, in the order of the vocabulary."""
    chosen = set(scopes)
    found = chosen.union(*(INCLUDED[one] for one in chosen))
    return tuple(one for one in SCOPES.values if one in found)


def sets_of_scopes() -> list[str]:
    """Every set of scopes that a token can have, as it is stored: words with a space between them."""
    chosen = (some for size in range(1, len(EVERY_SCOPE) + 1) for some in combinations(EVERY_SCOPE, size))
    return sorted({" ".join(with_included(some)) for some in chosen})
