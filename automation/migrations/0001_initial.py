"""Scheduled reports."""

import datetime

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import ops_platform.database.walls
import organization.models.base


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("metrics", "0003_sources"),
        ("organization", "0004_membership"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportSchedule",
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
                ("is_enabled", models.BooleanField(default=True, verbose_name="Switched on")),
                (
                    "rhythm",
                    models.CharField(
                        choices=[
                            ("daily", "Every day"),
                            ("workdays", "Every working day"),
                            ("weekly", "Every week"),
                            ("monthly", "Every month, on a day"),
                            ("first_workday", "Every month, on the first working day"),
                        ],
                        default="weekly",
                        max_length=15,
                        verbose_name="How often",
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        default=0, validators=[django.core.validators.MaxValueValidator(6)], verbose_name="On"
                    ),
                ),
                (
                    "month_day",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(31),
                        ],
                        verbose_name="Day of the month",
                    ),
                ),
                ("at", models.TimeField(default=datetime.time(8, 0), verbose_name="At")),
                ("period", models.CharField(blank=True, max_length=40, verbose_name="Period")),
                ("comparison", models.CharField(blank=True, max_length=10, verbose_name="Compared with")),
                ("words", models.TextField(blank=True, max_length=1000, verbose_name="A word to the readers")),
                ("next_run_at", models.DateTimeField(null=True, verbose_name="Next time")),
                (
                    "dashboard",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="metrics.dashboard",
                        verbose_name="Dashboard",
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
        migrations.CreateModel(
            name="ReportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slot", models.DateTimeField(verbose_name="Due")),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now, null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
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
                    "schedule",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="runs", to="automation.reportschedule"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReportReader",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "member",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
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
                    "role",
                    ops_platform.database.walls.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="organization.role"
                    ),
                ),
                (
                    "schedule",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readers",
                        to="automation.reportschedule",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReportMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sent", "Sent"),
                            ("refused", "No right to see it"),
                            ("failed", "Not delivered"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="State",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("sent_at", models.DateTimeField(null=True, verbose_name="Sent")),
                (
                    "member",
                    ops_platform.database.walls.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="organization.member"
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="mails", to="automation.reportrun"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "run", "member"), name="report_mail_once")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="reportschedule",
            index=models.Index(
                condition=models.Q(("next_run_at__isnull", False)), fields=["next_run_at"], name="report_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=models.UniqueConstraint(fields=("organization", "reference"), name="report_reference"),
        ),
        migrations.AddIndex(
            model_name="reportrun",
            index=models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="report_run_due"),
        ),
        migrations.AddConstraint(
            model_name="reportrun",
            constraint=models.UniqueConstraint(fields=("organization", "schedule", "slot"), name="report_run_slot"),
        ),
        migrations.AddConstraint(
            model_name="reportreader",
            constraint=models.UniqueConstraint(
                fields=("organization", "schedule", "member", "role"), name="report_reader", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="reportreader",
            constraint=models.CheckConstraint(
                condition=models.Q(("member__isnull", True), ("role__isnull", True), _connector="XOR"),
                name="report_reader_is_one",
            ),
        ),
        ops_platform.database.walls.BuildWalls(),
    ]
