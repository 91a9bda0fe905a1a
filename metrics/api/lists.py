"""Lists of the API: a page of rows, and where the next one begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from ops_platform.web.paging import Order, keyset_page

MOST = 200
BY_ID = Order("id", ("pk",))
PAGE_PARAMETERS = (
    OpenApiParameter("cursor", str, description="`next` of the page before."),
    OpenApiParameter(
        "size", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 50}, description="Rows of a page."
    ),
)


def page_of(name: str, row: type[serializers.Serializer]) -> Any:
    """The shape of a page for the schema."""
    return inline_serializer(
        name,
        {
            "results": row(many=True),
            "next": serializers.CharField(allow_null=True, help_text="Cursor of the next page."),
        },
    )


def answer_page(request: Request, queryset: Any, shape: Callable[..., Any]) -> Response:
    """A page of `queryset`, without a count: one more row is read to know whether there is another page."""
    text = request.query_params.get("size", "50")
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST):
        raise ParseError(_("“size” is a number from 1 to %(most)d.") % {"most": MOST})
    page = keyset_page(queryset, BY_ID, cursor=request.query_params.get("cursor", ""), size=int(text), is_counted=False)
    return Response({"results": shape(page.rows, many=True).data, "next": page.next_cursor or None})
