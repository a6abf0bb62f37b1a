"""Search: the query that somebody typed, the rows that match it, and the words to highlight in them.

Lists, API, exports and the search page ask here, so that they find the same.
"""

from workplan.search.matching import matches, parse_query, relevance
from workplan.search.query import HELP, HELP_BODIES, HELP_TEXT, HELP_UPDATES, Query, Term

__all__ = [
    "HELP",
    "HELP_BODIES",
    "HELP_TEXT",
    "HELP_UPDATES",
    "Query",
    "Term",
    "matches",
    "parse_query",
    "relevance",
]
