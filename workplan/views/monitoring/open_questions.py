"""What the plan leaves open: the queue, the queue as a file, and the page on which one question is settled."""

import re
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse

from workplan import actions, permissions, rules
from workplan.actions import Actor, Amendment
from workplan.exceptions import Refusal, Stale, WrongState
from workplan.exports import questions as files
from workplan.exports.attachments import attachment
from workplan.filters.questions import QuestionFilterSet
from workplan.forms.questions import SettleForm
from workplan.forms.rounds import show
from workplan.models import Decision, WorkPlan
from workplan.monitoring import open_questions
from workplan.monitoring.open_questions import Question
from workplan.querysets.days import secretariat_day
from workplan.views import browsing
from workplan.views.browsing import PAGING, Choice, Facet, Listing
from workplan.views.signed_out import redirect_to_sign_in

PAGE_SIZE = 25  # each is a card with words as read and as printed
TAG = re.compile(r"[0-9]{1,9}-[0-9a-f]{0,16}-[0-9]{1,9}")
WITHOUT_TAG = "The form was sent without what it was opened with. Send it again."
VOCABULARIES = {"kind": rules.QUESTION_KINDS, "state": rules.QUESTION_STATES}


def browse(request: HttpRequest, code: str) -> HttpResponseBase:
    """The questions that the filters leave, open ones first; several can be settled at once, the plan unchanged."""
    plan = get_object_or_404(WorkPlan, code=code)
    refusal, status = None, None
    ticked, reason = request.POST.getlist("question"), request.POST.get("reason", "")
    if request.method == "POST":
        if (elsewhere := _sent_elsewhere(request)) is not None:
            return elsewhere
        try:
            number = len(_settle_several(request, plan, ticked, reason))
        except Refusal as problem:
            refusal = problem
            status = HTTPStatus.CONFLICT if isinstance(problem, Stale | WrongState) else HTTPStatus.BAD_REQUEST
        else:
            messages.success(request, f"{number} question{pluralize(number)} settled: they stand as they are.")
            return redirect(request.get_full_path())
    asked = open_questions.of_plans([plan], request.user)
    filterset = QuestionFilterSet(request.GET, request=request, also_allowed=PAGING)
    problems = filterset.problems()
    page_number, page_size = browsing._paging(request.GET, problems, size=PAGE_SIZE)
    found = filterset.among(asked) if not problems else []
    listing = Listing(
        filterset=filterset,  # type: ignore[arg-type]
        problems=problems,
        page=Paginator(found, page_size).get_page(page_number),
        facets=_facets(filterset, asked, plan) if not problems else [],
        chips=browsing.chips(filterset, VOCABULARIES) if not problems else [],
        query=filterset.data,
    )
    context = {
        "plan": plan,
        "kinds": rules.QUESTION_KINDS,
        "may_settle": permissions.can_settle_questions(request.user),
        "knows_why": permissions.can_see_why_decided(request.user),
        "refusal": refusal,
        "ticked": ticked,
        "reason": reason,
        "longest_reason": Decision._meta.get_field("reason").max_length,
    }
    return browsing.show(
        request,
        listing,
        page="workplan/monitoring/open_questions.html",
        part="workplan/partials/_open_questions.html",
        context=context,
        status=status,
    )


def _sent_elsewhere(request: HttpRequest) -> HttpResponseBase | None:
    """Where somebody is sent who may not settle questions but sends a form that does."""
    if permissions.can_settle_questions(request.user):
        return None
    if not request.user.is_authenticated:
        return redirect_to_sign_in(request)
    raise PermissionDenied("Only the secretariat settles open questions.")


def _settle_several(request: HttpRequest, plan: WorkPlan, ticked: list[str], reason: str) -> list[Question]:
    """Settle what was ticked, each ``as_seen``, without a change of the plan."""
    if not ticked:
        raise Refusal("No question is chosen. Tick the ones that stand as they are.")
    seen = {key: tag for key, _, tag in (one.rpartition(":") for one in ticked)}
    if not all(
        open_questions.split(key)[1] in rules.QUESTION_KINDS and TAG.fullmatch(tag) for key, tag in seen.items()
    ):
        raise Refusal("The list of questions in the form cannot be read. Tick the ones that you mean.")
    by = Actor.of(request, "bulk")
    return actions.settle_questions(plan=plan, chosen=seen, decision=rules.KEEP, reason=reason, by=by)


