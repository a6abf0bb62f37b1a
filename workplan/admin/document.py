"""The plan as agreed, the bodies, and the lead and cooperating bodies of each activity."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from workplan.admin.base import PartInline, RecordAdmin
from workplan.admin.forms import VERSION
from workplan.models import (
    Activity,
    BodyAlias,
    CollaborationArea,
    Provision,
    Responsibility,
    Section,
    SectoralBody,
    WorkPlan,
)

AS_AGREED = ("ref", "position", "marker", "text")
AS_PRINTED = (
    "Source text",
    {"fields": ("text_as_printed", "source_lines", "source_cells", "reading_note", "notes"), "classes": ("collapse",)},
)


def page_of(record: WorkPlan | Activity) -> str | None:
    """The page of ``record``; none while a form holds a reference or code that no page can have."""
    try:
        return record.get_absolute_url()
    except NoReverseMatch:
        return None


class BodyFilter(admin.SimpleListFilter):
    """The activities of a body as the whole of apta understands them: “all other SB” included."""

    title = "body"
    parameter_name = "body"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(body.acronym, body.acronym) for body in SectoralBody.objects.all()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        return queryset.involving(list(SectoralBody.objects.filter(acronym=self.value())))


@admin.register(WorkPlan)
class WorkPlanAdmin(RecordAdmin):
    list_display = ("title", "edition", "code", "period_start", "period_end", "is_current")
    list_filter = ("is_current",)
    search_fields = ("code", "title", "edition")
    autocomplete_fields = ("predecessor",)
    list_select_related = ("predecessor",)
    readonly_fields = ("version", "updated_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A plan cannot be deleted: its audit trail refers to it."""
        return False

    def view_on_site(self, obj: WorkPlan) -> str | None:
        return page_of(obj)


class DocumentAdmin(RecordAdmin):
    """Records that the document has, in its order."""

    list_filter: ClassVar[Any] = ("plan",)
    list_select_related: ClassVar[Any] = ("plan",)
    search_fields: ClassVar[Any] = ("ref", "text", "marker")
    ordering = ("plan", "position")
    readonly_fields: ClassVar[Any] = ("source_cells", "version", "updated_at")
    list_display_links = ("ref",)

    @admin.display(description="text", ordering="text")
    def words(self, record: Any) -> str:
        return record.text if len(record.text) <= 120 else f"{record.text[:119]}…"


@admin.register(Section)
class SectionAdmin(DocumentAdmin):
    list_display = ("ref", "marker", "words", "plan")
    autocomplete_fields = ("plan",)
    fieldsets: ClassVar[Any] = ((None, {"fields": ("plan", *AS_AGREED, "version", "updated_at")}), AS_PRINTED)


@admin.register(Provision)
class ProvisionAdmin(DocumentAdmin):
    list_display = ("ref", "marker", "words", "section", "plan")
    list_filter = ("plan", "section")
    list_select_related = ("plan", "section")
    autocomplete_fields = ("plan", "section")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("plan", "section", *AS_AGREED, "cited_articles", "version", "updated_at")}),
        AS_PRINTED,
    )


@admin.register(CollaborationArea)
class CollaborationAreaAdmin(DocumentAdmin):
    list_display = ("ref", "marker", "words", "provision", "plan")
    list_filter = ("plan", "provision__section", "proposed_by")
    list_select_related = ("plan", "provision")
    autocomplete_fields = ("plan", "provision", "parent", "proposed_by")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("plan", "provision", "parent", *AS_AGREED, "proposed_by", "version", "updated_at")}),
        AS_PRINTED,
    )


