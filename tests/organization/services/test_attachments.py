"""Files are judged by content, stored under our names, and seen by whoever sees their object."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from organization.access import Actor
from organization.errors import FileRefused, NotAllowed, NotVisible
from organization.models import Attachment, Department, Organization
from organization.queries.attachments import visible_attachment
from organization.services import attachments
from organization.services.departments import create_department
from tests.factories import make_actor

GPS, ORIENTATION = 0x8825, 0x0112


@pytest.fixture
def department(scope: Organization, owner: Actor) -> Department:
    return create_department(owner, scope, name="Sales", code="S")


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("given", content)


def picture(kind: str = "JPEG", *, exif: bool = False, size: tuple[int, int] = (4, 2)) -> bytes:
    image, buffer = Image.new("RGB", size, (200, 10, 10)), BytesIO()
    notes = Image.Exif()
    if exif:
        notes[ORIENTATION] = 6
        notes[0x010F] = "Somebody's camera"
    image.save(buffer, kind, exif=notes) if exif else image.save(buffer, kind)
    return buffer.getvalue()


def archive(*names: str, content: bytes = b"x") -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "content_type", "shown"),
    [
        (picture(), "photo.jpeg", "image/jpeg", "photo.jpeg"),
        (picture("PNG"), "photo.jpg", "image/png", "photo.png"),
        (picture("WEBP"), "photo.webp", "image/webp", "photo.webp"),
        (b"%PDF-1.7 ...", "../../etc/passwd", "application/pdf", "passwd.pdf"),
        ("部门,人数\n销售,3".encode("gb18030"), "人数.csv", "text/plain", "人数.csv"),
        (b"plain", "page.html", "text/plain", "page.txt"),
        (
            archive("[Content_Types].xml", "xl/workbook.xml"),
            "C:\\files\\book.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "book.xlsx",
        ),
    ],
)
def test_attach_believes_the_content_and_not_the_name(
    department: Department, owner: Actor, content: bytes, name: str, content_type: str, shown: str
) -> None:
    row = attachments.attach(owner, department, upload=upload(content), name=name)

    assert (row.content_type, row.name) == (content_type, shown)
    assert row.file.name.startswith(f"{department.organization_id}/")
    assert "passwd" not in row.file.name
    assert row.size_bytes == row.file.size


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf  <!DOCTYPE html><p>x",
        b"hello <script>alert(1)</script>",
        b"<?xml version='1.0'?><svg/>",
        b"\x00\x01\x02\x03",
        b"MZ\x90\x00binary",
        b"\xff\xd8\xff no picture at all",
        archive("a.txt"),
        archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        archive("[Content_Types].xml", "word/document.xml", content=b"0" * 2_000_000),
        b"PK\x03\x04 broken",
    ],
    ids=[
        "empty",
        "svg",
        "html",
        "script",
        "xml",
        "binary",
        "program",
        "fake-jpeg",
        "zip",
        "macros",
        "bomb",
        "broken-zip",
    ],
)
def test_attach_refuses_what_could_run_or_is_not_what_it_says(
    department: Department, owner: Actor, content: bytes
) -> None:
    with pytest.raises(FileRefused):
        attachments.attach(owner, department, upload=upload(content), name="photo.jpg")

    assert not Attachment.objects.exists()


def test_a_picture_loses_what_the_camera_noted_and_stands_upright(department: Department, owner: Actor) -> None:
    row = attachments.attach(owner, department, upload=upload(picture(exif=True)), name="photo.jpg")

    with row.file.open("rb") as file, Image.open(file) as image:
        image.load()
        assert dict(image.getexif()) == {}
        assert image.size == (2, 4)
    with row.file.open("rb") as file:
        assert b"camera" not in file.read()


def test_attach_refuses_what_is_too_large(department: Department, owner: Actor, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 10

    with pytest.raises(FileRefused, match="larger"):
        attachments.attach(owner, department, upload=upload(b"12345678901"), name="a.txt")

    assert not Attachment.objects.exists()


def test_o4_a_file_needs_the_right_to_edit_its_object(department: Department, owner: Actor) -> None:
    row = attachments.attach(owner, department, upload=upload(b"plain"), name="a.txt")
    staff = make_actor("staff")

    with pytest.raises(NotAllowed):
        attachments.attach(staff, department, upload=upload(b"plain"), name="b.txt")
    with pytest.raises(NotAllowed):
        attachments.remove_attachment(staff, department, attachment=row)

    assert list(Attachment.objects.all()) == [row]
    assert visible_attachment(staff, row.pk) == (row, department)


def test_o4_a_file_is_hidden_with_its_object(department: Department, owner: Actor) -> None:
    row = attachments.attach(owner, department, upload=upload(b"plain"), name="a.txt")

    with pytest.raises(NotVisible):
        visible_attachment(make_actor(None), row.pk)


def test_a_removed_file_goes_from_the_store_after_the_commit(
    department: Department, owner: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    row = attachments.attach(owner, department, upload=upload(b"plain"), name="a.txt")
    storage, stored = row.file.storage, row.file.name

    with django_capture_on_commit_callbacks(execute=True):
        attachments.remove_attachment(owner, department, attachment=row)
        assert storage.exists(stored)

    assert not storage.exists(stored)
    assert not Attachment.objects.exists()


def test_stored_bytes_are_for_the_product_alone(owner: Actor, department: Department) -> None:
    path = Path(attachments.attach(owner, department, upload=upload(b"plain"), name="note.txt").file.path)

    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
