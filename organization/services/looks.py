"""How the product looks for everybody in an organization: its name in the navigation, its logo, its colour."""

from __future__ import annotations

import hashlib
import uuid
from functools import partial
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image

from organization.access import Actor
from organization.engine.audit_chain import changes
from organization.engine.file_types import JPEG, PNG, FileType, UnknownFile, file_type
from organization.errors import FileRefused, StateConflict
from organization.models import Attachment, Organization
from organization.services import audit
from organization.services.attachments import redrawn
from organization.usecases import use_case

MOST_UPLOADED = 5 * 1024 * 1024
MOST_STORED = 200_000
SIDES = (512, 384, 256, 128)
OF_LOGOS = "organization.organization"


@use_case("organization.settings.edit")
def change_look(
    actor: Actor,
    organization: Organization,
    *,
    brand_name: str,
    accent: str,
    logo: Any = None,
    without_logo: bool = False,
    version: int | None = None,
) -> Organization:
    """Set name, colour and logo of an organization. Raises FileRefused, StateConflict.

    accent: `#rrggbb`, or empty for the product's own. logo: an uploaded file with `size` and `read`; None leaves the one
    that is there. version: what the editor saw, None for whatever stands.
    """
    organization = Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)
    if version not in (None, organization.version):
        raise StateConflict
    values = {"brand_name": brand_name, "accent": accent, "logo": organization.logo}
    if logo is not None:
        values["logo"] = _stored(actor, logo)
    elif without_logo:
        values["logo"] = ""
    changed = changes({name: getattr(organization, name) for name in values}, values)
    for name, value in values.items():
        setattr(organization, name, value)
    organization.version += 1
    organization.save(update_fields=[*values, "version", "updated_at"])
    if "logo" in changed:
        _forget_others(organization.logo)
    audit.record(actor, "organization.settings.changed", organization, changed=changed)
    return organization


def drawn_logo(content: bytes) -> tuple[bytes, FileType]:
    """A logo of at most 512 px and 200 kB, without the camera's notes: PNG, or JPEG for a JPEG. Raises FileRefused."""
    try:
        kind = file_type(content)
    except UnknownFile as error:
        raise FileRefused(_("A logo is a PNG, JPEG or WebP picture."), field="logo") from error
    if not kind.is_image:
        raise FileRefused(_("A logo is a PNG, JPEG or WebP picture."), field="logo")
    try:
        bare = redrawn(content, kind)
    except FileRefused as error:
        raise FileRefused(error.message, field="logo") from error
    is_photo = kind is JPEG
    with Image.open(BytesIO(bare)) as opened:
        picture = opened.convert("RGB" if is_photo else "RGBA")
    for side in SIDES:
        picture.thumbnail((side, side))
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=88) if is_photo else picture.save(buffer, "PNG", optimize=True)
        if buffer.tell() <= MOST_STORED:
            break
    return buffer.getvalue(), JPEG if is_photo else PNG


def _stored(actor: Actor, upload: Any) -> str:
    """Keep the logo; what the organization calls it."""
    if upload.size > MOST_UPLOADED:
        raise FileRefused(_("The logo is larger than 5 MB."), field="logo")
    content, kind = drawn_logo(upload.read(MOST_UPLOADED + 1))
    digest = hashlib.sha256(content).hexdigest()
    path = f"{actor.organization_id}/{uuid.uuid4().hex}{kind.extension}"
    Attachment.objects.create(
        object_type=OF_LOGOS,
        object_id=actor.organization_id,
        file=default_storage.save(path, ContentFile(content)),
        name=f"logo{kind.extension}",
        content_type=kind.content_type,
        size_bytes=len(content),
        sha256=digest,
        uploaded_by_id=actor.member_id,
    )
    return f"{digest}{kind.extension}"


def _forget_others(logo: str) -> None:
    """Remove the logos that are not in use any more; their bytes go when the transaction has committed."""
    kept = Attachment.objects.filter(object_type=OF_LOGOS, sha256=logo.partition(".")[0]).order_by("-pk")[:1]
    others = Attachment.objects.filter(object_type=OF_LOGOS).exclude(pk__in=[row.pk for row in kept])
    names = [str(row.file.name) for row in others]
    others.delete()
    transaction.on_commit(partial(_delete_files, names))


def _delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)