def as_csv(request: HttpRequest, code: str) -> HttpResponseBase:
    """Exactly the questions that the same filters show on the page, in the same order."""
    plan = get_object_or_404(WorkPlan, code=code)
    filterset = QuestionFilterSet(request.GET, request=request, also_allowed=PAGING)
    problems = filterset.problems()
    if problems:
        return render(request, "workplan/bad_filter.html", {"plan": plan, "problems": problems}, status=400)
    found = filterset.among(open_questions.of_plans([plan], request.user))
    return attachment(files.as_csv(found, request.user), f"{plan.code}-questions-{secretariat_day():%Y-%m-%d}.csv")


def detail(request: HttpRequest, code: str, kind: str, record_type: str, ref: str) -> HttpResponseBase:
    """One question with what was decided on it; the secretariat settles it here."""
    plan = get_object_or_404(WorkPlan, code=code)
    question = open_questions.find(plan, kind, record_type, ref, request.user)
    if question is None or (request.method != "POST" and question.ref != ref):
        raise Http404
    may_settle = permissions.can_settle_questions(request.user)
    if request.method == "POST" and (elsewhere := _sent_elsewhere(request)) is not None:
        return elsewhere
    form = SettleForm(question=question) if may_settle and question.is_raised else None
    status, seen, conflict = HTTPStatus.OK, question.tag, False
    if request.method == "POST":
        form = SettleForm(request.POST, question=question)
        status, sent = HTTPStatus.BAD_REQUEST, request.POST.get("seen", "")
        if not TAG.fullmatch(sent):
            form.add_error(None, WITHOUT_TAG)
        elif not question.is_raised:
            status, conflict = HTTPStatus.CONFLICT, True
        else:
            seen = sent
            if form.is_valid():
                try:
                    _settle(request, question, form, sent)
                except (Stale, WrongState) as refusal:
                    # The newer version is shown next to the form, so sending it again is a decision.
                    form.add_error(None, refusal.message)
                    status, conflict = HTTPStatus.CONFLICT, True
                    question = open_questions.again(question, request.user)
                    seen = question.tag
                except Refusal as refusal:
                    show(form, refusal)
                else:
                    return redirect(f"{reverse('questions', args=[plan.code])}?state={rules.OPEN}&kind={kind}")
    context = {
        "plan": plan,
        "question": question,
        "form": form,
        "seen": seen,
        "conflict": conflict,
        "may_settle": may_settle,
        "knows_why": permissions.can_see_why_decided(request.user),
        "term": rules.QUESTION_KINDS[question.kind],
    }
    return render(request, "workplan/monitoring/open_question.html", context, status=status)


def _settle(request: HttpRequest, question: Question, form: SettleForm, seen: str) -> None:
    decision = form.cleaned_data["decision"]
    after = actions.settle_question(
        question=question,
        seen=seen,
        decision=decision,
        reason=form.cleaned_data["reason"],
        amendment=form.amendment if decision == rules.AMEND else Amendment(),
        by=Actor.of(request, "page"),
    )
    words = "is open again" if after.state == rules.OPEN else "is settled"
    messages.success(request, f"“{rules.QUESTION_KINDS.label(question.kind)}” on {question.ref} {words}.")


def _facets(filterset: QuestionFilterSet, asked: list[Question], plan: WorkPlan) -> list[Facet]:
    """What can be chosen, with counts under all the other filters."""

    def counted(name: str, label: str, terms: list[tuple[str, str, str]], value: Any) -> Facet:
        left = [value(question) for question in filterset.among(asked, without=(name,))]
        chosen = filterset.data.getlist(name)
        return Facet(
            name, label, [Choice(one, words, left.count(one), one in chosen, hint) for one, words, hint in terms]
        )

    sections = [(section.ref, section.text, "") for section in plan.sections.order_by("position")]
    states = [(term.value, term.label, term.meaning) for term in rules.QUESTION_STATES]
    kinds = [(term.value, term.label, term.meaning) for term in rules.QUESTION_KINDS]
    return [
        counted("state", "State", states, lambda question: question.state),
        counted("kind", "Kind", kinds, lambda question: question.kind),
        counted("section", "Section", sections, lambda question: question.section.ref),
    ]
