"""What was reported and what was changed: read, searched, filtered, never edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from workplan import permissions
from workplan.admin.base import HistoryAdmin
from workplan.models import AuditEntry, Evidence, StatusUpdate


class EvidenceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Evidence
    fields = readonly_fields = ("position", "title", "url")
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return permissions.can_see_audit(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(StatusUpdate)
class StatusUpdateAdmin(HistoryAdmin):
    list_display = ("activity_ref", "status", "as_of", "kind", "state", "body", "author_name", "created_at")
    list_filter = ("activity__plan", "status", "state", "kind", "body", "activity__area__provision__section")
    list_select_related = ("activity", "body")
    search_fields = ("activity__ref", "activity__text", "narrative", "outputs_delivered", "author_name")
    inlines = (EvidenceInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("activity", "body", "author", "approved_by")

    @admin.display(description="activity", ordering="activity__position")
    def activity_ref(self, update: StatusUpdate) -> str:
        return str(update.activity)


@admin.register(Evidence)
class EvidenceAdmin(HistoryAdmin):
    list_display = ("title", "url", "update")
    list_filter = ("update__activity__plan", "update__status")
    list_select_related = ("update__activity",)
    search_fields = ("title", "url", "update__activity__ref")


@admin.register(AuditEntry)
class AuditEntryAdmin(HistoryAdmin):
    list_display = ("at", "actor_name", "channel", "action", "record_label", "reason")
    list_filter = ("channel", "record_type", ("at", admin.DateFieldListFilter), "plan")
    search_fields = ("actor_name", "action", "record_label", "record_id", "reason", "request_id")
    # The trail only grows; counting all of it beside the filtered part is not worth a query.
    show_full_result_count = False
    fields = (
        "at",
        "actor_name",
        "actor",
        "channel",
        "request_id",
        "action",
        "plan",
        "record_type",
        "record_id",
        "record_label",
        "what_changed",
        "reason",
    )

    @admin.display(description="changes")
    def what_changed(self, entry: AuditEntry) -> str:
        return format_html(
            "<table><thead><tr><th>Field</th><th>Before</th><th>After</th></tr></thead><tbody>{}</tbody></table>",
            format_html_join(
                "",
                "<tr><th>{}</th><td>{}</td><td>{}</td></tr>",
                ((name, _words(before), _words(after)) for name, (before, after) in entry.changes.items()),
            ),
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("what_changed",)


def _words(value: Any) -> str:
    """A value of the trail for people."""
    if value is None or value == "":
        return "–"
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
