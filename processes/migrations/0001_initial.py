"""SOPs, runs and what departs from them."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import ops_platform.database.walls
import organization.models.base


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("organization", "0004_membership"),
    ]

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("title", models.CharField(max_length=300, verbose_name="Title")),
                ("title_zh", models.CharField(blank=True, max_length=300, verbose_name="Chinese title")),
                ("reference", models.CharField(editable=False, max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("finished", "Finished"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="running",
                        max_length=10,
                        verbose_name="State",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("hand", "By hand"),
                            ("schedule", "By schedule"),
                            ("form", "By a public form"),
                            ("mail", "By mail"),
                            ("api", "By the API"),
                            ("run", "By another run"),
                            ("kpi", "By a KPI past its limit"),
                            ("event", "By an event elsewhere"),
                        ],
                        default="hand",
                        max_length=10,
                        verbose_name="Started",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=60)),
                ("external_id", models.CharField(blank=True, max_length=200)),
                ("facts", models.JSONField(default=dict)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="Started")),
                ("due_at", models.DateTimeField(null=True, verbose_name="Due")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="Finished")),
                ("cancel_reason", models.CharField(blank=True, max_length=500)),
                ("score_earned", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("score_possible", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[("passed", "Passed"), ("failed", "Failed")],
                        max_length=10,
                        verbose_name="Result",
                    ),
                ),
                ("seed", models.PositiveIntegerField(null=True)),
                (
                    "department",
                    ops_platform.database.walls.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.department",
                        verbose_name="Department",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "started_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                        verbose_name="Started by",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RunStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("title", models.CharField(max_length=300, verbose_name="Title")),
                ("title_zh", models.CharField(blank=True, max_length=300, verbose_name="Chinese title")),
                ("key", models.CharField(max_length=40)),
                ("section_key", models.CharField(max_length=40)),
                ("row", models.PositiveSmallIntegerField(default=0)),
                ("position", models.PositiveIntegerField()),
                ("is_critical", models.BooleanField(default=False)),
                ("is_live", models.BooleanField(default=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Not yet open"),
                            ("open", "Open"),
                            ("claimed", "Taken"),
                            ("started", "Begun"),
                            ("in_approval", "Waits for approval"),
                            ("done", "Done"),
                            ("skipped", "Skipped"),
                            ("not_applicable", "Does not apply"),
                        ],
                        default="waiting",
                        max_length=16,
                        verbose_name="State",
                    ),
                ),
                ("is_for_guest", models.BooleanField(default=False)),
                ("round", models.PositiveSmallIntegerField(default=1)),
                ("opened_at", models.DateTimeField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("sent_back_at", models.DateTimeField(null=True)),
                ("claimed_device_at", models.DateTimeField(null=True)),
                ("started_device_at", models.DateTimeField(null=True)),
                ("finished_device_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True, verbose_name="Due")),
                ("due_rule", models.CharField(blank=True, max_length=60)),
                ("due_is_manual", models.BooleanField(default=False)),
                ("is_failed", models.BooleanField(default=False)),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="Reason")),
                (
                    "assigned_to",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="run_steps",
                        to="organization.member",
                        verbose_name="Responsible",
                    ),
                ),
                (
                    "claimed_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "finished_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "queue_department",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.department",
                    ),
                ),
                (
                    "role",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.role"
                    ),
                ),
                (
                    "run",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="processes.run"
                    ),
                ),
            ],
            options={
                "ordering": ("position", "row"),
            },
        ),
        migrations.AddField(
            model_name="run",
            name="parent_step",
            field=ops_platform.database.walls.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="children", to="processes.runstep"
            ),
        ),
        migrations.CreateModel(
            name="Deviation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field_key", models.CharField(blank=True, max_length=40)),
                ("round", models.PositiveSmallIntegerField(default=1)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("skipped", "Skipped"),
                            ("out_of_order", "Out of order"),
                            ("late", "Late"),
                            ("out_of_range", "Outside the limits"),
                            ("override", "Overridden"),
                            ("andon", "Call for help"),
                            ("failed", "Failed"),
                        ],
                        max_length=14,
                        verbose_name="Kind",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=2000, verbose_name="Reason")),
                ("facts", models.JSONField(default=dict)),
                ("corrective", models.CharField(blank=True, max_length=1000, verbose_name="Corrective action")),
                ("corrective_due_at", models.DateTimeField(null=True)),
                ("corrective_done_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                (
                    "corrective_owner",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "made_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "run",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deviations", to="processes.run"
                    ),
                ),
                (
                    "step",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deviations",
                        to="processes.runstep",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveSmallIntegerField(default=1)),
                ("mode", models.CharField(max_length=10)),
                ("needed", models.PositiveSmallIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("granted", "Approved"),
                            ("refused", "Sent back"),
                            ("dropped", "No longer needed"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="State",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "run",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="approvals", to="processes.run"
                    ),
                ),
                (
                    "step",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="approvals", to="processes.runstep"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field_key", models.CharField(max_length=40)),
                ("value", models.JSONField(null=True)),
                ("refers_to", models.CharField(blank=True, max_length=40)),
                ("is_applicable", models.BooleanField(default=True)),
                ("is_failed", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, max_length=2000)),
                ("made_at", models.DateTimeField()),
                ("device_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "run",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="processes.run"
                    ),
                ),
                (
                    "step",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="processes.runstep"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AndonCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("called", "Called"), ("answered", "Somebody is coming"), ("resolved", "Resolved")],
                        default="called",
                        max_length=10,
                        verbose_name="State",
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="What is wrong")),
                ("called_at", models.DateTimeField()),
                ("device_at", models.DateTimeField(null=True)),
                ("level", models.PositiveSmallIntegerField(default=1)),
                ("escalate_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolution", models.CharField(blank=True, max_length=1000, verbose_name="What was done")),
                (
                    "answered_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "called_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "resolved_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "told",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "deviation",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="andon_calls",
                        to="processes.deviation",
                    ),
                ),
                (
                    "run",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="andon_calls", to="processes.run"
                    ),
                ),
                (
                    "step",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="andon_calls", to="processes.runstep"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="Name")),
                ("name_zh", models.CharField(blank=True, max_length=200, verbose_name="Chinese name")),
                (
                    "name_key",
                    organization.models.base.SortKeyField(
                        "name", db_collation="C", default="", editable=False, max_length=400
                    ),
                ),
                (
                    "name_zh_key",
                    organization.models.base.SortKeyField(
                        "name_zh", "name", db_collation="C", default="", editable=False, max_length=400
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("reference", models.CharField(editable=False, max_length=20)),
                (
                    "code",
                    models.CharField(
                        blank=True, help_text="The number that the company uses.", max_length=40, verbose_name="Code"
                    ),
                ),
                (
                    "review_every_months",
                    models.PositiveSmallIntegerField(
                        default=12,
                        help_text="Months; 0 for never.",
                        validators=[django.core.validators.MaxValueValidator(120)],
                        verbose_name="Review every",
                    ),
                ),
                ("retired_at", models.DateTimeField(editable=False, null=True)),
                (
                    "department",
                    ops_platform.database.walls.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.department",
                        verbose_name="Department",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "owner",
                    ops_platform.database.walls.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                        verbose_name="Owner",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="run",
            name="sop",
            field=ops_platform.database.walls.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="processes.sop"
            ),
        ),
        migrations.CreateModel(
            name="PublicForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="Name")),
                ("name_zh", models.CharField(blank=True, max_length=200, verbose_name="Chinese name")),
                (
                    "name_key",
                    organization.models.base.SortKeyField(
                        "name", db_collation="C", default="", editable=False, max_length=400
                    ),
                ),
                (
                    "name_zh_key",
                    organization.models.base.SortKeyField(
                        "name_zh", "name", db_collation="C", default="", editable=False, max_length=400
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("digest", models.CharField(max_length=64)),
                ("is_open", models.BooleanField(default=True, verbose_name="Open")),
                (
                    "department",
                    ops_platform.database.walls.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.department",
                        verbose_name="Department",
                    ),
                ),
                (
                    "made_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "sop",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="public_forms", to="processes.sop"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="deviation",
            name="sop",
            field=ops_platform.database.walls.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="processes.sop"
            ),
        ),
        migrations.CreateModel(
            name="SopStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=300, verbose_name="Title")),
                ("title_zh", models.CharField(blank=True, max_length=300, verbose_name="Chinese title")),
                ("key", models.CharField(max_length=40)),
                ("is_current", models.BooleanField(default=False)),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "sop",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="processes.sop"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="runstep",
            name="sop_step",
            field=ops_platform.database.walls.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="run_steps", to="processes.sopstep"
            ),
        ),
        migrations.AddField(
            model_name="deviation",
            name="sop_step",
            field=ops_platform.database.walls.TenantForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deviations",
                to="processes.sopstep",
            ),
        ),
        migrations.CreateModel(
            name="SopVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("approved", "Approved"),
                            ("effective", "In force"),
                            ("retired", "Retired"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="State",
                    ),
                ),
                ("content", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "change_class",
                    models.CharField(
                        choices=[("minor", "Minor"), ("major", "Major")],
                        default="major",
                        max_length=10,
                        verbose_name="Kind of change",
                    ),
                ),
                ("change_reason", models.CharField(blank=True, max_length=1000, verbose_name="What changes, and why")),
                ("effective_on", models.DateField(null=True, verbose_name="Takes effect on")),
                ("review_on", models.DateField(null=True, verbose_name="Review by")),
                ("review_asked", models.BooleanField(default=False)),
                ("submitted_at", models.DateTimeField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("effective_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "approved_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "made_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "sop",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="processes.sop"
                    ),
                ),
                (
                    "submitted_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="sop",
            name="current",
            field=ops_platform.database.walls.TenantForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="processes.sopversion",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="sop_version",
            field=ops_platform.database.walls.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="processes.sopversion"
            ),
        ),
        migrations.AddField(
            model_name="deviation",
            name="sop_version",
            field=ops_platform.database.walls.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="processes.sopversion"
            ),
        ),
        migrations.CreateModel(
            name="StartPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="Name")),
                ("name_zh", models.CharField(blank=True, max_length=200, verbose_name="Chinese name")),
                (
                    "name_key",
                    organization.models.base.SortKeyField(
                        "name", db_collation="C", default="", editable=False, max_length=400
                    ),
                ),
                (
                    "name_zh_key",
                    organization.models.base.SortKeyField(
                        "name_zh", "name", db_collation="C", default="", editable=False, max_length=400
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("rule", models.JSONField(default=dict)),
                (
                    "runs_each",
                    models.PositiveIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5000),
                        ],
                        verbose_name="Runs each time",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="Switched on")),
                ("next_at", models.DateTimeField(null=True, verbose_name="Next time")),
                ("slot_at", models.DateTimeField(editable=False, null=True)),
                ("slot_done", models.PositiveIntegerField(default=0, editable=False)),
                ("problem", models.CharField(blank=True, editable=False, max_length=500)),
                (
                    "department",
                    ops_platform.database.walls.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.department",
                        verbose_name="Department",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "sop",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="plans",
                        to="processes.sop",
                        verbose_name="SOP",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StepRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveSmallIntegerField()),
                ("opened_at", models.DateTimeField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField()),
                ("comment", models.CharField(blank=True, max_length=2000)),
                (
                    "done_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "sent_back_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "step",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rounds", to="processes.runstep"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VersionAuthor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "member",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.member"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "sop_version",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="authors", to="processes.sopversion"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VersionComment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step_key", models.CharField(blank=True, max_length=40)),
                ("text", models.TextField(max_length=4000, verbose_name="Comment")),
                ("made_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "resolved_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "sop_version",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="comments", to="processes.sopversion"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AnswerChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.JSONField(null=True)),
                ("refers_to", models.CharField(blank=True, max_length=40)),
                ("made_at", models.DateTimeField()),
                ("device_at", models.DateTimeField(null=True)),
                (
                    "answer",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="processes.answer"
                    ),
                ),
                (
                    "made_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organization", "answer", "-id"], name="answer_change_of")],
            },
        ),
        migrations.CreateModel(
            name="ApprovalVoter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seat", models.PositiveSmallIntegerField()),
                (
                    "approval",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="voters", to="processes.approval"
                    ),
                ),
                (
                    "member",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.member"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organization", "member", "approval"], name="approval_of_member")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "approval", "seat", "member"), name="approval_voter_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Operation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("operation", models.UUIDField()),
                ("reply", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "run",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="processes.run"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organization", "made_at"], name="operation_age")],
                "constraints": [models.UniqueConstraint(fields=("organization", "operation"), name="operation_once")],
            },
        ),
        migrations.CreateModel(
            name="RunRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("section_key", models.CharField(max_length=40)),
                ("number", models.PositiveSmallIntegerField()),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="Name")),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "run",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="processes.run"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "run", "section_key", "number"), name="run_row_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="Note")),
                ("made_at", models.DateTimeField()),
                (
                    "given_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "given_to",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "was_with",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "step",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="handovers", to="processes.runstep"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organization", "step"], name="handover_of_step")],
            },
        ),
        migrations.CreateModel(
            name="GuestLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("guest_name", models.CharField(max_length=200, verbose_name="Name")),
                ("digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(verbose_name="Until")),
                ("revoked_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "run",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="guest_links", to="processes.run"
                    ),
                ),
                (
                    "step",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="guest_links", to="processes.runstep"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organization", "digest"), name="guest_link_digest")],
            },
        ),
        migrations.CreateModel(
            name="ApprovalVote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("verdict", models.CharField(choices=[("yes", "Approved"), ("no", "Sent back")], max_length=5)),
                ("comment", models.CharField(blank=True, max_length=2000, verbose_name="Comment")),
                ("made_at", models.DateTimeField()),
                ("device_at", models.DateTimeField(null=True)),
                (
                    "approval",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="votes", to="processes.approval"
                    ),
                ),
                (
                    "given_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "member",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organization.member"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "back_to",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="processes.runstep"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "approval", "member"), name="approval_vote_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verdict", "yes"),
                            models.Q(models.Q(("comment", ""), _negated=True), ("back_to__isnull", False)),
                            _connector="OR",
                        ),
                        name="approval_refusal_says_why",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(fields=("organization", "step", "round"), name="approval_once"),
        ),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(fields=["organization", "run"], name="answer_of_run"),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(fields=("organization", "step", "field_key"), name="answer_once"),
        ),
        migrations.AddIndex(
            model_name="andoncall",
            index=models.Index(
                condition=models.Q(("escalate_at__isnull", False)), fields=["escalate_at"], name="andon_to_escalate"
            ),
        ),
        migrations.AddIndex(
            model_name="andoncall",
            index=models.Index(
                condition=models.Q(("state", "resolved"), _negated=True),
                fields=["organization", "called_at"],
                name="andon_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="andoncall",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "resolved"), _negated=True),
                fields=("organization", "step"),
                name="andon_one_a_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="andoncall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "called"),
                    models.Q(("answered_at__gte", models.F("called_at")), ("state", "answered")),
                    models.Q(("resolved_at__gte", models.F("called_at")), ("state", "resolved")),
                    _connector="OR",
                ),
                name="andon_stamps",
            ),
        ),
        migrations.AddConstraint(
            model_name="publicform",
            constraint=models.UniqueConstraint(fields=("organization", "digest"), name="public_form_digest"),
        ),
        migrations.AddConstraint(
            model_name="sopstep",
            constraint=models.UniqueConstraint(fields=("organization", "sop", "key"), name="sop_step_key"),
        ),
        migrations.AddIndex(
            model_name="runstep",
            index=models.Index(
                condition=models.Q(("is_live", True), ("state__in", ("open", "claimed", "started"))),
                fields=["organization", "assigned_to", "due_at", "id"],
                name="run_step_mine",
            ),
        ),
        migrations.AddIndex(
            model_name="runstep",
            index=models.Index(
                condition=models.Q(("assigned_to", None), ("is_live", True), ("state", "open")),
                fields=["organization", "role", "due_at"],
                name="run_step_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="runstep",
            index=models.Index(fields=["organization", "assigned_to", "run"], name="run_step_of_member"),
        ),
        migrations.AddIndex(
            model_name="runstep",
            index=models.Index(fields=["organization", "finished_by", "run"], name="run_step_done_by"),
        ),
        migrations.AddIndex(
            model_name="runstep",
            index=models.Index(
                condition=models.Q(
                    ("is_live", True), ("state__in", ("waiting", "open", "claimed", "started", "in_approval"))
                ),
                fields=["organization", "due_at"],
                name="run_step_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="runstep",
            constraint=models.UniqueConstraint(fields=("organization", "run", "key", "row"), name="run_step_once"),
        ),
        migrations.AddConstraint(
            model_name="runstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["waiting", "not_applicable"]), ("opened_at__isnull", False), _connector="OR"
                ),
                name="run_step_opened",
            ),
        ),
        migrations.AddConstraint(
            model_name="runstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "claimed"), _negated=True),
                    models.Q(("assigned_to__isnull", False), ("claimed_at__isnull", False)),
                    _connector="OR",
                ),
                name="run_step_claimed",
            ),
        ),
        migrations.AddConstraint(
            model_name="runstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "started"), _negated=True), ("started_at__isnull", False), _connector="OR"
                ),
                name="run_step_started",
            ),
        ),
        migrations.AddConstraint(
            model_name="runstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["done", "in_approval", "skipped"]), _negated=True),
                    ("finished_at__isnull", False),
                    _connector="OR",
                ),
                name="run_step_finished",
            ),
        ),
        migrations.AddConstraint(
            model_name="runstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("claimed_at", None), ("claimed_at__gte", models.F("opened_at")), _connector="OR"),
                    models.Q(("started_at", None), ("started_at__gte", models.F("opened_at")), _connector="OR"),
                    models.Q(("finished_at", None), ("finished_at__gte", models.F("opened_at")), _connector="OR"),
                    models.Q(
                        ("started_at", None),
                        ("finished_at", None),
                        ("finished_at__gte", models.F("started_at")),
                        _connector="OR",
                    ),
                ),
                name="run_step_stamps",
            ),
        ),
        migrations.AddIndex(
            model_name="sopversion",
            index=models.Index(
                condition=models.Q(("state", "approved")), fields=["effective_on"], name="sop_version_due"
            ),
        ),
        migrations.AddIndex(
            model_name="sopversion",
            index=models.Index(
                condition=models.Q(("state", "effective")), fields=["review_on"], name="sop_version_review"
            ),
        ),
        migrations.AddConstraint(
            model_name="sopversion",
            constraint=models.UniqueConstraint(fields=("organization", "sop", "number"), name="sop_version_number"),
        ),
        migrations.AddConstraint(
            model_name="sopversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "effective")), fields=("organization", "sop"), name="sop_version_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="sopversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "in_review"])),
                fields=("organization", "sop"),
                name="sop_version_one_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="sopversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "retired"]), ("submitted_at__isnull", False), _connector="OR"
                ),
                name="sop_version_submitted",
            ),
        ),
        migrations.AddConstraint(
            model_name="sopversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["approved", "effective"]), _negated=True),
                    models.Q(("approved_at__gte", models.F("submitted_at")), ("approved_at__isnull", False)),
                    _connector="OR",
                ),
                name="sop_version_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="sopversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("effective_at__isnull", False), ("effective_on__isnull", False), ("state", "effective")),
                    models.Q(("state", "effective"), _negated=True),
                    _connector="OR",
                ),
                name="sop_version_effective",
            ),
        ),
        migrations.AddConstraint(
            model_name="sopversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("effective_at", None), ("effective_at__gte", models.F("approved_at")), _connector="OR"
                ),
                name="sop_version_stamps",
            ),
        ),
        migrations.AddIndex(
            model_name="sop",
            index=models.Index(fields=["organization", "name_key", "id"], name="sop_by_name"),
        ),
        migrations.AddIndex(
            model_name="sop",
            index=models.Index(fields=["organization", "name_zh_key", "id"], name="sop_by_name_zh"),
        ),
        migrations.AddConstraint(
            model_name="sop",
            constraint=models.UniqueConstraint(fields=("organization", "reference"), name="sop_reference"),
        ),
        migrations.AddConstraint(
            model_name="sop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("code", ""), _negated=True), fields=("organization", "code"), name="sop_code"
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["organization", "-started_at", "-id"], name="run_newest"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["organization", "sop", "-started_at", "-id"], name="run_of_sop"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["organization", "department", "-id"], name="run_of_department"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("state__in", ["running", "paused"])),
                fields=["organization", "due_at", "id"],
                name="run_board",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["organization", "started_by", "-id"], name="run_of_starter"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(fields=("organization", "reference"), name="run_reference"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("organization", "source", "external_id"),
                name="run_external",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["running", "paused"]), ("finished_at", None)),
                    models.Q(
                        models.Q(("state__in", ["running", "paused"]), _negated=True), ("finished_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="run_finished_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("finished_at", None), ("finished_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="run_stamps",
            ),
        ),
        migrations.AddIndex(
            model_name="deviation",
            index=models.Index(fields=["organization", "-made_at", "-id"], name="deviation_newest"),
        ),
        migrations.AddIndex(
            model_name="deviation",
            index=models.Index(fields=["organization", "sop", "sop_version", "sop_step"], name="deviation_of_step"),
        ),
        migrations.AddIndex(
            model_name="deviation",
            index=models.Index(fields=["organization", "run"], name="deviation_of_run"),
        ),
        migrations.AddConstraint(
            model_name="deviation",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("kind", "andon"), _negated=True), models.Q(("kind", "override"), _negated=True)
                ),
                fields=("organization", "step", "kind", "field_key", "round"),
                name="deviation_once",
            ),
        ),
        migrations.AddIndex(
            model_name="startplan",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="start_plan_due"
            ),
        ),
        migrations.AddIndex(
            model_name="startplan",
            index=models.Index(
                condition=models.Q(("slot_at__isnull", False)), fields=["slot_at"], name="start_plan_begun"
            ),
        ),
        migrations.AddConstraint(
            model_name="stepround",
            constraint=models.UniqueConstraint(fields=("organization", "step", "round"), name="step_round_once"),
        ),
        migrations.AddConstraint(
            model_name="versionauthor",
            constraint=models.UniqueConstraint(
                fields=("organization", "sop_version", "member"), name="sop_version_author"
            ),
        ),
        migrations.AddIndex(
            model_name="versioncomment",
            index=models.Index(fields=["organization", "sop_version", "id"], name="sop_comment_of_version"),
        ),
        migrations.CreateModel(
            name="StepStamp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Not yet open"),
                            ("open", "Open"),
                            ("claimed", "Taken"),
                            ("started", "Begun"),
                            ("in_approval", "Waits for approval"),
                            ("done", "Done"),
                            ("skipped", "Skipped"),
                            ("not_applicable", "Does not apply"),
                        ],
                        max_length=16,
                    ),
                ),
                ("round", models.PositiveSmallIntegerField()),
                ("made_at", models.DateTimeField()),
                ("device_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organization.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organization.organization",
                    ),
                ),
                (
                    "run",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stamps", to="processes.run"
                    ),
                ),
                (
                    "step",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stamps", to="processes.runstep"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organization", "run", "id"], name="step_stamp_of_run")],
            },
        ),
    ]
