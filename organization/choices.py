"""The fixed vocabularies of the organization app."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Scope(TextChoices):
    """How far a granted permission reaches, from narrow to wide."""

    OWN = "own", _("Own")
    DEPARTMENT = "department", _("Department")
    BELOW = "below", _("Department and below")
    ORGANIZATION = "organization", _("Whole organization")


class BuiltInRole(TextChoices):
    """The roles every organization starts with."""

    OWNER = "owner", pgettext_lazy("role", "Owner")
    ADMIN = "admin", pgettext_lazy("role", "Administrator")
    MANAGER = "manager", pgettext_lazy("role", "Manager")
    STAFF = "staff", pgettext_lazy("role", "Staff")
    AUDITOR = "auditor", pgettext_lazy("role", "Auditor")


class Language(TextChoices):
    """The languages of the screens."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


class Pillar(TextChoices):
    """The parts of the menu that an organization may do without."""

    METRICS = "metrics", _("Metrics")
    PROCESSES = "processes", _("Processes")
    AUTOMATION = "automation", _("Automation")


class Theme(TextChoices):
    """How a person sees the screens; by itself as the device says."""

    SYSTEM = "", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(TextChoices):
    """How much stands on a screen."""

    COMFORTABLE = "", _("Comfortable")
    COMPACT = "compact", _("Compact")


class ActorKind(TextChoices):
    """Who acted: a person, a machine with a token, or the system itself."""

    MEMBER = "member", _("Member")
    TOKEN = "token", _("API token")
    SYSTEM = "system", _("System")


class InvitationState(TextChoices):
    """Where an invitation stands."""

    WAITING = "waiting", _("Being sent")
    OPEN = "open", pgettext_lazy("invitation", "Open")
    FAILED = "failed", _("Not sent")
    ACCEPTED = "accepted", pgettext_lazy("invitation", "Accepted")
    EXPIRED = "expired", pgettext_lazy("invitation", "Expired")
    REVOKED = "revoked", pgettext_lazy("invitation", "Revoked")


class DayKind(TextChoices):
    """What an exception makes of a day in a working calendar."""

    WORKING = "working", _("Working day")
    NON_WORKING = "non_working", _("Day off")


class JobStatus(TextChoices):
    """Where a long job stands."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class LinkVerb(TextChoices):
    """What one object did to another."""

    CAUSED = "caused", _("caused")
    ADDRESSES = "addresses", _("addresses")
    CHANGED = "changed", _("changed")
    MEASURES = "measures", _("measures")
    MITIGATES = "mitigates", _("mitigates")
    RELATES = "relates", _("relates to")


class Channel(TextChoices):
    """Where a notice goes beside the inbox."""

    MAIL = "mail", _("Mail")
    CHAT = "chat", pgettext_lazy("notice channel", "Chat")


class Outcome(TextChoices):
    """How a work item ended."""

    DONE = "done", pgettext_lazy("work", "Done")
    DROPPED = "dropped", pgettext_lazy("work", "No longer needed")


class Digest(TextChoices):
    """How mails of notices come."""

    NONE = "none", _("One by one, at once")
    DAILY = "daily", _("As one summary a day")
    WEEKLY = "weekly", _("As one summary a week")


class ChatProvider(TextChoices):
    """The chats whose bots can post notices."""

    WECOM = "wecom", _("WeCom")
    DINGTALK = "dingtalk", _("DingTalk")
    FEISHU = "feishu", _("Feishu or Lark")
    SLACK = "slack", _("Slack, or compatible")
    WEBHOOK = "webhook", _("Any address (JSON)")


class Fate(TextChoices):
    """What became of a delivery."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", pgettext_lazy("delivery", "Sent")
    SKIPPED = "skipped", pgettext_lazy("delivery", "Not needed any more")
    MAILED = "mailed", pgettext_lazy("delivery", "Sent by mail instead")
    FAILED = "failed", pgettext_lazy("delivery", "Given up")


class WorkWhen(TextChoices):
    """How soon work is due."""

    OVERDUE = "overdue", _("Overdue")
    TODAY = "today", _("Today")
    WEEK = "week", _("This week")
    LATER = "later", _("Later")


class WorkWhose(TextChoices):
    """Whose work a list shows."""

    MINE = "mine", _("Mine")
    TEAM = "team", _("Of my people")


class InboxShow(TextChoices):
    """What an inbox shows."""

    UNREAD = "unread", pgettext_lazy("notices", "Unread")
    ALL = "all", pgettext_lazy("notices", "All")
