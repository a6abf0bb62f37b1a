"""The document as it was agreed: plan, section, provision, area of collaboration."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from workplan.models.base import LONG_TEXT, SHORT_TEXT, Record, check_cells, check_lines, check_sentences
from workplan.models.body import SectoralBody
from workplan.models.names import refuse_used_name
from workplan.querysets import AreaQuerySet, NamedQuerySet, ProvisionQuerySet

REF_PATTERN = r"[A-Z](?:\.[1-9][0-9]{0,3}){0,7}"


class WorkPlanManager(models.Manager.from_queryset(NamedQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, code: str) -> "WorkPlan":
        plan: WorkPlan = self.filter(code=code).first() or self.named(code).get()
        return plan

    def current(self) -> "WorkPlan | None":
        """The plan that readers mean when they name none."""
        plan: WorkPlan | None = self.filter(is_current=True).first()
        return plan


class WorkPlan(Record):
    """One edition of one work plan. Several plans and editions exist side by side."""

    code = models.SlugField(
        max_length=60, unique=True, error_messages={"unique": "This code is taken by another plan."}
    )
    title = models.CharField(max_length=300)
    edition = models.CharField(max_length=100, blank=True)
    period_start = models.DateField()
    period_end = models.DateField()
    source_name = models.CharField("source document", max_length=300, blank=True)
    source_note = models.CharField(max_length=SHORT_TEXT, blank=True)
    is_current = models.BooleanField("is the current plan", default=False)
    predecessor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="successors")
    four_eyes = models.BooleanField(
        "four eyes", default=True, help_text="Nobody approves or concurs with a report in which they had a part."
    )

    objects: ClassVar = WorkPlanManager()
    NAMED_BY = "code"
    KEPT_ON_LOADING = (*Record.KEPT_ON_LOADING, "four_eyes")

    class Meta:
        ordering: ClassVar = ["-is_current", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")),
                name="workplan_period_in_order",
                violation_error_message="The period must end on or after the day it starts.",
            ),
            models.UniqueConstraint(
                fields=["is_current"],
                condition=Q(is_current=True),
                name="workplan_one_current",
                violation_error_message="Another plan is the current one. Only one can be.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.edition})" if self.edition else self.title

    def clean(self) -> None:
        """A code stands for one plan, now and in links that were shared.

        Raises:
            ValidationError: it was that of another plan.
        """
        super().clean()
        refuse_used_name(self)

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    def get_absolute_url(self) -> str:
        return reverse("plan", args=[self.code])


class DocumentManager(models.Manager.from_queryset(NamedQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, plan: str, ref: str) -> Any:
        exact = self.filter(plan__code=plan, ref=ref).first()
        return exact or self.named(ref).get(plan__in=WorkPlan.objects.named(plan))


class DocumentRecord(Record):
    """A record of the document: its position, what is printed, and how it was read."""

    plan = models.ForeignKey(WorkPlan, models.PROTECT, related_name="%(class)ss")
    ref = models.CharField(
        "reference",
        max_length=40,
        validators=[RegexValidator(rf"^{REF_PATTERN}\Z", "Use a reference such as A, A.1, A.1.1 or A.1.1.2.")],
        help_text="Hierarchical, by position: A, A.1, A.1.1, A.1.1.2.",
    )
    position = models.PositiveIntegerField(help_text="Place in document order.")
    marker = models.CharField(
        max_length=20, blank=True, help_text="As in the source: “B.”, “a.1)”, “1.2.3”, or nothing."
    )
    text = models.CharField(max_length=LONG_TEXT, help_text="The text as edited for readers.")
    text_as_printed = models.CharField(
        "source text", max_length=LONG_TEXT, blank=True, help_text="The text of the source, unchanged."
    )
    source_lines = models.JSONField(
        default=list,
        blank=True,
        validators=[check_lines],
        help_text="First and last line in the source, from 1.",
    )
    source_cells = models.JSONField(
        default=list,
        blank=True,
        validators=[check_cells],
        help_text="Table, row and cell in the source, each from 1. In a workbook the row and the column of a sheet.",
    )
    reading_note = models.CharField(
        "transcription note",
        max_length=SHORT_TEXT,
        blank=True,
        help_text="Where the source is ambiguous: the transcription that was chosen, and why.",
    )
    notes = models.JSONField(
        default=list,
        blank=True,
        validators=[check_sentences],
        help_text="Drafting remarks at the record.",
    )

    objects: ClassVar = DocumentManager()
    NAMED_BY = "ref"

    class Meta:
        abstract = True
        ordering: ClassVar = ["plan", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "ref"],
                name="%(class)s_ref_unique_in_plan",
                violation_error_message="Another record of this plan has this reference.",
            )
        ]
        # Document order within a plan: matrix, list, neighbours.
        indexes: ClassVar = [models.Index(fields=["plan", "position"], name="%(class)s_in_order")]

    # The field that names its parent record, where it has one.
    ABOVE: ClassVar[str] = ""

    def __str__(self) -> str:
        return f"{self.ref} {self.text[:80]}"

    def clean(self) -> None:
        """A record is in the plan of its parent record, and its reference was never another one's.

        Raises:
            ValidationError: it is not, or it was.
        """
        super().clean()
        if self.plan_id is not None:
            refuse_used_name(self)
        above = getattr(self, self.ABOVE, None) if self.ABOVE and getattr(self, f"{self.ABOVE}_id") else None
        if above is not None and above.plan_id != self.plan_id:
            raise ValidationError({self.ABOVE: f"{above.ref} belongs to another plan."}, code="other_plan")

    def natural_key(self) -> tuple[str, str]:
        return (self.plan.code, self.ref)

    natural_key.dependencies = ["workplan.workplan"]  # type: ignore[attr-defined]


class Section(DocumentRecord):
    """A section of the APA, a thematic area of the plan. Its text is its title."""

    class Meta(DocumentRecord.Meta):
        pass


class ProvisionManager(DocumentManager.from_queryset(ProvisionQuerySet)):  # type: ignore[misc]
    pass


class Provision(DocumentRecord):
    """The ACTIP provision or APA paragraph that rows of the plan serve (column 1)."""

    ABOVE = "section"

    section = models.ForeignKey(Section, models.PROTECT, related_name="provisions")
    cited_articles = models.JSONField(
        default=list, blank=True, validators=[check_sentences], help_text="Articles of the ACTIP it cites."
    )

    objects: ClassVar = ProvisionManager()

    class Meta(DocumentRecord.Meta):
        pass


class AreaManager(DocumentManager.from_queryset(AreaQuerySet)):  # type: ignore[misc]
    pass


class CollaborationArea(DocumentRecord):
    """A possible area of collaboration amongst sectoral bodies (column 2)."""

    ABOVE = "provision"

    provision = models.ForeignKey(Provision, models.PROTECT, related_name="areas")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    proposed_by = models.ManyToManyField(
        SectoralBody, blank=True, related_name="proposed_areas", help_text="Bodies named in square brackets."
    )

    objects: ClassVar = AreaManager()

    class Meta(DocumentRecord.Meta):
        verbose_name = "area of collaboration"
        verbose_name_plural = "areas of collaboration"

    def clean(self) -> None:
        """The parent of an area is another area of its own provision, and never itself.

        Raises:
            ValidationError: it would not.
        """
        super().clean()
        if self.parent is None:
            return
        if self.parent.provision_id != self.provision_id:
            raise ValidationError({"parent": "The area above belongs to another provision."}, code="other_provision")
        if self in (self.parent, *self.parent.ancestors()):
            raise ValidationError({"parent": "An area cannot be placed under itself."}, code="circle")

    def ancestors(self) -> "list[CollaborationArea]":
        """Its parent areas, outermost first."""
        found: list[CollaborationArea] = []
        above = self.parent
        while above is not None:
            found.insert(0, above)
            above = above.parent
        return found
