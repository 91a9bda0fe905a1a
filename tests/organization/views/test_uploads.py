"""What comes in as a file: sent twice, dressed as something else, or built to break whoever opens it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from organization.engine.file_types import UnknownFile, file_type
from organization.models import Attachment, Department, Organization
from organization.services.attachments import shown_name
from organization.services.departments import create_department
from organization.tenancy import tenant_transaction
from tests.factories import make_actor


@pytest.fixture
def department(organization: Organization, settings: Any, tmp_path: Any) -> Department:
    settings.MEDIA_ROOT = tmp_path
    with tenant_transaction(organization.pk):
        return create_department(make_actor("owner"), organization, name="Sales", code="S")


def address(department: Department) -> str:
    return f"/files/add/organization.department/{department.pk}/"


def stored(organization: Organization) -> list[str]:
    with tenant_transaction(organization.pk):
        return list(Attachment.objects.order_by("pk").values_list("name", flat=True))


def test_a_file_of_the_same_name_and_size_is_no_repetition(
    organization: Organization, department: Department, sign_in: Callable[..., Client]
) -> None:
    client, key = sign_in("owner"), str(uuid4())

    def send(content: bytes) -> Any:
        return client.post(
            address(department), {"upload": SimpleUploadedFile("a.txt", content)}, headers={"Idempotency-Key": key}
        )

    first, again, other = send(b"one"), send(b"one"), send(b"two")

    assert (first.status_code, again.status_code, other.status_code) == (302, 302, 422)
    assert stored(organization) == ["a.txt"]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_png() -> bytes:
    """A picture of 10 gigapixels in a few hundred bytes."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def wordy_png() -> bytes:
    """A small picture with a remark that unpacks to 200 MB."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    remark = b"Comment\0\0" + zlib.compress(b"\0" * 200_000_000, 9)
    data = zlib.compress(b"\0" * 4)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"zTXt", remark)
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def newer_zip() -> bytes:
    """An archive that says it needs a version of the format which nobody has."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("word/document.xml", "x")
    raw = bytearray(buffer.getvalue())
    place = raw.index(b"PK\x01\x02")
    raw[place + 6 : place + 8] = struct.pack("<H", 99)
    return bytes(raw)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<html><script>alert(1)</script>", id="page"),
        pytest.param(b"\xef\xbb\xbf  <SVG onload=alert(1)>", id="drawing"),
        pytest.param(b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", id="xml"),
        pytest.param(b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", id="a head alone"),
        pytest.param(huge_png(), id="ten gigapixels"),
        pytest.param(wordy_png(), id="a remark of 200 MB"),
        pytest.param(newer_zip(), id="zip of a newer kind"),
        pytest.param(b"PK\x03\x04" + b"\xff" * 100, id="broken zip"),
        pytest.param(b"", id="empty"),
    ],
)
def test_what_is_no_file_of_an_accepted_kind_is_refused_and_not_kept(
    content: bytes, organization: Organization, department: Department, sign_in: Callable[..., Client], tmp_path: Any
) -> None:
    client = sign_in("owner")

    answer = client.post(address(department), {"upload": SimpleUploadedFile("logo.png", content, "image/png")})

    assert answer.status_code in (302, 422)
    assert stored(organization) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_picture_with_a_script_behind_it_is_kept_without_the_script(
    organization: Organization, department: Department, sign_in: Callable[..., Client]
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (2, 2)).save(picture, "PNG")
    script = b"<script>alert(1)</script>"
    sent = picture.getvalue()[:-12] + chunk(b"tEXt", b"Comment\0" + script) + picture.getvalue()[-12:] + script
    client = sign_in("owner")

    client.post(address(department), {"upload": SimpleUploadedFile("x.html", sent, "text/html")})

    with tenant_transaction(organization.pk):
        kept = Attachment.objects.get()
    answer = client.get(f"/files/{kept.pk}/")
    assert script not in b"".join(answer)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert answer["Content-Disposition"] == 'attachment; filename="x.png"'
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd.txt"),
        ("..\\..\\boot.ini", "boot.txt"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie: x=1.txt"),
        ("a\u202etxt.exe", "atxt.txt"),
        ("\0", "file.txt"),
        ("..", "...txt"),
        ("x" * 400 + ".txt", "x" * 251 + ".txt"),
    ],
)
def test_a_name_is_shown_without_folders_and_control_characters(sent: str, shown: str) -> None:
    assert shown_name(sent, file_type(b"text")) == shown


def test_damaged_archives_are_no_office_files() -> None:
    for content in (newer_zip(), b"PK\x03\x04"):
        with pytest.raises(UnknownFile):
            file_type(content)


def test_a_logo_is_served_as_a_picture_whatever_its_row_says(
    organization: Organization, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    digest = "a" * 64
    with tenant_transaction(organization.pk):
        name = default_storage.save(f"{organization.pk}/x.png", ContentFile(b"<script>alert(1)</script>"))
        Attachment.objects.create(
            object_type="organization.organization", object_id=organization.pk, file=name, name="logo.png",
            content_type="text/html", size_bytes=1, sha256=digest,
        )  # fmt: skip

    answer = Client().get(f"/logos/{organization.pk}-{digest}.png")

    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
