"""Addresses of floor 0. Included at the root, so that search stands at /search/."""

from __future__ import annotations

from django.urls import include, path, re_path

from organization.views import (
    absences,
    activity,
    administration,
    attachments,
    bots,
    bulk_runs,
    calendars,
    data,
    department_history,
    departments,
    home,
    inbox,
    invitations,
    joining,
    looks,
    loop,
    members,
    notice_choices,
    positions,
    preferences,
    privacy,
    reasons,
    roles,
    saved_views,
    work,
)

app_name = "organization"

department_urls = [
    path("", departments.DepartmentListView.as_view(), name="department-list"),
    path("history/", department_history.DepartmentHistoryView.as_view(), name="department-history"),
    path("new/", departments.DepartmentNewView.as_view(), name="department-new"),
    path("<int:pk>/", departments.DepartmentDetailView.as_view(), name="department-detail"),
    path("<int:pk>/edit/", departments.DepartmentEditView.as_view(), name="department-edit"),
    path("<int:pk>/move/", departments.DepartmentMoveView.as_view(), name="department-move"),
    path("<int:pk>/duties/", departments.DepartmentDutiesView.as_view(), name="department-duties"),
    path("<int:pk>/delete/", departments.DepartmentDeleteView.as_view(), name="department-delete"),
]

member_urls = [
    path("", members.MemberListView.as_view(), name="member-list"),
    path("new/", members.MemberNewView.as_view(), name="member-new"),
    path("invitations/", invitations.InvitationListView.as_view(), name="invitation-list"),
    path("invitations/new/", invitations.InvitationNewView.as_view(), name="invitation-new"),
    path("invitations/<int:pk>/", invitations.InvitationDetailView.as_view(), name="invitation-detail"),
    path("invitations/<int:pk>/send/", invitations.InvitationSendView.as_view(), name="invitation-send"),
    path("invitations/<int:pk>/revoke/", invitations.InvitationRevokeView.as_view(), name="invitation-revoke"),
    path("<int:pk>/", members.MemberDetailView.as_view(), name="member-detail"),
    path("<int:pk>/absences/new/", absences.AbsenceNewView.as_view(), name="absence-new"),
    path("<int:pk>/edit/", members.MemberEditView.as_view(), name="member-edit"),
    path("<int:pk>/data/", privacy.MemberDataView.as_view(), name="member-data"),
    path("<int:pk>/erase/", privacy.MemberEraseView.as_view(), name="member-erase"),
    path("<int:pk>/roles/", members.MemberRolesView.as_view(), name="member-roles"),
    path("<int:pk>/rights/", reasons.MemberRightsView.as_view(), name="member-rights"),
    path("<int:pk>/sign-out/", members.MemberSignOutView.as_view(), name="member-sign-out"),
    path("<int:pk>/second-factor/", members.MemberSecondFactorView.as_view(), name="member-second-factor"),
    path(
        "<int:pk>/roles/<int:assignment>/withdraw/",
        members.MemberRoleWithdrawView.as_view(),
        name="member-role-withdraw",
    ),
]

absence_urls = [
    path("", absences.AbsenceListView.as_view(), name="absence-list"),
    path("<int:pk>/edit/", absences.AbsenceEditView.as_view(), name="absence-edit"),
    path("<int:pk>/end/", absences.AbsenceEndView.as_view(), name="absence-end"),
]

position_urls = [
    path("", positions.PositionListView.as_view(), name="position-list"),
    path("new/", positions.PositionNewView.as_view(), name="position-new"),
    path("<int:pk>/", positions.PositionDetailView.as_view(), name="position-detail"),
    path("<int:pk>/edit/", positions.PositionEditView.as_view(), name="position-edit"),
    path("<int:pk>/merge/", positions.PositionMergeView.as_view(), name="position-merge"),
    path("<int:pk>/delete/", positions.PositionDeleteView.as_view(), name="position-delete"),
    path("<int:pk>/restore/", positions.PositionRestoreView.as_view(), name="position-restore"),
]