class ResponsibilityInline(PartInline):
    model = Responsibility
    fields = ("body", "role", "position", "lead_country", VERSION)
    autocomplete_fields = ("body",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("body", "activity")


@admin.register(Activity)
class ActivityAdmin(DocumentAdmin):
    list_display = ("ref", "words", "leads", "status", "status_as_of", "kind", "plan")
    list_filter = ("plan", "area__provision__section", BodyFilter, "status", "kind", "all_other_bodies_cooperate")
    search_fields = ("ref", "text", "expected_output", "bodies_as_printed")
    autocomplete_fields = ("plan", "area")
    inlines = (ResponsibilityInline,)
    readonly_fields = (
        *("status", "status_as_of", "confirmed_on", "latest_update", "record_a_status", "version", "updated_at"),
        *("source_cells", "bodies_source_cells"),
    )
    fieldsets: ClassVar[Any] = (
        (
            None,
            {
                "fields": (
                    "plan",
                    "area",
                    "kind",
                    *AS_AGREED,
                    "expected_output",
                    "all_other_bodies_cooperate",
                    "attributes",
                )
            },
        ),
        (
            "Status",
            {
                "fields": (
                    *("status", "status_as_of", "confirmed_on", "latest_update"),
                    *("record_a_status", "version", "updated_at"),
                )
            },
        ),
        (
            "Source text",
            {
                "fields": (
                    "text_as_printed",
                    "source_lines",
                    "source_cells",
                    "bodies_as_printed",
                    "bodies_source_lines",
                    "bodies_source_cells",
                    "reading_note",
                    "notes",
                ),
                "classes": ("collapse",),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).for_display()  # type: ignore[attr-defined]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The groups of fields; a field of the model that no group names is in the first."""
        (heading, first), *others = super().get_fieldsets(request, obj)
        named = {name for _, group in self.fieldsets for name in group["fields"]}
        editable = [field.name for field in self.model._meta.fields if field.editable and not field.auto_created]
        further = [name for name in editable if name not in named]
        fieldsets = [(heading, {**first, "fields": (*first["fields"], *further)}), *others]
        return fieldsets if obj else [one for one in fieldsets if one[0] != "Status"]

    def view_on_site(self, obj: Activity) -> str | None:
        return page_of(obj)

    @admin.display(description="lead bodies")
    def leads(self, activity: Activity) -> str:
        return ", ".join(body.acronym for body in activity.lead_bodies)

    @admin.display(description="record a status")
    def record_a_status(self, activity: Activity) -> str:
        """A status has its own page, where it is recorded together with its reason."""
        try:
            address = reverse("update-status", args=[activity.plan.code, activity.ref])
        except NoReverseMatch:
            return "–"
        return format_html('<a href="{}">Record a status on its own page</a>', address)


@admin.register(Responsibility)
class ResponsibilityAdmin(RecordAdmin):
    list_display = ("activity_ref", "body", "role", "position", "lead_country")
    list_filter = ("activity__plan", "role", "body", "activity__area__provision__section")
    list_select_related = ("activity", "body")
    search_fields = ("activity__ref", "activity__text", "body__acronym", "body__name", "lead_country")
    autocomplete_fields = ("activity", "body")
    ordering = ("activity__plan", "activity__position", "position")
    fields = ("activity", "body", "role", "position", "lead_country")

    @admin.display(description="activity", ordering="activity__position")
    def activity_ref(self, responsibility: Responsibility) -> str:
        return str(responsibility.activity)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Moving it would change two activities at once: remove it there and add it here instead.
        return ("activity",) if obj else ()


class BodyAliasInline(PartInline):
    model = BodyAlias
    fields = ("name", VERSION)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("body")


@admin.register(SectoralBody)
class SectoralBodyAdmin(RecordAdmin):
    list_display = ("acronym", "name", "pillar", "spellings", "position")
    list_filter = ("pillar",)
    search_fields = ("acronym", "name", "aliases__name")
    inlines = (BodyAliasInline,)
    readonly_fields = ("version", "updated_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("aliases")

    @admin.display(description="other spellings")
    def spellings(self, body: SectoralBody) -> str:
        return ", ".join(alias.name for alias in body.aliases.all())


@admin.register(BodyAlias)
class BodyAliasAdmin(RecordAdmin):
    list_display = ("name", "body")
    list_filter = ("body",)
    list_select_related = ("body",)
    search_fields = ("name", "body__acronym", "body__name")
    autocomplete_fields = ("body",)
    fields = ("name", "body")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("body")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("body",) if obj else ()
