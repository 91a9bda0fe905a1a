"""Writing by the API: the rules of the pages, versions, keys that count once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from organization.models import AuditEntry, Department, IdempotencyKey, Member, Organization
from organization.tenancy import tenant_transaction
from tests.factories import make_organization
from tests.metrics.api.conftest import Caller
from tests.organization.api.conftest import MakeCaller


def sales(caller: Caller) -> dict[str, Any]:
    answer = caller.post("departments/", {"name": "Sales", "code": "S"})
    assert answer.status_code == 201
    return answer.json()


def test_o4_a_department_is_created_changed_moved_and_deleted(organization: Organization, caller: Caller) -> None:
    top = sales(caller)
    below = caller.post("departments/", {"name": "North", "code": "N", "parent": top["id"], "name_zh": "北区"}).json()

    changed = caller.call("patch", f"departments/{below['id']}/", {"name": "Far north", "version": below["version"]})
    moved = caller.post(f"departments/{below['id']}/move/", {"parent": None, "version": 2})
    gone = caller.call("delete", f"departments/{top['id']}/")

    assert below | {"version": 2, "name": "Far north"} == changed.json()
    assert (moved.json()["parent"], moved.json()["depth"], moved.json()["version"]) == (None, 0, 3)
    assert (gone.status_code, gone.content) == (204, b"")
    with tenant_transaction(organization.pk):
        assert list(Department.objects.values_list("code", flat=True)) == ["N"]
        verbs = AuditEntry.objects.filter(object_type="organization.department").order_by("id")
        assert [verb.rpartition(".")[2] for verb in verbs.values_list("verb", flat=True)] == [
            "created", "created", "changed", "changed", "deleted",
        ]  # fmt: skip


def test_o4_a_change_that_comes_too_late_gets_the_current_state(organization: Organization, caller: Caller) -> None:
    row = sales(caller)
    address = f"departments/{row['id']}/"
    caller.call("patch", address, {"name": "Selling", "version": 1})

    late = caller.call("patch", address, {"name": "Shop", "version": 1})

    assert late.status_code == 409
    assert late.json()["current"] == row | {"name": "Selling", "version": 2}
    assert caller.get(address).json()["name"] == "Selling"


def test_o4_if_match_stands_for_the_version(caller: Caller) -> None:
    address = f"departments/{sales(caller)['id']}/"
    tag = caller.get(address)["ETag"]

    first = caller.call("patch", address, {"name": "Selling"}, If_Match=tag)
    second = caller.call("patch", address, {"name": "Shop"}, If_Match=tag)
    neither = caller.call("patch", address, {"name": "Shop"})
    broken = caller.call("patch", address, {"name": "Shop"}, If_Match="any")
    removed = caller.call("delete", address, If_Match=tag)

    assert [first.status_code, second.status_code, neither.status_code, broken.status_code] == [200, 409, 428, 400]
    assert removed.status_code == 409
    assert caller.get(address).json()["name"] == "Selling"


def test_m5_what_has_not_changed_is_a_304(caller: Caller) -> None:
    address = f"departments/{sales(caller)['id']}/"
    first = caller.get(address)

    again = caller.call("get", address, If_None_Match=first["ETag"])
    caller.call("patch", address, {"name": "Shop", "version": 1})
    changed = caller.call("get", address, If_None_Match=first["ETag"])

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert (changed.status_code, changed.json()["name"]) == (200, "Shop")


def test_m5_a_write_under_one_key_counts_once_for_every_method(organization: Organization, caller: Caller) -> None:
    keys = [str(uuid4()) for _number in range(3)]
    body = {"name": "Sales", "code": "S"}

    made = [caller.post("departments/", body, Idempotency_Key=keys[0]) for _try in range(2)]
    address = f"departments/{made[0].json()['id']}/"
    changed = [caller.call("patch", address, {"name": "B", "version": 1}, Idempotency_Key=keys[1]) for _try in range(2)]
    removed = [caller.call("delete", address, Idempotency_Key=keys[2]) for _try in range(2)]

    assert [answer.status_code for answer in (*made, *changed)] == [201, 201, 200, 200]
    assert made[0].json() == made[1].json()
    assert changed[0].json() == changed[1].json()
    assert [answer.get("Idempotency-Replayed") for answer in made] == [None, "true"]
    assert [answer.status_code for answer in removed] == [204, 404]  # what is gone has no address any more
    other = caller.post("departments/", body | {"code": "T"}, Idempotency_Key=keys[0])
    assert other.status_code == 422
    with tenant_transaction(organization.pk):
        assert Department.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "status", "places"),
    [
        ({"name": "A", "code": "A", "organization": 1}, 400, ["organization"]),
        ({"name": "A", "code": "A", "created_by": 1, "path": "/"}, 400, ["created_by", "path"]),
        ({"name": 5, "code": "A"}, 400, ["name"]),
        ({"name": "A", "code": "A", "parent": "1"}, 400, ["parent"]),
        ({"name": "A", "code": "A", "parent": True}, 400, ["parent"]),
        ({"name": "A", "code": None}, 400, ["code"]),
        ([], 400, [""]),
        ({"name": "A"}, 422, ["code"]),
        ({"name": "A" * 201, "code": "A"}, 422, ["name"]),
        ({"name": "A", "code": "A", "parent": 10**18}, 422, ["parent"]),
    ],
)
def test_o4_only_declared_members_of_the_right_type_are_taken(
    organization: Organization, caller: Caller, body: Any, status: int, places: list[str]
) -> None:
    answer = caller.post("departments/", body)

    assert answer.status_code == status
    assert [error["field"] for error in answer.json()["errors"]] == places
    with tenant_transaction(organization.pk):
        assert not Department.objects.exists()


def test_o4_rules_of_the_services_hold_and_name_their_field(caller: Caller) -> None:
    row = sales(caller)

    taken = caller.post("departments/", {"name": "Again", "code": "S"})
    circle = caller.post(f"departments/{row['id']}/move/", {"parent": row["id"], "version": 1})
    narrow = caller.post("members/", {"email": "not an address", "name": "A"})

    assert (taken.status_code, taken.json()["field"]) == (422, "code")
    assert (circle.status_code, circle.json()["errors"][0]["field"]) == (422, "parent")
    assert (narrow.status_code, narrow.json()["errors"][0]["field"]) == (422, "email")


def test_o4_another_organizations_rows_do_not_exist(caller: Caller, make_caller: MakeCaller) -> None:
    row = sales(caller)
    stranger = make_organization()
    with tenant_transaction(stranger.pk):
        foreign = Member.objects.get().pk

    created = caller.post("departments/", {"name": "A", "code": "A", "head": foreign})

    assert created.status_code == 422
    assert created.json()["errors"][0]["field"] == "head"
    assert caller.get(f"members/{foreign}/").json() == caller.get(f"members/{2**40}/").json()
    assert (
        make_caller("staff").call("patch", f"departments/{row['id']}/", {"name": "B", "version": 1}).status_code == 403
    )


def test_o4_people_join_change_bear_roles_and_are_switched_off(organization: Organization, caller: Caller) -> None:
    person = caller.post("members/", {"email": "Ann@Example.com", "name": "Ann", "joined_on": "2025-02-28"}).json()
    roles = {row["key"]: row["id"] for row in caller.get("roles/").json()["results"]}
    address = f"members/{person['id']}/"

    borne = caller.post(f"{address}roles/", {"role": roles["staff"], "department": None}).json()
    off = caller.call("patch", address, {"is_active": False, "version": person["version"]}).json()
    taken = caller.call("delete", f"{address}roles/{borne['id']}/")

    assert (person["email"], person["joined_on"], person["is_active"]) == ("ann@example.com", "2025-02-28", True)
    assert (off["is_active"], off["name"], off["joined_on"]) == (False, "Ann", "2025-02-28")
    assert (taken.status_code, caller.get(f"{address}roles/").json()["results"]) == (204, [])


def test_o4_rights_are_set_one_by_one_and_never_beyond_ones_own(caller: Caller, make_caller: MakeCaller) -> None:
    role = caller.post("roles/", {"name": "Readers"}).json()
    body = {"version": 1, "grants": {"metrics.kpi.view": "below", "organization.home.view": "organization"}}

    granted = caller.call("patch", f"roles/{role['id']}/grants/", body)
    wrong = caller.call("patch", f"roles/{role['id']}/grants/", {"version": 2, "grants": {"metrics.kpi.view": "all"}})
    unknown = caller.call("patch", f"roles/{role['id']}/grants/", {"version": 2, "grants": {"no.such.right": "own"}})
    limited = make_caller("owner", ["organization.role.edit", "organization.role.view"])
    beyond = limited.call("patch", f"roles/{role['id']}/grants/", {"version": 2, "grants": {"metrics.kpi.edit": "own"}})

    assert granted.json()["grants"] == body["grants"]
    assert [wrong.status_code, unknown.status_code, beyond.status_code] == [400, 422, 422]
    assert caller.get(f"roles/{role['id']}/").json()["grants"] == body["grants"]


def test_o6_calendars_have_hours_and_days(caller: Caller) -> None:
    made = caller.post("calendars/", {"name": "Shop"}).json()
    address = f"calendars/{made['id']}/"
    weekly = [[["10:00", "20:00"]]] * 6 + [[]]

    hours = caller.call("put", f"{address}hours/", {"version": 1, "weekly": weekly})
    day = caller.call("put", f"{address}days/2026-05-01/", {"kind": "non_working", "name": "Labour Day"})
    worked = {"kind": "working", "ranges": [["09:00", "12:00"]]}
    other = caller.call("put", f"{address}days/2026-05-02/", worked)
    crossed = caller.call(
        "put", f"{address}hours/", {"version": 2, "weekly": [[["10:00", "12:00"], ["11:00", "13:00"]]] * 7}
    )
    cleared = caller.call("delete", f"{address}days/2026-05-01/")

    assert hours.status_code == 200, hours.json()
    assert hours.json()["weekly"] == weekly
    assert (day.json()["day_on"], day.json()["kind"], other.json()["ranges"]) == (
        "2026-05-01", "non_working", [["09:00", "12:00"]],
    )  # fmt: skip
    assert (crossed.status_code, cleared.status_code) == (422, 204)
    assert [row["day_on"] for row in caller.get(f"{address}days/").json()["results"]] == ["2026-05-02"]
    assert caller.get(f"{address}days/2026-05-01/").status_code == 404


def test_o4_a_tokens_text_is_told_once_and_kept_nowhere(organization: Organization, caller: Caller) -> None:
    member = caller.get("members/").json()["results"][0]["id"]
    body = {"name": "Shop", "member": member, "codenames": ["organization.home.view"], "days": 30}
    key = str(uuid4())

    first = caller.post("tokens/", body, Idempotency_Key=key).json()
    again = caller.post("tokens/", body, Idempotency_Key=key).json()

    assert Caller(first["text"]).get("organization/").json()["id"] == organization.pk
    assert Caller(first["text"]).get("members/").status_code == 403
    assert again == first | {"text": None}
    with tenant_transaction(organization.pk):
        assert first["text"] not in str(list(IdempotencyKey.objects.values()))
    assert caller.post(f"tokens/{first['id']}/revoke/", None).json()["revoked_at"]
    assert Caller(first["text"]).get("organization/").status_code == 401


def test_o4_links_files_and_search_show_what_the_caller_may_see(
    organization: Organization, caller: Caller, make_caller: MakeCaller
) -> None:
    row = sales(caller)
    other = caller.post("departments/", {"name": "North", "code": "N"}).json()
    end = {"type": "organization.department"}

    link = caller.post(
        "links/", {"source": end | {"id": row["id"]}, "verb": "caused", "target": end | {"id": other["id"]}}
    )
    found = caller.get("links/", type="organization.department", id=other["id"]).json()["results"]
    searched = caller.get("search/", q="North").json()["results"]
    seeing = make_caller("staff", ["organization.home.view"])

    assert (link.status_code, found) == (201, [link.json()])
    assert [(one["key"], one["label"]) for one in searched] == [(f"organization.department:{other['id']}", "North")]
    assert seeing.get("links/", type="organization.department", id=other["id"]).status_code == 404
    assert seeing.get("search/", q="North").json()["results"] == []
    assert caller.call("delete", f"links/{link.json()['id']}/").status_code == 204
