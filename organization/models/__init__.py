"""The tables of floor 0. What is listed here is public."""

from organization.models.absence import Absence, LentRole
from organization.models.api_token import ApiToken
from organization.models.attachment import Attachment
from organization.models.audit import AuditEntry, RequestOrigin
from organization.models.bulk_run import BulkRun
from organization.models.calendar import CalendarException, CalendarHours, WorkCalendar
from organization.models.data_export import DataExport
from organization.models.department import Department, DepartmentPlace, Duty
from organization.models.event import DomainEvent, EventDelivery
from organization.models.heartbeat import Heartbeat
from organization.models.idempotency import IdempotencyKey
from organization.models.imported_trail import ImportedTrail
from organization.models.invitation import Invitation
from organization.models.job import JobRun
from organization.models.link import Link
from organization.models.member import Member
from organization.models.notice import CarriedNotice, ChatBot, Notice, NoticeDelivery, NoticePreference, Watch
from organization.models.organization import Organization
from organization.models.position import Position
from organization.models.reference import ReferenceCounter
from organization.models.retention import RetentionPeriod
from organization.models.role import Role, RoleAssignment, RoleGrant
from organization.models.saved_view import SavedView, ViewPlace
from organization.models.sign_in import SignIn, SignInFailure
from organization.models.user import User
from organization.models.work import WorkItem

__all__ = [
    "Absence",
    "ApiToken",
    "Attachment",
    "AuditEntry",
    "BulkRun",
    "CalendarException",
    "CalendarHours",
    "CarriedNotice",
    "ChatBot",
    "DataExport",
    "Department",
    "DepartmentPlace",
    "DomainEvent",
    "Duty",
    "EventDelivery",
    "Heartbeat",
    "IdempotencyKey",
    "ImportedTrail",
    "Invitation",
    "JobRun",
    "LentRole",
    "Link",
    "Member",
    "Notice",
    "NoticeDelivery",
    "NoticePreference",
    "Organization",
    "Position",
    "ReferenceCounter",
    "RequestOrigin",
    "RetentionPeriod",
    "Role",
    "RoleAssignment",
    "RoleGrant",
    "SavedView",
    "SignIn",
    "SignInFailure",
    "User",
    "ViewPlace",
    "Watch",
    "WorkCalendar",
    "WorkItem",
]
