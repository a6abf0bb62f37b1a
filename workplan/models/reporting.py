"""Reporting: status updates, their evidence, reviews, concurrences, comments and contributions."""

import uuid
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from workplan import rules
from workplan.models.activity import Activity
from workplan.models.base import LONG_TEXT, SHORT_TEXT, CheckedAtOnce, in_vocabulary
from workplan.models.body import SectoralBody
from workplan.models.people import User
from workplan.models.plan import WorkPlan
from workplan.models.rounds import ReportingRound
from workplan.querysets import ContributionQuerySet, StatusUpdateQuerySet, place_of_report, secretariat_day


class StatusUpdate(CheckedAtOnce):
    """What the secretariat or a body reports on one activity at one time.

    Its text is changed by its author's body or the secretariat until it is submitted; then by nobody, and the database
    refuses to (migration ``append_only``). A returned one can be mended and submitted again. What an approved one
    got wrong, a later one of kind ``correction`` corrects. One that names the report that it ``corrects`` takes its
    place among the reports on the activity; decision 16 says what follows.
    """

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="updates")
    body = models.ForeignKey(
        SectoralBody,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="updates",
        help_text="The body that reports; none where the secretariat does.",
    )
    round = models.ForeignKey(
        ReportingRound,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="updates",
        help_text="The round it is the report of; none for an entry of the secretariat between rounds.",
    )
    is_direct = models.BooleanField(
        "entered directly", default=False, help_text="Entered by the secretariat, and approved without a review."
    )
    kind = models.CharField(max_length=20, choices=rules.UPDATE_KINDS.choices, default=rules.PROGRESS)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="corrections",
        help_text="The report that it corrects and whose place it takes; never itself a correction that names one.",
    )
    original_approved_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the report that it corrects was approved."
    )
    status = models.CharField(max_length=20, blank=True, choices=rules.STATUSES.choices)
    as_of = models.DateField("as-of date", null=True, blank=True)
    narrative = models.CharField("progress", max_length=LONG_TEXT, blank=True)
    outputs_delivered = models.CharField(max_length=LONG_TEXT, blank=True)
    challenges = models.CharField(max_length=LONG_TEXT, blank=True)
    next_steps = models.CharField(max_length=LONG_TEXT, blank=True)
    reason = models.CharField(
        max_length=SHORT_TEXT, blank=True, help_text="Why the activity goes back, is deferred or cancelled."
    )
    deferred_until = models.DateField(
        "deferred until",
        null=True,
        blank=True,
        help_text="Of a deferred activity, the day from which a report on it is due again; empty: in each round.",
    )

    state = models.CharField(max_length=20, choices=rules.REPORT_STATES.choices, default=rules.DRAFT)
    author = models.ForeignKey(User, models.PROTECT, related_name="updates")
    author_name = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    edited_by_name = models.CharField(max_length=300, blank=True, editable=False)
    submissions = models.PositiveSmallIntegerField(default=0, editable=False)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, editable=False, related_name="submissions"
    )
    submitted_by_name = models.CharField(max_length=300, blank=True, editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="approvals")
    approved_by_name = models.CharField(max_length=300, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    objects = StatusUpdateQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            # History of one activity, newest first.
            models.Index(fields=["activity", "-created_at"], name="statusupdate_history"),
            # All of them, newest first: the API's list.
            models.Index(fields=["-created_at", "-id"], name="statusupdate_newest_first"),
            # What changed lately.
            models.Index(fields=["state", "-approved_at"], name="statusupdate_approved"),
            # The status of an activity as of a day.
            models.Index(
                "activity",
                *(part.desc() for part in place_of_report()),
                condition=Q(state=rules.APPROVED),
                name="statusupdate_in_its_place",
            ),
            # The queue of what is to be reviewed, and the reports of a round.
            models.Index(fields=["round", "state", "submitted_at"], name="statusupdate_of_round"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=rules.STATUSES.values) | Q(status="", state__in=(rules.DRAFT, rules.RETURNED)),
                name="statusupdate_status_known",
                violation_error_message=f"The status must be one of: {', '.join(rules.STATUSES.values)}.",
            ),
            models.CheckConstraint(
                condition=Q(as_of__isnull=False) | Q(state__in=(rules.DRAFT, rules.RETURNED)),
                name="statusupdate_day_present",
                violation_error_message="Give the day on which this status was true.",
            ),
            in_vocabulary("state", rules.REPORT_STATES, name="statusupdate_state_known", what="The report state"),
            in_vocabulary("kind", rules.UPDATE_KINDS, name="statusupdate_kind_known", what="The kind"),
            models.CheckConstraint(
                condition=Q(state__in=(rules.DRAFT, rules.RETURNED))
                | Q(kind__in=rules.KINDS_WITHOUT_NARRATIVE)
                | ~Q(narrative=""),
                name="statusupdate_narrative_present",
                violation_error_message="Say in a sentence or more what was done.",
            ),
            models.CheckConstraint(
                condition=~Q(state=rules.APPROVED)
                | (Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(approved_by_name="")),
                name="statusupdate_approval_traceable",
                violation_error_message="An approved update needs the person and the time of its approval.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(rules.DRAFT, rules.RETURNED))
                | (Q(submitted_at__isnull=False, submitted_by__isnull=False) & ~Q(submitted_by_name="")),
                name="statusupdate_submission_traceable",
                violation_error_message="A submitted update needs the person and the time of its submission.",
            ),
            models.UniqueConstraint(
                # The secretariat may be writing on a body's behalf while the body writes itself.
                fields=["activity", "round", "body", "is_direct"],
                condition=Q(state=rules.DRAFT),
                name="statusupdate_one_draft_per_side",
                violation_error_message="Your side already has a draft for this activity in this round.",
            ),
            models.UniqueConstraint(
                # What was returned to a body that has lost its lead keeps no other lead from reporting.
                fields=["activity", "round", "body"],
                condition=Q(state__in=(rules.SUBMITTED, rules.RETURNED)),
                name="statusupdate_one_underway",
                violation_error_message="A report of this body on this activity is already under way in this round.",
            ),
            models.UniqueConstraint(
                fields=["activity", "round"],
                condition=Q(state=rules.SUBMITTED),
                name="statusupdate_one_submitted",
                violation_error_message="A report on this activity is already submitted in this round.",
            ),
            models.UniqueConstraint(
                # The secretariat may be writing one while the body writes itself.
                fields=["corrects", "is_direct"],
                condition=Q(state__in=(rules.DRAFT, rules.SUBMITTED, rules.RETURNED)),
                name="statusupdate_one_correction_underway",
                violation_error_message="A correction of this report is already under way.",
            ),
            models.UniqueConstraint(
                fields=["activity", "round"],
                condition=Q(state=rules.APPROVED) & ~Q(kind=rules.CORRECTION),
                name="statusupdate_one_approved",
                violation_error_message="This activity already has an approved report in this round.",
            ),
        ]

    def __str__(self) -> str:
        words = rules.STATUSES.label(self.status) if self.status else "no status yet"
        return f"{self.activity.ref} {words}" + (f" as of {self.as_of}" if self.as_of else "")

    def get_absolute_url(self) -> str:
        return reverse("report", args=[self.pk])

    @property
    def plan(self) -> WorkPlan:
        return self.activity.plan

    @property
    def is_without_change(self) -> bool:
        """Whether it says that nothing has changed, or that nothing is to report, and so states no status."""
        return self.kind in rules.KINDS_WITHOUT_NARRATIVE

    @property
    def brings_new_date(self) -> bool:
        """Whether its as-of date becomes that of the status: a correction keeps the date of what it corrects."""
        return self.corrects_id is None and not self.is_without_change

    @property
    def written_by(self) -> str:
        """Which side wrote it: the body that reports, or the secretariat for it or for itself."""
        return "the secretariat" if self.is_direct or not self.body else self.body.acronym

    @property
    def reported_by(self) -> str:
        """Who reports, which everybody may know: a body's acronym, or the secretariat."""
        return self.body.acronym if self.body else "Secretariat"


