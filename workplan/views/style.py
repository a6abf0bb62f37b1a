"""The style page of a trial: every part that pages are made of, each shown by the template that pages use."""

from collections import Counter
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from workplan import rules
from workplan.columns import COLUMNS
from workplan.history.events import Event, Timeline
from workplan.models import Activity, WorkPlan
from workplan.monitoring import charts, completion, open_questions
from workplan.monitoring.summary import Tally
from workplan.querysets.days import secretariat_day
from workplan.views.browsing import Chip, Choice, Facet
from workplan.views.monitoring.as_of import AsOfSelection

# The tokens of apta.css, by what they are for.
COLOURS = {
    "Ink and paper": "ink ink-2 line line-2 edge paper sheet sheet-2 sheet-3 hover shadow",
    "Marks and actions": "deep on-deep link button button-hover accent choice chip chip-hover chip-ink mark focus",
    "Good, information, warning": "good good-ground info info-ground warn warn-ground",
    "Wrong": "wrong wrong-ground wrong-button wrong-button-hover",
}
STEPS = ("step--1", "step-0", "step-1", "step-2", "step-3", "step-4")
MIXED = Tally(Counter(not_reported=5, not_started=3, ongoing=8, completed=6, deferred=2, cancelled=1))
FEW = Tally(Counter(not_reported=19, ongoing=6))
WORDS = ("A word", "Two words", "A choice of which the words are longer than its line is wide, as they are in the plan")
ADVICE = rules.Check("as_of", "The date of the status is recent.", "It is four months old.", advice=True)
# The sentence of a line, the words that belong to it, a person, and a way.
EVENTS = (
    ("The secretariat returned the report of SOMTC.", "The link of the evidence does not work.", "Sari Staff", "page"),
    ("SOMTC submitted a report: Completed.", "", "Somchai Focal", "api"),
    ("The round “First half of 2018” was opened.",),
)
ROWS_SHOWN = 3


class SampleForm(forms.Form):
    """One field of each kind, one of them left empty."""

    name = forms.CharField(max_length=80, help_text="Its name.")
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    words = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), help_text="One or two sentences.")
    kind = forms.ChoiceField(choices=rules.ROUND_KINDS.choices)
    shared = forms.BooleanField(required=False, label="Others may see it")


def style(request: HttpRequest) -> HttpResponse:
    """All parts on one page, to look at when one of them changes."""
    if not settings.TRIAL:
        raise Http404
    plan = WorkPlan.objects.current()
    rows = Activity.objects.visible_to(request.user).for_display().filter(plan=plan)
    form = SampleForm({"day": "", "words": "Begun.", "kind": rules.HALF_YEAR})
    context: dict[str, Any] = {
        "plan": plan,
        "colours": {label: names.split() for label, names in COLOURS.items()},
        "steps": STEPS,
        "tally": MIXED,
        "bars": [("All alike", Tally(Counter(ongoing=4))), ("All", MIXED), ("None", Tally())],
        "counts": completion.Counts(owed=4, draft=2, submitted=3, returned=1, approved=6),
        "states": completion.STATES,
        "figures": completion.figures_for(request.user),
        "round_states": rules.ROUND_STATES,
        "sample": {"chart": charts.columns([("2018-1", _parts(FEW)), ("today", _parts(MIXED))])},
        "today": secretariat_day(),
        "timeline": Timeline([Event(timezone.now(), *event) for event in EVENTS], number=2, has_older=True),
        "question": next(iter(open_questions.of_plans([plan], request.user)), None) if plan else None,
        "form": form,
        "problems": {"status": ["“done” is not known here. Use completed."]},
        "as_of_selection": AsOfSelection(None, request.GET.copy()),
        "facet": Facet("kind", "Kind", [Choice(word, word, place, place == 1) for place, word in enumerate(WORDS)]),
        "chips": [Chip("Body: SOMTC", "?"), Chip("Status: Ongoing", "?")],
        "checklist": [
            rules.Check("status", "A status is selected.", ""),
            ADVICE,
            rules.Check("x", WORDS[2], "Missing."),
        ],
        "columns": COLUMNS,
        "activities": list(rows[:ROWS_SHOWN]),
        "page": Paginator(range(200), 50).get_page(2),
    }
    return render(request, "workplan/plan/style.html", context)


def _parts(tally: Tally) -> list[tuple[rules.Term, int]]:
    return [(term, number) for term, number, _ in tally.shares]
