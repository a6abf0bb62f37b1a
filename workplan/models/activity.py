"""The activity, which is the row that is tracked, and the responsibilities of bodies for it."""

import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from workplan import rules
from workplan.models.base import LONG_TEXT, Record, check_attributes, check_cells, check_lines, in_vocabulary
from workplan.models.body import SectoralBody
from workplan.models.plan import CollaborationArea, DocumentManager, DocumentRecord
from workplan.querysets import ActivityQuerySet


class ActivityManager(DocumentManager.from_queryset(ActivityQuerySet)):  # type: ignore[misc]
    pass


class Activity(DocumentRecord):
    """A proposed programme, project or activity (column 3) with its expected output (4) and status (6).

    ``status``, ``status_as_of`` and ``latest_update`` repeat the latest published report that states a status, and
    ``confirmed_on`` the day of which a later one says that nothing has changed; ``ActivityQuerySet`` has the rule, and
    only ``workplan.actions.current_status`` writes them, together with that report.
    """

    ABOVE = "area"

    area = models.ForeignKey(CollaborationArea, models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=20, choices=rules.ACTIVITY_KINDS.choices, default=rules.ACTIVITY)
    expected_output = models.CharField(max_length=LONG_TEXT, blank=True)
    all_other_bodies_cooperate = models.BooleanField(
        default=False, help_text="“All other SB”: every body that does not lead it cooperates."
    )
    bodies_as_printed = models.CharField(
        "bodies in the source", max_length=LONG_TEXT, blank=True, help_text="Column 5 of the source."
    )
    bodies_source_lines = models.JSONField(default=list, blank=True, validators=[check_lines])
    bodies_source_cells = models.JSONField(default=list, blank=True, validators=[check_cells])
    attributes = models.JSONField(
        default=dict,
        blank=True,
        validators=[check_attributes],
        help_text="The entries in other columns of the plan, by the heading of the column: {“Timeline”: “2026”}.",
    )

    status = models.CharField(max_length=20, choices=rules.STATUSES.choices, default=rules.NOT_REPORTED, editable=False)
    status_as_of = models.DateField("status as at", null=True, editable=False)
    latest_update = models.ForeignKey("StatusUpdate", models.PROTECT, null=True, editable=False, related_name="+")
    confirmed_on = models.DateField("confirmed without change on", null=True, editable=False)

    objects: ClassVar = ActivityManager()

    shown_as_of: datetime.datetime | None = None  # by ``ActivityQuerySet.as_of``

    KEPT_ON_LOADING = (*Record.KEPT_ON_LOADING, "status", "status_as_of", "latest_update_id", "confirmed_on")

    class Meta(DocumentRecord.Meta):
        verbose_name_plural = "activities"
        indexes: ClassVar = [
            *DocumentRecord.Meta.indexes,
            # Document order over several plans, as ``in_order`` has it: the API's list.
            models.Index(fields=["-plan", "position"], name="activity_in_list"),
            # Counts by status: home, summary, facets.
            models.Index(fields=["plan", "status"], name="activity_by_status"),
            # updated_since: programs that keep in step.
            models.Index(fields=["updated_at"], name="activity_by_change"),
        ]
        constraints: ClassVar = [
            *DocumentRecord.Meta.constraints,
            in_vocabulary("status", rules.STATUSES, name="activity_status_known", what="The status"),
            in_vocabulary("kind", rules.ACTIVITY_KINDS, name="activity_kind_known", what="The kind"),
            models.CheckConstraint(
                condition=Q(status=rules.NOT_REPORTED) | Q(status_as_of__isnull=False, latest_update__isnull=False),
                name="activity_status_traceable",
                violation_error_message="A status needs the report and the date that it comes from.",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("activity", args=[self.plan.code, self.ref])

    def bodies_in(self, role: str) -> list[SectoralBody]:
        """The bodies that have ``role`` here, in the order printed. Reads what ``for_display`` fetched."""
        return [entry.body for entry in self.responsibilities.all() if entry.role == role]

    @property
    def lead_bodies(self) -> list[SectoralBody]:
        return self.bodies_in(rules.LEAD)

    @property
    def cooperating_bodies(self) -> list[SectoralBody]:
        return self.bodies_in(rules.COOPERATING)

    @property
    def timeliness(self) -> str | None:
        """A value of ``rules.TIMELINESS`` for the round that the plan is in. Reads what ``for_display`` fetched.

        ``None`` for an activity that is shown as of a moment: obligations are not kept by date.
        """
        if self.shown_as_of is not None:
            return None
        # Of joint leads, the one with the latest date is first and decides.
        current: list[Any] = self.current_obligations  # type: ignore[attr-defined]
        return current[0].shown_timeliness if current else "not_due"


class ResponsibilityManager(models.Manager["Responsibility"]):
    def get_by_natural_key(self, plan: str, ref: str, body: str) -> "Responsibility":
        activity = Activity.objects.get_by_natural_key(plan, ref)
        return self.get(activity=activity, body=SectoralBody.objects.get_by_natural_key(body))


class Responsibility(Record):
    """A body's part in an activity (column 5)."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="responsibilities")
    body = models.ForeignKey(SectoralBody, models.PROTECT, related_name="responsibilities")
    role = models.CharField(max_length=20, choices=rules.ROLES.choices)
    position = models.PositiveIntegerField(default=1, help_text="Order in the source.")
    lead_country = models.CharField(
        max_length=100, blank=True, help_text="The member state that leads inside the body."
    )

    objects = ResponsibilityManager()

    class Meta:
        ordering: ClassVar = ["activity", "position", "id"]
        verbose_name_plural = "responsibilities"
        # The responsibilities of a body, by role: filters, body pages, my activities.
        indexes: ClassVar = [models.Index(fields=["body", "role", "activity"], name="responsibility_of_body")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["activity", "body"],
                name="responsibility_once_per_body",
                violation_error_message="This body already has a role in this activity.",
            ),
            in_vocabulary("role", rules.ROLES, name="responsibility_role_known", what="The role"),
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.role}"

    def natural_key(self) -> tuple[str, str, str]:
        return (*self.activity.natural_key(), self.body.acronym)

    natural_key.dependencies = ["workplan.activity", "workplan.sectoralbody"]  # type: ignore[attr-defined]
