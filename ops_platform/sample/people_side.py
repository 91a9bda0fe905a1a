"""What people do beside buying: visit the shop, write to the service, answer the survey."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from ops_platform.sample import catalogue as c
from ops_platform.sample import season, trouble
from ops_platform.sample.orders import Orders
from ops_platform.sample.rows import Rows, midnight, named, ordered, whole

VISITS_A_DAY = 2_300.0
BOUNCE_SHARE = 0.41
TICKETS_A_DAY = 26.0
SURVEY_SECOND = 18 * 3600


def session_rows(rng: np.random.Generator, orders: Orders, as_of: datetime, language: str) -> Rows:
    """Visits to the web shop by hour, source and device; the purchases among them are the online orders."""
    days, today = orders.days, orders.days[-1]
    starts = np.array([midnight(each) for each in days])
    online = orders.channel == c.ONLINE
    hours = (orders.seconds[online] - starts[0]) // 3600
    bought = np.bincount(hours, minlength=len(days) * 24)[: len(days) * 24]
    cells = np.outer(c.SOURCE_SHARES, c.DEVICE_SHARES).ravel()
    purchases = rng.multinomial(bought, cells)
    visits = np.outer(season.demand(days), season.hour_shares("online")).ravel() * VISITS_A_DAY
    down = np.repeat(trouble.OUTAGE.mask(days, today), 24)
    down &= np.isin(np.tile(np.arange(24), len(days)), trouble.OUTAGE_HOURS)
    visits = np.where(down, visits * 0.02, visits)
    others = rng.poisson(np.outer(visits, cells))
    bounced = rng.binomial(others, BOUNCE_SHARE)
    pages = (others - bounced) * 4 + bounced + purchases * 9
    hour, cell = (axis.ravel() for axis in np.indices(others.shape))
    kept = np.flatnonzero((others + purchases).ravel() > 0)
    hour, cell = hour[kept], cell[kept]
    count = len(c.DEVICES)
    return ordered(
        starts[0] + hour * 3600,
        as_of,
        "V",
        {
            "sessions": whole((others + purchases).ravel()[kept]),
            "bounced": whole(bounced.ravel()[kept]),
            "pages": whole(pages.ravel()[kept]),
            "purchases": whole(purchases.ravel()[kept]),
        },
        {
            "source": named([each.shown(language) for each in c.SOURCES], cell // count),
            "device": named([each.shown(language) for each in c.DEVICES], cell % count),
            "department": [c.ONLINE_DEPARTMENT] * len(kept),
        },
    )


def ticket_rows(rng: np.random.Generator, days: list[date], as_of: datetime, language: str) -> Rows:
    """Requests to customer service: when the complaints come in, everybody waits longer and likes it less."""
    today = days[-1]
    demand = season.demand(days) ** 0.7
    wave = trouble.COMPLAINTS.mask(days, today)
    usual, extra = rng.poisson(TICKETS_A_DAY * demand), rng.poisson(np.where(wave, 34.0, 0.0))
    day = np.repeat(np.arange(len(days)), usual + extra)
    angry = np.concatenate([np.arange(a + b) >= a for a, b in zip(usual, extra, strict=True)])
    size = len(day)
    topic = np.where(angry, c.QUALITY, rng.choice(len(c.TOPICS), size, p=c.TOPIC_SHARES))
    region = np.where(angry, c.SOUTH, rng.choice(len(c.REGIONS), size, p=c.REGION_SHARES))
    priority = np.where(angry & (rng.random(size) < 0.6), 0, rng.choice(len(c.PRIORITIES), size, p=c.PRIORITY_SHARES))
    waiting = np.where(wave[day], 2.6, 1.0) * np.array([0.4, 1.0, 1.8])[priority]
    minutes = np.rint(rng.lognormal(3.3, 0.7, size) * waiting).astype(np.int64) + 1
    tenths = np.rint(rng.lognormal(2.2, 0.8, size) * waiting * 10).astype(np.int64) + 2
    mood = 4.35 - 0.9 * angry - 0.35 * wave[day] - 0.08 * (priority == 0)
    mark = np.clip(np.rint(rng.normal(mood, 0.9)), 1, 5).astype(np.int64)
    is_judged = rng.random(size) < 0.42
    starts = np.array([midnight(each) for each in days])
    hour = rng.choice(24, size, p=season.hour_shares("day"))
    return ordered(
        starts[day] + hour * 3600 + rng.integers(0, 3600, size),
        as_of,
        "T",
        {
            "first_response": whole(minutes),
            "hours": [f"{tenth // 10}.{tenth % 10}" for tenth in tenths.tolist()],
            "satisfaction": [str(m) if judged else None for m, judged in zip(mark.tolist(), is_judged, strict=True)],
        },
        {
            "topic": named([each.shown(language) for each in c.TOPICS], topic),
            "priority": named([each.shown(language) for each in c.PRIORITIES], priority),
            "region": named([each.shown(language) for each in c.REGIONS], region),
            "department": named(["SVC-H", "SVC-C"], (rng.random(size) < 0.55).astype(np.int64)),
        },
    )


def survey_rows(rng: np.random.Generator, days: list[date], as_of: datetime) -> Rows:
    """One figure a month, entered by hand on its last day: how willing people are to recommend working here."""
    ends = [day for day in days if (day + timedelta(days=1)).day == 1]
    score = 7.1 + 0.3 * np.sin(np.arange(len(ends)) / 2.5) + rng.normal(0, 0.08, len(ends))
    score -= np.array([0.5 * _was_hard(day, days[-1]) for day in ends])
    tenths = np.rint(score * 10).astype(np.int64)
    return ordered(
        np.array([midnight(day) + SURVEY_SECOND for day in ends], dtype=np.int64),
        as_of,
        "E",
        {"score": [f"{tenth // 10}.{tenth % 10}" for tenth in tenths.tolist()]},
        {"department": ["HR"] * len(ends)},
    )


def _was_hard(day: date, today: date) -> bool:
    """Whether the complaints of that month wore people out."""
    first, last = trouble.COMPLAINTS.days(today)
    return first <= day <= last + timedelta(days=20)
