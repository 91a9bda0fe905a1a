"""What is one's own, and in which language a machine is answered."""

from __future__ import annotations

from django.test import Client

from organization.models import ApiToken, AuditEntry, Member, Organization, User
from organization.tenancy import tenant_transaction
from tests.factories import make_organization
from tests.organization.api.conftest import MakeCaller

CHOSEN = {"language": "zh-hans", "theme": "dark", "density": "compact", "timezone": "Asia/Tokyo", "rows_per_page": 100}


def _person(organization: Organization) -> User:
    with tenant_transaction(organization.pk):
        return ApiToken.objects.select_related("member__user").order_by("-pk")[0].member.user


def test_m5_preferences_are_read_and_changed_and_what_is_not_named_stays(
    organization: Organization, make_caller: MakeCaller
) -> None:
    caller = make_caller("staff")
    before = caller.get("me/preferences/").json()

    changed = caller.call("patch", "me/preferences/", {"theme": "dark", "timezone": "Asia/Tokyo"})
    again = caller.call("patch", "me/preferences/", {"theme": "dark"})

    assert changed.json() == again.json() == before | {"theme": "dark", "timezone": "Asia/Tokyo"}
    assert caller.get("me/preferences/").json() == changed.json()
    person = _person(organization)
    assert (person.theme, person.timezone) == ("dark", "Asia/Tokyo")
    with tenant_transaction(organization.pk):
        [entry] = AuditEntry.objects.filter(verb="organization.preferences.changed")
    assert entry.facts == {"fields": ["theme", "timezone"]}


def test_m5_preferences_that_nobody_can_choose_are_refused(organization: Organization, make_caller: MakeCaller) -> None:
    caller = make_caller("staff")

    wrong = [
        caller.call("patch", "me/preferences/", body).status_code
        for body in ({"theme": "pink"}, {"timezone": "Mars/North"}, {"rows_per_page": 7}, {"is_superuser": True})
    ]

    assert wrong == [422, 422, 422, 400]
    assert _person(organization).theme == ""


def test_m5_a_token_is_answered_in_the_language_of_its_member_unless_the_call_names_one(
    organization: Organization, make_caller: MakeCaller
) -> None:
    caller = make_caller("staff")
    caller.call("patch", "me/preferences/", {"language": "zh-hans"})

    own = caller.get("departments/999999999/")
    named = caller.call("get", "departments/999999999/", **{"Accept-Language": "en"})
    nobody = Client().get("/api/v1/me/", headers={"Authorization": "Bearer ops_1_nobody"})

    assert (own.status_code, own.headers["Content-Language"]) == (404, "zh-hans")
    assert own.json()["title"] != named.json()["title"] == "There is no such page, or it is not shared with you."
    assert nobody.json()["title"] == "This token is unknown, expired or revoked."


def test_m5_the_description_names_the_right_that_each_call_needs(db: None) -> None:
    raw = Client().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    calls = [call for path in raw["paths"].values() for call in path.values() if "operationId" in call]

    assert [call["operationId"] for call in calls if "." not in call.get("x-permission", "")] == []
    by_name = {call["operationId"]: call for call in calls}
    assert by_name["list_positions"]["x-permission"] == "organization.position.view"
    assert by_name["create_position"]["x-permission"] == "organization.position.edit"
    assert by_name["create_position"]["description"] == "Needs the right `organization.position.edit`."


def test_m5_a_token_of_one_organization_does_not_reach_into_the_persons_others(
    organization: Organization, make_caller: MakeCaller
) -> None:
    caller = make_caller("staff")
    person = _person(organization)
    elsewhere = make_organization()
    with tenant_transaction(elsewhere.pk):
        Member.objects.create(user=person, name=person.name, name_pinyin=person.name)

    refused = caller.call("patch", "me/preferences/", {"theme": "dark"})

    assert refused.status_code == 403
    assert "their other organizations" in refused.json()["title"]
    theme = person.theme
    person.refresh_from_db()
    assert person.theme == theme
