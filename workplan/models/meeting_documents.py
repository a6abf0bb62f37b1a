"""Documents of the plan as they were taken to meetings."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils import timezone

from workplan import rules
from workplan.models.base import SHORT_TEXT, in_vocabulary
from workplan.models.people import User
from workplan.models.plan import WorkPlan
from workplan.models.rounds import ReportingRound

MOST_TITLE = 200  # characters


class MeetingDocument(models.Model):
    """A document as it was taken to a meeting, or as it was when a round ended: the file itself.

    It is never made anew, changed or deleted, so that everybody can look up what a meeting had before it; triggers of
    the database hold that. It shows what everybody could read when it was made.

    Attributes:
        kind: a value of ``rules.DOCUMENT_KINDS``.
        round: the round whose results it shows, where it is kept for one.
        title: for which meeting, in the words of the secretariat.
        scope: which rows it shows, in words.
        source: the address that shows the same rows today.
        shown_at: the moment as of which it shows them.
        sha256: of the file, in hexadecimal.
    """

    plan = models.ForeignKey(WorkPlan, models.PROTECT, related_name="meeting_documents")
    round = models.ForeignKey(ReportingRound, models.PROTECT, null=True, related_name="meeting_documents")
    kind = models.CharField(max_length=20, choices=rules.DOCUMENT_KINDS.choices)
    title = models.CharField(max_length=MOST_TITLE)
    scope = models.TextField()
    source = models.CharField(max_length=SHORT_TEXT)
    shown_at = models.DateTimeField()
    file_name = models.CharField(max_length=200)
    file_size = models.PositiveBigIntegerField(help_text="In bytes.")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    kept_at = models.DateTimeField(default=timezone.now)
    kept_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="meeting_documents")
    kept_by_name = models.CharField(max_length=300)

    class Meta:
        ordering: ClassVar = ["-kept_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["plan", "-kept_at", "-id"], name="meetingdocument_of_plan")]
        constraints: ClassVar = [
            in_vocabulary("kind", rules.DOCUMENT_KINDS, name="meetingdocument_kind_known", what="The kind")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("meeting-document", args=[self.plan.code, self.pk, self.file_name])
