"""Which buckets a stretch of time touches, as arrays for SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from metrics.choices import GrainCode
from organization.engine.local_time import day_start
from organization.engine.periods import Grain, Period, PeriodRule, period_of, periods

GRAINS = {code: Grain(code.name.lower()) for code in GrainCode}
# A statement covers at most this much time: its groups then fit into memory, however long the history is
LONGEST_CHUNK = timedelta(days=32)
BEGINNING, END_OF_TIME = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Reach:
    """The instants that a version must cover, [start, end), and those from which its buckets are read, [start, cut).

    A version covers its days and the rest of the longest period in which its successor begins: a month is read under the
    version of its first day.
    """

    start: datetime
    end: datetime
    cut: datetime

    def clip(self, spans: Sequence[Span]) -> list[Span]:
        """The parts of the spans that lie within the reach."""
        return [(max(opens, self.start), min(ends, self.end)) for opens, ends in spans if self._meets(opens, ends)]

    def _meets(self, opens: datetime, ends: datetime) -> bool:
        return opens < self.end and ends > self.start


def reach(first_on: date | None, until_on: date | None, rule: PeriodRule) -> Reach:
    """The reach of a version in force on the days [first_on, until_on); None is no bound."""
    start = BEGINNING if first_on is None else day_start(first_on, rule.timezone)
    if until_on is None:
        return Reach(start, END_OF_TIME, END_OF_TIME)
    cut = day_start(until_on, rule.timezone)
    end = max(period_of(grain, cut, rule).end for grain in (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR))
    return Reach(start, end, cut)


@dataclass(frozen=True)
class Buckets:
    """Buckets of one grain: their starts, and the half-open runs of time that they cover without a gap."""

    grain: int
    starts: tuple[datetime, ...]
    run_starts: tuple[datetime, ...]
    run_ends: tuple[datetime, ...]

    @cached_property
    def starts_array(self) -> str:
        """The starts as the text of a PostgreSQL array, written once however often a statement names it."""
        return _array(self.starts)

    @cached_property
    def run_starts_array(self) -> str:
        return _array(self.run_starts)

    @cached_property
    def run_ends_array(self) -> str:
        return _array(self.run_ends)


def touched_periods(grain: Grain, spans: Sequence[Span], rule: PeriodRule) -> list[Period]:
    """The periods that overlap any of the ascending spans, each once, in order."""
    found: dict[datetime, Period] = {}
    for start, end in joined(spans):
        found.update((period.start, period) for period in periods(grain, start, end, rule))
    return list(found.values())


def joined(spans: Sequence[Span]) -> Iterator[Span]:
    """Ascending spans, those that meet put together."""
    start, end = spans[0]
    for opens, closes in spans[1:]:
        if opens <= end:
            end = max(end, closes)
        else:
            yield start, end
            start, end = opens, closes
    yield start, end


def chunks_of(grain: GrainCode, found: Sequence[Period]) -> Iterator[Buckets]:
    """Periods as buckets, in chunks that cover LONGEST_CHUNK at most, or a single longer period."""
    chunk: list[Period] = []
    covered = timedelta(0)
    for period in found:
        length = period.end - period.start
        if chunk and covered + length > LONGEST_CHUNK:
            yield buckets_of(grain, chunk)
            chunk, covered = [], timedelta(0)
        chunk.append(period)
        covered += length
    if chunk:
        yield buckets_of(grain, chunk)


def buckets_of(grain: GrainCode, found: Sequence[Period]) -> Buckets:
    """Ascending periods as the buckets of one statement."""
    runs = list(joined([(period.start, period.end) for period in found]))
    return Buckets(
        grain,
        tuple(period.start for period in found),
        tuple(start for start, _ in runs),
        tuple(end for _, end in runs),
    )


def _array(instants: Sequence[datetime]) -> str:
    return "{" + ",".join(instant.isoformat() for instant in instants) + "}"
