"""Pictures in instructions: attachments of the SOP, named in the text as `![words](picture:12)`."""

from __future__ import annotations

from django.urls import reverse
from django.utils.safestring import SafeString

from ops_platform.web.markdown import rendered
from organization.models import Attachment
from processes.models import Sop

SCHEME = "picture:"


def instruction_html(sop_id: int, text: str) -> SafeString:
    """The instruction as harmless HTML with the SOP's pictures in it; any other picture stays words."""

    def address(source: str) -> str:
        number = source.removeprefix(SCHEME)
        if not source.startswith(SCHEME) or not number.isdecimal() or len(number) > 18:
            return ""
        return reverse("processes:sop-picture", args=[sop_id, int(number)])

    return rendered(text, picture=address)


def pictures_of(sop: Sop) -> list[Attachment]:
    """The pictures that hang on a SOP, the newest first."""
    rows = Attachment.objects.filter(object_type=sop._meta.label_lower, object_id=sop.pk)
    return list(rows.filter(content_type__startswith="image/").order_by("-pk")[:50])
