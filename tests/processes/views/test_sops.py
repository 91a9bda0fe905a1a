"""Pages of SOPs: how one begins, what is listed, and the way of a version into force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from organization.models import Organization
from organization.tenancy import tenant_context
from processes.engine.library import templates
from processes.models import Sop, SopVersion, VersionComment
from processes.services import sops, versions
from tests.factories import make_actor, make_member
from tests.factories.processes import draft_of, in_force, make_sop, step, text

SignIn = Callable[..., Client]
LIST = "/processes/sops/"


def newest(organization: Organization) -> SopVersion:
    with tenant_context(organization.pk):
        return SopVersion.objects.select_related("sop").latest("pk")


def titles(version: SopVersion) -> list[str]:
    return [one["title"] for section in version.content.get("sections", []) for one in section.get("steps", [])]


@pytest.fixture
def sop(organization: Organization) -> Sop:
    with tenant_context(organization.pk):
        return in_force(make_actor("owner"), organization, name="Close the shop", name_zh="关店")


@pytest.mark.parametrize(("language", "name"), [("en", "Close the shop"), ("zh-hans", "关店")])
def test_p8_the_pages_of_a_sop_open_in_both_languages(sop: Sop, sign_in: SignIn, language: str, name: str) -> None:
    client = sign_in("admin")
    client.cookies["ops-language"] = language
    version = f"/processes/versions/{sop.current_id}/"

    for path in (
        LIST,
        f"{LIST}{sop.pk}/",
        f"{LIST}{sop.pk}/edit/",
        f"{LIST}{sop.pk}/duplicate/",
        version,
        f"{version}compare/",
    ):
        answer = client.get(path)
        assert (answer.status_code, name in answer.content.decode()) == (200, True), path
    for path in ("new/", "library/", "import/", "library/text/?of=safety-walk"):
        assert client.get(LIST + path).status_code == 200


@pytest.mark.parametrize("count", [1, 10])
def test_p8_the_list_takes_the_same_statements_for_one_row_and_for_ten(
    organization: Organization, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        for _number in range(count):
            in_force(owner, organization)
    client = sign_in("owner")
    client.get(LIST)

    with django_assert_num_queries(9):
        assert len(client.get(LIST).context["page"].rows) == count


def test_p8_the_list_is_filtered_by_department_owner_state_and_overdue_review(
    organization: Organization, sop: Sop, sign_in: SignIn
) -> None:
    with tenant_context(organization.pk):
        other = make_sop(make_actor("owner"), organization, name="Draft only")
        SopVersion.objects.filter(pk=sop.current_id).update(review_on=timezone.localdate() - timedelta(days=1))
        retired = in_force(make_actor("owner"), organization, name="Old")
        sops.retire_sop(make_actor("owner"), retired)
    client = sign_in("owner")

    def shown(**filters: Any) -> list[str]:
        return [row.name for row in client.get(LIST, filters).context["page"].rows]

    assert shown() == ["Close the shop", "Draft only"]
    assert shown(state="overdue") == ["Close the shop"]
    assert shown(state="draft") == ["Draft only"]
    assert shown(state="retired") == ["Old"]
    assert shown(owner=other.owner_id) == ["Draft only"]
    assert shown(q="guandian") == ["Close the shop"]


def test_p8_an_empty_sop_opens_in_the_editor(organization: Organization, sign_in: SignIn) -> None:
    facts = {"name": "Clean the oven", "review_every_months": "6"}

    answer = sign_in("owner").post(f"{LIST}new/", facts)

    made = newest(organization)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/processes/versions/{made.pk}/edit/")
    assert (made.sop.name, made.sop.review_every_months, titles(made)) == ("Clean the oven", 6, [])


def test_p8_a_taken_code_comes_back_with_its_input(organization: Organization, sop: Sop, sign_in: SignIn) -> None:
    with tenant_context(organization.pk):
        sops.change_sop(make_actor("owner"), sop, code="S-1")

    answer = sign_in("owner").post(f"{LIST}new/", {"name": "Other", "code": "S-1", "review_every_months": "12"})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["code"])


@pytest.mark.parametrize("slug", [one.slug for one in templates()])
def test_p8_every_text_of_the_library_becomes_a_draft_with_fresh_keys(
    organization: Organization, sign_in: SignIn, slug: str
) -> None:
    chosen = next(one for one in templates() if one.slug == slug)
    facts = {"name": chosen.name, "name_zh": chosen.name_zh, "review_every_months": "12"}

    assert sign_in("owner").post(f"{LIST}library/text/?of={slug}", facts).status_code == 302

    made = newest(organization)
    steps = [one for _section, one in chosen.procedure.steps()]
    keys = {one["key"] for section in made.content["sections"] for one in section["steps"]}
    assert titles(made) == [one.title for one in steps]
    assert not keys & {one.key for one in steps}


@pytest.mark.parametrize(
    "name",
    [
        "aircraft_cessna_172r.md",
        "counteractive_phishing.md",
        "counteractive_role_commander.md",
        "drone_data_quality.md",
        "drone_standard_flight.md",
        "gov_leaving.md",
        "gov_purchase_requests.md",
        "kitchen_cleaning.md",
        "pagerduty_during_an_incident.md",
        "pagerduty_post_mortem_process.md",
        "runbook_etcd_members_down.md",
        "runbook_volume_filling_up.md",
        "zh_scale_cluster.md",
    ],
)
def test_p8_real_texts_are_read_shown_and_made(
    organization: Organization, sign_in: SignIn, shared_data: Path, name: str
) -> None:
    content = (shared_data / "sop" / name).read_bytes()
    client = sign_in("owner")

    looked = client.post(
        f"{LIST}import/",
        {"act": "look", "kind": "markdown", "review_every_months": "12", "upload": SimpleUploadedFile(name, content)},
    )
    form = looked.context["form"]
    facts = {"act": "make", "kind": "markdown", "review_every_months": "12", "name": form["name"].value() or name}
    made = client.post(f"{LIST}import/", facts | {"source": form["source"].value()})

    assert (looked.status_code, made.status_code) == (200, 302)
    assert titles(newest(organization)) == [one.title for one in looked.context["outline"].all_steps]


def test_p8_a_real_text_that_is_a_table_alone_is_no_procedure(
    organization: Organization, sign_in: SignIn, shared_data: Path
) -> None:
    upload = SimpleUploadedFile("a.md", (shared_data / "sop" / "pagerduty_severity_levels.md").read_bytes())

    answer = sign_in("owner").post(f"{LIST}import/", {"act": "look", "review_every_months": "12", "upload": upload})

    assert (answer.status_code, b"There is no step in this text." in answer.content) == (422, True)


def test_p8_an_excel_workbook_is_read_like_a_table(organization: Organization, sign_in: SignIn) -> None:
    book, stream = Workbook(), BytesIO()
    for row in (["Section", "Step", "Field", "Kind"], ["Kitchen", "Measure", "Temperature", "number"], [None, "Sign"]):
        book.active.append(row)
    book.save(stream)
    upload = SimpleUploadedFile("plan.xlsx", stream.getvalue())
    client = sign_in("owner")

    looked = client.post(f"{LIST}import/", {"act": "look", "review_every_months": "12", "upload": upload})
    form = looked.context["form"]
    facts = {"act": "make", "kind": form["kind"].value(), "source": form["source"].value(), "name": "Plan"}
    made = client.post(f"{LIST}import/", facts | {"review_every_months": "12"})

    assert (looked.status_code, made.status_code) == (200, 302)
    assert titles(newest(organization)) == ["Measure", "Sign"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.md", b"Only words.", b"There is no step in this text."),
        ("a.csv", b"Section,Due\nA,x\n", b"No column holds the steps."),
        ("a.xlsx", b"PK no workbook", b""),
        ("a.md", b"\0\1\2", b"This is no text."),
    ],
)
def test_p8_what_cannot_be_read_says_so_and_keeps_the_text(
    organization: Organization, sign_in: SignIn, name: str, content: bytes, says: bytes
) -> None:
    facts = {"act": "look", "kind": "markdown", "review_every_months": "12", "name": "Kept"}

    answer = sign_in("owner").post(f"{LIST}import/", facts | {"upload": SimpleUploadedFile(name, content)})

    assert answer.status_code == 422
    assert says in answer.content
    assert b'value="Kept"' in answer.content
    with tenant_context(organization.pk):
        assert not Sop.objects.exists()


def test_p8_what_is_exported_as_markdown_reads_back_the_same(organization: Organization, sign_in: SignIn) -> None:
    with tenant_context(organization.pk):
        fields = [{"key": "f", "label": "Light is off", "kind": "checkbox"}]
        made = make_sop(
            make_actor("owner"), organization, text(step("a", fields=fields), step("b", instruction="Turn."))
        )
        draft = draft_of(made)
    client = sign_in("owner")

    exported = client.get(f"/processes/versions/{draft.pk}/markdown/").content.decode()
    client.post(f"{LIST}import/", {"act": "make", "kind": "markdown", "source": exported, "review_every_months": "0"})

    again = newest(organization)
    assert again.pk != draft.pk
    assert titles(again) == titles(draft)
    first, second = again.content["sections"][0]["steps"]
    assert [one["label"] for one in first["fields"]] == ["Light is off"]
    assert second["instruction"] == "Turn."


def test_p8_a_version_goes_through_review_back_and_into_force(organization: Organization, sign_in: SignIn) -> None:
    with tenant_context(organization.pk):
        author, boss = make_member("owner"), make_member("owner")
    writes, reviews = sign_in(member=author), sign_in(member=boss)
    writes.post(f"{LIST}new/", {"name": "Count", "review_every_months": "12"})
    made = newest(organization)
    url = f"/processes/versions/{made.pk}/"
    writes.post(f"{url}edit/add/", {"kind": "step", "name": "Count all"})
    key = newest(organization).content["sections"][0]["steps"][0]["key"]
    asked = {"change_class": "major", "reason": "New", "reviewer": boss.pk}

    assert writes.post(f"{url}submit/", asked).status_code == 302
    assert reviews.post(f"{url}comment/", {"text": "All of what?", "step_key": key}).status_code == 302
    assert b"All of what?" in reviews.get(url).content
    assert reviews.post(f"{url}send-back/", {"comment": "Say what."}).status_code == 302
    assert newest(organization).state == "draft"

    with tenant_context(organization.pk):
        comment = VersionComment.objects.get(step_key=key)
    assert writes.post(f"/processes/comments/{comment.pk}/resolve/").status_code == 302
    assert writes.post(f"{url}submit/", asked).status_code == 302
    own = writes.post(f"{url}approve/", {"change_class": "major"})
    assert (own.status_code, b"You wrote on this version." in own.content) == (422, True)
    other = reviews.post(f"{url}approve/", {"change_class": "minor"})
    assert (other.status_code, list(other.context["form"].errors)) == (422, ["change_class"])
    assert reviews.post(f"{url}approve/", {"change_class": "major"}).status_code == 302

    done = newest(organization)
    assert (done.state, done.approved_by_id) == ("effective", boss.pk)
    assert [one.says for one in reviews.get(url).context["timeline"]][-1] == "In force"


def test_p8_a_version_waits_for_its_day_which_can_be_changed(organization: Organization, sign_in: SignIn) -> None:
    later = (timezone.localdate() + timedelta(days=30)).isoformat()
    with tenant_context(organization.pk):
        draft = draft_of(make_sop(make_actor("owner"), organization))
        versions.submit_for_review(make_actor("owner"), draft, change_class="major", reason="New")
    client = sign_in("owner")
    url = f"/processes/versions/{draft.pk}/"

    client.post(f"{url}approve/", {"change_class": "major", "effective_on": later})
    assert newest(organization).state == "approved"
    client.post(f"{url}schedule/", {"effective_on": timezone.localdate().isoformat()})

    assert newest(organization).state == "effective"


def test_p8_the_next_draft_begins_with_the_text_in_force_and_is_compared_with_it(
    organization: Organization, sop: Sop, sign_in: SignIn
) -> None:
    client = sign_in("owner")

    assert client.post(f"{LIST}{sop.pk}/draft/").status_code == 302
    draft = newest(organization)
    with tenant_context(organization.pk):
        changed = step("a", "Step a twice", responsible={"who": "role", "reference": "manager"})
        sops.edit_step(make_actor("owner"), draft, step=changed, before=step("a"))
    client.post(f"/processes/versions/{draft.pk}/edit/b/remove/")
    client.post(f"/processes/versions/{draft.pk}/edit/add/", {"kind": "step", "parent": "s1", "name": "Lock"})

    answer = client.get(f"/processes/versions/{draft.pk}/compare/")

    rows = {row.title: row for row in answer.context["rows"]}
    assert {title: str(row.state) for title, row in rows.items()} == {
        "Step a twice": "changed",
        "Step b": "removed",
        "Lock": "added",
    }
    changes = {one.label: one for one in rows["Step a twice"].changes}
    assert [(piece.text, piece.is_changed) for piece in changes["Title"].after] == [("Step a", False), (" twice", True)]
    assert "".join(piece.text for piece in changes["Responsible"].after) == "Manager"


def test_p8_a_copy_is_the_actors_and_a_retired_sop_starts_no_draft(
    organization: Organization, sop: Sop, sign_in: SignIn
) -> None:
    client = sign_in("owner")

    client.post(f"{LIST}{sop.pk}/duplicate/", {"name": "Copy"})
    client.post(f"{LIST}{sop.pk}/retire/", {"reason": "Gone"})
    refused = client.post(f"{LIST}{sop.pk}/draft/", follow=True)

    assert newest(organization).sop.name == "Copy"
    assert b"This SOP is retired. Bring it back first." in refused.content
    assert titles(newest(organization)) == ["Step a", "Step b"]
