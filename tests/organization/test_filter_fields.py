"""Filter fields are drawn once for what they show, and look as any field does."""

from __future__ import annotations

from django.forms import BoundField
from django.utils import translation

from organization.access import Actor
from organization.forms.members import MemberFilters
from organization.models import Organization
from organization.services.departments import create_department


def drawn(actor: Actor, **data: str) -> list[str]:
    """The fields as they are kept: each drawn twice, and compared with what Django itself draws."""
    found = []
    for _ in range(2):
        form = MemberFilters(data or None, actor=actor)
        found = [field.as_field_group() for field in form]
        plain = MemberFilters(data or None, actor=actor)
        assert found == [BoundField(plain, field.field, field.name).as_field_group() for field in plain]
    return found


def test_filter_fields_are_drawn_as_any_field(scope: Organization, owner: Actor) -> None:
    before = drawn(owner)
    sales = create_department(owner, scope, name="<Sales>", code="S")

    after = drawn(owner)
    chosen = drawn(owner, department=str(sales.pk), q='"x"')
    with translation.override("zh-hans"):
        chinese = drawn(owner)

    assert before[1] != after[1]
    assert "&lt;Sales&gt;" in after[1]
    assert f'value="{sales.pk}" selected' in chosen[1]
    assert 'value="&quot;x&quot;"' in chosen[0]
    assert chinese[0] != after[0]


def test_a_filter_field_with_an_error_shows_it(scope: Organization, owner: Actor) -> None:
    form = MemberFilters({"state": "nonsense"}, actor=owner)
    assert not form.is_valid()
    assert "nonsense" in form["state"].as_field_group()
    assert "nonsense" not in MemberFilters({"state": "all"}, actor=owner)["state"].as_field_group()
