"""The fixed vocabularies of metrics."""

from __future__ import annotations

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ColumnRole(TextChoices):
    """What a column of a dataset is for."""

    INSTANT = "instant", _("Date or time")
    KEY = "key", _("Row key")
    MEASURE = "measure", _("Number")
    DIMENSION = "dimension", _("Property")
    DEPARTMENT = "department", _("Department code")


class RowKey(TextChoices):
    """What makes two rows of a dataset the same row."""

    COLUMNS = "columns", _("The key columns: a row sent again with other values is a correction")
    CONTENT = "content", _("The whole row: the same row sent again changes nothing")


class KpiKind(TextChoices):
    """Where a KPI's values come from."""

    AGGREGATE = "aggregate", _("Counted from a dataset")
    FORMULA = "formula", _("Computed from other KPIs")


class Aggregation(TextChoices):
    """How rows become one value."""

    SUM = "sum", pgettext_lazy("aggregation", "Sum")
    COUNT = "count", pgettext_lazy("aggregation", "Number of rows")
    AVERAGE = "average", pgettext_lazy("aggregation", "Average")
    MINIMUM = "minimum", pgettext_lazy("aggregation", "Smallest value")
    MAXIMUM = "maximum", pgettext_lazy("aggregation", "Largest value")
    FIRST = "first", pgettext_lazy("aggregation", "First value of the period")
    LAST = "last", pgettext_lazy("aggregation", "Last value of the period")
    DISTINCT = "distinct", pgettext_lazy("aggregation", "Number of different values")
    REPEAT = "repeat", pgettext_lazy("aggregation", "Number of values that occur repeatedly")
    MEDIAN = "median", pgettext_lazy("aggregation", "Median")
    PERCENTILE = "percentile", pgettext_lazy("aggregation", "Percentile")


# These cannot be put together from finer periods: each period is computed from its own rows
FROM_ROWS = frozenset({Aggregation.DISTINCT, Aggregation.REPEAT, Aggregation.MEDIAN, Aggregation.PERCENTILE})


class Direction(TextChoices):
    """Which way is good."""

    HIGHER = "higher", _("Higher is better")
    LOWER = "lower", _("Lower is better")
    IN_RANGE = "in_range", _("Best within a range")


class Unit(TextChoices):
    """What a value counts. Money is in the organization's currency."""

    NUMBER = "number", _("Number")
    MONEY = "money", _("Money")
    PERCENT = "percent", _("Percent")
    MINUTES = "minutes", _("Minutes")
    HOURS = "hours", _("Hours")
    DAYS = "days", _("Days")
    POINTS = "points", _("Points")


class GrainCode(IntegerChoices):
    """Grains as rollups store them, from fine to coarse."""

    HOUR = 1, _("Hour")
    DAY = 2, _("Day")
    WEEK = 3, _("Week")
    MONTH = 4, _("Month")
    QUARTER = 5, _("Quarter")
    YEAR = 6, _("Year")


class MarginKind(TextChoices):
    """How warning and alarm distances from a target are measured."""

    RELATIVE = "relative", _("Percent of the target")
    ABSOLUTE = "absolute", _("In the unit of the KPI")


class BatchStatus(TextChoices):
    """Where an import stands."""

    UPLOADED = "uploaded", _("File received")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked, waiting for your decision")
    LOADING = "loading", _("Being loaded")
    DONE = "done", _("Loaded")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")
    DISCARDED = "discarded", _("Not loaded")
    FAILED = "failed", _("Failed")


class PanelKind(TextChoices):
    """How a panel shows its KPI. The settings of each kind stand in `engine.panel_settings`."""

    NUMBER = "number", _("Big number")
    LINE = "line", _("Line")
    AREA = "area", _("Area")
    BAR = "bar", _("Bars")
    STACKED = "stacked", _("Stacked bars")
    BREAKDOWN = "breakdown", _("Breakdown")
    BULLET = "bullet", _("Against the target")
    PARETO = "pareto", _("Pareto")
    CALENDAR = "calendar", _("Calendar")
    COHORT = "cohort", _("Cohorts")
    FUNNEL = "funnel", _("Funnel")
    TABLE = "table", _("Table")
    TEXT = "text", _("Text")


class Source(TextChoices):
    """What brought observations in."""

    FILE = "file", _("File")
    API = "api", _("API")
    WEBHOOK = "webhook", _("Webhook")
    SQL = "sql", _("SQL query")
    EVENTS = "events", _("Own events")
    ENTRY = "entry", _("Entered by hand")
    SAMPLE = "sample", _("Sample data")


class SourceKind(TextChoices):
    """How a source brings rows in. The values are those of `Source`."""

    WEBHOOK = "webhook", _("Webhook")
    SQL = "sql", _("SQL query")
    EVENTS = "events", _("Own events")


class Rhythm(TextChoices):
    """How often a database is asked."""

    QUARTER_HOUR = "quarter_hour", _("Every 15 minutes")
    HOUR = "hour", _("Every hour")
    DAY = "day", _("Every day")


class DeliveryStatus(TextChoices):
    """What became of one delivery of a source."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Taken")
    FAILED = "failed", _("Failed")


class EntryMark(TextChoices):
    """What a step in the life of an entered figure was."""

    ENTERED = "entered", _("Entered")
    CORRECTED = "corrected", _("Corrected")
    WAIVED = "waived", _("Not applicable")
    EXPECTED = "expected", _("Expected again")


class AnnotationKind(TextChoices):
    """What kind of event an annotation tells of."""

    NOTE = "note", pgettext_lazy("annotation", "Note")
    RELEASE = "release", pgettext_lazy("annotation", "Release")
    OUTAGE = "outage", pgettext_lazy("annotation", "Outage")
    PROMOTION = "promotion", pgettext_lazy("annotation", "Promotion")
    HOLIDAY = "holiday", pgettext_lazy("annotation", "Holiday")
    CHANGE = "change", pgettext_lazy("annotation", "Change of process")
    DATA = "data", pgettext_lazy("annotation", "Change of the data")
