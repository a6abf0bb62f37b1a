"""What all admins share: rights from ``permissions``, writes through the actions, refusals shown in the form."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.forms import BaseInlineFormSet, ModelForm
from django.forms.formsets import TOTAL_FORM_COUNT
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst

from workplan import permissions
from workplan.actions import Actor, delete_record, former_name_notice, save_record
from workplan.actions.plan import may_edit
from workplan.admin.forms import (
    REASON,
    VERSION,
    LinesField,
    LongText,
    OneOf,
    RecordForm,
    SeenForm,
    SentencesField,
    SeveralOf,
)
from workplan.exceptions import Refusal
from workplan.models.base import SHORT_TEXT, Record, check_attributes, check_lines

if TYPE_CHECKING:
    from django.contrib.admin.options import BaseModelAdmin
else:
    BaseModelAdmin = object

AT_THE_SAME_MOMENT = (
    "Somebody else saved a conflicting change at the same time. Your changes were not saved; check the current version "
    "and decide again."
)


def reason_typed(request: HttpRequest) -> str:
    """Why something is deleted, as it was typed beside the question whether it really shall be."""
    return request.POST.get(REASON, "")[:SHORT_TEXT].replace("\x00", "")


class FieldsMixin(BaseModelAdmin):
    """Lists as lines instead of JSON, long texts in areas, autocompletes that forgive."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.JSONField) and check_attributes not in db_field.validators:
            field: Any = LinesField if check_lines in db_field.validators else SentencesField
            return field(
                label=capfirst(db_field.verbose_name), help_text=db_field.help_text, required=not db_field.blank
            )
        if isinstance(db_field, models.CharField) and not db_field.choices and (db_field.max_length or 0) >= SHORT_TEXT:
            return db_field.formfield(form_class=LongText, widget=LongText.widget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = OneOf(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = SeveralOf(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class RightsMixin(BaseModelAdmin):
    """Whoever may edit records of this kind may do all with them."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request.user, self.model)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request.user, self.model)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request.user, self.model)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request.user, self.model)


# More than any record has: bodies of an activity, spellings of a body, memberships of a person.
MOST_PARTS = 100


class PartFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # not generic at run time
    """Parts as they were sent. More rows than there can be are refused, and none of them is made."""

    def total_form_count(self) -> int:
        if self.is_bound and (self.management_form.cleaned_data[TOTAL_FORM_COUNT] or 0) > MOST_PARTS:
            return 0
        return super().total_form_count()


class PartInline(FieldsMixin, RightsMixin, admin.TabularInline):  # type: ignore[type-arg]
    """Parts that are edited on the page of their whole. ``fields`` ends with the version that was read."""

    form = SeenForm
    formset = PartFormSet
    extra = 0
    max_num = MOST_PARTS

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Bounded: whoever posts more parts than any record has would otherwise keep a process busy with them."""
        return super().get_formset(request, obj, absolute_max=MOST_PARTS, **kwargs)


class RecordAdmin(FieldsMixin, RightsMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """Records that change through the actions only, so that each change leaves an audit entry."""

    belongs_to_apta = True
    form: Any = RecordForm
    list_per_page = 50
    view_on_site: Any = False
    fieldsets: ClassVar[Any] = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    # The form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The declared ones; where something can be typed, the reason and the version follow."""
        fieldsets: Any = [(name, dict(options)) for name, options in super().get_fieldsets(request, obj)]
        if not (self.has_change_permission(request, obj) if obj else self.has_add_permission(request)):
            return fieldsets
        own = [REASON, VERSION] if isinstance(obj, Record) else [REASON]
        for _, options in fieldsets:
            options["fields"] = [name for name in options["fields"] if name not in (REASON, VERSION)]
        return [*fieldsets, ("Permanent record", {"fields": own})]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.fields:
            return self.fields
        # The stock way builds the form from the fieldsets, which are built from here.
        form = self._get_form_for_get_fields(request, obj)  # type: ignore[attr-defined]
        return [*form.base_fields, *self.get_readonly_fields(request, obj)]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """What the address proposes, as far as it can be a value of its field at all."""
        proposed = super().get_changeform_initial_data(request)
        return {name: value for name, value in proposed.items() if self._can_hold(name, value)}

    def _can_hold(self, name: str, value: Any) -> bool:
        try:
            field: Any = self.opts.get_field(name)
            if field.is_relation:
                for one in value if isinstance(value, list) else [value]:
                    field.target_field.run_validators(field.target_field.to_python(one))
            else:
                field.to_python(value)
        except Exception:  # an address can name anything, and nothing of it is needed
            return False
        return True

    # Writing

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """One transaction; when it is refused, the same form again with what was typed and why."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
        except IntegrityError:
            request.refusal = Refusal(AT_THE_SAME_MOMENT)  # type: ignore[attr-defined]
        return self._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[attr-defined]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        field = getattr(obj, "NAMED_BY", "")
        former = form.initial.get(field, "") if change and field in form.changed_data else ""
        changed = save_record(
            record=obj,
            by=Actor.of(request, "admin"),
            expected_version=form.cleaned_data.get(VERSION),
            expected_links=form.links_seen(),
            links=form.links(),
            reason=form.cleaned_data.get(REASON, ""),
        )
        if former and changed:
            self.message_user(request, former_name_notice(obj, former), messages.INFO)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The parts; what the record is linked with went with the record."""
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        by, reason = Actor.of(request, "admin"), form.cleaned_data.get(REASON, "")
        formset.save(commit=False)
        for part in formset.deleted_objects:
            delete_record(record=part, by=by, reason=reason)
        changed = {id(part) for part, _ in formset.changed_objects}
        added = {id(part) for part in formset.new_objects}
        for part_form in formset.forms:
            if id(part_form.instance) in changed | added:
                save_record(
                    record=part_form.instance,
                    by=by,
                    expected_version=part_form.cleaned_data.get(VERSION),
                    links=part_form.links(),
                    reason=reason,
                )

    # Deleting

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id]))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the record; the parts that would go with it go first, each with an audit entry."""
        by, reason = Actor.of(request, "admin"), reason_typed(request)
        for inline in self.inlines:
            foreign_key = next(
                field for field in inline.model._meta.concrete_fields if field.related_model is self.model
            )
            for part in inline.model._default_manager.filter(**{foreign_key.name: obj}):
                delete_record(record=part, by=by, reason=reason)
        delete_record(record=obj, by=by, reason=reason)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """All of them, or none."""
        with transaction.atomic():
            for record in queryset:
                self.delete_model(request, record)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        try:
            return super().changelist_view(request, extra_context)
        except Refusal as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
        except (ValueError, OverflowError, ValidationError, IncorrectLookupParameters):
            # A key or a filter that nothing can have, typed into the address or sent by a program.
            self.message_user(request, "The filter could not be applied; the whole list is shown.", messages.ERROR)
            return HttpResponseRedirect(request.path)
        return HttpResponseRedirect(request.get_full_path())

    # There is one audit trail: Django's own log of the admin stays empty, its history button leads to the entries.

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return []

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        audit_entries = reverse("admin:workplan_auditentry_changelist")
        return redirect(f"{audit_entries}?record_type__exact={self.opts.model_name}&record_id__exact={object_id}")


class HistoryAdmin(RecordAdmin):
    """Records of the history: read and never edited."""

    actions = None
    form = ModelForm

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return permissions.can_see_audit(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
