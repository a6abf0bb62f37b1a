"""Recording a status, on one activity or on several at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from workplan import permissions, rules
from workplan.actions import Actor, Report, checklist_of, record_status, record_status_of_many
from workplan.actions.reporting import MOST_AT_ONCE
from workplan.exceptions import Invalid, Refusal, Stale
from workplan.forms.updates import EVIDENCE, FILES_TAKEN, WITHOUT_VERSION, DraftForm, evidence_rows, with_more_rows
from workplan.models import Activity, ReportingRound, SectoralBody, StatusUpdate, WorkPlan
from workplan.querysets import reader_day
from workplan.views.browsing import PAGING, filtered, return_address
from workplan.views.reporting.report import chosen_versions, number
from workplan.views.signed_out import sign_in_required


@sign_in_required
def update(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """The form that records a status on one activity."""
    activity = get_object_or_404(Activity.objects.visible_to(request.user).for_display(), plan__code=code, ref=ref)
    if not permissions.can_record_status(request.user, activity):
        raise PermissionDenied("Only the secretariat can record a status.")
    entry = _entry(request, activity.plan, [activity])
    version, status, conflict = activity.version, HTTPStatus.OK, None
    if request.method == "POST":
        seen = number(request.POST.get("version"))
        status = HTTPStatus.BAD_REQUEST
        if seen is None:
            entry.form.add_error(None, WITHOUT_VERSION)
        elif "more" in request.POST:
            entry.with_more_rows(request)
            version, status = seen, HTTPStatus.OK
        elif not entry.is_sound([activity]):
            # Both are shown at once: what the rules refuse, and that somebody else has changed it.
            if activity.version != seen:
                conflict, status = Stale(current=[activity]), HTTPStatus.CONFLICT
        elif entry.advice and "advised" not in request.POST and activity.version == seen:
            version = seen
        else:
            try:
                recorded = record_status(
                    activity=activity,
                    version=seen,
                    report=entry.report,
                    by=Actor.of(request, "page"),
                    **entry.part.part,
                )
            except Stale as refusal:
                conflict, status = refusal, HTTPStatus.CONFLICT
            except Refusal as refusal:
                entry.form.show(refusal, entry.links)
            else:
                messages.success(request, _success_message([recorded]))
                return redirect(activity)
    context = {
        "plan": activity.plan,
        "activity": activity,
        "version": version,
        # Once shown, the newer version stays next to the form until something is recorded.
        "conflict": conflict or "conflict" in request.POST,
        **entry.shown,
    }
    return render(request, "workplan/secretariat/record_status.html", context, status=status)


@sign_in_required
def update_many(request: HttpRequest, code: str) -> HttpResponse:
    """The form that records one status on several activities: all of them, or none.

    The activities are those that the filters in the address choose; the form then contains
    each with the version that the person has seen.
    """
    plan = get_object_or_404(WorkPlan, code=code)
    if not permissions.can_record_status(request.user):
        raise PermissionDenied("Only the secretariat can record a status.")
    rows = Activity.objects.visible_to(request.user).for_display().filter(plan=plan)
    status, conflict = HTTPStatus.OK, None
    unknown: list[str] = []
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        versions = chosen_versions(request.POST.getlist("activity"))
        chosen_anew = "choose" in request.POST
        if chosen_anew:
            refs = request.POST.get("refs", "").replace(",", " ").split()[:MOST_AT_ONCE]
            activities = list(rows.filter(ref__in=refs))
            unknown = sorted(set(refs) - {activity.ref for activity in activities})
            versions = {activity.pk: activity.version for activity in activities}
        else:
            activities = list(rows.filter(pk__in=versions or {}))
        entry = _entry(request, plan, activities)
        if versions is None:
            entry.form.add_error(None, "The list of activities in the form cannot be read. Choose them again.")
        elif chosen_anew or "more" in request.POST:
            entry.with_more_rows(request)
            status = HTTPStatus.OK
        elif not entry.is_sound(activities):
            stale = [activity for activity in activities if activity.version != versions[activity.pk]]
            if stale:
                conflict, status = Stale(current=stale), HTTPStatus.CONFLICT
        elif not entry.advice or "advised" in request.POST:
            try:
                updates = record_status_of_many(
                    versions=versions, report=entry.report, by=Actor.of(request, "bulk"), **entry.part.part
                )
            except Stale as refusal:
                conflict, status = refusal, HTTPStatus.CONFLICT
            except Refusal as refusal:
                entry.form.show(refusal, entry.links)
            else:
                messages.success(request, _success_message(updates))
                return HttpResponseRedirect(return_address(request, reverse("activities", args=[plan.code])))
        # After a conflict the newer versions are on the page, so sending again is a decision made with them in view.
        if versions and conflict is None:
            for activity in activities:
                activity.version = versions[activity.pk]
    else:
        filterset = filtered(request, rows, also_allowed=(*PAGING, "next"))
        if not filterset.is_valid():
            context = {"plan": plan, "problems": filterset.problems()}
            return render(request, "workplan/bad_filter.html", context, status=HTTPStatus.BAD_REQUEST)
        activities = list(filterset.qs[: MOST_AT_ONCE + 1]) if filterset.chosen else []
        entry = _entry(request, plan, activities)
    context = {
        "plan": plan,
        "activities": activities,
        "most": MOST_AT_ONCE,
        "too_many": len(activities) > MOST_AT_ONCE,
        "is_typed": request.method == "POST",
        "unknown": [ref[:40] for ref in unknown[:10]],
        "conflict": conflict,
        "changed": {activity.pk for activity in conflict.current} if conflict else set(),
        "return_address": return_address(request, reverse("activities", args=[plan.code])),
        **entry.shown,
    }
    return render(request, "workplan/secretariat/record_status_of_many.html", context, status=status)


def _success_message(updates: list[StatusUpdate]) -> str:
    """What was recorded, and when it counts."""
    first = updates[0]
    number = first.activity.ref if len(updates) == 1 else f"{len(updates)} activities"
    label = rules.STATUSES.label(first.status)
    verb = "is" if len(updates) == 1 else "are"
    if first.activity.latest_update_id == first.pk:
        return f"Recorded: {number} {verb} “{label}”."
    return f"Recorded: {number} will be “{label}” when “{first.round}” is published."


class PartForm(forms.Form):
    """As whose report the secretariat enters what it records."""

    counts = forms.BooleanField(required=False)
    body = forms.ChoiceField(
        label="On behalf of",
        required=False,
        help_text="The lead body whose report this is, or the secretariat itself.",
    )

    def __init__(
        self, data: Any = None, *, reporting_round: ReportingRound | None, bodies: list[SectoralBody], **kwargs: Any
    ) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.reporting_round = reporting_round
        self.bodies = {body.acronym: body for body in bodies}
        if reporting_round is None:
            del self.fields["counts"]
        else:
            self.fields["counts"].label = f"Counts as the report of “{reporting_round}”"
            # The round that the person has seen comes back with the tick.
            self.fields["counts"].widget.attrs["value"] = reporting_round.pk
        choices = [(body.acronym, f"{body.acronym}, {body.name}") for body in bodies]
        self.fields["body"].choices = [("", "The secretariat itself"), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        seen = self.data.get("counts")
        if seen and (self.reporting_round is None or seen != str(self.reporting_round.pk)):
            raise forms.ValidationError(
                "The round that this was to be a report of is no longer open. Look at it again before you record."
            )
        return values

    @property
    def counted_round(self) -> ReportingRound | None:
        """The round whose report it is, where it is one."""
        return self.reporting_round if getattr(self, "cleaned_data", {}).get("counts") else None

    @property
    def part(self) -> dict[str, Any]:
        """Round and body, for the action."""
        return {
            "reporting_round": self.counted_round,
            "body": self.bodies.get(self.cleaned_data.get("body", "")),
        }


@dataclass(slots=True)
class Entry:
    """What is typed about some activities, and what the rules say of it.

    Attributes:
        reported: the reports that there are in the open round already.
        advice: what deserves a second look before it is recorded.
    """

    form: DraftForm
    links: Any
    part: PartForm
    reporting_round: ReportingRound | None
    reported: list[StatusUpdate]
    advice: list[str] = field(default_factory=list)

    @property
    def report(self) -> Report:
        return self.form.report(self.links)

    def is_sound(self, activities: Iterable[Activity]) -> bool:
        """Whether fields and rules both let it pass; what is wrong with either is shown at the fields."""
        sound = self.form.is_valid() & self.links.is_valid() & self.part.is_valid()
        missing: dict[str, list[str]] = {}
        for activity in activities:
            for check in checklist_of(activity, self.report, reporting_round=self.part.counted_round):
                if not check.problem or check.field in self.form.errors:
                    continue
                if check.advice:
                    self.advice.append(f"{activity.ref}: {check.problem}")
                elif check.problem not in missing.setdefault(check.field, []):
                    missing[check.field].append(check.problem)
        if self.links.total_error_count():  # the row that cannot be read may be the evidence that is asked for
            missing.pop(EVIDENCE, None)
        if missing:
            self.form.show(Invalid(fields=missing), self.links)
        for texts in self.part.errors.values():
            for text in texts:
                self.form.add_error(None, str(text))
        return sound and not missing

    def with_more_rows(self, request: HttpRequest) -> None:
        """As typed, unchecked, with further rows for evidence."""
        self.form, self.links = with_more_rows(DraftForm, request.POST)
        self.part.is_valid()

    @property
    def shown(self) -> dict[str, Any]:
        """What the templates of both forms need."""
        return {
            "form": self.form,
            "links": self.links,
            "part": self.part,
            "reporting_round": self.reporting_round,
            "reported": self.reported,
            "advice": self.advice,
            "files_taken": FILES_TAKEN,
        }


def _entry(request: HttpRequest, plan: WorkPlan, activities: list[Activity]) -> Entry:
    reporting_round = ReportingRound.objects.visible_to(request.user).open().filter(plan=plan).first()
    reported: list[StatusUpdate] = []
    if reporting_round is not None:
        current_reports = StatusUpdate.objects.visible_to(request.user).filter(
            round=reporting_round, activity__in=activities, state__in=(rules.SUBMITTED, rules.APPROVED)
        )
        reported = list(current_reports.select_related("activity", "body").order_by("activity__position", "pk"))
    leads = [set(activity.lead_bodies) for activity in activities]
    shared = set.intersection(*leads) if leads else set()
    bodies = sorted(shared, key=lambda body: body.position)
    posted = request.POST if request.method == "POST" else None
    part = PartForm(posted, reporting_round=reporting_round, bodies=bodies, initial={"counts": not reported})
    if posted is not None:
        form, links = DraftForm(posted), evidence_rows(posted, request.FILES)
    else:
        # Nothing is carried over: the status is for the person to say, on one activity and on several.
        period_end = reporting_round.period_end if reporting_round and not reported else None
        as_of = rules.default_as_of(period_end, reader_day())
        form, links = DraftForm(initial={"as_of": as_of}), evidence_rows()
    return Entry(form, links, part, reporting_round, reported)
