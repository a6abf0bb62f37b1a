"""What is at each address: which rows, in which shape, and which action."""

from workplan.api.views.activities import Activities, ActivityContributions, ActivityUpdates, Contributions
from workplan.api.views.compare import Compare
from workplan.api.views.corrections import Corrections
from workplan.api.views.counts import Summary
from workplan.api.views.coverage import Coverage
from workplan.api.views.deadline_extensions import DeadlineExtensions, GivenDeadlineExtensions
from workplan.api.views.description import Description, Index, docs_view, nothing_here
from workplan.api.views.document import Areas, Bodies, Plans, Provisions, Sections
from workplan.api.views.questions import Questions
from workplan.api.views.reports import Approvals, UpdateComments, UpdateEvidence, Updates
from workplan.api.views.rounds import RoundObligations, Rounds, RoundTransitions
from workplan.api.views.saved_views import SavedViews
from workplan.api.views.search import Search
from workplan.api.views.tokens import KeptTokens, Tokens

__all__ = [
    "Activities",
    "ActivityContributions",
    "ActivityUpdates",
    "Approvals",
    "Areas",
    "Bodies",
    "Compare",
    "Contributions",
    "Corrections",
    "Coverage",
    "DeadlineExtensions",
    "Description",
    "GivenDeadlineExtensions",
    "Index",
    "KeptTokens",
    "Plans",
    "Provisions",
    "Questions",
    "RoundObligations",
    "RoundTransitions",
    "Rounds",
    "SavedViews",
    "Search",
    "Sections",
    "Summary",
    "Tokens",
    "UpdateComments",
    "UpdateEvidence",
    "Updates",
    "docs_view",
    "nothing_here",
]
