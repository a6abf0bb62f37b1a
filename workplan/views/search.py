"""Search over the words of the plan."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from workplan import rules
from workplan.models import Activity, CollaborationArea, Provision, StatusUpdate, WorkPlan
from workplan.querysets import contains_words

MOST_SHOWN = 50


class SearchForm(forms.Form):
    q = forms.CharField(label="Words", max_length=200, required=False)

    def clean_q(self) -> str:
        words: str = self.cleaned_data["q"]
        if rules.UNREADABLE.search(words):
            raise forms.ValidationError(rules.UNREADABLE_TEXT)
        return words


@dataclass(frozen=True, slots=True)
class Hits:
    """What one kind of record has to the words: how many there are, and the first of them."""

    label: str
    number: int
    rows: list[Any]


def search(request: HttpRequest) -> HttpResponse:
    """Activities, areas, provisions and updates that hold all the words."""
    plan = WorkPlan.objects.current()
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    groups = hits(request, plan, words) if plan is not None and words else []
    context = {
        "plan": plan,
        "form": form,
        "words": words,
        "groups": groups,
        "number": sum(group.number for group in groups),
    }
    return render(request, "workplan/search.html", context, status=200 if form.is_valid() else 400)


def hits(request: HttpRequest, plan: WorkPlan, words: str) -> list[Hits]:
    """Where all ``words`` occur in ``plan``, as far as the person may read."""
    own_words = contains_words(words, "text", "ref")
    updates = StatusUpdate.objects.visible_to(request.user).filter(activity__plan=plan)
    found = {
        "Activities": Activity.objects.visible_to(request.user).filter(plan=plan).mentioning(words).for_display(),
        "Areas of collaboration": CollaborationArea.objects.filter(own_words, plan=plan),
        "Provisions": Provision.objects.filter(own_words, plan=plan),
        "Status updates": updates.mentioning(words).for_display(),
    }
    return [Hits(label, rows.count(), list(rows[:MOST_SHOWN])) for label, rows in found.items()]
