"""Pages of the department tree."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from organization.models import Department, Duty, Organization
from organization.services import departments
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member

LIST = "/organization/departments/"


@pytest.fixture
def sales(organization: Organization) -> Department:
    with tenant_context(organization.pk):
        return departments.create_department(make_actor("owner"), organization, name="Sales", code="S")


def reloaded(department: Department) -> Department:
    with tenant_context(department.organization_id):
        return Department.objects.select_related("parent").get(pk=department.pk)


def test_o4_an_admin_creates_a_department(organization: Organization, sign_in: Callable[..., Client]) -> None:
    client = sign_in("admin")

    answer = client.post(f"{LIST}new/", {"name": "Works", "name_zh": "工厂", "code": "W"}, follow=True)

    with tenant_context(organization.pk):
        made = Department.objects.get(code="W")
    assert answer.redirect_chain == [(f"{LIST}{made.pk}/", 302)]
    assert b"The department is created." in answer.content
    assert made.name_zh == "工厂"


def test_o4_a_taken_code_comes_back_with_its_input(sales: Department, sign_in: Callable[..., Client]) -> None:
    answer = sign_in("admin").post(f"{LIST}new/", {"name": "Another", "code": "S"})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"code": ["Another department has this code."]}
    assert b'value="Another"' in answer.content
    with tenant_context(sales.organization_id):
        assert Department.objects.count() == 1


def test_o4_a_conflict_shows_what_stands_and_lets_a_person_decide(
    sales: Department, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("admin")
    facts = {"name": "Mine", "code": "S", "is_active": "on", "version": str(sales.version)}
    with tenant_context(sales.organization_id):
        departments.change_department(make_actor("owner"), sales, version=sales.version, name="Theirs")

    refused = client.post(f"{LIST}{sales.pk}/edit/", facts)
    assert refused.status_code == 422
    assert refused.context["conflicts"] == [("Name", "Theirs")]
    assert reloaded(sales).name == "Theirs"

    again = facts | {"version": refused.context["form"]["version"].value()}
    assert client.post(f"{LIST}{sales.pk}/edit/", again).status_code == 302
    assert reloaded(sales).name == "Mine"


def test_o4_a_department_moves_and_never_below_itself(sales: Department, sign_in: Callable[..., Client]) -> None:
    with tenant_context(sales.organization_id):
        owner = make_actor("owner")
        below = departments.create_department(owner, owner_organization(sales), name="North", code="N", parent=sales)
        works = departments.create_department(owner, owner_organization(sales), name="Works", code="W")
    client = sign_in("admin")

    circle = client.post(f"{LIST}{sales.pk}/move/", {"parent": below.pk, "version": sales.version})
    moved = client.post(f"{LIST}{sales.pk}/move/", {"parent": works.pk, "version": sales.version})

    assert circle.status_code == 422
    assert moved.status_code == 302
    assert reloaded(sales).parent == works
    assert reloaded(below).path == f"/{works.pk}/{sales.pk}/{below.pk}/"


def owner_organization(department: Department) -> Organization:
    return Organization.objects.get(pk=department.organization_id)


def test_o4_duties_are_edited_line_by_line(sales: Department, sign_in: Callable[..., Client]) -> None:
    client = sign_in("admin")
    lines = {
        "version": str(sales.version),
        "form-TOTAL_FORMS": "3",
        "form-INITIAL_FORMS": "0",
        "form-0-name": "Win customers",
        "form-1-name": "",
        "form-2-name": "Keep customers",
        "form-2-description": "Service",
    }

    answer = client.post(f"{LIST}{sales.pk}/duties/", lines)

    assert answer.status_code == 302
    with tenant_context(sales.organization_id):
        assert list(Duty.objects.order_by("position").values_list("name", "description")) == [
            ("Win customers", ""),
            ("Keep customers", "Service"),
        ]


def test_o4_duties_that_somebody_changed_are_shown_before_they_are_replaced(
    sales: Department, sign_in: Callable[..., Client]
) -> None:
    client, url = sign_in("admin"), f"{LIST}{sales.pk}/duties/"
    seen = {"version": client.get(url).context["seen"]["version"].value()}
    seen |= {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0"}
    assert client.post(url, seen | {"form-0-name": "Theirs"}).status_code == 302

    refused = client.post(url, seen | {"form-0-name": "Mine"})

    page = refused.content.decode()
    assert (refused.status_code, refused.context["conflicts"]) == (422, [("Duties", "Theirs")])
    assert "Somebody else changed this meanwhile." in page
    assert 'value="Mine"' in page
    with tenant_context(sales.organization_id):
        assert Duty.objects.get().name == "Theirs"
    again = seen | {"version": refused.context["seen"]["version"].value(), "form-0-name": "Mine"}
    assert client.post(url, again).status_code == 302
    with tenant_context(sales.organization_id):
        assert Duty.objects.get().name == "Mine"


def test_o4_a_duty_without_a_name_is_refused_and_nothing_is_lost(
    sales: Department, sign_in: Callable[..., Client]
) -> None:
    lines = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-description": "Something"}

    answer = sign_in("admin").post(f"{LIST}{sales.pk}/duties/", lines)

    assert answer.status_code == 422
    assert b"Something" in answer.content


def test_o4_a_department_in_use_is_not_deleted_and_says_why(sales: Department, sign_in: Callable[..., Client]) -> None:
    with tenant_context(sales.organization_id):
        make_member(None, department=sales)

    answer = sign_in("admin").post(f"{LIST}{sales.pk}/delete/")

    assert answer.status_code == 422
    assert b"Move them first" in answer.content
    assert reloaded(sales) == sales


def test_o4_the_tree_is_searched_and_exported_as_shown(sales: Department, sign_in: Callable[..., Client]) -> None:
    with tenant_context(sales.organization_id):
        departments.create_department(make_actor("owner"), owner_organization(sales), name="=Works", code="W")
    client = sign_in("manager")

    shown = client.get(LIST, {"q": "wor"})
    rows = list(csv.reader(io.StringIO(client.get(LIST, {"q": "wor", "export": "csv"}).getvalue().decode("utf-8-sig"))))
    sheet = load_workbook(BytesIO(client.get(LIST, {"q": "wor", "export": "xlsx"}).getvalue())).active

    assert [row.department.code for row in shown.context["page"].rows] == ["W"]
    assert ["Search", "wor"] in rows
    assert rows[-2:] == [["Department", "Code", "Head", "Members", "State"], ["'=Works", "W", "", "0", ""]]
    assert [cell.value for cell in list(sheet.rows)[-1]][:2] == ["=Works", "W"]


def test_o4_a_swap_gets_the_rows_alone(sales: Department, sign_in: Callable[..., Client]) -> None:
    client = sign_in("manager")

    part = client.get(LIST, headers={"HX-Request": "true"}).content
    whole = client.get(LIST, headers={"HX-Request": "true", "HX-Boosted": "true"}).content

    assert b"Sales" in part
    assert b"<html" not in part
    assert b"<html" in whole


def test_an_empty_list_says_what_to_do_next(organization: Organization, sign_in: Callable[..., Client]) -> None:
    answer = sign_in("admin").get(LIST)

    assert b"No departments yet" in answer.content
    assert f'href="{LIST}new/"'.encode() in answer.content


def dropped(client: Client, department: Department, **facts: object) -> tuple[int, dict[str, object]]:
    answer = client.post(f"{LIST}{department.pk}/move/", facts, headers={"Accept": "application/json"})
    return answer.status_code, answer.json()


def test_o4_a_dropped_department_moves_once_it_is_said_whom_that_touches(
    sales: Department, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(sales.organization_id):
        owner = make_actor("owner")
        works = departments.create_department(owner, owner_organization(sales), name="Works", code="W")
        make_member("manager", department=works)
    client = sign_in("admin")
    facts = {"parent": works.pk, "version": sales.version}

    asked = dropped(client, sales, **facts)
    stood = reloaded(sales).parent
    status, news = dropped(client, sales, **facts, sure=1)
    moved = reloaded(sales).parent
    undone = client.post(str(news["undo"]))

    assert asked == (200, {"asks": ["1 person will reach this department and what is below it."]})
    assert (stood, moved, status) == (None, works, 200)
    assert news["says"] == "The department has moved, with all that is below it."
    assert undone.status_code == 204
    assert reloaded(sales).parent is None


def test_o4_a_drop_that_cannot_be_says_so_and_moves_nothing(sales: Department, sign_in: Callable[..., Client]) -> None:
    with tenant_context(sales.organization_id):
        owner = make_actor("owner")
        below = departments.create_department(owner, owner_organization(sales), name="North", code="N", parent=sales)
        works = departments.create_department(owner, owner_organization(sales), name="Works", code="W")
    client = sign_in("admin")

    circle = dropped(client, sales, parent=below.pk, version=sales.version)
    late = dropped(client, sales, parent=works.pk, version=sales.version + 1)
    unknown = client.post(
        f"{LIST}{sales.pk}/move/", {"parent": 2**40, "version": 1}, headers={"Accept": "application/json"}
    )

    assert circle == (409, {"says": "A department cannot be moved below itself or below one of its own departments."})
    assert late == (
        409,
        {"says": "Somebody else changed this meanwhile. Look at the current state and try again."},
    )
    assert unknown.status_code == 404
    assert reloaded(sales).parent is None


def test_o4_only_who_may_move_departments_has_handles(sales: Department, sign_in: Callable[..., Client]) -> None:
    pages = {role: sign_in(role).get(LIST).content.decode() for role in ("admin", "staff")}

    assert f'data-move="{LIST}{sales.pk}/move/"' in pages["admin"]
    assert "data-tree-handle" not in pages["staff"]
    assert "tree-help" not in pages["staff"]
