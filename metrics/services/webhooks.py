"""Deliveries of webhooks: signed, taken once, answered in full.

The sender's `webhook-id` is the key. A delivery that was taken is answered as before when it comes again; one of which
nothing could be taken may come again after the source was corrected.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.choices import DeliveryStatus, SourceKind
from metrics.engine.json_paths import rows_of
from metrics.engine.signatures import is_signed, is_timely
from metrics.engine.source_plan import SourcePlan, plan_of
from metrics.engine.source_rows import Extractor
from metrics.errors import BadSignature, BadSource, TooManyRows
from metrics.models import DataSource, SourceDelivery
from metrics.queries.source_words import worded_refusals
from metrics.services.sealing import unseal
from metrics.services.source_load import Intake
from organization.errors import KeyReused, NotVisible

MOST_ROWS = 10_000
LONGEST_ID = 255
SAMPLED_ROWS = 20
TAKEN, KEPT_AS_SAMPLE, NOTHING_TAKEN = 200, 202, 422


def sender_of(address: str, headers: Mapping[str, str], body: bytes, *, as_of: datetime) -> DataSource:
    """The webhook at this address, when the delivery is signed for it. Raises NotVisible, BadSignature.

    A webhook whose columns are not settled yet is found too: its first delivery becomes the sample.
    """
    found = DataSource.objects.filter(
        kind=SourceKind.WEBHOOK, address=address, organization__delete_after=None
    ).select_related("dataset")
    source = found.first() if address else None
    if source is None or not (source.is_enabled or not source.plan):
        raise NotVisible
    if reason := _refusal(source, headers, body, as_of):
        DataSource.objects.filter(pk=source.pk).update(problem=reason)
        raise BadSignature(reason)
    return source


def take_delivery(source: DataSource, *, key: str, raw: bytes, body: Any) -> tuple[int, dict[str, Any], bool]:
    """Take the rows of a signed delivery: (HTTP status, answer, whether it is the answer of an earlier one).

    key: the sender's id; body: its JSON, numbers as Decimal. Raises KeyReused, BadSource, TooManyRows.
    """
    if not source.plan:
        _keep_sample(source, body)
        return (
            KEPT_AS_SAMPLE,
            {"detail": _("Kept as a sample. Settle the columns of this source, then send it again.")},
            False,
        )
    plan = plan_of(source.plan)
    rows = rows_of(body, plan.rows_at)
    if rows is None:
        raise BadSource(_("There are no rows at “%(place)s”.") % {"place": plan.rows_at or "/"})
    if len(rows) > MOST_ROWS:
        raise TooManyRows(_("A delivery has at most %(most)d rows.") % {"most": MOST_ROWS})
    fingerprint = hashlib.sha256(raw).hexdigest()
    SourceDelivery.objects.bulk_create(
        [SourceDelivery(source=source, key=key, fingerprint=fingerprint)], ignore_conflicts=True
    )
    delivery = SourceDelivery.objects.select_for_update(of=("self",)).get(source=source, key=key)
    if delivery.status == DeliveryStatus.DONE:
        if delivery.fingerprint != fingerprint:
            raise KeyReused
        return TAKEN, delivery.answer or {}, True
    delivery.source, delivery.fingerprint = source, fingerprint
    answer = _take(delivery, plan, rows, body)
    is_taken = delivery.rows_refused == 0 or delivery.rows_refused < delivery.rows_read - delivery.rows_skipped
    if not is_taken:
        delivery.status = DeliveryStatus.FAILED
    delivery.answer = answer
    delivery.save()
    DataSource.objects.filter(pk=source.pk).update(last_run_at=timezone.now(), problem="")
    return (TAKEN if is_taken else NOTHING_TAKEN), answer, False


def _take(delivery: SourceDelivery, plan: SourcePlan, rows: list[Any], body: Any) -> dict[str, Any]:
    assert delivery.source.dataset is not None  # a settled plan has one
    extractor = Extractor(plan, is_json=True)
    wanted = [(number, row) for number, row in enumerate(rows, 1) if extractor.is_wanted(row, body)]
    delivery.begun_at, delivery.refusals, delivery.rows_refused = timezone.now(), [], 0
    delivery.rows_read, delivery.rows_skipped = len(rows), len(rows) - len(wanted)
    intake = Intake(delivery, delivery.source.dataset, is_patient=False)
    sent = [row for _number, row in wanted]
    intake.take([extractor.row(row, body) for row in sent], sent, [number for number, _row in wanted])
    counts = intake.finish()
    return {
        "delivery": delivery.key,
        "batch": delivery.batch.reference if delivery.batch else None,
        "rows": delivery.rows_read,
        **vars(counts),
        "left_out": delivery.rows_skipped,
        "refused": delivery.rows_refused,
        "errors": worded_refusals(delivery.refusals, plan),
    }


def _refusal(source: DataSource, headers: Mapping[str, str], body: bytes, as_of: datetime) -> str:
    """Why a delivery is not believed, "" when it is."""
    key, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")
    if not (key and timestamp and signatures):
        return _("The headers webhook-id, webhook-timestamp and webhook-signature are needed.")
    if len(key) > LONGEST_ID or not key.isprintable():
        return _("A webhook-id has at most 255 printable characters.")
    if not is_timely(timestamp, as_of=as_of):
        return _("The webhook-timestamp is more than five minutes off, or no Unix time in seconds.")
    secrets = [unseal(source.sealed)]
    if source.old_until and source.old_until > as_of:
        secrets.append(unseal(source.old_sealed))
    if not is_signed(secrets, message_id=key, timestamp=timestamp, signatures=signatures, body=body):
        return _("The signature does not match. Check the secret, and that the body is signed byte for byte.")
    return ""


def _keep_sample(source: DataSource, body: Any) -> None:
    if not isinstance(body, dict | list):
        raise BadSource(_("A delivery is a JSON object or a list of them."))
    sample = {"body": json.loads(json.dumps(cut_sample(body), default=str))}
    DataSource.objects.filter(pk=source.pk).update(sample=sample, last_run_at=timezone.now(), problem="")


def cut_sample(value: Any) -> Any:
    """The body with the first items of long lists only, and short texts: enough to choose columns by."""
    if isinstance(value, dict):
        return {key: cut_sample(item) for key, item in value.items()}
    if isinstance(value, list):
        return [cut_sample(item) for item in value[:SAMPLED_ROWS]]
    return value[:200] if isinstance(value, str) else value
