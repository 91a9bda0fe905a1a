"""The events that the organization app announces."""

DEPARTMENT_CREATED = "organization.department_created"
DEPARTMENT_CHANGED = "organization.department_changed"
DEPARTMENT_MOVED = "organization.department_moved"
MEMBER_ADDED = "organization.member_added"
MEMBER_CHANGED = "organization.member_changed"
ROLE_CHANGED = "organization.role_changed"
CALENDAR_CHANGED = "organization.calendar_changed"
