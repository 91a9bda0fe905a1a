"""The logo of an organization: its file, its address, and the picture for paper."""

from __future__ import annotations

from base64 import b64encode

from organization.models import Attachment, Organization


def logo_file(logo: str) -> Attachment | None:
    """The stored logo that the open organization calls `logo`."""
    digest = logo.partition(".")[0]
    found = Attachment.objects.filter(object_type="organization.organization", sha256=digest).order_by("-pk").first()
    return found if found and found.file.storage.exists(found.file.name) else None


def logo_svg(organization: Organization) -> str:
    """The logo of the open organization inside an SVG text, as paper takes its pictures; empty without one."""
    found = logo_file(organization.logo) if organization.logo else None
    if found is None:
        return ""
    with found.file.open("rb") as file:
        data = b64encode(file.read()).decode()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="160" height="40">'
        f'<image width="160" height="40" preserveAspectRatio="xMaxYMid meet" '
        f'xlink:href="data:{found.content_type};base64,{data}"/></svg>'
    )
