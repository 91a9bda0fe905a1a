"""A step is done on its page: by forms alone, and by the parts that a script sends."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from organization.models import Attachment, Member, Organization
from organization.tenancy import tenant_context
from processes.choices import AndonState, DeviationKind, StepState
from processes.models import AndonCall, Answer, Deviation, Run, RunStep
from processes.services import steps as acts
from processes.services.runs import start_run
from tests.factories import actor_of, make_member
from tests.factories.processes import in_force, step, text

pytestmark = pytest.mark.django_db
SWAP = {"HX-Request": "true"}
DEGREES = {
    "key": "deg",
    "label": "Temperature",
    "kind": "number",
    "required": True,
    "critical": True,
    "settings": {"unit": "°C", "least": -40, "most": 60, "warn_above": 5},
    "fail_when": {"is": "above", "value": 8},
}


class Place:
    """A run with its starter."""

    def __init__(self, organization: Organization, *made: dict[str, Any], **rules: Any) -> None:
        self.organization = organization
        with tenant_context(organization.pk):
            self.member: Member = make_member("owner")
            actor = actor_of(self.member)
            self.run: Run = start_run(actor, in_force(actor, organization, text(*made, **rules)))
            self.actor = actor

    def at(self, key: str, row: int = 0) -> RunStep:
        with tenant_context(self.organization.pk):
            return RunStep.objects.get(run=self.run, key=key, row=row)

    def url(self, key: str, act: str = "") -> str:
        return f"/processes/steps/{self.at(key).pk}/{act}"

    def answers(self) -> dict[str, Any]:
        with tenant_context(self.organization.pk):
            return dict(Answer.objects.filter(run=self.run).values_list("field_key", "value"))

    def deviations(self) -> set[str]:
        with tenant_context(self.organization.pk):
            return set(Deviation.objects.filter(run=self.run).values_list("kind", flat=True))


def photo(name: str = "leak.png") -> SimpleUploadedFile:
    buffer = BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue())


def test_a_step_is_answered_and_finished_and_the_next_one_is_offered(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    place = Place(organization, step("a", fields=[{"key": "who", "label": "Who", "kind": "text"}]), step("b", "Second"))
    client = sign_in(member=place.member)

    page = client.post(place.url("a", "save/"), {"has": "who", "who": "Li", "finish": "1"}, follow=True)

    assert place.answers() == {"who": "Li"}
    assert place.at("a").state == StepState.DONE
    assert "Next: Second" in page.content.decode()


def test_p29_a_form_that_is_sent_twice_finishes_and_uploads_once(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    place = Place(organization, step("a", fields=[{"key": "pic", "label": "Pic", "kind": "photo"}]), step("b"))
    client, number = sign_in(member=place.member), str(uuid.uuid4())

    for _time in range(2):
        client.post(place.url("a", "save/"), {"has": "pic", "pic.upload": photo(), "finish": "1", "operation": number})

    with tenant_context(organization.pk):
        assert Attachment.objects.count() == 1
    assert place.at("a").state == StepState.DONE


def test_p3_a_photo_that_is_kept_can_be_opened_from_its_field(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    place = Place(organization, step("a", fields=[{"key": "pic", "label": "Pic", "kind": "photo"}]), step("b"))
    client = sign_in(member=place.member)
    client.post(place.url("a", "save/"), {"has": "pic", "pic.upload": photo(), "keep": "1"})

    shown = client.get(place.url("a")).content.decode()
    [link] = re.findall(r'href="([^"]+)" download aria-label="leak.png"', shown)

    answer = client.get(link)
    answer.close()
    assert answer.status_code == 200


def test_p29_each_field_that_a_script_saves_is_kept_though_the_form_around_it_comes_along(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    fields = [{"key": key, "label": key.upper(), "kind": "text"} for key in ("x", "y")]
    place = Place(organization, step("a", fields=fields))
    client, form = sign_in(member=place.member), str(uuid.uuid4())

    def save(key: str, given: str, number: uuid.UUID) -> None:
        headers = SWAP | {"HX-Trigger": f"answer-{key}", "Idempotency-Key": str(number)}
        client.post(place.url("a", "save/"), {"has": key, key: given, "operation": form}, headers=headers)

    first, last = uuid.uuid4(), uuid.uuid4()
    for key, given, number in (("x", "1", first), ("y", "2", uuid.uuid4()), ("x", "3", uuid.uuid4()), ("x", "1", last)):
        save(key, given, number)
    assert place.answers() == {"x": "1", "y": "2"}

    save("x", "4", uuid.uuid4())
    save("x", "1", last)
    assert place.answers() == {"x": "4", "y": "2"}
    client.post(place.url("a", "save/"), {"has": ["x", "y"], "x": "4", "y": "5", "finish": "1", "operation": form})
    assert place.answers() == {"x": "4", "y": "5"}
    assert place.at("a").state == StepState.DONE


def test_p3_an_answer_shows_the_field_that_it_asks_for_at_once(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    asked = {"key": "why", "label": "Why", "kind": "text", "condition": {"field": "ok", "is": "not_ticked"}}
    place = Place(organization, step("a", fields=[{"key": "ok", "label": "Ok", "kind": "checkbox"}, asked]))
    client = sign_in(member=place.member)
    client.post(place.url("a", "save/"), {"has": "ok", "ok": "on"}, headers=SWAP)

    said = client.post(place.url("a", "save/"), {"has": "ok"}, headers=SWAP).content.decode()

    assert 'id="answer-why" hx-swap-oob="true"' in said
    assert 'hx-swap-oob="true" hidden' not in said


def test_a_value_over_its_limit_is_said_and_what_else_was_typed_is_kept(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    note = {"key": "note", "label": "Note", "kind": "text"}
    place = Place(organization, step("a", fields=[DEGREES, note]))
    client = sign_in(member=place.member)

    page = client.post(place.url("a", "save/"), {"has": ["deg", "note"], "deg": "90", "note": "hot", "finish": "1"})

    html = page.content.decode()
    assert page.status_code == 422
    assert "“Temperature” is at most 60 °C." in html
    assert 'value="90"' in html
    assert 'value="hot"' in html
    assert place.answers() == {"note": "hot"}
    assert place.at("a").state == StepState.STARTED


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (SimpleUploadedFile("page.png", b"<html><script>alert(1)</script></html>"), "Accepted are pictures"),
        (SimpleUploadedFile("big.png", b"x" * (40 * 1024 * 1024)), "The file is larger than 25 MB."),
    ],
)
def test_a_file_that_is_no_photo_is_refused_and_the_typed_stays(
    organization: Organization, sign_in: Callable[..., Client], upload: SimpleUploadedFile, said: str
) -> None:
    fields = [{"key": "pic", "label": "Pic", "kind": "photo"}, {"key": "note", "label": "Note", "kind": "text"}]
    place = Place(organization, step("a", fields=fields))
    client = sign_in(member=place.member)

    page = client.post(place.url("a", "save/"), {"has": ["pic", "note"], "pic.upload": upload, "note": "seen"})

    assert page.status_code == 422
    assert said in page.content.decode()
    assert 'value="seen"' in page.content.decode()
    with tenant_context(organization.pk):
        assert not Attachment.objects.exists()


def test_p15_a_value_beyond_its_warning_needs_a_note_and_is_recorded(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    place = Place(organization, step("a", fields=[DEGREES]), step("b"))
    client = sign_in(member=place.member)

    refused = client.post(place.url("a", "save/"), {"has": "deg", "deg": "7", "finish": "1"})
    assert refused.status_code == 422
    assert 'name="note.deg"' in refused.content.decode()
    client.post(place.url("a", "save/"), {"has": "deg", "deg": "7", "note.deg": "Door open", "finish": "1"})

    assert place.at("a").state == StepState.DONE
    assert place.deviations() == {DeviationKind.OUT_OF_RANGE}


def test_p10_a_failed_critical_answer_takes_photo_note_and_action_before_the_step_is_done(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    place = Place(organization, step("a", fields=[DEGREES]), step("b"))
    client = sign_in(member=place.member)
    sent: dict[str, Any] = {"has": "deg", "deg": "20", "note.deg": "Broken", "finish": "1"}

    without = client.post(place.url("a", "save/"), sent)
    assert without.status_code == 422
    assert "Still missing: a photo, a corrective action." in without.content.decode()
    half = client.post(place.url("a", "save/"), sent | {"action.deg": "Repair", "evidence.deg": photo()})
    assert "Say who corrects it, and by when." in half.content.decode()
    assert 'value="Repair"' in half.content.decode()
    client.post(
        place.url("a", "save/"),
        sent | {"action.deg": "Repair", "owner.deg": str(place.member.pk), "action_due.deg": "2030-01-02"},
    )

    assert place.at("a").state == StepState.DONE
    with tenant_context(organization.pk):
        made = Deviation.objects.get(run=place.run, kind=DeviationKind.FAILED)
        assert (made.corrective, made.corrective_owner_id, made.step_id) == (
            "Repair",
            place.member.pk,
            place.at("a").pk,
        )
        assert Attachment.objects.count() == 1


def test_p15_skipping_says_why(organization: Organization, sign_in: Callable[..., Client]) -> None:
    place = Place(organization, step("a"), step("b"))
    client = sign_in(member=place.member)

    assert client.post(place.url("a", "skip/"), {"reason": " "}).status_code == 422
    assert place.at("a").state == StepState.OPEN
    client.post(place.url("a", "skip/"), {"reason": "No goods"})

    assert (place.at("a").state, place.deviations()) == (StepState.SKIPPED, {DeviationKind.SKIPPED})


def test_p13_the_second_of_two_is_told_who_did_what(organization: Organization, sign_in: Callable[..., Client]) -> None:
    place = Place(organization, step("a", fields=[{"key": "who", "label": "Who", "kind": "text"}]), step("b"))
    second = sign_in("owner")
    since = (timezone.now() - timedelta(minutes=1)).isoformat()
    assert second.get(place.url("a", "now/"), {"since": since}).content.decode().strip() == ""
    with tenant_context(organization.pk):
        acts.finish_step(place.actor, place.at("a"), answers={"who": "Li"})

    now = second.get(place.url("a", "now/"), {"since": since}).content.decode()
    refused = second.post(place.url("a", "save/"), {"has": "who", "who": "Mine", "finish": "1"})

    assert f"{place.member.name} has finished this step at" in now
    assert refused.status_code == 422
    assert "This step is done already." in refused.content.decode()
    assert place.member.name in refused.content.decode()
    assert place.answers() == {"who": "Li"}


def test_p18_help_is_called_answered_and_resolved(organization: Organization, sign_in: Callable[..., Client]) -> None:
    place = Place(organization, step("a"), step("b"))
    client, leader = sign_in(member=place.member), sign_in("owner")
    client.post(place.url("a", "help/"), {"reason": "Belt stuck"})
    with tenant_context(organization.pk):
        call = AndonCall.objects.get()

    leader.post(f"/processes/calls/{call.pk}/answer/")
    coming = client.get(place.url("a", "now/")).content.decode()
    leader.post(f"/processes/calls/{call.pk}/resolve/", {"resolution": "Belt is back"})

    with tenant_context(organization.pk):
        call.refresh_from_db()
        assert call.answered_by is not None
        assert f"{call.answered_by.name} is coming." in coming
    assert call.state == AndonState.RESOLVED
    assert place.deviations() == {DeviationKind.ANDON}


def test_p4_an_approver_sends_back_to_a_chosen_step(organization: Organization, sign_in: Callable[..., Client]) -> None:
    boss = None
    with tenant_context(organization.pk):
        boss = make_member("owner")
    rule = {"approvers": [{"who": "member", "reference": str(boss.pk)}], "send_back_to": ["a"]}
    place = Place(organization, step("a", "First"), step("b", after=["a"], approval=rule))
    client, approver = sign_in(member=place.member), sign_in(member=boss)
    client.post(place.url("a", "save/"), {"finish": "1"})
    client.post(place.url("b", "save/"), {"finish": "1"})
    assert "For you to approve" in approver.get("/processes/my/").content.decode()

    silent = approver.post(place.url("b", "vote/"), {"verdict": "no", "back_to": str(place.at("a").pk), "comment": ""})
    assert silent.status_code == 422
    approver.post(
        place.url("b", "vote/"), {"verdict": "no", "back_to": str(place.at("a").pk), "comment": "Count again"}
    )

    assert (place.at("a").state, place.at("a").round) == (StepState.OPEN, 2)
    assert "Count again" in client.get(place.url("a")).content.decode()


def test_p15_a_step_out_of_order_is_begun_with_a_reason(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    place = Place(organization, step("a"), step("b"), order="recorded")
    client = sign_in(member=place.member)
    assert "Begin all the same" in client.get(place.url("b")).content.decode()

    client.post(place.url("b", "start/"), {"reason": "Truck waits"})

    assert (place.at("b").state, place.deviations()) == (StepState.STARTED, {DeviationKind.OUT_OF_ORDER})


@pytest.mark.parametrize("count", [1, 10])
def test_my_steps_asks_the_same_for_one_and_for_ten(
    organization: Organization,
    sign_in: Callable[..., Client],
    count: int,
    django_assert_num_queries: Any,
) -> None:
    place = Place(organization, *(step(f"s{number}") for number in range(count)))
    client = sign_in(member=place.member)
    client.get("/processes/my/")

    with django_assert_num_queries(8):
        page = client.get("/processes/my/")

    assert page.content.decode().count('class="feed__row') == count


def test_p29_of_a_form_that_a_script_sends_along_only_the_field_that_changed_is_kept(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    fields = [{"key": "one", "label": "One", "kind": "text"}, {"key": "two", "label": "Two", "kind": "text"}]
    place = Place(organization, step("a", fields=fields))
    client = sign_in(member=place.member)

    sent = {"has": ["one", "two"], "one": "1", "two": "2"}
    client.post(place.url("a", "save/"), sent, headers=SWAP | {"HX-Trigger": "answer-one"})

    assert place.answers() == {"one": "1"}


def test_a_photo_that_a_script_sends_stands_below_its_field_at_once(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    place = Place(organization, step("a", fields=[{"key": "pic", "label": "Pic", "kind": "photo"}]))
    client = sign_in(member=place.member)

    headers = SWAP | {"HX-Trigger": "answer-pic"}
    said = client.post(place.url("a", "save/"), {"has": "pic", "pic.upload": photo("shelf.png")}, headers=headers)

    assert "shelf.png" in said.content.decode()
    assert len(place.answers()["pic"]) == 1
