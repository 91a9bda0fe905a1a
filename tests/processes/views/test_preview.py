"""A text as staff will see it, with its pictures."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from organization.models import Attachment, Organization
from organization.tenancy import tenant_context
from processes.engine.content import write_content
from processes.engine.library import template
from processes.models import SopVersion
from processes.queries.pictures import instruction_html
from tests.factories import make_actor
from tests.factories.processes import draft_of, make_sop, step, text

SignIn = Callable[..., Client]


@pytest.fixture
def draft(organization: Organization) -> SopVersion:
    with tenant_context(organization.pk):
        return draft_of(make_sop(make_actor("owner"), organization, text(step("a", instruction="Look."), step("b"))))


def picture() -> SimpleUploadedFile:
    stream = BytesIO()
    Image.new("RGB", (4, 4), "red").save(stream, "PNG")
    return SimpleUploadedFile("door.png", stream.getvalue(), content_type="image/png")


def test_p8_every_step_of_a_text_is_previewed_wide_and_on_a_phone(organization: Organization, sign_in: SignIn) -> None:
    chosen = template("equipment-inspection").procedure
    with tenant_context(organization.pk):
        made = draft_of(make_sop(make_actor("owner"), organization, write_content(chosen)))
    client = sign_in("staff")

    for number, (_section, one) in enumerate(chosen.steps(), 1):
        answer = client.get(f"/processes/versions/{made.pk}/preview/", {"step": number, "width": "phone"})
        assert (answer.status_code, answer.context["step"]["title"]) == (200, one.title)
        assert [field.is_disabled for field in answer.context["fields"]] == [True] * len(one.fields)
    last = client.get(f"/processes/versions/{made.pk}/preview/", {"step": "9999"})
    assert last.context["number"] == sum(1 for _step in chosen.steps())


def test_p8_a_picture_is_kept_shown_in_its_text_and_seen_by_whoever_sees_the_sop(
    draft: SopVersion, sign_in: SignIn
) -> None:
    client = sign_in("owner")

    client.post(f"/processes/versions/{draft.pk}/pictures/", {"step": "a", "upload": picture()})

    with tenant_context(draft.organization_id):
        kept = Attachment.objects.get(object_type="processes.sop", object_id=draft.sop_id)
    url = f"/processes/sops/{draft.sop_id}/pictures/{kept.pk}/"
    line = f"![door.png](picture:{kept.pk})"
    assert line in client.get(f"/processes/versions/{draft.pk}/edit/a/").content.decode()
    html = instruction_html(draft.sop_id, f"See {line}")
    assert html == f'<p>See <img src="{url}" alt="door.png" loading="lazy"></p>\n'
    seen = sign_in("staff").get(url)
    assert (seen.headers["Content-Type"], b"".join(seen.streaming_content)[:4]) == ("image/png", b"\x89PNG")
    assert client.get(f"/processes/sops/{draft.sop_id}/pictures/{kept.pk + 1}/").status_code == 404


def test_p8_what_only_says_that_it_is_a_picture_is_refused(draft: SopVersion, sign_in: SignIn) -> None:
    page = SimpleUploadedFile("x.png", b"<html><script>alert(1)</script>", content_type="image/png")

    answer = sign_in("owner").post(
        f"/processes/versions/{draft.pk}/pictures/", {"step": "a", "upload": page}, follow=True
    )

    assert b"This is no picture." in answer.content
    with tenant_context(draft.organization_id):
        assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    "source",
    [
        "https://elsewhere.example/x.png",
        "picture:1/../../x",
        "picture:",
        "javascript:alert(1)",
        "data:image/png;base64,x",
    ],
)
def test_p8_a_picture_from_elsewhere_stays_words(source: str) -> None:
    assert "<img" not in instruction_html(1, f"![words]({source})")
