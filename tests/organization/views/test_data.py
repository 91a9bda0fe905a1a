"""Settings, Data: the archive, the days, closing; and what people see of what is kept about them."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from metrics.services import import_purge
from ops_platform.portability.jobs import make_export, sweep_exports
from organization.models import AuditEntry, DataExport, Member, Notice, Organization, RequestOrigin, RetentionPeriod
from organization.retention import rules
from organization.services.retention import forget_old
from organization.tenancy import tenant_transaction
from tests.factories import PASSWORD, make_member, make_organization
from tests.ops_platform.portability.common import counts


def signed_in(organization: Organization, role: str) -> Client:
    with tenant_transaction(organization.pk):
        member = make_member(role)
    client = Client()
    client.login(email=member.user.email, password=PASSWORD)
    session = client.session
    session["organization_id"] = organization.pk
    session.save()
    return client


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
def test_o10_an_owner_takes_everything_out_and_is_told(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    organization = make_organization(slug="mine")
    client = signed_in(organization, "owner")

    assert client.post("/organization/data/archives/new/").status_code == 302
    again = client.post("/organization/data/archives/new/", follow=True)
    with tenant_transaction(organization.pk):
        [export] = DataExport.objects.all()
    sweep_exports()
    make_export(organization.pk, export.pk)
    make_export(organization.pk, export.pk)

    assert "An archive is being made already" in again.content.decode()
    page = client.get("/organization/data/").content.decode()
    assert f"/organization/data/archives/{export.pk}/" in page
    file = client.get(f"/organization/data/archives/{export.pk}/")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content)))
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["organization"]["slug"] == "mine"
    assert [message.subject for message in mail.outbox] == [f"The archive of {organization.name} is ready"]
    with tenant_transaction(organization.pk):
        verbs = set(AuditEntry.objects.values_list("verb", flat=True))
        assert {"organization.dataexport.requested", "organization.dataexport.downloaded"} <= verbs
    assert client.post(f"/organization/data/archives/{export.pk}/remove/").status_code == 302
    assert not list(tmp_path.rglob("*.zip"))


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["admin", "auditor", "staff"])
def test_o10_only_an_owner_takes_everything_out_or_closes(role: str) -> None:
    organization = make_organization()
    client = signed_in(organization, role)

    assert client.post("/organization/data/archives/new/").status_code == 403
    assert client.get("/organization/data/close/").status_code == 403
    with tenant_transaction(organization.pk):
        assert not DataExport.objects.exists()


@pytest.mark.django_db
def test_o10_a_closed_organization_shows_one_page_and_an_owner_opens_it_again() -> None:
    organization = make_organization(slug="mine")
    owner, staff = signed_in(organization, "owner"), signed_in(organization, "staff")

    wrong = owner.post("/organization/data/close/", {"typed": "yours"})
    right = owner.post("/organization/data/close/", {"typed": "mine"})

    assert wrong.status_code == 422
    assert right.headers["Location"] == "/organization/closed/"
    for client in (owner, staff):
        assert client.get("/organization/departments/").headers["Location"] == "/organization/closed/"
    assert client.get("/api/v1/kpis/").status_code == 403
    assert "Open it again" in owner.get("/organization/closed/").content.decode()
    assert "Open it again" not in staff.get("/organization/closed/").content.decode()
    assert staff.post("/organization/closed/reopen/").status_code == 403
    assert owner.post("/organization/closed/reopen/").status_code == 302
    assert owner.get("/organization/departments/").status_code == 200


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
def test_o10_what_is_old_goes_by_the_days_that_the_organization_chose() -> None:
    organization, other = make_organization(), make_organization()
    client = signed_in(organization, "admin")
    now = timezone.now()
    for each in (organization, other):
        with tenant_transaction(each.pk):
            for days in (5, 40):
                RequestOrigin.objects.create(request_id=f"r{days}", address="192.0.2.1", at=now - timedelta(days=days))

    refused = client.post("/organization/data/retention/", {"addresses": "400"})
    saved = client.post("/organization/data/retention/", {"addresses": "30", "notices": ""})
    shown = client.get("/organization/data/").content.decode()
    forget_old(as_of=now, batch=1)
    forget_old(as_of=now, batch=1)

    assert (refused.status_code, saved.status_code) == (422, 302)
    assert "30 days" in shown
    with tenant_transaction(organization.pk):
        assert list(RequestOrigin.objects.filter(address="192.0.2.1").values_list("request_id", flat=True)) == ["r5"]
        assert list(RetentionPeriod.objects.values_list("rule", "days")) == [("addresses", 30)]
    with tenant_transaction(other.pk):
        assert RequestOrigin.objects.filter(address="192.0.2.1").count() == 2


@pytest.mark.django_db
def test_o10_every_rule_has_a_limit_of_the_installation_and_works_on_nothing() -> None:
    organization = make_organization()

    assert {rule.key for rule in rules()} >= {
        "addresses",
        "notices",
        "work",
        "exports",
        import_purge.RULE,
        "deliveries",
    }
    with tenant_transaction(organization.pk):
        for rule in rules():
            assert rule.most >= 0
            assert (rule.count(timezone.now()), rule.forget(timezone.now(), 10)) == (0, 0)
        assert not Notice.objects.exists()


@pytest.mark.django_db
def test_o10_a_person_takes_out_their_own_data_and_an_admin_anybodys() -> None:
    organization = make_organization()
    staff, admin = signed_in(organization, "staff"), signed_in(organization, "admin")
    with tenant_transaction(organization.pk):
        somebody = Member.objects.order_by("pk")[0]

    assert "What is kept about people" in staff.get("/organization/privacy/").content.decode()
    own = staff.post("/organization/privacy/my-data/")
    theirs = admin.post(f"/organization/members/{somebody.pk}/data/")

    with zipfile.ZipFile(io.BytesIO(theirs.content)) as package:
        assert sorted(package.namelist()) == ["activity.csv", "data.html", "data.json"]
        data = json.loads(package.read("data.json"))
        assert data["organization.member"][0]["name"] == somebody.name
        assert somebody.name in package.read("data.html").decode()
    assert own.status_code == 200
    assert staff.post(f"/organization/members/{somebody.pk}/data/").status_code == 403


@pytest.mark.django_db
def test_o10_an_admin_erases_a_person_by_typing_the_name() -> None:
    organization = make_organization()
    admin = signed_in(organization, "admin")
    with tenant_transaction(organization.pk):
        member = make_member("staff", name="Lin Wei")
    before = counts(organization.pk)["organization_member"]

    page = admin.get(f"/organization/members/{member.pk}/erase/").content.decode()
    wrong = admin.post(f"/organization/members/{member.pk}/erase/", {"typed": "Lin", "version": "1"})
    right = admin.post(f"/organization/members/{member.pk}/erase/", {"typed": "Lin Wei", "version": "1"}, follow=True)

    assert "Type: Lin Wei" in page
    assert wrong.status_code == 422
    assert f"Erased person {member.pk}" in right.content.decode()
    assert "Lin Wei" not in right.content.decode()
    assert admin.get(f"/organization/members/{member.pk}/erase/").status_code == 404
    assert counts(organization.pk)["organization_member"] == before
