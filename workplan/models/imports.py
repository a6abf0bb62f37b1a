"""Files that people send to be imported, between the preview and the confirmation."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from workplan import rules
from workplan.models.base import in_vocabulary
from workplan.models.body import SectoralBody
from workplan.models.people import User
from workplan.models.plan import WorkPlan
from workplan.models.rounds import ReportingRound


class Import(models.Model):
    """A file that somebody sent: read and shown to them, and applied once they confirm it.

    It waits in the database, so that any web server can go on with it. What is shown is read from the file anew each
    time, because the plan goes on meanwhile. The file itself is removed once it is applied or has expired; its name,
    size and checksum stay.

    Attributes:
        round, body: which round a workbook is of, and which body reports by it.
        made_at: when the workbook was downloaded, as it says itself; the later one of two supersedes the other.
        answers: what the person has said on the page of the preview: texts in place of cells that cannot be read
            (``cells``), and which of two texts counts where somebody else wrote meanwhile (``choices``).
        results: what was written, by the reference of the activity: the id and version of the report.
        request_id: the request in which it was applied, by which the audit trail has it.
    """

    kind = models.CharField(max_length=20, choices=rules.IMPORT_KINDS.choices)
    state = models.CharField(max_length=20, choices=rules.IMPORT_STATES.choices, default=rules.PREVIEWED)
    plan = models.ForeignKey(WorkPlan, models.PROTECT, related_name="imports")
    round = models.ForeignKey(ReportingRound, models.PROTECT, null=True, related_name="imports")
    body = models.ForeignKey(SectoralBody, models.PROTECT, null=True, related_name="imports")
    user = models.ForeignKey(User, models.PROTECT, related_name="imports")
    user_name = models.CharField(max_length=300)
    file_name = models.CharField(max_length=200)
    file_size = models.PositiveBigIntegerField(help_text="In bytes.")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    made_at = models.DateTimeField(null=True)
    answers = models.JSONField(default=dict)
    results = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            # What has had its time.
            models.Index(fields=["state", "expires_at"], name="import_expiring"),
            # What was applied to the reports of a body in a round.
            models.Index(fields=["round", "body", "state"], name="import_of_body"),
        ]
        constraints: ClassVar = [
            in_vocabulary("kind", rules.IMPORT_KINDS, name="import_kind_known", what="The kind"),
            in_vocabulary("state", rules.IMPORT_STATES, name="import_state_known", what="The state"),
            models.CheckConstraint(
                condition=~Q(kind=rules.ROUND_WORKBOOK) | Q(round__isnull=False, body__isnull=False),
                name="import_workbook_has_round",
                violation_error_message="A round workbook is of a round and a body.",
            ),
            models.CheckConstraint(
                condition=Q(state=rules.PREVIEWED, content__isnull=False)
                | (~Q(state=rules.PREVIEWED) & Q(content=None)),
                name="import_file_while_previewed",
                violation_error_message="The file is kept as long as it can be confirmed, and no longer.",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("import", args=[self.pk])
