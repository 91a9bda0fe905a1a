"""The roof as an app: it makes the Celery application the current one, and keeps the roles' privileges up to date."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections, transaction
from django.db.models.signals import post_migrate

from ops_platform import roles
from ops_platform.celery import app as celery_app

__all__ = ["OpsPlatformConfig", "celery_app"]


class OpsPlatformConfig(AppConfig):
    """Brings the management commands that concern everything."""

    name = "ops_platform"
    label = "ops_platform"

    def ready(self) -> None:
        # Sent for apps with models only, after all of them are migrated; this one is always there and comes once.
        post_migrate.connect(grant_privileges, sender=apps.get_app_config("contenttypes"))


def grant_privileges(using: str, **_: Any) -> None:
    """After each migration: new tables belong to the migrator, and the serving roles get their share of them."""
    names = {"app": settings.DATABASE_APP_ROLE, "dispatcher": settings.DATABASE_DISPATCHER_ROLE}
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT current_user")
        migrator = cursor.fetchone()[0]
        if all(names.values()) and migrator not in names.values() and roles.exist(cursor, *names.values()):
            roles.grant(
                cursor,
                **names,
                app_tables=settings.APP_TABLES,
                dispatcher_tables=settings.DISPATCHER_TABLES,
                app_functions=settings.APP_FUNCTIONS,
            )
