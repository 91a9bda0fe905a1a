"""The product behind PgBouncer in transaction mode: two organizations share one connection and never meet."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import requests
from django.urls import reverse

from organization.models import Member, Organization
from organization.tenancy import tenant_transaction
from tests.factories import make_member, make_organization
from tests.metrics.helpers import client_of
from tests.ops_platform.pooling import free_port, pgbouncer

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"]), pytest.mark.processes]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pooled(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with pgbouncer(tmp_path_factory.mktemp("pool"), size=1) as environment:
        yield environment


@pytest.fixture(scope="module")
def served(pooled: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """gunicorn with three workers, all through the one connection."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", "--config", "python:ops_platform.web_server", "ops_platform.wsgi"]
    environment = {
        **os.environ,
        **pooled,
        "BIND": address,
        "WEB_WORKERS": "3",
        "STATIC_ROOT": str(tmp_path_factory.mktemp("static")),
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        for _ in range(200):
            try:
                if requests.get(f"http://{address}/healthz", timeout=2).ok:
                    break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(15)


def signed_in(member: Member) -> requests.Session:
    """A browser with the session of somebody who has signed in."""
    session = requests.Session()
    for name, morsel in client_of(member).cookies.items():
        session.cookies.set(name, morsel.value)
    return session


def owner_of(organization: Organization) -> Member:
    with tenant_transaction(organization.pk):
        return make_member("owner")


def test_two_organizations_through_one_connection_each_see_their_own(organization: Organization, served: str) -> None:
    companies = [organization, make_organization()]
    people = [owner_of(company) for company in companies]
    sessions = [signed_in(person) for person in people]

    def names_on_page(number: int) -> str:
        return sessions[number % 2].get(f"{served}{reverse('organization:member-list')}", timeout=20).text

    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(names_on_page, range(24)))

    own = [f">{person.name}<" for person in people]
    for number, page in enumerate(pages):
        assert own[number % 2] in page
        assert own[1 - number % 2] not in page


def test_nothing_of_a_transaction_stays_on_the_pooled_connection(
    organization: Organization, served: str, pooled: dict[str, str]
) -> None:
    session = signed_in(owner_of(organization))
    assert session.get(f"{served}{reverse('organization:member-list')}", timeout=20).ok

    raw = psycopg2.connect(pooled["DATABASE_URL"])
    raw.autocommit = True
    with raw.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.organization_id', true), current_setting('statement_timeout')")
        assert cursor.fetchone() in (("", "0"), (None, "0"))
        cursor.execute("SELECT count(*) FROM organization_member")
        assert cursor.fetchone() == (0,)
    raw.close()


def test_limits_go_with_each_transaction(pooled: dict[str, str]) -> None:
    code = (
        "import django; django.setup()\n"
        "from django.db import connection, transaction\n"
        "with transaction.atomic(), connection.cursor() as cursor:\n"
        "    cursor.execute(\"SELECT current_setting('statement_timeout'), current_setting('lock_timeout')\")\n"
        "    print(cursor.fetchone())\n"
    )
    environment = {**os.environ, **pooled, "DJANGO_SETTINGS_MODULE": "ops_platform.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "('15s', '3s')"


def test_a_new_version_is_prepared_past_the_pool(pooled: dict[str, str]) -> None:
    admin = urlsplit(os.environ["DATABASE_ADMIN_URL"])
    direct = urlunsplit(admin._replace(path=urlsplit(pooled["DATABASE_URL"]).path))
    environment = {**os.environ, **pooled, "DATABASE_ADMIN_URL": direct, "OPS_TESTING": ""}

    done = subprocess.run(
        [sys.executable, "manage.py", "prepare_database"], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert "No migrations to apply" in done.stdout
