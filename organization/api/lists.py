"""Lists: the rows, filters and orders of the page of the same name, a page at a time, without a count."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED

from ops_platform.web.columns import order_from
from ops_platform.web.exports import json_rows
from ops_platform.web.paging import Order, keyset_page
from organization.api.bodies import field_schema
from organization.api.problems import BadBody
from organization.api.schema import JSON, ByType, Operation, PageOf
from organization.api.views import ApiView
from organization.views.lists import CONTENT_TYPES, ListView, in_language

MOST = 200
USUAL = 50
SHOWN = "shown"
BY_ID = Order("id", ("pk",))
PAGE_PARAMETERS = (
    OpenApiParameter("cursor", {"type": "string"}, description=gettext_lazy("`next` of the page before.")),
    OpenApiParameter(
        "size",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        description=gettext_lazy("Rows of a page."),
    ),
)


def listed(
    name: str, summary: Any, row: type[serializers.Serializer], *, has_shown: bool = True, is_exported: bool = True
) -> Operation:
    """The declaration of a list of `row`. has_shown: its page has columns. is_exported: they can be had as a file."""
    files = {kind.partition(";")[0]: {"type": "string", "format": "binary"} for kind in CONTENT_TYPES.values()}
    answer = ByType({JSON: PageOf(row, has_shown)} | (files if is_exported else {}))
    return Operation(name, summary, answer=answer, is_list=True)


class ListApiView(ApiView):
    """A list. Subclasses declare `shape`, and `page`: the page whose rows, filters, orders and columns it shares.

    A list without a page gives `rows()` and `order` of its own. more: further query parameters, which `rows` reads.
    drawn: columns that hold a drawing, which is nothing for machines.
    """

    shape: type[Any]
    page: type[ListView] | None = None
    order: Order = BY_ID
    more: tuple[OpenApiParameter, ...] = ()
    drawn: Collection[str] = ()

    def rows(self) -> Any:
        """The filtered rows that the caller may see."""
        return self.shared.rows()

    def prepared(self, rows: list[Any]) -> list[Any]:
        """The rows of a page as the shape takes them."""
        return rows

    def columned(self, rows: list[Any]) -> list[Any]:
        """The rows of a page as the columns take them."""
        return self.shared.dressed(rows)

    @property
    def shared(self) -> Any:
        """The page, as it would answer this request."""
        if not hasattr(self, "_shared"):
            assert self.page is not None
            self._shared = self.page()
            self._shared.setup(self.request._request, **self.kwargs)
        return self._shared

    def get(self, request: Request, **kwargs: Any) -> Any:
        """A page of rows."""
        size, order, names = self._size(), self._order(), self._names()
        if self.page is not None and self.page.filter_form is not None:
            self._check_filters()
        if kind := request.query_params.get("export"):
            return self._file(order, kind)
        found = keyset_page(
            self.rows(), order, cursor=request.query_params.get("cursor", ""), size=size, is_counted=False
        )
        results = self._results(found.rows, names)
        answer = Response({"results": results, "next": found.next_cursor or None})
        if found.next_cursor:
            query = request.query_params.copy()
            query["cursor"] = found.next_cursor
            address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
            answer.headers["Link"] = f'<{address}>; rel="next"'
        return answer

    def knows(self, method: str) -> Collection[str]:
        if method not in ("GET", "HEAD"):
            return ()
        return {one.name for one in self.query_parameters("GET")}

    def query_parameters(self, method: str) -> list[OpenApiParameter]:
        if method != "GET":
            return []
        names = list(self.shape().fields)
        has_columns = self.page is not None and bool(self.page.columns)
        found = [*PAGE_PARAMETERS, *self.more, _fields_parameter([*names, SHOWN] if has_columns else names)]
        if self.page is None:
            return found
        if sorts := [column.key for column in self.page.columns if column.sort]:
            either = [sort for key in sorts for sort in (key, f"-{key}")]
            found.append(OpenApiParameter("sort", {"type": "string", "enum": either}))
        if self._is_exported:
            words = gettext_lazy("All of the filtered rows as a file, with the columns of the page.")
            found.append(OpenApiParameter("export", {"type": "string", "enum": list(CONTENT_TYPES)}, description=words))
        if self.page.filter_form is not None:
            found += [
                OpenApiParameter(name, {key: part for key, part in _query_kind(field).items() if key != "description"})
                for name, field in self.page.filter_form.base_fields.items()
            ]
        return found

    @property
    def _is_exported(self) -> bool:
        declared = self.operations.get("GET")
        return declared is not None and isinstance(declared.answer, ByType) and len(declared.answer) > 1

    def _results(self, rows: list[Any], names: list[str] | None) -> list[Any]:
        serializer = self.shape(self.prepared(rows), many=True)
        if names is not None:
            for name in set(serializer.child.fields) - set(names):
                serializer.child.fields.pop(name)
        results = list(serializer.data)
        if names is not None and SHOWN in names:
            columns = [column for column in self.shared.columns if column.key not in self.drawn]
            for result, cells in zip(results, json_rows(columns, self.columned(rows)), strict=True):
                result[SHOWN] = cells
        return results

    def _size(self) -> int:
        text = self.request.query_params.get("size", str(USUAL))
        if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST):
            raise ParseError(_("“size” is a number from 1 to %(most)d.") % {"most": MOST})
        return int(text)

    def _order(self) -> Order:
        if self.page is None:
            return self.order
        sort = self.request.query_params.get("sort", "")
        known = {column.key for column in self.page.columns if column.sort}
        if sort and sort.removeprefix("-") not in known:
            raise ParseError(
                _("“%(name)s” is one of %(choices)s.") % {"name": "sort", "choices": ", ".join(sorted(known))}
            )
        return in_language(order_from(self.page.columns, sort, self.page.order))

    def _names(self) -> list[str] | None:
        text = self.request.query_params.get("fields")
        if text is None:
            return None
        has_columns = self.page is not None and bool(self.page.columns)
        known = [*self.shape().fields, *([SHOWN] if has_columns else [])]
        names = text.split(",")
        if not set(names) <= set(known):
            raise ParseError(_("“%(name)s” is one of %(choices)s.") % {"name": "fields", "choices": ", ".join(known)})
        return names

    def _check_filters(self) -> None:
        """A page ignores a filter that makes no sense, and shows its error; a machine is told."""
        if not self.request.query_params:
            return
        form = self.shared.bound_filters
        if form.is_bound and not form.is_valid():
            found = [
                {"field": name, "reason": str(reason)} for name, reasons in form.errors.items() for reason in reasons
            ]
            raise BadBody(found)

    def _file(self, order: Order, kind: str) -> Any:
        if not self._is_exported or kind not in CONTENT_TYPES:
            raise ParseError(
                _("“%(name)s” is one of %(choices)s.") % {"name": "export", "choices": ", ".join(CONTENT_TYPES)}
            )
        return self.shared.export(order, kind)


class MakeApiView(ListApiView):
    """A list to which POST adds. Subclasses declare `form` and `make`, and `fresh`: the rows that a new one is among."""

    form: type[Any]

    def make(self, facts: dict[str, Any]) -> Any:
        """Call the service; the new row."""
        raise NotImplementedError

    def fresh(self) -> Any:
        """What the caller may see, as `shape` needs it."""
        return self.rows()

    def form_options(self) -> dict[str, Any]:
        """What the form is made with."""
        return {"actor": self.actor}

    def made(self, row: Any) -> Any:
        """The new row as JSON."""
        return self.shape(self.prepared([self.fresh().get(pk=row.pk)])[0]).data

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Add one."""
        facts = self.facts(self.form, **self.form_options())
        return self.answer_once(lambda: (HTTP_201_CREATED, self.made(self.make(facts))))


def _fields_parameter(names: list[str]) -> OpenApiParameter:
    one = "|".join(names)
    kind = {"type": "string", "pattern": f"^({one})(,({one}))*$"}
    words = gettext_lazy("The members wanted of each row, with commas between. Without it: all but `shown`.")
    return OpenApiParameter("fields", kind, description=words)


def _query_kind(field: Any) -> dict[str, Any]:
    """The schema of a filter: what an address can say, so nothing is null."""
    found = field_schema(field)
    kind = found["type"]
    found["type"] = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
    if "enum" in found:
        found["enum"] = [value for value in found["enum"] if value is not None]
    return found