def validate_link(url: str) -> None:
    """Refuse a link that cannot be evidence.

    Raises:
        ValidationError: as ``rules.problem_with_link`` says.
    """
    problem = rules.problem_with_link(url)
    if problem:
        raise ValidationError(problem)


def evidence_path(evidence: "Evidence", name: str) -> str:
    """Where a file is kept: under a name that nobody can guess and that says nothing."""
    return f"evidence/{timezone.now():%Y}/{uuid.uuid4().hex}"


class Evidence(CheckedAtOnce):
    """A link or a file behind an update."""

    update = models.ForeignKey(StatusUpdate, models.CASCADE, related_name="evidence")
    title = models.CharField(max_length=300)
    url = models.CharField("link", max_length=2_000, blank=True, validators=[validate_link])
    file = models.FileField(upload_to=evidence_path, max_length=200, blank=True)
    file_name = models.CharField(max_length=200, blank=True, help_text="What the file was called by who sent it.")
    file_size = models.PositiveIntegerField(null=True, blank=True, help_text="In bytes.")
    dated_on = models.DateField("date", default=secretariat_day, help_text="The day of the document.")
    position = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        verbose_name_plural = "evidence"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(url="") & ~Q(file="")) | (~Q(url="") & Q(file="")),
                name="evidence_link_or_file",
                violation_error_message="Give a link or a file, one of the two.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def href(self) -> str:
        """Where it leads: the link itself, or the address that gives the file to whoever may see the update."""
        return self.url or reverse("evidence", args=[self.pk])


