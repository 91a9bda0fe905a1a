"""What a person is told, and how it reaches them."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.choices import Channel, ChatProvider, Digest, Fate, Language
from organization.models.base import Stamped, Versioned
from organization.personal import MEMBERSHIP, SETTING_UP, Erasure, Personal
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class Notice(TenantModel):
    """One thing told to one member. Its words come from its kind (organization/notice_kinds.py) and its facts.

    `dedupe` makes telling twice tell once. Rows of one telling share `telling`. `done_at` is set when what it says is
    settled: then nobody need look any more, and no channel carries it. `wants_mail`: its recipient's channels said so.
    """

    personal = Personal(
        _("What the person was told, and when they read it"),
        _("Telling people what concerns them"),
        _("See “How long things are kept”"),
        Erasure.DELETED,
        "recipient",
    )
    travel = Travel(
        numbers={"subject_id": "@subject_type"},
        inside={"facts": "@subject_type"},
        urls={"url": "subject_id"},
        arrives={"dedupe": "gen_random_uuid()::text"},
    )

    recipient = TenantForeignKey("organization.Member", models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)
    dedupe = models.CharField(max_length=200)
    telling = models.UUIDField()
    wants_mail = models.BooleanField(default=False)
    by = TenantForeignKey("organization.Member", null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "recipient", "dedupe"], name="notice_once"),
        ]
        indexes = [
            models.Index(fields=["organization", "recipient", "-id"], name="notice_of_recipient"),
            models.Index(
                fields=["organization", "recipient"],
                condition=models.Q(read_at=None, done_at=None),
                name="notice_unread",
            ),
            models.Index(
                fields=["organization", "recipient", "id"],
                condition=models.Q(wants_mail=True, read_at=None, done_at=None),
                name="notice_to_mail",
            ),
            models.Index(
                fields=["organization", "subject_type", "subject_id"],
                condition=models.Q(done_at=None),
                name="notice_of_subject",
            ),
        ]


class NoticePreference(Versioned, TenantModel):
    """Where a member wants to be told, and when; the row without a member is the organization's default.

    channels: kind -> list of channels, for kinds that differ from the default. Quiet hours and the digest's hour are in
    the member's own zone; mails that fall into quiet hours wait for their end. With a digest, mails are gathered.
    """

    personal = Personal(_("Where and when the person wants to be told"), SETTING_UP, MEMBERSHIP, Erasure.DELETED)
    travel = Travel(inside={"channels": {}, "muted_kinds": {}})

    member = TenantForeignKey("organization.Member", models.CASCADE, null=True, related_name="+")
    channels = models.JSONField(default=dict, blank=True)
    muted_kinds = models.JSONField(default=list, blank=True)
    digest = models.CharField(_("Mails"), max_length=10, choices=Digest.choices, default=Digest.NONE)
    digest_hour = models.PositiveSmallIntegerField(
        _("Hour of the summary"), default=8, validators=[MaxValueValidator(23)]
    )
    digest_weekday = models.PositiveSmallIntegerField(
        _("Day of the summary"), default=0, validators=[MaxValueValidator(6)]
    )
    quiet_from = models.TimeField(_("Quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("Quiet until"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "member"], nulls_distinct=False, name="notice_preference_of_member"
            ),
            models.CheckConstraint(
                condition=models.Q(digest_hour__lte=23, digest_weekday__lte=6), name="notice_preference_times"
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="notice_preference_quiet",
            ),
        ]


class Watch(TenantModel):
    """A member follows an object, or wants to hear nothing of it."""

    personal = Personal(_("What the person follows"), SETTING_UP, MEMBERSHIP, Erasure.DELETED)
    travel = Travel(numbers={"object_id": "@object_type"})

    member = TenantForeignKey("organization.Member", models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=100)
    object_id = models.BigIntegerField()
    is_muted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "object_type", "object_id", "member"], name="watch_once")
        ]
        indexes = [models.Index(fields=["organization", "member"], name="watch_of_member")]


class ChatBot(Stamped, Versioned, TenantModel):
    """A bot in a group chat that posts notices of a department and those below it, or of the whole organization.

    The address holds the group's key, so both it and the signing secret are sealed. After several failures in a row it
    is left alone until `open_until`; mails carry what it would have said.
    """

    view_permission = "organization.bot.edit"
    department_lookup = "department"
    # A group's address is sealed with a key of the installation
    travel = Travel(arrives={"sealed_url": "''", "sealed_secret": "''", "is_paused": "true"})

    name = models.CharField(_("Name"), max_length=100)
    provider = models.CharField(_("Chat"), max_length=20, choices=ChatProvider.choices)
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    sealed_url = models.TextField()
    sealed_secret = models.TextField(blank=True)
    language = models.CharField(_("Language"), max_length=10, choices=Language.choices, default=Language.ENGLISH)
    is_paused = models.BooleanField(_("Paused"), default=False)
    failures = models.PositiveSmallIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="chat_bot_name")]

    def __str__(self) -> str:
        return self.name


class NoticeDelivery(TenantModel):
    """One message that carries notices: a mail to a member, or a post of a bot. Unfinished rows are the queue."""

    personal = Personal(
        _("Mails with notices to the person"), _("Telling people what concerns them"), MEMBERSHIP, Erasure.DELETED
    )
    travel = Travel(stays="messages go out where they were written")

    channel = models.CharField(max_length=10, choices=Channel.choices)
    member = TenantForeignKey("organization.Member", models.CASCADE, null=True, related_name="+")
    bot = TenantForeignKey(ChatBot, models.CASCADE, null=True, related_name="deliveries")
    key = models.CharField(max_length=200)
    is_digest = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    fate = models.CharField(max_length=10, choices=Fate.choices, default=Fate.WAITING)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "channel", "key"], name="notice_delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(done_at=None, parked_at=None), name="notice_queue"
            ),
        ]


class CarriedNotice(TenantModel):
    """A notice in a delivery."""

    travel = Travel(stays="messages go out where they were written")

    delivery = TenantForeignKey(NoticeDelivery, models.CASCADE, related_name="carried")
    notice = TenantForeignKey(Notice, models.CASCADE, related_name="carried")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "notice", "delivery"], name="notice_carried_once")
        ]
