"""What was reported and what was changed: read, searched, filtered, never edited."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from workplan import permissions
from workplan.admin.base import HistoryAdmin
from workplan.history.wording import plain_words
from workplan.models import (
    AuditEntry,
    Comment,
    Concurrence,
    Contribution,
    Decision,
    Evidence,
    LateException,
    Obligation,
    ReportingRound,
    Review,
    StatusUpdate,
)


class ReadInline(admin.TabularInline):  # type: ignore[type-arg]
    """Parts of a history: they are read with their whole and never edited."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return permissions.can_see_audit(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


class EvidenceInline(ReadInline):
    model = Evidence
    fields = readonly_fields = ("position", "title", "url", "file_name", "dated_on")


class ReviewInline(ReadInline):
    model = Review
    fields = readonly_fields = ("submission", "decision", "reason", "silence_days", "reviewer_name", "at")


class ConcurrenceInline(ReadInline):
    model = Concurrence
    fields = readonly_fields = ("body", "way", "user_name", "at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("body")


class CommentInline(ReadInline):
    model = Comment
    fields = readonly_fields = ("body", "text", "author_name", "at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("body")


@admin.register(StatusUpdate)
class StatusUpdateAdmin(HistoryAdmin):
    list_display = ("activity_ref", "status", "as_of", "kind", "state", "is_direct", "body", "round", "author_name")
    list_filter = (
        "activity__plan",
        "round",
        "status",
        "state",
        "kind",
        "is_direct",
        "body",
        "activity__area__provision__section",
    )
    list_select_related = ("activity", "body", "round")
    search_fields = ("activity__ref", "activity__text", "narrative", "outputs_delivered", "author_name")
    inlines = (EvidenceInline, ReviewInline, ConcurrenceInline, CommentInline)
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("activity", "body", "round", "is_direct", "kind", "status", "as_of", "state")}),
        (
            "Text",
            {"fields": ("narrative", "outputs_delivered", "challenges", "next_steps", "reason", "deferred_until")},
        ),
        (
            "By whom and when",
            {
                "fields": (
                    ("author_name", "created_at"),
                    ("edited_by_name", "updated_at"),
                    ("submitted_by_name", "submitted_at", "submissions"),
                    ("approved_by_name", "approved_at"),
                    "version",
                )
            },
        ),
    )
    readonly_fields = ("edited_by_name", "updated_at", "submitted_by_name", "submitted_at", "submissions", "version")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("activity", "body", "round", "author", "approved_by")

    def view_on_site(self, obj: StatusUpdate) -> str:
        return obj.get_absolute_url()

    @admin.display(description="activity", ordering="activity__position")
    def activity_ref(self, update: StatusUpdate) -> str:
        return str(update.activity)


@admin.register(Evidence)
class EvidenceAdmin(HistoryAdmin):
    list_display = ("title", "url", "file_name", "dated_on", "update")
    list_filter = ("update__activity__plan", "update__status")
    list_select_related = ("update__activity",)
    search_fields = ("title", "url", "file_name", "update__activity__ref")
    # The file itself is given out by its own address, to whoever may see the update.
    exclude = ("file",)


@admin.register(Review)
class ReviewAdmin(HistoryAdmin):
    list_display = ("at", "activity_ref", "decision", "submission", "reviewer_name", "reason")
    list_filter = ("decision", "update__round", "update__body", ("at", admin.DateFieldListFilter))
    list_select_related = ("update__activity",)
    search_fields = ("update__activity__ref", "reviewer_name", "reason")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("update__activity", "reviewer")

    @admin.display(description="activity", ordering="update__activity__position")
    def activity_ref(self, review: Review) -> str:
        return str(review.update.activity)


@admin.register(Decision)
class DecisionAdmin(HistoryAdmin):
    """Open questions are settled on their own pages."""

    list_display = ("decided_at", "kind", "ref", "decision", "decided_by_name", "reason")
    list_filter = ("plan", "kind", "decision", ("decided_at", admin.DateFieldListFilter))
    search_fields = ("ref", "reason", "decided_by_name")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("plan", "decided_by")

    def view_on_site(self, obj: Decision) -> str:
        return obj.get_absolute_url()


class LateExceptionInline(ReadInline):
    model = LateException
    fields = readonly_fields = ("body", "until", "reason", "given_by_name", "given_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("body")


@admin.register(ReportingRound)
class ReportingRoundAdmin(HistoryAdmin):
    """Rounds are planned, opened and closed on their own pages, where what follows from it is done as well."""

    list_display = ("name", "code", "plan", "kind", "state", "opens_on", "due_on", "closes_on")
    list_filter = ("plan", "state", "kind")
    list_select_related = ("plan",)
    search_fields = ("name", "code")
    inlines = (LateExceptionInline,)
    readonly_fields = ("state", "opened_at", "closed_at", "published_at", "version", "updated_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("plan")

    def view_on_site(self, obj: ReportingRound) -> str:
        return obj.get_absolute_url()


@admin.register(LateException)
class LateExceptionAdmin(HistoryAdmin):
    list_display = ("round", "body", "until", "reason", "given_by_name", "given_at")
    list_filter = ("round", "body")
    list_select_related = ("round", "body")
    search_fields = ("body__acronym", "reason", "given_by_name")


@admin.register(Obligation)
class ObligationAdmin(HistoryAdmin):
    """Obligations follow from the plan and the reports; nobody edits them."""

    list_display = ("activity_ref", "due_from", "round", "state", "due_on", "first_submitted_on")
    list_filter = ("round", "state", "body")
    list_select_related = ("activity", "body", "round")
    search_fields = ("activity__ref", "body__acronym")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("activity", "body", "round", "report__activity")

    @admin.display(description="activity", ordering="activity__position")
    def activity_ref(self, obligation: Obligation) -> str:
        return str(obligation.activity)

    @admin.display(description="due from", ordering="body__position")
    def due_from(self, obligation: Obligation) -> str:
        return obligation.due_from


@admin.register(Contribution)
class ContributionAdmin(HistoryAdmin):
    list_display = ("activity_ref", "body", "round", "author_name", "updated_at")
    list_filter = ("round", "body")
    list_select_related = ("activity", "body", "round")
    search_fields = ("activity__ref", "body__acronym", "text", "author_name")
    readonly_fields = ("version", "updated_at")

    @admin.display(description="activity", ordering="activity__position")
    def activity_ref(self, contribution: Contribution) -> str:
        return str(contribution.activity)


@admin.register(AuditEntry)
class AuditEntryAdmin(HistoryAdmin):
    list_display = ("at", "actor_name", "channel", "action", "record_label", "reason")
    list_filter = ("channel", "record_type", ("at", admin.DateFieldListFilter), "plan")
    search_fields = ("actor_name", "action", "record_label", "record_id", "reason", "request_id", "client_request_id")
    # The audit trail only grows; counting all of it besides the filtered part is not worth a query.
    show_full_result_count = False
    fields = (
        "at",
        "actor_name",
        "actor",
        "channel",
        "request_id",
        "client_request_id",
        "action",
        "plan",
        "record_type",
        "record_id",
        "record_label",
        "activity",
        "body",
        "round",
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
                (
                    (name, plain_words(before) or "–", plain_words(after) or "–")
                    for name, (before, after) in entry.changes.items()
                ),
            ),
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("what_changed",)
