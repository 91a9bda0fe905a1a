"""Names that the API's description gives to lists of choices, where several fields have the same name."""

ENUM_NAMES = {
    "Grain": "metrics.serializers.kpis.GRAINS",
    "DayKind": "organization.choices.DayKind",
    "KpiKind": "metrics.choices.KpiKind",
    "PanelKind": "metrics.choices.PanelKind",
    "AnnotationKind": "metrics.choices.AnnotationKind",
    "SourceKind": "metrics.choices.SourceKind",
    "ImportStatus": "metrics.choices.BatchStatus",
    "RunStatus": "metrics.choices.DeliveryStatus",
    "ColumnRole": "metrics.choices.ColumnRole",
    "MappedRole": "metrics.serializers.feeding.MAPPED_ROLES",
    "CellState": "metrics.serializers.entries.CELL_STATES",
    "EntryStatus": "metrics.serializers.entries.ENTRY_STATUSES",
    "InvitationState": "organization.choices.InvitationState",
    "JobStatus": "organization.choices.JobStatus",
    "MailStatus": "automation.choices.MailStatus",
}
