"""One declaration of columns feeds the page, the files and the API of every list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from openpyxl import load_workbook

from ops_platform.web.columns import file_columns
from organization.api.lists import ListApiView
from organization.middleware import SESSION_KEY
from organization.models import Organization
from organization.tenancy import tenant_context
from organization.views.lists import ListView
from tests.factories import make_member

# A person's own lists, and those that no machine reads yet
NO_API = {
    "metrics:entry-list",
    "organization:bot-list",
    "organization:bulk-list",
    "organization:inbox",
    "organization:work-list",
    "processes:run-list",
    "processes:sop-list",
}


def _patterns(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, type, bool]]:
    """Every named address with a class: name, class, whether it takes nothing."""
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from _patterns(part, f"{space}{part.namespace}:" if part.namespace else space)
        elif isinstance(part, URLPattern) and part.name:
            view = getattr(part.callback, "view_class", getattr(part.callback, "cls", None))
            if view is not None:
                yield f"{space}{part.name}", view, not part.pattern.converters


ADDRESSES = list(_patterns(get_resolver()))
LISTS = [(name, view) for name, view, is_plain in ADDRESSES if issubclass(view, ListView) and is_plain and view.columns]
PAGES_OF_CALLS = {view.page: view for _name, view, _plain in ADDRESSES if issubclass(view, ListApiView) and view.page}


@pytest.fixture
def client(organization: Organization) -> Client:
    with tenant_context(organization.pk):
        member = make_member("owner")
    client = Client()
    client.force_login(member.user)
    session = client.session
    session[SESSION_KEY] = organization.pk
    session.save()
    return client


def heads_of(rows: list[list[Any]]) -> list[Any]:
    """The head of a file: the row below the empty one that ends what the file says of itself."""
    ends = next(number for number, row in enumerate(rows) if not any(row))
    return rows[ends + 1]


@pytest.mark.parametrize(("name", "view"), LISTS, ids=[name for name, _view in LISTS])
def test_o7_a_file_of_a_list_has_the_columns_of_the_page(client: Client, name: str, view: Any) -> None:
    keys = [column.key for column in view.columns]
    declared = [str(column.label) for column in file_columns(view.columns, [])]

    page = client.get(reverse(name), {"view": "all"})
    text = b"".join(client.get(reverse(name), {"export": "csv"})).decode("utf-8-sig")
    book = load_workbook(io.BytesIO(b"".join(client.get(reverse(name), {"export": "xlsx"}))))

    assert len(keys) == len(set(keys))
    assert [column.key for column, _shown in page.context["offered_columns"]] == keys[1:]
    assert heads_of(list(csv.reader(io.StringIO(text)))) == declared
    sheet = [[cell for cell in row if cell is not None] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert declared in sheet


@pytest.mark.parametrize(("name", "view"), LISTS, ids=[name for name, _view in LISTS])
def test_o7_the_page_shows_the_heads_of_its_columns(organization: Organization, name: str, view: Any) -> None:
    with tenant_context(organization.pk):
        member = make_member("owner")
    request = RequestFactory().get(reverse(name))
    request.user = member.user
    page = view()
    page.setup(request)
    page.acts = []
    page.editables = ()

    heads = [head.label for head in page.table([]).heads]

    assert heads == [str(column.label) for column in view.columns if not column.is_extra]
    assert all(heads)


@pytest.mark.parametrize(("name", "view"), LISTS, ids=[name for name, _view in LISTS])
def test_o7_the_api_of_a_list_gives_its_columns_too(name: str, view: Any) -> None:
    if view not in PAGES_OF_CALLS:
        assert name in NO_API
        return
    call = PAGES_OF_CALLS[view]

    fields = next(one for one in call().query_parameters("GET") if one.name == "fields")
    assert "shown" in fields.type["pattern"]
    assert set(call.drawn) <= {column.key for column in view.columns if not column.in_files or column.drawn}
