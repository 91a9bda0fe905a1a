"""Plain Django pages over a plain table: session, user, a few indexed queries, a template."""

from __future__ import annotations

from typing import Any

from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import IsAuthenticated

ROWS = 100_000
MIDDLEWARE = [
    "benchmarks.floor.pages.FloorUrls",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
MAKE = f"""
DROP TABLE IF EXISTS bench_row;
CREATE TABLE bench_row (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, owner_id bigint, state text, title text,
  amount numeric(12, 2), made_at timestamptz);
INSERT INTO bench_row (owner_id, state, title, amount, made_at)
SELECT i % 500, (ARRAY['open', 'done', 'late'])[1 + i % 3], 'Row number ' || i, i % 1000, now() - make_interval(mins => i)
  FROM generate_series(1, {ROWS}) i;
CREATE INDEX ON bench_row (owner_id, id);
CREATE INDEX ON bench_row (state, id);
GRANT SELECT, UPDATE ON bench_row TO PUBLIC;
DROP TABLE IF EXISTS bench_audit;
CREATE TABLE bench_audit (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, row_id bigint, user_id bigint, verb text,
  facts jsonb, at timestamptz);
GRANT SELECT, INSERT ON bench_audit TO PUBLIC;
"""
AUDIT = "INSERT INTO bench_audit (row_id, user_id, verb, facts, at) VALUES (%s, %s, 'ticked', '{\"state\": \"done\"}', now())"
PAGE = """<!doctype html><html lang="en"><head><title>{{ title }}</title></head><body>
<p>{{ user }}: {{ mine }} mine, {{ late|length }} late, newest {{ newest.title }}, oldest {{ oldest.title }}</p>
<table>{% for row in rows %}<tr><td>{{ row.id }}</td><td><a href="/rows/{{ row.id }}/">{{ row.title }}</a></td>
<td>{{ row.state }}</td><td>{{ row.amount|floatformat:2 }}</td><td>{{ row.made_at|date:"Y-m-d H:i" }}</td>
<td>{% if row.owner_id == user.pk %}mine{% endif %}</td></tr>{% endfor %}</table></body></html>"""
PARTIAL = (
    "<tr><td>{{ row.id }}</td><td>{{ row.title }}</td><td>{{ row.amount|floatformat:2 }}</td><td>{{ user }}</td></tr>"
)


class Row(models.Model):
    """A row of the plain table."""

    owner_id = models.BigIntegerField()
    state = models.TextField()
    title = models.TextField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    made_at = models.DateTimeField()

    class Meta:
        app_label = "benchmarks"
        managed = False
        db_table = "bench_row"


class FloorUrls:
    """Sends requests to the floor's own addresses."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        request.urlconf = "benchmarks.floor.pages"
        return self.get_response(request)


@transaction.non_atomic_requests
def page(request: HttpRequest) -> HttpResponse:
    """Five indexed queries and a table of 50 rows of 100,000."""
    key = request.user.pk % 500
    context = {
        "title": "Rows",
        "user": request.user,
        "mine": Row.objects.filter(owner_id=key).count(),
        "late": list(Row.objects.filter(state="late").order_by("id")[:10]),
        "newest": Row.objects.order_by("-id").first(),
        "oldest": Row.objects.order_by("id").first(),
        "rows": list(Row.objects.filter(id__gt=50_000).order_by("id")[:50]),
    }
    return HttpResponse(_template(PAGE).render(context))


@transaction.non_atomic_requests
def partial(request: HttpRequest) -> HttpResponse:
    """Session, user and one row as a fragment."""
    context = {"user": str(request.user), "row": Row.objects.get(pk=50_000)}
    return HttpResponse(_template(PARTIAL).render(context))


@transaction.non_atomic_requests
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """One transaction: a row is held, changed, and the change written down."""
    with transaction.atomic():
        row = Row.objects.select_for_update().get(pk=pk)
        row.state = "done"
        row.save(update_fields=["state"])
        with connection.cursor() as cursor:
            cursor.execute(AUDIT, [row.pk, request.user.pk])
    return HttpResponse("", status=204)


class RowShape(serializers.ModelSerializer):
    """A row as DRF itself gives it."""

    class Meta:
        model = Row
        fields = ("id", "owner_id", "state", "title", "amount", "made_at")


class RowPages(CursorPagination):
    """50 rows by cursor."""

    page_size = 50
    ordering = "id"


class RowListView(ListAPIView):
    """The cursor list: a session, and nothing of ours."""

    queryset = Row.objects.all()
    serializer_class = RowShape
    pagination_class = RowPages
    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)
    throttle_classes = ()


urlpatterns = [
    path("page/", page),
    path("partial/", partial),
    path("tick/<int:pk>/", tick),
    path("rows/", transaction.non_atomic_requests(RowListView.as_view())),
]
_templates: dict[str, Any] = {}


def _template(text: str) -> Any:
    if text not in _templates:
        _templates[text] = engines["django"].from_string(text)
    return _templates[text]


def make_rows(cursor: Any) -> None:
    """The table with its rows."""
    cursor.execute(MAKE)
    connection.close()
