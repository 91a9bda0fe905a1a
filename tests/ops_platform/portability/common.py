"""An organization with something in every corner, and what to compare it by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, transaction

from metrics.models import Kpi, KpiBreakdown
from metrics.queries.series import breakdown, series, window
from ops_platform.portability.archive import Manifest
from ops_platform.portability.export import write_archive
from ops_platform.sample.builder import build
from ops_platform.sample.texts import BOTH
from ops_platform.testing.database import as_migrator
from organization.access import system_actor
from organization.choices import LinkVerb
from organization.engine.periods import Grain, period_of, periods
from organization.models import Department, Organization
from organization.services.attachments import attach
from organization.services.links import link
from organization.tenancy import tenant_transaction

AS_OF = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)


def silently(text: str) -> None:
    """Progress that nobody reads."""


def full_organization() -> Organization:
    """The sample company of the running month, with a file and a link on it."""
    made = build(slug="sample", language=BOTH, now=AS_OF, as_of=AS_OF, say=silently, months=0)
    organization = made.company.organization
    with tenant_transaction(organization.pk):
        actor = system_actor(organization.pk, "sample")
        kpi = Kpi.objects.order_by("pk")[0]
        attach(actor, kpi, upload=ContentFile(b"What it means"), name="note.txt")
        link(actor, kpi, verb=LinkVerb.RELATES, target=Department.objects.order_by("pk")[0])
    return organization


def archive_of(organization: Organization, path: Path) -> Manifest:
    """Its archive at `path`."""
    with path.open("wb") as file:
        manifest = write_archive(organization.pk, file, now=AS_OF)
    assert manifest is not None
    return manifest


def values(organization: Organization) -> dict[str, Any]:
    """Every figure of every KPI, by reference: days and months, in whole and by each breakdown, names for numbers."""
    found: dict[str, Any] = {}
    with tenant_transaction(organization.pk):
        rule = Organization.objects.get().period_rule
        first = AS_OF - timedelta(days=60)
        kpis = {kpi.pk: kpi.reference for kpi in Kpi.objects.all()}
        for grain in (Grain.DAY, Grain.MONTH):
            shown = window(periods(grain, first, AS_OF, rule), "previous", rule)
            for kpi_id, got in series(kpis, shown).items():
                found[kpis[kpi_id], grain] = [str(value) for value in (*got.values, *got.compared)]
        month = period_of(Grain.MONTH, AS_OF, rule)
        departments = {row.pk: row.code for row in Department.objects.all()}
        for cut in KpiBreakdown.objects.select_related("version__kpi", "first", "second"):
            parts = breakdown(
                [cut.version.kpi_id], month, cut.first_id, by_department=cut.by_department, second_id=cut.second_id
            )[cut.version.kpi_id]
            found[cut.version.kpi.reference, cut.first.key, cut.by_department] = [
                (departments.get(each.key1) if cut.by_department else each.key1, each.key2, str(each.value))
                for each in parts or []
            ]
    return found


def counts(organization_id: int | None = None) -> dict[str, int]:
    """Rows of every table, partitions too; of one organization, or of all."""
    found = {}
    with as_migrator(), transaction.atomic(), connection.cursor() as cursor:
        for table, is_tenant in _tables(cursor):
            if organization_id is None:
                cursor.execute(f'SELECT count(*) FROM "{table}"')
            elif is_tenant:
                cursor.execute(f'SELECT count(*) FROM "{table}" WHERE organization_id = %s', [organization_id])
            elif table == "organization_organization":
                cursor.execute("SELECT count(*) FROM organization_organization WHERE id = %s", [organization_id])
            else:
                continue
            found[table] = cursor.fetchone()[0]
    return found


def row_hashes(organization_id: int) -> dict[str, str]:
    """A digest of the rows of one organization, by table."""
    found = {}
    with as_migrator(), transaction.atomic(), connection.cursor() as cursor:
        for table, is_tenant in _tables(cursor):
            if is_tenant:
                cursor.execute(
                    f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{table}\" t WHERE organization_id = %s",
                    [organization_id],
                )
                found[table] = cursor.fetchone()[0]
    return found


def _tables(cursor: Any) -> list[tuple[str, bool]]:
    cursor.execute(
        """
        SELECT relname, EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'organization_id')
          FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname
        """
    )
    return cursor.fetchall()


def total(found: dict[str, Any]) -> Decimal:
    """The sum of all figures, to see that there is something to compare."""
    numbers = [value for got in found.values() for value in got if isinstance(value, str) and value != "None"]
    return sum(map(Decimal, numbers), Decimal(0))
