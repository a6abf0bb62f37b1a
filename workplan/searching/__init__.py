"""Search: what somebody typed, the rows that hold it, and the words to mark in them.

Lists, API, exports and the search page ask here, so that they find the same.
"""

from workplan.searching.matching import holding, relevance, understood
from workplan.searching.words import HELP, HELP_BODIES, HELP_TEXT, HELP_UPDATES, Term, Words

__all__ = [
    "HELP",
    "HELP_BODIES",
    "HELP_TEXT",
    "HELP_UPDATES",
    "Term",
    "Words",
    "holding",
    "relevance",
    "understood",
]
