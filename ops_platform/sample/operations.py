"""What follows from the orders: deliveries, stock, incoming inspection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np

from ops_platform.sample import catalogue as c
from ops_platform.sample import season, trouble
from ops_platform.sample.orders import Lines, Orders
from ops_platform.sample.rows import SECONDS_A_DAY, Rows, midnight, money, named, ordered, whole

PROMISED_DAYS = 3
LATE_SHARE = 0.045
SNAPSHOT_SECOND = 23 * 3600
COVER_DAYS = 24
LOTS_A_DAY = 7
REJECTED_SHARE = 0.022


def delivery_rows(rng: np.random.Generator, orders: Orders, as_of: datetime, language: str) -> Rows:
    """A row a parcel on the day it arrived; what is bought in a store is taken along."""
    today = orders.days[-1]
    sent = np.flatnonzero(orders.channel != c.STORE)
    day, region = orders.day[sent], orders.region[sent]
    share = LATE_SHARE + season.congestion(orders.days)[day]
    failing = trouble.SUPPLIER.mask(orders.days, today)[day]
    share = np.where(failing & (region == c.SOUTH), 0.38, share)
    late = rng.random(len(sent)) < share
    slow = np.where(failing & (region == c.SOUTH), 5, 2)
    days_late = np.where(late, 1 + rng.poisson(slow), 0)
    days = np.where(late, PROMISED_DAYS + days_late, rng.integers(1, PROMISED_DAYS + 1, len(sent)))
    starts = np.array([midnight(each) for each in orders.days])
    seconds = starts[day] + days * SECONDS_A_DAY + rng.integers(9 * 3600, 19 * 3600, len(sent))
    numbers = {
        "lead_days": whole(days),
        "days_late": whole(days_late),
        "late": whole(late.astype(np.int64)),
        "freight": money(rng.integers(600, 2_600, len(sent)) + 400 * np.isin(region, (c.WEST, c.NORTH))),
    }
    texts: dict[str, Sequence[str | None]] = {
        "order_no": named(orders.numbers, sent),
        "carrier": named([each.shown(language) for each in c.CARRIERS], rng.choice(3, len(sent), p=(0.5, 0.3, 0.2))),
        "region": named([each.shown(language) for each in c.REGIONS], region),
        "department": ["WH"] * len(sent),
    }
    return ordered(seconds, as_of, "D", numbers, texts)


def stock_rows(rng: np.random.Generator, orders: Orders, lines: Lines, as_of: datetime, language: str) -> Rows:
    """What lay in each warehouse at the end of each day, by product."""
    today = orders.days[-1]
    houses, products, days = len(c.WAREHOUSES), len(c.PRODUCTS), len(orders.days)
    house = np.array([0, 1, 2, 2])[orders.region[lines.order]]  # who serves East, South, North and West
    sold = np.zeros((days, houses, products), dtype=np.int64)
    np.add.at(sold, (orders.day[lines.order], house, lines.product), lines.quantity)
    usual = np.maximum(sold.mean(axis=0), 0.3)
    level = np.rint(usual * COVER_DAYS * rng.uniform(0.8, 1.2, usual.shape)).astype(np.int64)
    levels = np.empty_like(sold)
    for number, is_out in enumerate(trouble.STOCK_OUT.mask(orders.days, today).tolist()):
        level = np.maximum(level - sold[number], 0)
        low = level < usual * 9
        level = level + np.where(low, np.rint(usual * COVER_DAYS * rng.uniform(0.9, 1.1, usual.shape)), 0).astype(int)
        if is_out:
            level[0, c.BESTSELLER] = 0
        levels[number] = level
    day, place, product = (axis.ravel() for axis in np.indices(levels.shape))
    starts = np.array([midnight(each) for each in orders.days])
    on_hand = levels.ravel()
    cost = np.array([each.cost for each in c.PRODUCTS])[product]
    return ordered(
        starts[day] + SNAPSHOT_SECOND,
        as_of,
        "K",
        {"on_hand": whole(on_hand), "value": money(on_hand * cost)},
        {
            "warehouse": named([each.shown(language) for each in c.WAREHOUSES], place),
            "product": named([f"{each.code} {each.name.shown(language)}" for each in c.PRODUCTS], product),
            "category": named(
                [each.shown(language) for each in c.CATEGORIES],
                np.array([each.category for each in c.PRODUCTS])[product],
            ),
            "department": ["WH"] * len(on_hand),
        },
    )


def inspection_rows(rng: np.random.Generator, days: list[date], as_of: datetime, language: str) -> Rows:
    """Lots inspected on arrival; the lighting supplier's fail, and one day the feed falls silent."""
    today = days[-1]
    counts = np.array([LOTS_A_DAY if each.weekday() < 6 else 0 for each in days])
    counts = np.where(trouble.SILENT.mask(days, today), 0, counts)
    day = np.repeat(np.arange(len(days)), counts)
    supplier = rng.integers(0, len(c.SUPPLIERS), len(day))
    failing = trouble.SUPPLIER.mask(days, today)[day] & (supplier == 0)
    rejected = rng.random(len(day)) < np.where(failing, 0.31, REJECTED_SHARE)
    starts = np.array([midnight(each) for each in days])
    return ordered(
        starts[day] + rng.integers(8 * 3600, 17 * 3600, len(day)),
        as_of,
        "I",
        {"lot_size": whole(rng.integers(40, 400, len(day))), "rejected": whole(rejected.astype(np.int64))},
        {
            "supplier": named([each.shown(language) for each in c.SUPPLIERS], supplier),
            "department": ["QA"] * len(day),
        },
    )
