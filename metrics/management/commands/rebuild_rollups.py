"""`manage.py rebuild_rollups`: compute rollups anew, or only hold them against what a new computation gives."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrics.models import Dataset
from metrics.services.rollups import check_dataset, rebuild_dataset
from organization.errors import UnknownOrganization
from organization.queries.organizations import organization_called
from organization.tenancy import tenant_transaction


class Command(BaseCommand):
    help = "Compute all rollups of an organization from its observations; with --check only compare, exit 1 if they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--dataset", metavar="KEY", help="only this dataset")
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 on any difference")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            organization = organization_called(options["organization"])
        except UnknownOrganization as error:
            raise CommandError(str(error)) from error
        with tenant_transaction(organization.pk):
            datasets = Dataset.objects.order_by("key")
            if options["dataset"]:
                datasets = datasets.filter(key=options["dataset"])
            found = list(datasets)
        if options["dataset"] and not found:
            raise CommandError(f"There is no dataset with the short name {options['dataset']!r}.")
        is_equal = [self._work_on(dataset, only_check=options["check"]) for dataset in found]
        if not all(is_equal):
            sys.exit(1)

    def _work_on(self, dataset: Dataset, *, only_check: bool) -> bool:
        if not only_check:
            count = rebuild_dataset(dataset.organization_id, dataset.pk)
            self.stdout.write(f"{dataset.key}: {count} definitions computed from {dataset.row_count} rows")
            return True
        differences = check_dataset(dataset.organization_id, dataset.pk)
        self.stdout.write(f"{dataset.key}: {'differs' if differences else 'equal'}")
        for difference in differences:
            self.stdout.write(f"  {difference}")
        return not differences
