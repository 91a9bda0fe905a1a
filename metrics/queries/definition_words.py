"""A definition in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from metrics.choices import Aggregation, KpiKind
from metrics.models import KpiVersion


def definition_words(version: KpiVersion, columns: Mapping[int, str]) -> str:
    """One sentence on how the version is computed. columns: names of the dataset's columns by id."""
    if version.kind == KpiKind.FORMULA:
        return _("Computed from other KPIs: %(formula)s") % {"formula": version.formula}
    dataset = version.dataset.display_name if version.dataset else ""
    sentence = _aggregate_words(version) % {
        "of": version.expression,
        "dataset": dataset,
        "subject": columns.get(version.subject_id or 0, ""),
        "occasion": columns.get(version.occasion_id or 0, ""),
        "least": version.at_least,
        "percentile": _plain(version),
    }
    if not version.filter:
        return sentence
    return _("%(sentence)s, only rows where %(filter)s") % {"sentence": sentence, "filter": version.filter}


def _aggregate_words(version: KpiVersion) -> str:
    return {
        Aggregation.SUM: _("Sum of %(of)s over the rows of %(dataset)s"),
        Aggregation.COUNT: _("Number of rows of %(dataset)s"),
        Aggregation.AVERAGE: _("Average of %(of)s over the rows of %(dataset)s"),
        Aggregation.MINIMUM: _("Smallest %(of)s among the rows of %(dataset)s"),
        Aggregation.MAXIMUM: _("Largest %(of)s among the rows of %(dataset)s"),
        Aggregation.FIRST: _("First %(of)s of the period in %(dataset)s"),
        Aggregation.LAST: _("Last %(of)s of the period in %(dataset)s"),
        Aggregation.DISTINCT: _("Number of different values of %(subject)s in %(dataset)s"),
        Aggregation.REPEAT: _(
            "Number of different values of %(subject)s that occur with at least %(least)d different values of "
            "%(occasion)s in %(dataset)s"
        ),
        Aggregation.MEDIAN: _("Median of %(of)s over the rows of %(dataset)s"),
        Aggregation.PERCENTILE: _("Percentile %(percentile)s of %(of)s over the rows of %(dataset)s"),
    }[Aggregation(version.aggregation)]


def _plain(version: KpiVersion) -> str:
    return "" if version.percentile is None else f"{version.percentile.normalize():f}"