role_urls = [
    path("", roles.RoleListView.as_view(), name="role-list"),
    path("new/", roles.RoleNewView.as_view(), name="role-new"),
    path("matrix/", roles.RoleMatrixView.as_view(), name="role-matrix"),
    path("<int:pk>/", roles.RoleDetailView.as_view(), name="role-detail"),
    path("<int:pk>/edit/", roles.RoleEditView.as_view(), name="role-edit"),
    path("<int:pk>/preview/", roles.RolePreviewView.as_view(), name="role-preview"),
    path("<int:pk>/second-factor/", roles.RoleSecondFactorView.as_view(), name="role-second-factor"),
    path("<int:pk>/delete/", roles.RoleDeleteView.as_view(), name="role-delete"),
]

calendar_urls = [
    path("", calendars.CalendarListView.as_view(), name="calendar-list"),
    path("new/", calendars.CalendarNewView.as_view(), name="calendar-new"),
    path("<int:pk>/", calendars.CalendarDetailView.as_view(), name="calendar-detail"),
    path("<int:pk>/edit/", calendars.CalendarEditView.as_view(), name="calendar-edit"),
    path("<int:pk>/hours/", calendars.CalendarHoursView.as_view(), name="calendar-hours"),
    path("<int:pk>/day/", calendars.CalendarDayView.as_view(), name="calendar-day"),
    re_path(
        r"^(?P<pk>[0-9]+)/day/(?P<day>[0-9]{4}-[01][0-9]-[0-3][0-9])/clear/$",
        calendars.CalendarDayClearView.as_view(),
        name="calendar-day-clear",
    ),
    path("<int:pk>/official/", calendars.CalendarOfficialView.as_view(), name="calendar-official"),
    path("<int:pk>/delete/", calendars.CalendarDeleteView.as_view(), name="calendar-delete"),
]

administration_urls = [
    path("audit/", administration.AuditListView.as_view(), name="audit-list"),
    path("audit/export/", administration.AuditExportView.as_view(), name="audit-export"),
    path("audit/check/", administration.AuditCheckView.as_view(), name="audit-check"),
    path("events/", administration.EventListView.as_view(), name="event-list"),
    path("events/<int:pk>/", administration.EventDetailView.as_view(), name="event-detail"),
    path("events/<int:pk>/retry/", administration.EventRetryView.as_view(), name="event-retry"),
    path("tokens/", administration.TokenListView.as_view(), name="token-list"),
    path("tokens/new/", administration.TokenNewView.as_view(), name="token-new"),
    path("tokens/<int:pk>/", administration.TokenDetailView.as_view(), name="token-detail"),
    path("tokens/<int:pk>/revoke/", administration.TokenRevokeView.as_view(), name="token-revoke"),
    path("why/<str:label>/<int:pk>/", reasons.WhyView.as_view(), name="why"),
    path("settings/", administration.SettingsView.as_view(), name="settings"),
    path("settings/look/", looks.LookOfOrganizationView.as_view(), name="look-of-organization"),
    re_path(
        r"^accent\.(?P<colour>[0-9a-f]{6})-(?P<digest>[0-9a-f]{12})\.css$", looks.AccentView.as_view(), name="accent"
    ),
    path("data/", data.DataView.as_view(), name="data"),
    path("data/archives/new/", data.ExportNewView.as_view(), name="export-new"),
    path("data/archives/<int:pk>/", data.ExportFileView.as_view(), name="export-file"),
    path("data/archives/<int:pk>/remove/", data.ExportRemoveView.as_view(), name="export-remove"),
    path("data/retention/", data.RetentionView.as_view(), name="retention"),
    path("data/close/", data.CloseView.as_view(), name="close"),
    path("closed/", data.ClosedView.as_view(), name="closed"),
    path("closed/reopen/", data.ReopenView.as_view(), name="reopen"),
    path("privacy/", privacy.PrivacyView.as_view(), name="privacy"),
    path("privacy/my-data/", privacy.OwnDataView.as_view(), name="my-data"),
]

bot_urls = [
    path("", bots.BotListView.as_view(), name="bot-list"),
    path("new/", bots.BotNewView.as_view(), name="bot-new"),
    path("<int:pk>/", bots.BotDetailView.as_view(), name="bot-detail"),
    path("<int:pk>/edit/", bots.BotEditView.as_view(), name="bot-edit"),
    path("<int:pk>/delete/", bots.BotDeleteView.as_view(), name="bot-delete"),
    path("<int:pk>/test/", bots.BotTestView.as_view(), name="bot-test"),
    path("<int:pk>/pause/", bots.BotPauseView.as_view(), name="bot-pause"),
]

