"""What somebody tries from outside: addresses that lead away, and bodies that are too much."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from organization.models import Attachment, Organization
from organization.tenancy import tenant_transaction
from tests.factories import make_user
from tests.factories.organizations import PASSWORD

AWAY = [
    "https://attacker.example/",
    "//attacker.example/",
    "/\\attacker.example/",
    "javascript:alert(1)",
    "https:attacker",
]


@pytest.mark.parametrize("address", AWAY)
def test_o4_signing_in_leads_nowhere_else(address: str, db: None) -> None:
    person = make_user()

    answer = Client().post(
        f"{reverse('account_login')}", {"login": person.email, "password": PASSWORD, "next": address}
    )

    assert answer.status_code == 302
    assert answer["Location"].startswith("/")
    assert "attacker" not in answer["Location"]


@pytest.mark.parametrize("address", AWAY)
def test_o4_choosing_an_organization_leads_nowhere_else(
    address: str, organization: Organization, sign_in: Callable[..., Client]
) -> None:
    answer = sign_in("staff").post(
        reverse("organization:choose"), {"organization": str(organization.pk), "next": address}
    )

    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_o3_forty_megabytes_are_refused_in_words_and_nothing_of_them_is_kept(
    organization: Organization, sign_in: Callable[..., Client], settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    logo = SimpleUploadedFile("logo.png", bytes(40 << 20), content_type="image/png")

    answer = sign_in("admin").post("/organization/settings/look/", {"logo": logo, "version": "1"})

    assert answer.status_code == 422
    assert "The logo is larger than 5 MB." in answer.content.decode()
    assert list(tmp_path.rglob("*")) == []
    with tenant_transaction(organization.pk):
        assert not Attachment.objects.exists()
