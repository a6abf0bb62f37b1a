"""Reporting rounds, and the reports due in them."""

import datetime
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from workplan import rules
from workplan.models.activity import Activity
from workplan.models.base import SHORT_TEXT, Record, in_vocabulary
from workplan.models.body import SectoralBody
from workplan.models.names import refuse_used_name
from workplan.models.people import User
from workplan.models.plan import WorkPlan
from workplan.querysets import ObligationQuerySet, RoundQuerySet


class ReportingRound(Record):
    """One of the times at which the lead bodies of a plan report: planned → open → closed → published."""

    plan = models.ForeignKey(WorkPlan, models.PROTECT, related_name="rounds")
    code = models.CharField(
        max_length=20,
        validators=[
            RegexValidator(r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z", "Use small letters, digits and hyphens: 2018-1."),
            RegexValidator(
                r"^(?:new|plan)\Z",
                "This word is the address of another page. Use a code such as 2018-1.",
                inverse_match=True,
            ),
        ],
        help_text="Its code in addresses and programs, such as 2018-1.",
    )
    name = models.CharField(max_length=100, help_text="Its name, such as “First half of 2018”.")
    kind = models.CharField(max_length=20, choices=rules.ROUND_KINDS.choices, default=rules.HALF_YEAR)
    period_start = models.DateField("period from")
    period_end = models.DateField("period to")
    opens_on = models.DateField("opens on")
    due_on = models.DateField("due on", help_text="The date by which reports are due.")
    closes_on = models.DateField("closes on", help_text="After this date the secretariat closes the round.")
    due_soon_days = models.PositiveSmallIntegerField(
        "days before the due date for “due soon”", default=14, validators=[MaxValueValidator(180)]
    )
    silence_days = models.PositiveSmallIntegerField(
        "silence procedure, in days",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(180)],
        help_text=(
            "A joint lead that does not respond within so many days of the submission of a report is deemed to concur. "
            "Empty: no silence procedure."
        ),
    )
    publication = models.CharField(
        "approved reports are published",
        max_length=20,
        choices=rules.PUBLICATIONS.choices,
        default=rules.AT_ONCE,
    )
    asks_for_all = models.BooleanField(
        "reports expected on every activity",
        default=False,
        db_default=False,
        help_text="Whether reports on completed and cancelled activities are due as well, as in a final evaluation.",
    )
    publish_on = models.DateField(
        "to be published on",
        null=True,
        blank=True,
        editable=False,
        help_text="The date on which it is published automatically, if nothing prevents it.",
    )
    state = models.CharField(max_length=20, choices=rules.ROUND_STATES.choices, default=rules.PLANNED, editable=False)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RoundQuerySet.as_manager()
    NAMED_BY = "code"
    # A round that can be deleted was never opened: its code is that of its half-year, and free again.
    NAME_ENDS_WITH_RECORD = True

    class Meta:
        ordering: ClassVar = ["plan", "period_start", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="round_code_unique_in_plan",
                violation_error_message="Another round of this plan has this code.",
            ),
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(state=rules.OPEN),
                name="round_one_open",
                violation_error_message="Another round of this plan is open. Close it first.",
            ),
            in_vocabulary("state", rules.ROUND_STATES, name="round_state_known", what="The state"),
            in_vocabulary("kind", rules.ROUND_KINDS, name="round_kind_known", what="The kind"),
            in_vocabulary("publication", rules.PUBLICATIONS, name="round_publication_known", what="The publication"),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")),
                name="round_period_in_order",
                violation_error_message="The period must end on or after the day it starts.",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")),
                name="round_due_after_opening",
                violation_error_message="Reports cannot be due before the round opens.",
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("due_on")),
                name="round_closes_after_due",
                violation_error_message="The round cannot close before reports are due.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A code stands for one round of its plan, now and in links that were shared.

        Raises:
            ValidationError: it was that of another round.
        """
        super().clean()
        if self.plan_id is not None:
            refuse_used_name(self)

    def get_absolute_url(self) -> str:
        return reverse("round", args=[self.plan.code, self.code])

    def was_opened(self, moment: datetime.datetime | None = None) -> bool:
        """Whether it has been opened, or had been by ``moment``."""
        return self.opened_at is not None and (moment is None or self.opened_at <= moment)

    def ended_at(self, moment: datetime.datetime | None = None) -> datetime.datetime | None:
        """When it ended, as of ``moment``: when it was published, or closed and not published yet.

        ``None`` for a round that had not ended, and for one that was opened again.
        """
        ends = [self.published_at, self.closed_at if self.state != rules.OPEN else None]
        return next((end for end in ends if end is not None and (moment is None or end <= moment)), None)


class LateException(Record):
    """A deadline extension for one body in one round."""

    round = models.ForeignKey(ReportingRound, models.PROTECT, related_name="exceptions")
    body = models.ForeignKey(SectoralBody, models.PROTECT, related_name="late_exceptions")
    until = models.DateField(help_text="The reports of the body are due on this date, and accepted until its end.")
    reason = models.CharField(max_length=SHORT_TEXT)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    given_by_name = models.CharField(max_length=300)
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "deadline extension"
        ordering: ClassVar = ["round", "body"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["round", "body"],
                name="lateexception_once_per_body",
                violation_error_message="This body already has a deadline extension in this round.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.body} until {self.until}"

    @property
    def plan(self) -> WorkPlan:
        return self.round.plan


class Obligation(models.Model):
    """A report due from one body in one round, on one activity that it leads.

    It is due from each joint lead, and the report of one is enough. On an activity without a lead it is due from the
    secretariat (no body). Written when the round opens; ``state``, ``report`` and ``first_submitted_on``
    repeat the reports of the round, and only ``workplan.actions.current_status`` writes them.
    """

    round = models.ForeignKey(ReportingRound, models.PROTECT, related_name="obligations")
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="obligations")
    body = models.ForeignKey(SectoralBody, models.PROTECT, null=True, related_name="obligations")
    due_on = models.DateField(help_text="The due date of the round, or of the body’s deadline extension.")
    due_soon_from = models.DateField(help_text="The date from which it counts as due soon.")
    state = models.CharField(max_length=20, choices=rules.OBLIGATION_STATES.choices, default=rules.DUE)
    report = models.ForeignKey("StatusUpdate", models.SET_NULL, null=True, related_name="+")
    first_submitted_on = models.DateField(null=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "report due", "reports due"
        ordering: ClassVar = ["round", "activity__position", "body__position"]
        indexes: ClassVar = [
            # The reports due from a body: worklist, completion, reminders.
            models.Index(fields=["round", "body", "state"], name="obligation_of_body"),
            # Whether an activity's report is due: lists, filters, API.
            models.Index(fields=["activity", "round", "-due_on"], name="obligation_of_activity"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "activity", "body"], name="obligation_once_per_body"),
            models.UniqueConstraint(
                fields=["round", "activity"], condition=Q(body=None), name="obligation_once_for_secretariat"
            ),
            in_vocabulary("state", rules.OBLIGATION_STATES, name="obligation_state_known", what="The state"),
        ]

    def __str__(self) -> str:
        return f"{self.activity.ref} by {self.due_from} in {self.round}"

    @property
    def due_from(self) -> str:
        return self.body.acronym if self.body else "Secretariat"