my_urls = [
    path("preferences/", preferences.PreferencesView.as_view(), name="preferences"),
    path("look/", preferences.LookView.as_view(), name="look"),
    path("notices/", notice_choices.NoticeChoicesView.as_view(), name="notice-choices"),
    path("work/", work.WorkListView.as_view(), name="work-list"),
    path("work/<int:pk>/assign/", work.WorkAssignView.as_view(), name="work-assign"),
    path("work/<int:pk>/drop/", work.WorkDropView.as_view(), name="work-drop"),
    path("inbox/", inbox.InboxView.as_view(), name="inbox"),
    path("inbox/read/", inbox.InboxReadView.as_view(), name="inbox-read"),
    path("inbox/<int:pk>/read/", inbox.NoticeReadView.as_view(), name="notice-read"),
    path("inbox/<int:pk>/open/", inbox.NoticeOpenView.as_view(), name="notice-open"),
    path("inbox/<int:pk>/mute/", inbox.NoticeMuteView.as_view(), name="notice-mute"),
    path("counts/", inbox.CountsView.as_view(), name="counts"),
    path("watch/<str:label>/<int:pk>/", inbox.WatchView.as_view(), name="watch"),
]

view_urls = [
    path("new/", saved_views.ViewNewView.as_view(), name="view-new"),
    path("<int:pk>/change/", saved_views.ViewChangeView.as_view(), name="view-change"),
    path("<int:pk>/place/", saved_views.ViewPlaceView.as_view(), name="view-place"),
    path("<int:pk>/remove/", saved_views.ViewRemoveView.as_view(), name="view-remove"),
]

urlpatterns = [
    re_path(
        r"^logos/(?P<organization>[0-9]+)-(?P<logo>[0-9a-f]{64}\.(?:png|jpg))$", looks.LogoView.as_view(), name="logo"
    ),
    path("my/", include(my_urls)),
    path("activity/<str:label>/<int:pk>/", activity.ActivityView.as_view(), name="activity"),
    path("organization/bots/", include(bot_urls)),
    path("organization/notices/", notice_choices.NoticeDefaultsView.as_view(), name="notice-defaults"),
    path("unsubscribe/<str:text>/", notice_choices.UnsubscribeView.as_view(), name="unsubscribe"),
    path("views/", include(view_urls)),
    path("loop/<str:label>/<int:pk>/", loop.LoopView.as_view(), name="loop"),
    path("undo/<str:note>/", saved_views.UndoView.as_view(), name="undo"),
    path("first-steps/close/", home.FirstStepsCloseView.as_view(), name="first-steps-close"),
    path("search/", home.SearchView.as_view(), name="search"),
    path("invitations/<str:text>/", joining.InvitationView.as_view(), name="invitation"),
    path("organization/choose/", home.ChooseOrganizationView.as_view(), name="choose"),
    path("organization/departments/", include(department_urls)),
    path("organization/members/", include(member_urls)),
    path("organization/absences/", include(absence_urls)),
    path("organization/positions/", include(position_urls)),
    path("organization/roles/", include(role_urls)),
    path("organization/calendars/", include(calendar_urls)),
    path("organization/", include(administration_urls)),
    path("changes/", bulk_runs.BulkRunListView.as_view(), name="bulk-list"),
    path("changes/<int:pk>/", bulk_runs.BulkRunView.as_view(), name="bulk-detail"),
    path("changes/<int:pk>/progress/", bulk_runs.BulkProgressView.as_view(), name="bulk-progress"),
    path("changes/<int:pk>/refused/", bulk_runs.BulkRefusedView.as_view(), name="bulk-refused"),
    path("files/<int:pk>/", attachments.AttachmentView.as_view(), name="attachment"),
    path("files/<int:pk>/remove/", attachments.AttachmentRemoveView.as_view(), name="attachment-remove"),
    path("files/add/<str:label>/<int:pk>/", attachments.AttachmentAddView.as_view(), name="attachment-add"),
]
