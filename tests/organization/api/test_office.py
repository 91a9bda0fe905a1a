"""What administrators set, and what is one's own, by the API."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from organization.models import ChatBot, Member, Organization, SignIn
from organization.services import chat_bots, data_exports, work_items
from organization.services.departments import create_department
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_member
from tests.metrics.api.conftest import Caller
from tests.metrics.helpers import client_of
from tests.organization.api.conftest import MakeCaller

URL = "https://chat.example.org/hook"


def test_o10_an_archive_is_asked_for_once_watched_and_fetched(organization: Organization, caller: Caller) -> None:
    started = caller.post("exports/", None)
    twice = caller.post("exports/", None)
    address = f"exports/{started.json()['id']}/"
    too_soon = caller.get(f"{address}file/")
    with tenant_transaction(organization.pk):
        stored = default_storage.save(f"{organization.pk}/exports/told.zip", ContentFile(b"bytes"))
        facts = {"size_bytes": 5, "sha256": "ab", "rows": 7, "as_of": timezone.now()}
        data_exports.finish_export(started.json()["id"], stored=stored, **facts)

    done = caller.get(address).json()
    file = caller.get(f"{address}file/")
    gone = caller.call("delete", address)

    assert (started.status_code, started.json()["status"], twice.status_code) == (202, "waiting", 422)
    assert too_soon.status_code == 404
    assert (done["status"], done["rows"], done["sha256"]) == ("done", 7, "ab")
    assert (b"".join(file), file["Cache-Control"]) == (b"bytes", "private, no-store")
    assert (gone.status_code, caller.get(address).status_code) == (204, 404)


def test_o10_a_person_is_erased_only_by_their_name_and_as_they_were_seen(
    organization: Organization, caller: Caller, make_caller: MakeCaller
) -> None:
    with tenant_transaction(organization.pk):
        person = make_member("staff", name="Ann Example")
    address = f"members/{person.pk}/erase/"

    wrong = caller.post(address, {"typed": "Ann", "version": person.version})
    unseen = caller.post(address, {"typed": "Ann Example"})
    stale = caller.post(address, {"typed": "Ann Example", "version": person.version + 1})
    by_another = make_caller("admin", ["organization.member.edit", "organization.member.view"]).post(
        address, {"typed": "Ann Example", "version": person.version}
    )
    with tenant_transaction(organization.pk):
        assert Member.objects.get(pk=person.pk).erased_at is None
    erased = caller.post(address, {"typed": "Ann Example", "version": person.version})
    again = caller.post(address, {"typed": "Ann Example", "version": person.version})

    assert [answer.status_code for answer in (wrong, unseen, stale, by_another)] == [422, 428, 409, 403]
    assert erased.status_code == 200
    assert "Ann" not in erased.json()["name"]
    assert again.status_code == 404


def test_m14_days_of_keeping_stay_within_the_limits(caller: Caller) -> None:
    rule = next(row for row in caller.get("organization/retention/").json()["results"] if row["chosen"] is None)
    wanted = rule["least"]

    kept = caller.call("patch", "organization/retention/", {"days": {rule["rule"]: wanted}})
    beyond = caller.call("patch", "organization/retention/", {"days": {rule["rule"]: wanted - 1}})
    unknown = caller.call("patch", "organization/retention/", {"days": {"nothing": 5}})

    [now] = [row for row in kept.json()["results"] if row["rule"] == rule["rule"]]
    assert (now["days"], now["chosen"]) == (wanted, wanted)
    assert (beyond.status_code, beyond.json()["field"], unknown.status_code) == (422, rule["rule"], 400)


def test_o9_the_look_changes_by_version_and_a_logo_is_a_picture(caller: Caller) -> None:
    seen = caller.get("organization/look/").json()

    named = caller.call(
        "patch", "organization/look/", {"brand_name": "Shop", "accent": "3355D0", "version": seen["version"]}
    )
    late = caller.call("patch", "organization/look/", {"accent": "", "version": seen["version"]})
    script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    part = (
        b'--x\r\nContent-Disposition: form-data; name="logo"; filename="logo.png"\r\n\r\n' + script + b"\r\n--x--\r\n"
    )
    svg = Client().generic(
        "PUT",
        "/api/v1/organization/look/logo/",
        part,
        content_type="multipart/form-data; boundary=x",
        headers={"Authorization": f"Bearer {caller.token}"},
    )

    assert (named.json()["brand_name"], named.json()["accent"], named.json()["logo"]) == ("Shop", "#3355d0", "")
    assert (late.status_code, svg.status_code, svg.json()["field"]) == (409, 422, "logo")
    assert caller.get("organization/look/").json()["logo"] == ""


def test_m8_the_address_of_a_bot_is_kept_and_never_told(organization: Organization, caller: Caller) -> None:
    facts = {"name": "Group", "provider": "slack", "url": URL, "language": "en"}
    made = caller.post("bots/", facts).json()
    address = f"bots/{made['id']}/"

    renamed = caller.call("patch", address, {"name": "Team", "version": made["version"]})
    paused = caller.call("put", f"{address}pause/", {"is_paused": True})
    tested = caller.post(f"{address}test/", None)

    assert (renamed.json()["name"], paused.json()["is_paused"], tested.status_code) == ("Team", True, 202)
    assert tested.json()["fate"] == "waiting"
    assert not any("hook" in str(answer.content) for answer in (renamed, paused, tested, caller.get(address)))
    with tenant_transaction(organization.pk):
        assert chat_bots.unseal(ChatBot.objects.get().sealed_url) == URL


def test_m7_work_of_the_team_is_given_away_and_dropped(organization: Organization, caller: Caller) -> None:
    with tenant_transaction(organization.pk):
        owner = actor_of(make_member("owner"))
        place = create_department(owner, organization, name="Owes", code="OWES")
        before, after = make_member("staff"), make_member("staff")
        item = work_items.open_item(owner, kind="organization.load_official_days", subject=place, owner=before)

    own = caller.get("work/").json()["results"]
    [seen] = caller.get("work/", whose="team").json()["results"]
    given = caller.post(f"work/{item.pk}/assign/", {"owner": after.pk, "version": seen["version"]})
    stale = caller.post(f"work/{item.pk}/assign/", {"owner": before.pk, "version": seen["version"]})
    dropped = caller.post(f"work/{item.pk}/drop/", None)

    assert (own, seen["owner"], given.json()["owner"]) == ([], before.pk, after.pk)
    assert (stale.status_code, stale.json()["current"]["owner"], dropped.status_code) == (409, after.pk, 200)
    assert caller.get("work/", whose="team").json()["results"] == []
    assert caller.get("work/", whose="anybody").status_code == 400


def test_m8_own_choices_are_set_and_unknown_kinds_refused(caller: Caller, make_caller: MakeCaller) -> None:
    kind = next(row for row in caller.get("me/notice-kinds/").json()["results"] if not row["is_fixed"])["name"]
    quiet = {"quiet_from": "20:00", "quiet_until": "07:30", "channels": {kind: ["mail"]}, "version": 1}

    chosen = caller.call("patch", "me/notice-choices/", quiet)
    half = caller.call("patch", "me/notice-choices/", {"quiet_from": None, "version": chosen.json()["version"]})
    unknown = caller.call("patch", "me/notice-choices/", {"channels": {"no.such": ["mail"]}, "version": 2})
    muted = caller.call("put", "me/notice-kinds/", {"kind": kind, "is_muted": True})

    told = chosen.json()
    assert (told["quiet_from"], told["quiet_until"], told["channels"]) == ("20:00", "07:30", {kind: ["mail"]})
    assert (half.status_code, unknown.status_code, muted.json()["muted_kinds"]) == (422, 400, [kind])
    assert make_caller("staff").get("me/notice-choices/").json()["muted_kinds"] == []


def test_o4_sign_ins_are_for_their_person_in_a_browser_and_for_no_token(
    organization: Organization, caller: Caller
) -> None:
    with tenant_transaction(organization.pk):
        person = make_member("staff")
    client = client_of(person)
    now = timezone.now()
    stranger = SignIn.objects.create(user=make_other(organization), session_key="s", started_at=now, seen_at=now)

    [row] = client.get("/api/v1/me/sign-ins/").json()["results"]
    theirs = client.delete(f"/api/v1/me/sign-ins/{stranger.pk}/")
    by_token = caller.get("me/sign-ins/")

    assert row["is_current"] is True
    assert (theirs.status_code, by_token.status_code) == (404, 403)
    assert SignIn.objects.filter(pk=stranger.pk).exists()


def make_other(organization: Organization) -> object:
    with tenant_transaction(organization.pk):
        return make_member("staff").user


def test_o4_me_tells_what_the_token_may_do_at_this_moment(make_caller: MakeCaller) -> None:
    told = make_caller("manager", ["organization.home.view", "organization.role.edit"]).get("me/").json()

    assert told["rights"] == {"organization.home.view": "organization"}
    assert told["token"] is not None


def test_m6_a_view_comes_back_and_has_its_place(caller: Caller) -> None:
    made = caller.post("views/", {"list_name": "organization:member-list", "name": "Mine", "query": ""}).json()
    address = f"views/{made['id']}/"

    placed = caller.call("put", f"{address}place/", {"is_pinned": True})
    caller.call("delete", address)
    back = caller.post(f"{address}restore/", None)
    again = caller.post(f"{address}restore/", None)

    assert placed.json() == {"is_pinned": True, "is_default": False}
    assert (back.json(), again.status_code) == (made, 404)


def test_m6_a_view_of_somebody_else_is_not_taken_out_of_ones_own_sight(caller: Caller, make_caller: MakeCaller) -> None:
    facts = {"list_name": "organization:member-list", "name": "Ours", "query": "", "is_shared": True}
    address = f"views/{caller.post('views/', facts).json()['id']}/"
    other = make_caller("owner")

    refused = other.call("patch", address, {"is_shared": False})

    assert refused.status_code == 422
    assert other.get(address).json()["is_shared"] is True


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_o4_a_problem_speaks_the_callers_language(caller: Caller, language: str) -> None:
    answer = caller.call("get", f"bots/{2**40}/", Accept_Language=language)

    assert answer.status_code == 404
    assert answer.json()["title"].isascii() is (language == "en")
