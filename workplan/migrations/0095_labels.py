"""Labels and help texts in the standard terms."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import workplan.models.base


class Migration(migrations.Migration):
    dependencies = [
        ("workplan", "0080_plan_imports"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="digest",
            options={"ordering": ["-created_at", "-id"], "verbose_name": "outgoing email"},
        ),
        migrations.AlterModelOptions(
            name="lateexception",
            options={"ordering": ["round", "body"], "verbose_name": "deadline extension"},
        ),
        migrations.AlterModelOptions(
            name="messagepreferences",
            options={"verbose_name": "email notifications", "verbose_name_plural": "email notifications"},
        ),
        migrations.AlterModelOptions(
            name="obligation",
            options={
                "ordering": ["round", "activity__position", "body__position"],
                "verbose_name": "report due",
                "verbose_name_plural": "reports due",
            },
        ),
        migrations.AlterField(
            model_name="activity",
            name="attributes",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="The entries in other columns of the plan, by the heading of the column: {“Timeline”: “2026”}.",
                validators=[workplan.models.base.check_attributes],
            ),
        ),
        migrations.AlterField(
            model_name="activity",
            name="bodies_as_printed",
            field=models.CharField(
                blank=True, help_text="Column 5 of the source.", max_length=20000, verbose_name="bodies in the source"
            ),
        ),
        migrations.AlterField(
            model_name="activity",
            name="marker",
            field=models.CharField(
                blank=True, help_text="As in the source: “B.”, “a.1)”, “1.2.3”, or nothing.", max_length=20
            ),
        ),
        migrations.AlterField(
            model_name="activity",
            name="reading_note",
            field=models.CharField(
                blank=True,
                help_text="Where the source is ambiguous: the transcription that was chosen, and why.",
                max_length=2000,
                verbose_name="transcription note",
            ),
        ),
        migrations.AlterField(
            model_name="activity",
            name="status_as_of",
            field=models.DateField(editable=False, null=True, verbose_name="status as at"),
        ),
        migrations.AlterField(
            model_name="activity",
            name="text",
            field=models.CharField(help_text="The text as edited for readers.", max_length=20000),
        ),
        migrations.AlterField(
            model_name="activity",
            name="text_as_printed",
            field=models.CharField(
                blank=True, help_text="The text of the source, unchanged.", max_length=20000, verbose_name="source text"
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="channel",
            field=models.CharField(
                choices=[
                    ("page", "Page"),
                    ("bulk", "Bulk form"),
                    ("admin", "Admin"),
                    ("api", "API"),
                    ("import", "Import"),
                    ("command", "Command"),
                ],
                max_length=20,
                verbose_name="source",
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="client_request_id",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=64, verbose_name="client request ID"
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="request_id",
            field=models.CharField(blank=True, max_length=64, verbose_name="change set"),
        ),
        migrations.AlterField(
            model_name="bodyalias",
            name="name",
            field=models.CharField(
                error_messages={"unique": "This spelling already belongs to a body."},
                max_length=60,
                unique=True,
                verbose_name="spelling",
            ),
        ),
        migrations.AlterField(
            model_name="collaborationarea",
            name="marker",
            field=models.CharField(
                blank=True, help_text="As in the source: “B.”, “a.1)”, “1.2.3”, or nothing.", max_length=20
            ),
        ),
        migrations.AlterField(
            model_name="collaborationarea",
            name="reading_note",
            field=models.CharField(
                blank=True,
                help_text="Where the source is ambiguous: the transcription that was chosen, and why.",
                max_length=2000,
                verbose_name="transcription note",
            ),
        ),
        migrations.AlterField(
            model_name="collaborationarea",
            name="text",
            field=models.CharField(help_text="The text as edited for readers.", max_length=20000),
        ),
        migrations.AlterField(
            model_name="collaborationarea",
            name="text_as_printed",
            field=models.CharField(
                blank=True, help_text="The text of the source, unchanged.", max_length=20000, verbose_name="source text"
            ),
        ),
        migrations.AlterField(
            model_name="concurrence",
            name="way",
            field=models.CharField(
                choices=[("given", "Concurs"), ("assumed", "Deemed concurrence"), ("silent", "No response")],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="decision",
            field=models.CharField(
                choices=[
                    ("keep", "Plan unchanged"),
                    ("amend", "Plan changed"),
                    ("pass_on", "Referred"),
                    ("reopen", "Reopened"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="kind",
            field=models.CharField(
                choices=[
                    ("reading", "Transcription"),
                    ("missing_lead", "Missing lead"),
                    ("area_without_activity", "Area without activity"),
                    ("contradictory_reports", "Contradictory reports"),
                    ("transfer_note", "Transfer requested"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="follow",
            name="told_until",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="notified until"),
        ),
        migrations.AlterField(
            model_name="lateexception",
            name="until",
            field=models.DateField(
                help_text="The reports of the body are due on this date, and accepted until its end."
            ),
        ),
        migrations.AlterField(
            model_name="messagepreferences",
            name="muted",
            field=models.JSONField(blank=True, default=list, help_text="Events of which the person is not notified."),
        ),
        migrations.AlterField(
            model_name="notice",
            name="details",
            field=models.TextField(blank=True, db_default="", default="", help_text="Further text of the email."),
        ),
        migrations.AlterField(
            model_name="notice",
            name="event",
            field=models.CharField(
                choices=[
                    ("opened", "Round opened"),
                    ("due_soon", "Due soon"),
                    ("overdue", "Overdue"),
                    ("submitted", "Submitted"),
                    ("returned", "Returned"),
                    ("approved", "Approved"),
                    ("exception", "Deadline extension"),
                    ("publication", "Publication"),
                    ("followed", "Followed view"),
                    ("to_review", "Reports to review"),
                    ("undeliverable", "Email refused"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="obligation",
            name="due_on",
            field=models.DateField(help_text="The due date of the round, or of the body’s deadline extension."),
        ),
        migrations.AlterField(
            model_name="obligation",
            name="due_soon_from",
            field=models.DateField(help_text="The date from which it counts as due soon."),
        ),
        migrations.AlterField(
            model_name="provision",
            name="marker",
            field=models.CharField(
                blank=True, help_text="As in the source: “B.”, “a.1)”, “1.2.3”, or nothing.", max_length=20
            ),
        ),
        migrations.AlterField(
            model_name="provision",
            name="reading_note",
            field=models.CharField(
                blank=True,
                help_text="Where the source is ambiguous: the transcription that was chosen, and why.",
                max_length=2000,
                verbose_name="transcription note",
            ),
        ),
        migrations.AlterField(
            model_name="provision",
            name="text",
            field=models.CharField(help_text="The text as edited for readers.", max_length=20000),
        ),
        migrations.AlterField(
            model_name="provision",
            name="text_as_printed",
            field=models.CharField(
                blank=True, help_text="The text of the source, unchanged.", max_length=20000, verbose_name="source text"
            ),
        ),
        migrations.AlterField(
            model_name="reportinground",
            name="asks_for_all",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whether reports on completed and cancelled activities are due as well, as in a final evaluation.",
                verbose_name="reports expected on every activity",
            ),
        ),
        migrations.AlterField(
            model_name="reportinground",
            name="closes_on",
            field=models.DateField(
                help_text="After this date the secretariat closes the round.", verbose_name="closes on"
            ),
        ),
        migrations.AlterField(
            model_name="reportinground",
            name="code",
            field=models.CharField(
                help_text="Its code in addresses and programs, such as 2018-1.",
                max_length=20,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[a-z0-9]+(?:-[a-z0-9]+)*\\Z", "Use small letters, digits and hyphens: 2018-1."
                    ),
                    django.core.validators.RegexValidator(
                        "^(?:new|plan)\\Z",
                        "This word is the address of another page. Use a code such as 2018-1.",
                        inverse_match=True,
                    ),
                ],
            ),
        ),
        migrations.AlterField(
            model_name="reportinground",
            name="due_on",
            field=models.DateField(help_text="The date by which reports are due.", verbose_name="due on"),
        ),
        migrations.AlterField(
            model_name="reportinground",
            name="due_soon_days",
            field=models.PositiveSmallIntegerField(
                default=14,
                validators=[django.core.validators.MaxValueValidator(180)],
                verbose_name="days before the due date for “due soon”",
            ),
        ),
        migrations.AlterField(
            model_name="reportinground",
            name="name",
            field=models.CharField(help_text="Its name, such as “First half of 2018”.", max_length=100),
        ),
        migrations.AlterField(
            model_name="reportinground",
            name="publish_on",
            field=models.DateField(
                blank=True,
                editable=False,
                help_text="The date on which it is published automatically, if nothing prevents it.",
                null=True,
                verbose_name="to be published on",
            ),
        ),
        migrations.AlterField(
            model_name="reportinground",
            name="silence_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="A joint lead that does not respond within so many days of the submission of a report is deemed to concur. Empty: no silence procedure.",
                null=True,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(180)],
                verbose_name="silence procedure, in days",
            ),
        ),
        migrations.AlterField(
            model_name="responsibility",
            name="position",
            field=models.PositiveIntegerField(default=1, help_text="Order in the source."),
        ),
        migrations.AlterField(
            model_name="review",
            name="silence_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="The days of the round’s silence procedure at the time; empty if it had none.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="revision",
            name="scope",
            field=models.CharField(
                choices=[
                    ("document", "Document, bodies and rounds"),
                    ("activities", "Activities and published reports"),
                    ("reporting", "Reports in progress"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="section",
            name="marker",
            field=models.CharField(
                blank=True, help_text="As in the source: “B.”, “a.1)”, “1.2.3”, or nothing.", max_length=20
            ),
        ),
        migrations.AlterField(
            model_name="section",
            name="reading_note",
            field=models.CharField(
                blank=True,
                help_text="Where the source is ambiguous: the transcription that was chosen, and why.",
                max_length=2000,
                verbose_name="transcription note",
            ),
        ),
        migrations.AlterField(
            model_name="section",
            name="text",
            field=models.CharField(help_text="The text as edited for readers.", max_length=20000),
        ),
        migrations.AlterField(
            model_name="section",
            name="text_as_printed",
            field=models.CharField(
                blank=True, help_text="The text of the source, unchanged.", max_length=20000, verbose_name="source text"
            ),
        ),
        migrations.AlterField(
            model_name="sectoralbody",
            name="position",
            field=models.PositiveIntegerField(default=0, help_text="The place of the body in lists."),
        ),
        migrations.AlterField(
            model_name="statusupdate",
            name="as_of",
            field=models.DateField(blank=True, null=True, verbose_name="status as at"),
        ),
        migrations.AlterField(
            model_name="statusupdate",
            name="corrects",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="The report that it corrects and replaces; never itself a correction that names one.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="workplan.statusupdate",
            ),
        ),
        migrations.AlterField(
            model_name="statusupdate",
            name="reason",
            field=models.CharField(
                blank=True, help_text="Why the activity is set back, deferred or cancelled.", max_length=2000
            ),
        ),
        migrations.AlterConstraint(
            model_name="activity",
            name="activity_status_traceable",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "not_reported"),
                    models.Q(("latest_update__isnull", False), ("status_as_of__isnull", False)),
                    _connector="OR",
                ),
                name="activity_status_traceable",
                violation_error_message="A status needs the report and the date that it comes from.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="decision",
            name="decision_reason_present",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="decision_reason_present",
                violation_error_message="Enter the reason for the decision.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="lateexception",
            name="lateexception_once_per_body",
            constraint=models.UniqueConstraint(
                fields=("round", "body"),
                name="lateexception_once_per_body",
                violation_error_message="This body already has a deadline extension in this round.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="review",
            name="review_return_has_reason",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision", "approve"), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="review_return_has_reason",
                violation_error_message="Enter the reason for the return, so that the author can revise the report.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="savedview",
            name="savedview_name_once_per_owner",
            constraint=models.UniqueConstraint(
                fields=("owner", "name"),
                name="savedview_name_once_per_owner",
                violation_error_message="This owner already has a view with this name.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="statusupdate",
            name="statusupdate_day_present",
            constraint=models.CheckConstraint(
                condition=models.Q(("as_of__isnull", False), ("state__in", ("draft", "returned")), _connector="OR"),
                name="statusupdate_day_present",
                violation_error_message="Enter the date of this status.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="statusupdate",
            name="statusupdate_narrative_present",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("draft", "returned")),
                    ("kind__in", ("no_change", "nil_return")),
                    models.Q(("narrative", ""), _negated=True),
                    _connector="OR",
                ),
                name="statusupdate_narrative_present",
                violation_error_message="Enter in one or more sentences what was done.",
            ),
        ),
    ]
