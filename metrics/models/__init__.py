"""The metric store and what hangs on it. What is listed here is public."""

from metrics.models.annotation import Annotation
from metrics.models.batch import ImportBatch, ImportMapping
from metrics.models.dashboard import Dashboard, DashboardPanel
from metrics.models.dashboard_sharing import DashboardPin, DashboardShare, FirstDashboard
from metrics.models.dataset import DIMENSION_SLOTS, MEASURE_SLOTS, Dataset, DatasetColumn, DimensionValue
from metrics.models.entry import EntryChange, EntryPlace, EntryPlan, EntryWaiver
from metrics.models.kpi import Kpi, KpiBreakdown, KpiOperand, KpiVersion
from metrics.models.observation import Observation, ReplacedObservation
from metrics.models.rollup import Rollup, RollupCorrection, RollupMark
from metrics.models.source import DataSource, SourceDelivery, WaitingEvent
from metrics.models.target import KpiTarget

__all__ = [
    "DIMENSION_SLOTS",
    "MEASURE_SLOTS",
    "Annotation",
    "Dashboard",
    "DashboardPanel",
    "DashboardPin",
    "DashboardShare",
    "DataSource",
    "Dataset",
    "DatasetColumn",
    "DimensionValue",
    "EntryChange",
    "EntryPlace",
    "EntryPlan",
    "EntryWaiver",
    "FirstDashboard",
    "ImportBatch",
    "ImportMapping",
    "Kpi",
    "KpiBreakdown",
    "KpiOperand",
    "KpiTarget",
    "KpiVersion",
    "Observation",
    "ReplacedObservation",
    "Rollup",
    "RollupCorrection",
    "RollupMark",
    "SourceDelivery",
    "WaitingEvent",
]