class Review(CheckedAtOnce):
    """What the secretariat decided on a submitted report. It never changes."""

    update = models.ForeignKey(StatusUpdate, models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=20, choices=rules.DECISIONS.choices)
    reason = models.CharField(max_length=SHORT_TEXT, blank=True)
    submission = models.PositiveSmallIntegerField(help_text="Which submission of the report it is about, from 1.")
    silence_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The round’s silence rule at the time, in days; empty where it was off."
    )
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="reviews")
    reviewer_name = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            in_vocabulary("decision", rules.DECISIONS, name="review_decision_known", what="The decision"),
            models.CheckConstraint(
                condition=Q(decision=rules.APPROVE) | ~Q(reason=""),
                name="review_return_has_reason",
                violation_error_message="Say why the report is returned, so that its author can mend it.",
            ),
            models.UniqueConstraint(fields=["update", "submission"], name="review_once_per_submission"),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.reviewer_name}"


class Concurrence(CheckedAtOnce):
    """The concurrence of a joint lead with the report of the other: given, assumed, or not answered.

    The last two are written when the report is approved, so that the result shows under which rule it came about.
    """

    update = models.ForeignKey(StatusUpdate, models.CASCADE, related_name="concurrences")
    body = models.ForeignKey(SectoralBody, models.PROTECT, related_name="concurrences")
    way = models.CharField(max_length=20, choices=rules.CONCURRENCES.choices)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    user_name = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["body", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["update", "body"],
                name="concurrence_once_per_body",
                violation_error_message="This body has already concurred.",
            ),
            in_vocabulary("way", rules.CONCURRENCES, name="concurrence_way_known", what="The way"),
        ]

    def __str__(self) -> str:
        return f"{self.body}: {self.get_way_display()}"


class Comment(CheckedAtOnce):
    """A comment on a report, which leaves its text unchanged."""

    update = models.ForeignKey(StatusUpdate, models.CASCADE, related_name="comments")
    body = models.ForeignKey(
        SectoralBody,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="comments",
        help_text="None for the secretariat.",
    )
    text = models.CharField(max_length=LONG_TEXT)
    author = models.ForeignKey(User, models.PROTECT, related_name="comments")
    author_name = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.author_name}: {self.text[:60]}"

    @property
    def side(self) -> str:
        return self.body.acronym if self.body else "Secretariat"


class Contribution(CheckedAtOnce):
    """The contribution of a cooperating body to an activity in one round."""

    round = models.ForeignKey(ReportingRound, models.PROTECT, related_name="contributions")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="contributions")
    body = models.ForeignKey(SectoralBody, models.PROTECT, related_name="contributions")
    text = models.CharField(max_length=LONG_TEXT)
    author = models.ForeignKey(User, models.PROTECT, related_name="contributions")
    author_name = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["activity", "body"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["round", "activity", "body"],
                name="contribution_once_per_body",
                violation_error_message="Your body already has a contribution to this activity in this round.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.body} on {self.activity.ref}"

    @property
    def plan(self) -> WorkPlan:
        return self.activity.plan
