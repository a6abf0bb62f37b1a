"""What is at each address: which rows, in which shape, and which deed."""

from workplan.api.views.activities import Activities, ActivityContributions, ActivityUpdates, Contributions
from workplan.api.views.compare import Compare
from workplan.api.views.counts import Summary
from workplan.api.views.coverage import Coverage
from workplan.api.views.description import Description, docs_view, nothing_here
from workplan.api.views.document import Areas, Bodies, Plans, Provisions, Sections
from workplan.api.views.questions import Questions
from workplan.api.views.reports import Approvals, UpdateComments, UpdateEvidence, Updates
from workplan.api.views.rounds import RoundMoves, RoundObligations, Rounds
from workplan.api.views.saved_views import SavedViews
from workplan.api.views.search import Search
from workplan.api.views.tokens import Tokens, TokenThrottle

__all__ = [
    "Activities",
    "ActivityContributions",
    "ActivityUpdates",
    "Approvals",
    "Areas",
    "Bodies",
    "Compare",
    "Contributions",
    "Coverage",
    "Description",
    "Plans",
    "Provisions",
    "Questions",
    "RoundMoves",
    "RoundObligations",
    "Rounds",
    "SavedViews",
    "Search",
    "Sections",
    "Summary",
    "TokenThrottle",
    "Tokens",
    "UpdateComments",
    "UpdateEvidence",
    "Updates",
    "docs_view",
    "nothing_here",
]
