"""Rows 3 and 4: lists of people, as a page and by the API, against plain Django pages and a plain cursor list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.floor import pages
from benchmarks.measuring import Result, in_turn, ratio_of
from benchmarks.rows.pages import floor_client, member_of
from benchmarks.world import World
from ops_platform.web.paging import make_cursor
from organization.models import Member
from organization.services.tokens import create_token
from organization.tenancy import tenant_transaction
from organization.views.members import MemberListView

FEW, MANY, FAR = 100_000, 1_000_000, 75_000
ROUNDS = 40
PEOPLE = """
WITH made AS (
  INSERT INTO organization_user (password, email, name, language, timezone, theme, density, uses_keys, rows_per_page,
    is_active, joined_at)
  SELECT '', 'person' || i || '@bench.example', 'Person ' || i, '', '', '', '', true, 50, true, now()
    FROM generate_series(%s, %s) i RETURNING id, name)
INSERT INTO organization_member (organization_id, user_id, name, name_pinyin, is_active, version,
  created_at, updated_at)
SELECT %s, id, name, lower(name), true, 1, now(), now() FROM made
"""


def grow(world: World, first: int, last: int) -> None:
    """Members from number `first` to `last`."""
    with world.cursor() as cursor:
        cursor.execute(PEOPLE, [first, last, world.organization.pk])
        cursor.execute("ANALYZE organization_member; ANALYZE organization_user")


def html_list(world: World) -> list[Result]:
    """Row 3: 50 rows of 100,000, and how the cost grows with the place in the list, its size, and the page."""
    grow(world, 1, FEW)
    product, floor = member_of(world), floor_client(world)
    address = "/organization/members/"
    far = f"{address}?cursor={_cursor(world)}"
    base, first, distant = in_turn(
        lambda: floor("/page/"), lambda: product(address), lambda: product(far), rounds=ROUNDS, warm_up=5
    )
    counted = [_statements(product, one) for one in (address, far)]
    api, plain = _asking_api(world), _cursor_list(world)
    listed, shown = in_turn(plain, lambda: api("members/"), rounds=ROUNDS, warm_up=5)
    few = _statements(api, "members/")
    grow(world, FEW + 1, MANY)
    base_then, wide = in_turn(lambda: floor("/page/"), lambda: product(address), rounds=ROUNDS, warm_up=5)
    (wide_api,) = in_turn(lambda: api("members/"), rounds=ROUNDS, warm_up=5)
    # Minutes lie between the two: the floor, whose table stays as it is, tells what the machine did meanwhile
    growth = ratio_of(wide, base_then) / ratio_of(first, base)
    return [
        Result(
            3, "list of 50 of 100,000 people", base.median, first.median, ratio=ratio_of(first, base), limit="<= 1.2"
        ),
        Result(3, "statements", ratio=max(counted), limit="<= 10"),
        Result(
            3, "row 75,000 over row 1", first.median, distant.median, ratio=ratio_of(distant, first), limit="<= 1.1"
        ),
        Result(3, "of 1,000,000 over of 100,000", first.median, wide.median, ratio=growth, limit="<= 1.1"),
        Result(
            4,
            "API list of 50 of 100,000 people",
            listed.median,
            shown.median,
            ratio=ratio_of(shown, listed),
            limit="<= 1.3",
            facts={"statements": few, "of_1_000_000": wide_api.median},
        ),
    ]


def _cursor(world: World) -> str:
    """The cursor of the page that begins behind row 75,000."""
    with tenant_transaction(world.organization.pk):
        row = Member.objects.order_by("name_pinyin", "pk")[FAR]
        return make_cursor(row, MemberListView.order)


def _asking_api(world: World) -> Any:
    """What asks the API, with a token of the owner."""
    with tenant_transaction(world.organization.pk):
        member = Member.objects.get(user=world.owner)
        end = timezone.now() + timedelta(days=1)
        facts = {"name": "Bench", "member": member, "codenames": ["organization.member.view"], "expires_at": end}
        _row, text = create_token(world.actor, world.organization, **facts)
    client, headers = Client(), {"Authorization": f"Bearer {text}"}

    def ask(path: str) -> Any:
        answer = client.get(f"/api/v1/{path}", headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}.")
        return answer

    return ask


def _cursor_list(world: World) -> Any:
    """What asks the plain list of the floor."""
    with override_settings(MIDDLEWARE=pages.MIDDLEWARE):
        client = Client()
        client.force_login(world.owner)
        client.handler.load_middleware()
    first = client.get("/rows/").json()["next"]
    query = parse_qs(urlsplit(first).query)
    return lambda: client.get("/rows/", query)


def _statements(ask: Any, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        ask(address)
    return sum(
        not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")) for query in seen.captured_queries
    )
