"""Names sort as their reader reads them: by the alphabet, or by pinyin."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from metrics.models import Dashboard
from organization.engine.names import LONGEST_KEY, sort_key
from organization.models import Department, Organization, Role
from organization.models.base import name_key
from organization.tenancy import tenant_context
from tests.factories import make_member
from tests.metrics.helpers import client_of

pytestmark = pytest.mark.django_db
NAMES = {"Zebra": "八", "apple": "一", "Mango": "", "Éclair": "重庆"}  # ba, yi, Mango, chong qing


@pytest.fixture
def reader(organization: Organization) -> Client:
    """A member with dashboards of these names."""
    with tenant_context(organization.pk):
        for number, (name, name_zh) in enumerate(NAMES.items()):
            Dashboard.objects.create(name=name, name_zh=name_zh, reference=f"DSH-{number}")
        return client_of(make_member("owner"))


@pytest.mark.parametrize(
    ("language", "sort", "expected"),
    [
        ("en", "", ["apple", "Mango", "Zebra", "Éclair"]),
        ("en", "-name", ["Éclair", "Zebra", "Mango", "apple"]),
        ("zh-hans", "", ["八", "重庆", "Mango", "一"]),
        ("zh-hans", "-name", ["一", "Mango", "重庆", "八"]),
    ],
)
def test_lists_sort_by_the_names_of_their_reader(reader: Client, language: str, sort: str, expected: list[str]) -> None:
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    answer = reader.get(reverse("metrics:dashboard-list"), {"sort": sort})
    export = reader.get(reverse("metrics:dashboard-list"), {"sort": sort, "export": "csv"})

    with translation.override(language):
        assert [row.display_name for row in answer.context["page"].rows] == expected
    text = export.getvalue().decode() if hasattr(export, "getvalue") else export.content.decode()
    places = [text.index(name) for name in expected]
    assert places == sorted(places)


def test_pages_follow_the_same_order(reader: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("metrics.views.dashboards.DashboardListView.page_size", 1)
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    seen, cursor = [], ""
    for _ in NAMES:
        page = reader.get(reverse("metrics:dashboard-list"), {"cursor": cursor}).context["page"]
        seen += [row.name_zh or row.name for row in page.rows]
        cursor = page.next_cursor

    assert seen == ["八", "重庆", "Mango", "一"]
    assert cursor == ""


def test_the_key_follows_the_name_however_it_is_written(scope: Organization) -> None:
    one = Department.objects.create(name="Sales", code="S")
    (other,) = Role.objects.bulk_create([Role(name="Buyer", name_zh="采购员", key="buyer")])
    assert (one.name_key, one.name_zh_key) == ("sales", "sales")
    assert (other.name_key, other.name_zh_key) == ("buyer", "cai gou yuan")

    one.name_zh = "销售部"
    one.save()
    one.refresh_from_db()

    assert one.name_zh_key == "xiao shou bu"
    assert len(sort_key("长" * 200)) == LONGEST_KEY
    with translation.override("zh-hans"):
        assert name_key() == "name_zh_key"
