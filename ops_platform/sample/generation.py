"""All rows of the sample, table by table: the same for the same seed, day and language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import numpy as np

from ops_platform.sample import operations, orders, people_side, season
from ops_platform.sample.rows import Rows, local_day

SEED = 20_240_601


def tables(
    as_of: datetime, language: str, *, months: int = season.MONTHS, seed: int = SEED
) -> Iterator[tuple[str, Callable[[], Rows]]]:
    """Key of each dataset, and how to make its rows up to `as_of`. Each has chance of its own: one never moves another."""

    def chance(stream: int) -> np.random.Generator:
        return np.random.default_rng([seed, stream])

    days = season.days_until(local_day(as_of), months)
    placed = orders.draw_orders(chance(1), days)
    lines = orders.draw_lines(chance(2), placed)
    yield "orders", lambda: orders.order_rows(chance(3), placed, lines, as_of, language)
    yield "web_sessions", lambda: people_side.session_rows(chance(4), placed, as_of, language)
    yield "tickets", lambda: people_side.ticket_rows(chance(5), days, as_of, language)
    yield "deliveries", lambda: operations.delivery_rows(chance(6), placed, as_of, language)
    yield "stock", lambda: operations.stock_rows(chance(7), placed, lines, as_of, language)
    yield "inspections", lambda: operations.inspection_rows(chance(8), days, as_of, language)
    yield "survey", lambda: people_side.survey_rows(chance(9), days, as_of)
