"""Order lines and returns: the heart of the sample. Everything else follows the orders that stand here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from ops_platform.sample import catalogue as c
from ops_platform.sample import season, trouble
from ops_platform.sample.rows import SECONDS_A_DAY, Ints, Rows, midnight, money, named, ordered, whole

ORDERS_A_DAY = 118.0
CUSTOMERS = 9_000
LINES = ((1, 2, 3, 4, 5, 6), (0.42, 0.28, 0.15, 0.08, 0.04, 0.03))
RETURN_SHARE = 0.034
FAULTY_SHARE, FAULTY_SHARE_SOUTH = 0.22, 0.62


@dataclass(frozen=True)
class Orders:
    """The orders behind the lines: day number, second, region and channel of each."""

    days: list[date]
    day: Ints
    seconds: Ints
    region: Ints
    channel: Ints
    numbers: list[str]


@dataclass(frozen=True)
class Lines:
    """Lines of the orders: which order, which product, how many, at which price in cents."""

    order: Ints
    product: Ints
    quantity: Ints
    price: Ints


def draw_orders(rng: np.random.Generator, days: list[date]) -> Orders:
    """When, where and through whom people ordered, with the outage's hole in it."""
    today = days[-1]
    counts = rng.poisson(ORDERS_A_DAY * season.demand(days))
    day = np.repeat(np.arange(len(days)), counts)
    size = len(day)
    region = rng.choice(len(c.REGIONS), size, p=c.REGION_SHARES)
    channel = rng.choice(len(c.CHANNELS), size, p=c.CHANNEL_SHARES)
    online = channel == c.ONLINE
    hour = np.where(
        online,
        rng.choice(24, size, p=season.hour_shares("online")),
        rng.choice(24, size, p=season.hour_shares("day")),
    )
    starts = np.array([midnight(each) for each in days])
    seconds = starts[day] + hour * 3600 + rng.integers(0, 3600, size)
    down = trouble.OUTAGE.mask(days, today)
    kept = ~(down[day] & online & np.isin(hour, trouble.OUTAGE_HOURS))
    order = np.flatnonzero(kept)[np.argsort(seconds[kept], kind="stable")]
    numbers = [f"SO{number:06d}" for number in range(1, len(order) + 1)]
    return Orders(days, day[order], seconds[order], region[order], channel[order], numbers)


def draw_lines(rng: np.random.Generator, orders: Orders) -> Lines:
    """What was ordered: the mispriced pot sells too well, the missing chair not at all."""
    today = orders.days[-1]
    order = np.repeat(np.arange(len(orders.day)), rng.choice(LINES[0], len(orders.day), p=LINES[1]))
    weights = np.array([product.weight for product in c.PRODUCTS])
    product = rng.choice(len(c.PRODUCTS), len(order), p=weights / weights.sum())
    key_account = orders.channel[order] == c.KEY_ACCOUNT
    quantity = rng.geometric(0.72, len(order)) + np.where(key_account, rng.poisson(4, len(order)), 0)
    day = orders.day[order]
    cheap = trouble.PRICING.mask(orders.days, today)[day] & (orders.channel[order] == c.ONLINE)
    product = np.where(cheap & (rng.random(len(order)) < 0.16), c.MISPRICED, product)
    quantity = np.where(cheap & (product == c.MISPRICED), quantity * 3, quantity)
    factors = np.array(c.CHANNEL_PRICES)[orders.channel[order]]
    price = np.rint(np.array([each.price for each in c.PRODUCTS])[product] * factors / 10).astype(np.int64) * 10
    price = np.where(cheap & (product == c.MISPRICED), price // 10, price)
    empty = trouble.STOCK_OUT.mask(orders.days, today)[day]
    kept = ~(empty & (product == c.BESTSELLER) & (orders.region[order] == c.EAST))
    return Lines(order[kept], product[kept], quantity[kept], price[kept])


def order_rows(rng: np.random.Generator, orders: Orders, lines: Lines, as_of: datetime, language: str) -> Rows:
    """The dataset: a row a line, and a row with a negative quantity for each line that came back."""
    today = orders.days[-1]
    region, category = orders.region[lines.order], _categories()[lines.product]
    faulty = trouble.SUPPLIER.mask(orders.days, today)[orders.day[lines.order]] & (category == c.LIGHTING)
    share = np.where(faulty, np.where(region == c.SOUTH, FAULTY_SHARE_SOUTH, FAULTY_SHARE), RETURN_SHARE)
    comes_back = rng.random(len(lines.order)) < share
    back = np.flatnonzero(comes_back)
    reason = np.where(
        faulty[back] & (rng.random(len(back)) < 0.9), c.DEFECT, rng.integers(0, len(c.RETURN_REASONS), len(back))
    )
    later = rng.integers(3 * SECONDS_A_DAY, 15 * SECONDS_A_DAY, len(back))
    index = np.concatenate([np.arange(len(lines.order)), back])
    seconds = orders.seconds[lines.order][index]
    seconds[len(lines.order) :] += later
    sign = np.where(np.arange(len(index)) < len(lines.order), 1, -1)
    customer = _customers(rng, orders)
    placed, product = lines.order[index], lines.product[index]
    departments = [*c.REGION_DEPARTMENTS, c.ONLINE_DEPARTMENT]
    department = np.where(orders.channel == c.ONLINE, len(c.REGION_DEPARTMENTS), orders.region)
    reasons: list[str | None] = [None] * len(lines.order)
    return ordered(
        seconds,
        as_of,
        "L",
        {
            "quantity": whole(lines.quantity[index] * sign),
            "unit_price": money(lines.price[index]),
            "unit_cost": money(np.array([each.cost for each in c.PRODUCTS])[product]),
        },
        {
            "order_no": named(orders.numbers, placed),
            "customer": [f"C{number:05d}" for number in customer[placed].tolist()],
            "product": named([f"{each.code} {each.name.shown(language)}" for each in c.PRODUCTS], product),
            "category": named([each.shown(language) for each in c.CATEGORIES], category[index]),
            "channel": named([each.shown(language) for each in c.CHANNELS], orders.channel[placed]),
            "region": named([each.shown(language) for each in c.REGIONS], orders.region[placed]),
            "department": named(departments, department[placed]),
            "return_reason": reasons + named([each.shown(language) for each in c.RETURN_REASONS], reason),
        },
    )


def _customers(rng: np.random.Generator, orders: Orders) -> Ints:
    """A customer a order: few buy often, most seldom; the later the day, the more of them there are."""
    known = 0.5 + 0.5 * orders.day / max(len(orders.days) - 1, 1)
    place = rng.random(len(orders.day)) ** 2.3 * known
    block = CUSTOMERS // len(c.REGIONS)
    return orders.region * block + (place * block).astype(np.int64) + 1


def _categories() -> Ints:
    return np.array([product.category for product in c.PRODUCTS])
