from __future__ import annotations

import os

import pytest

from ops_platform.database_url import database_name, login, with_login, without_login
from ops_platform.supervisor.data_dir import CannotStart, Secrets
from ops_platform.supervisor.databases import configured_databases

MIGRATOR = os.environ["DATABASE_URL"]


def test_privileged_address_alone_becomes_the_admins_and_two_roles_serve(tmp_path):
    found = configured_databases({"DATABASE_URL": MIGRATOR}, Secrets(tmp_path))

    assert found.admin == MIGRATOR
    assert [login(url)[0] for url in (found.app, found.dispatcher)] == ["ops_app", "ops_dispatcher"]
    assert {without_login(url) for url in (found.admin, found.app, found.dispatcher)} == {without_login(MIGRATOR)}
    assert len({login(url)[1] for url in (found.app, found.dispatcher)}) == 2
    assert configured_databases({"DATABASE_URL": MIGRATOR}, Secrets(tmp_path)) == found


def test_addresses_of_the_serving_roles_are_used_as_they_are(tmp_path):
    app, dispatcher = with_login(MIGRATOR, "ops_app", "test"), with_login(MIGRATOR, "ops_dispatcher", "test")

    found = configured_databases({"DATABASE_URL": app, "DISPATCHER_DATABASE_URL": dispatcher}, Secrets(tmp_path))

    assert (found.admin, found.app, found.dispatcher) == ("", app, dispatcher)


@pytest.mark.parametrize("dispatcher", [{}, {"DISPATCHER_DATABASE_URL": with_login(MIGRATOR, "ops_app", "test")}])
def test_o4_one_role_that_serves_and_sees_all_queues_is_refused(tmp_path, dispatcher):
    environment = {"DATABASE_URL": with_login(MIGRATOR, "ops_app", "test")} | dispatcher

    with pytest.raises(CannotStart, match="Set DISPATCHER_DATABASE_URL too, to another role"):
        configured_databases(environment, Secrets(tmp_path))


def test_unreachable_database_is_a_sentence_without_the_password(tmp_path):
    with pytest.raises(CannotStart) as raised:
        configured_databases({"DATABASE_URL": "postgresql://someone:hidden@127.0.0.1:9/ops"}, Secrets(tmp_path))

    assert str(raised.value).startswith("PostgreSQL at postgresql://127.0.0.1:9/ops cannot be reached.")
    assert "hidden" not in str(raised.value)


def test_odd_characters_in_a_login_survive():
    url = with_login("postgresql://a:b@db.example.org:5433/o%20ps?sslmode=require", "rôle", "p@ss:/?#word")

    assert login(url) == ("rôle", "p@ss:/?#word")
    assert without_login(url) == "postgresql://db.example.org:5433/o%20ps?sslmode=require"
    assert database_name(url) == "o ps"
