"""The look of an organization: name, logo, colour."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from organization.engine.accents import sheet_name
from organization.models import Attachment, AuditEntry, Organization
from organization.tenancy import tenant_context

LOOK = "/organization/settings/look/"


def picture(form: str = "PNG", size: tuple[int, int] = (900, 300)) -> SimpleUploadedFile:
    buffer, image = BytesIO(), Image.new("RGB", size, "#cc3300")
    exif = image.getexif()
    exif[0x010E] = "taken in the yard"
    image.save(buffer, form, exif=exif)
    return SimpleUploadedFile("logo.bin", buffer.getvalue())


def load_again(organization: Organization) -> None:
    with tenant_context(organization.pk):
        organization.refresh_from_db()


def test_o3_name_logo_and_colour_reach_every_page(organization: Organization, sign_in: Callable[..., Client]) -> None:
    client = sign_in("admin")

    answer = client.post(LOOK, {"brand_name": "Acme", "accent": "FFCC00", "logo": picture(), "version": "1"})

    assert answer.status_code == 302
    load_again(organization)
    assert (organization.brand_name, organization.accent, organization.version) == ("Acme", "#ffcc00", 2)
    page = client.get(LOOK).content.decode()
    assert f'href="/organization/accent.{sheet_name("#ffcc00")}.css"' in page
    assert f'src="/logos/{organization.logo_key}"' in page
    assert "<span>Acme</span>" in page
    assert "#856a00, the nearest shade that can be read" in page
    with tenant_context(organization.pk):
        entry = AuditEntry.objects.latest("pk")
        assert entry.verb == "organization.settings.changed"
        assert entry.facts["changed"]["accent"] == ["", "#ffcc00"]


@pytest.mark.parametrize(("form", "stored"), [("PNG", "PNG"), ("WEBP", "PNG"), ("JPEG", "JPEG")])
def test_o3_a_logo_is_drawn_anew_and_shown_without_signing_in(
    organization: Organization, sign_in: Callable[..., Client], form: str, stored: str
) -> None:
    sign_in("admin").post(LOOK, {"logo": picture(form), "version": "1"})
    load_again(organization)

    answer = Client().get(f"/logos/{organization.logo_key}")

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(answer.content) <= 200_000
    with Image.open(BytesIO(answer.content)) as image:
        assert (image.format, image.size, dict(image.getexif())) == (stored, (512, 171), {})


def test_o3_a_logo_is_found_under_its_whole_address_alone(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    sign_in("admin").post(LOOK, {"logo": picture(), "version": "1"})
    load_again(organization)
    key = organization.logo_key

    assert Client().get(f"/logos/{organization.pk + 1}-{organization.logo}").status_code == 404
    assert Client().get(f"/logos/{key[:-5]}{'0' if key[-5] != '0' else '1'}.png").status_code == 404
    assert Client().get(f"/logos/{key.replace('.png', '.jpg')}").status_code == 404


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\x89PNG\r\n\x1a\nno"])
def test_o3_what_is_no_picture_is_refused(
    organization: Organization, sign_in: Callable[..., Client], content: bytes
) -> None:
    answer = sign_in("admin").post(LOOK, {"logo": SimpleUploadedFile("logo.png", content), "version": "1"})

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"logo"}
    load_again(organization)
    assert (organization.logo, organization.version) == ("", 1)


def test_o3_a_new_logo_replaces_the_old_one_and_can_be_removed(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("admin")
    for version, size in (("1", (40, 40)), ("2", (50, 50))):
        client.post(LOOK, {"logo": picture(size=size), "version": version})
    with tenant_context(organization.pk):
        assert Attachment.objects.count() == 1

    client.post(LOOK, {"without_logo": "on", "version": "3"})

    load_again(organization)
    assert organization.logo == ""
    with tenant_context(organization.pk):
        assert not Attachment.objects.exists()


def test_o3_two_who_change_the_look_at_once_are_told(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("admin")
    client.post(LOOK, {"brand_name": "First", "version": "1"})

    answer = client.post(LOOK, {"brand_name": "Second", "version": "1"})

    assert answer.status_code == 422
    assert "First" in answer.content.decode()


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", "#fff;}"])
def test_o3_a_colour_is_six_digits(organization: Organization, sign_in: Callable[..., Client], colour: str) -> None:
    answer = sign_in("admin").post(LOOK, {"accent": colour, "version": "1"})

    assert answer.context["form"].errors.keys() == {"accent"}


def test_o3_the_sheet_of_a_colour_is_kept_for_good() -> None:
    answer = Client().get(f"/organization/accent.{sheet_name('#ffcc00')}.css")

    assert answer.headers["Content-Type"] == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert Client().get("/organization/accent.ffcc00-000000000000.css").status_code == 404


def test_o3_staff_cannot_change_the_look(organization: Organization, sign_in: Callable[..., Client]) -> None:
    assert sign_in("staff").post(LOOK, {"brand_name": "Mine", "version": "1"}).status_code == 403
