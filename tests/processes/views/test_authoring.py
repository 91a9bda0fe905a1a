"""The editor of a draft: outline, parts, and two authors at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from organization.models import Organization
from organization.tenancy import tenant_context
from processes.engine import editing
from processes.models import SopVersion
from tests.factories import make_actor
from tests.factories.processes import approved, draft_of, make_sop, step, text

SignIn = Callable[..., Client]
SWAP = {"HX-Request": "true"}


@pytest.fixture
def draft(organization: Organization) -> SopVersion:
    with tenant_context(organization.pk):
        fields = [
            {"key": "temp", "label": "Temperature", "kind": "number", "settings": {"unit": "°C"}},
            {"key": "kind", "label": "Kind", "kind": "choice", "settings": {"options": [{"key": "o", "label": "Old"}]}},
        ]
        content = text(step("a", fields=fields), step("b"), step("c"))
        return draft_of(make_sop(make_actor("owner"), organization, content))


def stands(draft: SopVersion) -> dict[str, Any]:
    with tenant_context(draft.organization_id):
        content: dict[str, Any] = SopVersion.objects.get(pk=draft.pk).content
        return content


def part(draft: SopVersion, key: str) -> dict[str, Any]:
    return editing.found(stands(draft), key)[1]


def seen(draft: SopVersion, key: str, without: str = "fields") -> str:
    return editing.stamp(part(draft, key), without=without)


def titles(draft: SopVersion) -> list[str]:
    return [one["title"] for section in stands(draft)["sections"] for one in section.get("steps", [])]


def url(draft: SopVersion, rest: str = "") -> str:
    return f"/processes/versions/{draft.pk}/edit/{rest}"


def sent(client: Client, draft: SopVersion, key: str, **values: Any) -> dict[str, Any]:
    """What the form of a part sends when nothing is changed, with some values changed."""
    form = client.get(url(draft, f"{key}/")).context["form"]
    facts = {}
    for bound in form:
        value = bound.value()
        if value not in (None, False, ""):
            facts[bound.html_name] = "on" if value is True else value
    return facts | {"seen": seen(draft, key), "act": "save"} | values


@pytest.mark.parametrize(("language", "words"), [("en", "Add step"), ("zh-hans", "outline")])
def test_p8_the_editor_and_the_form_of_each_part_open(
    draft: SopVersion, sign_in: SignIn, language: str, words: str
) -> None:
    client = sign_in("owner")
    client.cookies["ops-language"] = language

    for rest in ("", "frame/", "s1/", "a/", "temp/", "kind/"):
        answer = client.get(url(draft, rest))
        assert answer.status_code == 200, rest
    assert words in client.get(url(draft)).content.decode()


@pytest.mark.parametrize("steps", [1, 10])
def test_p8_the_outline_takes_the_same_statements_for_one_step_and_for_ten(
    organization: Organization, sign_in: SignIn, django_assert_num_queries: Any, steps: int
) -> None:
    with tenant_context(organization.pk):
        made = draft_of(
            make_sop(make_actor("owner"), organization, text(*(step(f"k{number}") for number in range(steps))))
        )
    client = sign_in("owner")
    client.get(url(made))

    with django_assert_num_queries(6):
        assert client.get(url(made)).status_code == 200


def test_p8_a_saved_form_without_a_change_leaves_the_text_as_it_was(draft: SopVersion, sign_in: SignIn) -> None:
    client, before = sign_in("owner"), stands(draft)

    for key in ("s1", "a", "temp", "kind"):
        facts = sent(client, draft, key)
        if key == "s1":
            facts["seen"] = seen(draft, key, "steps")
        elif key != "a":
            facts["seen"] = seen(draft, key, "")
        assert client.post(url(draft, f"{key}/"), facts).status_code == 302, key

    assert stands(draft) == before


def test_p8_steps_are_written_one_after_the_other(organization: Organization, sign_in: SignIn) -> None:
    with tenant_context(organization.pk):
        empty = draft_of(make_sop(make_actor("owner"), organization, {"sections": []}))
    client = sign_in("owner")

    client.post(url(empty, "add/"), {"kind": "step", "parent": "", "name": "Open the door"})
    section = stands(empty)["sections"][0]["key"]
    answer = client.post(url(empty, "add/"), {"kind": "step", "parent": section, "name": "Light"}, headers=SWAP)

    assert titles(empty) == ["Open the door", "Light"]
    assert b'id="outline"' in answer.content
    assert b"<html" not in answer.content


def test_p3_a_condition_is_built_line_by_line_and_spoken_in_words(draft: SopVersion, sign_in: SignIn) -> None:
    client = sign_in("owner")
    facts = sent(client, draft, "b", act="add:condition:0")

    form = client.post(url(draft, "b/"), facts).context["form"]
    assert [group.rows[0].value for group in form.shown.groups] == [None]
    facts |= {
        "condition_shape": "1",
        "condition_0_0_field": "temp",
        "condition_0_0_is": "above",
        "act": "add:condition:0",
    }
    form = client.post(url(draft, "b/"), facts).context["form"]
    assert form.shown.shape == [2]
    facts |= {
        "act": "save",
        "condition_shape": "2,1",
        "condition_join": "any",
        "condition_0_join": "all",
        "condition_0_0_value": "8",
        "condition_0_1_field": "kind",
        "condition_0_1_is": "is",
        "condition_0_1_value": "o",
        "condition_1_0_field": "temp",
        "condition_1_0_is": "empty",
    }
    assert client.post(url(draft, "b/"), facts).status_code == 302

    assert part(draft, "b")["condition"] == {
        "any": [
            {"all": [{"field": "temp", "is": "above", "value": "8"}, {"field": "kind", "is": "is", "value": "o"}]},
            {"field": "temp", "is": "empty"},
        ]
    }
    assert (
        "(“Temperature” is above “8 °C” and “Kind” is “Old”) or “Temperature” is not answered"
        in client.get(url(draft, "b/")).content.decode()
    )


def test_p13_who_when_and_approval_are_kept(draft: SopVersion, sign_in: SignIn) -> None:
    client = sign_in("owner")
    facts = sent(
        client,
        draft,
        "b",
        responsible="role:manager",
        due_amount="2",
        due_unit="working_days",
        due_origin="step:a",
        approver_0="head:",
        approval_mode="count",
        approval_count="1",
        approval_no_self="on",
        approval_send_back_to=["a"],
        critical="on",
        weight="5",
    )

    assert client.post(url(draft, "b/"), facts).status_code == 302

    assert part(draft, "b") == {
        "key": "b",
        "title": "Step b",
        "responsible": {"who": "role", "reference": "manager"},
        "due": {"amount": 2, "unit": "working_days", "origin": "step", "step": "a"},
        "approval": {"approvers": [{"who": "head"}], "mode": "count", "send_back_to": ["a"]},
        "critical": True,
        "weight": 5,
    }


def test_p10_a_field_fails_by_its_answer_and_an_option_by_its_mark(draft: SopVersion, sign_in: SignIn) -> None:
    client = sign_in("owner")
    number = sent(client, draft, "temp", fail_when_is="above", critical="on", settings_warn_above="5")
    number |= {"fail_when_value": "8", "seen": seen(draft, "temp", "")}
    choice = sent(client, draft, "kind", options_1_label="Broken", options_1_fails="on", options_1_score="0")
    choice["seen"] = seen(draft, "kind", "")

    assert client.post(url(draft, "temp/"), number).status_code == 302
    assert client.post(url(draft, "kind/"), choice).status_code == 302

    assert part(draft, "temp")["fail_when"] == {"is": "above", "value": "8"}
    assert part(draft, "temp")["settings"] == {"unit": "°C", "warn_above": "5"}
    old, broken = part(draft, "kind")["settings"]["options"]
    assert old == {"key": "o", "label": "Old"}
    assert (broken["label"], broken["score"], broken["fails"]) == ("Broken", 0, True)


def test_p8_another_kind_asks_for_its_settings_and_keeps_what_was_typed(draft: SopVersion, sign_in: SignIn) -> None:
    client = sign_in("owner")
    facts = sent(client, draft, "temp", kind="rating", label="How clean", act="refresh")

    answer = client.post(url(draft, "temp/"), facts)

    form = answer.context["form"]
    assert (answer.status_code, form.setting_names) == (200, ["settings_stars"])
    assert b'value="How clean"' in answer.content
    assert part(draft, "temp")["label"] == "Temperature"


def test_p8_errors_stand_at_their_field_and_name_the_step(draft: SopVersion, sign_in: SignIn) -> None:
    client = sign_in("owner")
    number = sent(client, draft, "temp", settings_least="9", settings_most="x", label="Kept words")
    number["seen"] = seen(draft, "temp", "")
    condition = sent(client, draft, "a", condition_shape="1", condition_0_0_field="temp", condition_0_0_is="above")

    wrong = client.post(url(draft, "temp/"), number)
    later = client.post(url(draft, "a/"), condition)

    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["settings_most"])
    assert b"Kept words" in wrong.content
    assert later.status_code == 422
    assert "Step “Step a”: This is one of:" in str(later.context["form"].non_field_errors())
    assert "condition" not in part(draft, "a")


def test_p3_a_field_that_a_condition_asks_for_cannot_be_deleted(draft: SopVersion, sign_in: SignIn) -> None:
    client = sign_in("owner")
    facts = sent(client, draft, "b", condition_shape="1", condition_0_0_field="temp", condition_0_0_is="filled")
    assert client.post(url(draft, "b/"), facts).status_code == 302

    answer = client.post(url(draft, "temp/remove/"), headers=SWAP)

    assert "Step “Step b”: This asks for the field “temp”, which is not there." in answer.headers[
        "HX-Trigger"
    ].encode().decode("unicode_escape")
    assert part(draft, "temp")["label"] == "Temperature"


def test_p8_two_authors_on_one_step_lose_nothing_and_the_second_decides(draft: SopVersion, sign_in: SignIn) -> None:
    first, second = sign_in("owner"), sign_in("admin")
    mine, theirs = sent(second, draft, "b", title="Mine"), sent(first, draft, "b", title="Theirs", minutes="7")
    assert first.post(url(draft, "b/"), theirs).status_code == 302

    answer = second.post(url(draft, "b/"), mine)

    assert answer.status_code == 422
    assert part(draft, "b")["title"] == "Theirs"
    shown = {
        change.label: (change.before[0].text, change.after and change.after[0].text)
        for change in answer.context["torn"]
    }
    assert shown["Title"] == ("Theirs", "Mine")
    assert shown["Expected minutes"] == ("7", [])
    assert b'value="Mine"' in answer.content

    decided = mine | {"seen": answer.context["seen"]}
    assert second.post(url(draft, "b/"), decided).status_code == 302
    assert part(draft, "b") == {"key": "b", "title": "Mine"}


def test_p8_two_authors_on_two_steps_both_get_through(draft: SopVersion, sign_in: SignIn) -> None:
    first, second = sign_in("owner"), sign_in("admin")
    one, two = sent(first, draft, "b", title="B by one"), sent(second, draft, "c", title="C by two")

    assert first.post(url(draft, "b/"), one).status_code == 302
    assert second.post(url(draft, "c/"), two).status_code == 302

    assert titles(draft) == ["Step a", "B by one", "C by two"]


def test_p8_a_deleted_step_comes_back_by_undo(draft: SopVersion, sign_in: SignIn) -> None:
    client = sign_in("owner")

    client.post(url(draft, "b/remove/"))
    assert titles(draft) == ["Step a", "Step c"]
    undo = next(iter(client.session["processes_removed"]))
    other = sign_in("admin").post(url(draft, f"bin/{undo}/"))
    assert other.status_code == 404
    assert client.post(url(draft, f"bin/{undo}/")).status_code == 302

    assert titles(draft) == ["Step a", "Step b", "Step c"]


def test_p8_parts_move_by_buttons_and_by_dropping(draft: SopVersion, sign_in: SignIn) -> None:
    client = sign_in("owner")

    client.post(url(draft, "c/up/"))
    assert titles(draft) == ["Step a", "Step c", "Step b"]
    client.post(url(draft, "c/move/"), {"parent": "s1", "after": ""}, headers=SWAP)
    assert titles(draft) == ["Step c", "Step a", "Step b"]


def test_p8_a_version_that_is_no_draft_opens_for_reading_alone(draft: SopVersion, sign_in: SignIn) -> None:
    with tenant_context(draft.organization_id):
        approved(make_actor("owner"), draft)
    client = sign_in("owner")

    for answer in (client.get(url(draft, "a/")), client.post(url(draft, "a/remove/")), client.get(url(draft))):
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/processes/versions/{draft.pk}/")
    assert titles(draft) == ["Step a", "Step b", "Step c"]


def test_p8_staff_do_not_write_on_what_others_own(draft: SopVersion, sign_in: SignIn) -> None:
    client = sign_in("staff")

    assert client.get(url(draft)).status_code == 403
    assert client.post(url(draft, "b/remove/")).status_code == 403


def test_p8_a_step_that_cannot_be_added_leaves_no_section_behind(organization: Organization, sign_in: SignIn) -> None:
    with tenant_context(organization.pk):
        empty = draft_of(make_sop(make_actor("owner"), organization, {"sections": []}))

    sign_in("owner").post(url(empty, "add/"), {"kind": "step", "name": "x" * 5_000})

    assert stands(empty).get("sections", []) == []
