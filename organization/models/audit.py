"""Who changed what: append-only and hash-chained."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.choices import ActorKind
from organization.personal import Erasure, Personal
from organization.portable import Travel
from organization.tenancy import TenantModel


class AuditEntry(TenantModel):
    """One change. Holds ids and field names, no names of people: erasing a person must not break the chain.

    `hash` is SHA-256 over the previous hash and the canonical JSON of this row (`services.audit`). Triggers refuse
    UPDATE, DELETE and TRUNCATE. `act` is the last part of `verb`, for filters alone: row security lets an index answer
    only plain comparisons. `for_id` in the facts names the member for whom a deputy acted.
    """

    personal = Personal(
        _("What the person changed, by a number and without a name"),
        _("Proof of who changed what"),
        _("As long as the organization"),
        Erasure.PSEUDONYM,
        "",
    )
    view_permission = "organization.audit.view"
    # The facts keep their first numbers, which the chain has sealed; ImportedTrail says what to add to them
    travel = Travel(numbers={"object_id": "@object_type", "actor_id": "@actor_kind"}, inside={"facts": {}})

    at = models.DateTimeField(default=timezone.now)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    verb = models.CharField(max_length=100)
    act = models.CharField(max_length=100, default="")
    object_type = models.CharField(max_length=100)
    object_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "object_type", "object_id", "-id"], name="audit_of_object"),
            models.Index(fields=["organization", "-id"], name="audit_newest"),
            models.Index(fields=["organization", "actor_kind", "actor_id", "-id"], name="audit_of_actor"),
            models.Index(fields=["organization", "act", "-id"], name="audit_of_act"),
            models.Index(fields=["organization", "at"], name="audit_of_time"),
        ]


class RequestOrigin(TenantModel):
    """The address that a request came from, for the entries with its `request_id`.

    It stands apart from the chain: an address is about a person, and is forgotten after a time or on request.
    """

    personal = Personal(
        _("Network addresses from which something was changed"),
        _("Finding out about misuse"),
        _("See “How long things are kept”"),
        Erasure.DELETED,
        "",
    )

    request_id = models.CharField(max_length=64)
    address = models.GenericIPAddressField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "request_id"], name="request_origin")]
        indexes = [models.Index(fields=["organization", "at"], name="origin_age")]
