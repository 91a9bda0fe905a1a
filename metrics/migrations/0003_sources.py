"""Sources of datasets, their deliveries, and the own events that wait for one."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import ops_platform.database.walls
import organization.models.base


class Migration(migrations.Migration):
    dependencies = [
        ("metrics", "0002_store"),
        ("organization", "0003_sample_removal"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importbatch",
            name="source",
            field=models.CharField(
                choices=[
                    ("file", "File"),
                    ("api", "API"),
                    ("webhook", "Webhook"),
                    ("sql", "SQL query"),
                    ("events", "Own events"),
                    ("entry", "Entered by hand"),
                    ("sample", "Sample data"),
                ],
                default="file",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="DataSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="Name")),
                ("name_zh", models.CharField(blank=True, max_length=200, verbose_name="Chinese name")),
                ("name_key", organization.models.base.SortKeyField("name")),
                ("name_zh_key", organization.models.base.SortKeyField("name_zh", "name")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("reference", models.CharField(editable=False, max_length=20)),
                (
                    "kind",
                    models.CharField(
                        choices=[("webhook", "Webhook"), ("sql", "SQL query"), ("events", "Own events")],
                        max_length=10,
                        verbose_name="Kind",
                    ),
                ),
                ("is_enabled", models.BooleanField(default=False, verbose_name="Switched on")),
                ("settings", models.JSONField(default=dict)),
                ("plan", models.JSONField(default=dict)),
                ("sample", models.JSONField(default=dict)),
                ("address", models.CharField(blank=True, max_length=40)),
                ("sealed", models.TextField(blank=True)),
                ("old_sealed", models.TextField(blank=True)),
                ("old_until", models.DateTimeField(null=True)),
                ("cursor", models.CharField(blank=True, max_length=40)),
                ("last_run_at", models.DateTimeField(null=True, verbose_name="Last delivery")),
                ("next_run_at", models.DateTimeField(null=True, verbose_name="Next run")),
                ("lease_until", models.DateTimeField(null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("problem", models.TextField(blank=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                (
                    "dataset",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sources",
                        to="metrics.dataset",
                        verbose_name="Dataset",
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
        ),
        migrations.CreateModel(
            name="SourceDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Taken"), ("failed", "Failed")],
                        default="running",
                        max_length=10,
                        verbose_name="State",
                    ),
                ),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                ("rows_read", models.BigIntegerField(default=0, verbose_name="Rows read")),
                ("rows_created", models.BigIntegerField(default=0, verbose_name="New")),
                ("rows_updated", models.BigIntegerField(default=0, verbose_name="Corrected")),
                ("rows_unchanged", models.BigIntegerField(default=0, verbose_name="Unchanged")),
                ("rows_refused", models.BigIntegerField(default=0, verbose_name="Refused")),
                ("rows_skipped", models.BigIntegerField(default=0, verbose_name="Left out")),
                ("refusals", models.JSONField(default=list)),
                ("problem", models.TextField(blank=True)),
                ("answer", models.JSONField(null=True)),
                (
                    "batch",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="metrics.importbatch",
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
                    "source",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="metrics.datasource"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WaitingEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "event",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="organization.domainevent"
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
                    "source",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="waiting", to="metrics.datasource"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="datasource",
            index=models.Index(
                condition=models.Q(("next_run_at__isnull", False)), fields=["next_run_at"], name="source_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="datasource",
            constraint=models.UniqueConstraint(fields=("organization", "reference"), name="source_reference"),
        ),
        migrations.AddConstraint(
            model_name="datasource",
            constraint=models.UniqueConstraint(
                condition=models.Q(("address", ""), _negated=True),
                fields=("organization", "address"),
                name="source_address",
            ),
        ),
        migrations.AddIndex(
            model_name="sourcedelivery",
            index=models.Index(fields=["organization", "begun_at"], name="source_delivery_age"),
        ),
        migrations.AddConstraint(
            model_name="sourcedelivery",
            constraint=models.UniqueConstraint(fields=("organization", "source", "key"), name="delivery_key"),
        ),
        migrations.AddConstraint(
            model_name="waitingevent",
            constraint=models.UniqueConstraint(fields=("organization", "source", "event"), name="waiting_event"),
        ),
        ops_platform.database.walls.BuildWalls(),
    ]
