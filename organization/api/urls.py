"""The API's addresses of floor 0, under /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path

from organization.api import administration, calendars, departments, invitations, members, roles, ties, work

urlpatterns = [
    path("organization/", administration.OrganizationApi.as_view(), name="organization"),
    path("departments/", departments.DepartmentListApi.as_view(), name="department-list"),
    path("departments/<int:pk>/", departments.DepartmentApi.as_view(), name="department"),
    path("departments/<int:pk>/move/", departments.DepartmentMoveApi.as_view(), name="department-move"),
    path("departments/<int:pk>/duties/", departments.DepartmentDutiesApi.as_view(), name="department-duties"),
    path("members/", members.MemberListApi.as_view(), name="member-list"),
    path("members/<int:pk>/", members.MemberApi.as_view(), name="member"),
    path("members/<int:pk>/roles/", members.MemberRoleListApi.as_view(), name="member-roles"),
    path("members/<int:pk>/roles/<int:assignment>/", members.MemberRoleApi.as_view(), name="member-role"),
    path("invitations/", invitations.InvitationListApi.as_view(), name="invitation-list"),
    path("invitations/<int:pk>/", invitations.InvitationApi.as_view(), name="invitation"),
    path("invitations/<int:pk>/send/", invitations.InvitationSendApi.as_view(), name="invitation-send"),
    path("invitations/<int:pk>/revoke/", invitations.InvitationRevokeApi.as_view(), name="invitation-revoke"),
    path("work/", work.WorkListApi.as_view(), name="work-list"),
    path("notices/", work.NoticeListApi.as_view(), name="notice-list"),
    path("notices/<int:pk>/read/", work.NoticeReadApi.as_view(), name="notice-read"),
    path("notices/read/", work.NoticesReadApi.as_view(), name="notices-read"),
    path("permissions/", roles.PermissionListApi.as_view(), name="permission-list"),
    path("roles/", roles.RoleListApi.as_view(), name="role-list"),
    path("roles/<int:pk>/", roles.RoleApi.as_view(), name="role"),
    path("roles/<int:pk>/grants/", roles.RoleGrantsApi.as_view(), name="role-grants"),
    path("calendars/", calendars.CalendarListApi.as_view(), name="calendar-list"),
    path("calendars/<int:pk>/", calendars.CalendarApi.as_view(), name="calendar"),
    path("calendars/<int:pk>/hours/", calendars.CalendarHoursApi.as_view(), name="calendar-hours"),
    path("calendars/<int:pk>/days/", calendars.CalendarDayListApi.as_view(), name="calendar-days"),
    re_path(
        r"^calendars/(?P<pk>[0-9]+)/days/(?P<day>[0-9]{4}-[01][0-9]-[0-3][0-9])/$",
        calendars.CalendarDayApi.as_view(),
        name="calendar-day",
    ),
    path("calendars/<int:pk>/official-days/", calendars.CalendarOfficialApi.as_view(), name="calendar-official"),
    path("audit-entries/", administration.AuditListApi.as_view(), name="audit-list"),
    path("audit-entries/check/", administration.AuditCheckApi.as_view(), name="audit-check"),
    path("parked-events/", administration.EventListApi.as_view(), name="event-list"),
    path("parked-events/<int:pk>/", administration.EventApi.as_view(), name="event"),
    path("parked-events/<int:pk>/retry/", administration.EventRetryApi.as_view(), name="event-retry"),
    path("tokens/", administration.TokenListApi.as_view(), name="token-list"),
    path("tokens/<int:pk>/", administration.TokenApi.as_view(), name="token"),
    path("tokens/<int:pk>/revoke/", administration.TokenRevokeApi.as_view(), name="token-revoke"),
    path("links/", ties.LinkListApi.as_view(), name="link-list"),
    path("links/<int:pk>/", ties.LinkApi.as_view(), name="link"),
    path("attachments/", ties.AttachmentListApi.as_view(), name="attachment-list"),
    path("attachments/<int:pk>/", ties.AttachmentApi.as_view(), name="attachment"),
    path("search/", ties.SearchApi.as_view(), name="search"),
]
