"""The events that metrics announces."""

DATASET_CREATED = "metrics.dataset_created"
BATCH_LOADED = "metrics.batch_loaded"
BATCH_UNDONE = "metrics.batch_undone"
KPI_DEFINED = "metrics.kpi_defined"
KPI_CHANGED = "metrics.kpi_changed"
TARGET_SET = "metrics.target_set"
DASHBOARD_CHANGED = "metrics.dashboard_changed"
