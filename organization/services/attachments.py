"""Attaching files to objects: checked by content, stored under a name of ours."""

from __future__ import annotations

import hashlib
import uuid
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from organization.access import Actor
from organization.engine.file_types import JPEG, WEBP, FileType, UnknownFile, file_type
from organization.errors import FileRefused, NotVisible
from organization.models import Attachment
from organization.queries.kinds import kind_of
from organization.services import audit
from organization.usecases import authorize, use_case

MOST_PIXELS = 60_000_000
LONGEST_NAME = 255
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


@use_case("organization.home.view")
def attach(actor: Actor, subject: Any, *, upload: Any, name: str) -> Attachment:
    """Hang a file on `subject`, which the actor must be allowed to edit. Raises FileRefused.

    upload: a file object with `size` and `read`. Images are drawn anew, upright, without what the camera noted.
    """
    _may_edit(actor, subject)
    if upload.size > settings.ATTACHMENT_MAX_BYTES:
        raise FileRefused(
            _("The file is larger than %(most)s MB.") % {"most": settings.ATTACHMENT_MAX_BYTES // (1024 * 1024)},
            field="upload",
        )
    content = upload.read(settings.ATTACHMENT_MAX_BYTES + 1)
    kind = _accepted(content)
    if kind.is_image:
        content = redrawn(content, kind)
    stored = default_storage.save(f"{actor.organization_id}/{uuid.uuid4().hex}{kind.extension}", ContentFile(content))
    attachment = Attachment.objects.create(
        object_type=subject._meta.label_lower,
        object_id=subject.pk,
        file=stored,
        name=shown_name(name, kind),
        content_type=kind.content_type,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by_id=actor.member_id,
    )
    audit.record(actor, "organization.attachment.added", subject, attachment=attachment.pk, sha256=attachment.sha256)
    return attachment


@use_case("organization.home.view")
def remove_attachment(actor: Actor, subject: Any, *, attachment: Attachment) -> None:
    """Take a file off `subject`; the stored bytes go when the transaction has committed."""
    if (attachment.object_type, attachment.object_id) != (subject._meta.label_lower, subject.pk):
        raise NotVisible
    _may_edit(actor, subject)
    stored = str(attachment.file.name)
    audit.record(actor, "organization.attachment.removed", subject, attachment=attachment.pk, sha256=attachment.sha256)
    attachment.delete()
    transaction.on_commit(lambda: default_storage.delete(stored))


def redrawn(content: bytes, kind: FileType) -> bytes:
    """The picture alone: turned upright, without EXIF or other notes. Raises FileRefused for a broken or huge one."""
    try:
        with Image.open(BytesIO(content), formats=[FORMATS[kind.content_type]]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise FileRefused(_("The picture has too many pixels."), field="upload")
            image = ImageOps.exif_transpose(opened)
            bare = Image.new(image.mode, image.size)
            if image.mode == "P":
                bare.putpalette(image.getpalette() or [])
            bare.paste(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise FileRefused(_("The picture is damaged."), field="upload") from error
    buffer = BytesIO()
    options = {"quality": 90} if kind in (JPEG, WEBP) else {"optimize": True}
    bare.save(buffer, FORMATS[kind.content_type], **options)
    return buffer.getvalue()


def shown_name(name: str, kind: FileType) -> str:
    """The name that people gave, without folders and control characters; its extension says what the file is."""
    clean = "".join(letter for letter in PurePath(name.replace("\\", "/")).name if letter.isprintable())
    path = PurePath(clean or "file")
    is_right = path.suffix.lower() == kind.extension or (
        kind.content_type == "text/plain" and is_text_name(path.suffix)
    )
    suffix = path.suffix if is_right or (kind is JPEG and path.suffix.lower() == ".jpeg") else kind.extension
    return f"{path.stem[: LONGEST_NAME - len(suffix)]}{suffix}"


def is_text_name(suffix: str) -> bool:
    """Whether the extension is one of plain text."""
    return suffix.lower() in {".txt", ".csv", ".md", ".log", ".json", ".tsv"}


def _accepted(content: bytes) -> FileType:
    if not content:
        raise FileRefused(_("The file is empty."), field="upload")
    try:
        return file_type(content)
    except UnknownFile as error:
        raise FileRefused(
            _("Accepted are pictures (JPEG, PNG, WebP), PDF, Office files without macros, and plain text."),
            field="upload",
        ) from error


def _may_edit(actor: Actor, subject: Any) -> None:
    kind = kind_of(subject._meta.label_lower)
    if kind is None:
        raise NotVisible
    authorize(actor, subject.view_permission, subject)
    authorize(actor, kind.edit_permission, subject)
