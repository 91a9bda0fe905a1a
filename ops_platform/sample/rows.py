"""Generated rows, column by column, as the loader takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
SECONDS_A_DAY = 86_400
# The company works in China, which keeps one time all year.
UTC_OFFSET = timedelta(hours=8)


@dataclass(frozen=True)
class Rows:
    """seconds: instants as UTC seconds since 1970, ascending; keys: one a row; numbers and texts by column key."""

    seconds: Ints
    keys: list[str]
    numbers: dict[str, Sequence[str | None]]
    texts: dict[str, Sequence[str | None]]

    def __len__(self) -> int:
        return len(self.keys)

    def parts(self, size: int) -> Iterator[Rows]:
        """The rows in pieces of at most `size`."""
        for start in range(0, len(self), size):
            cut = slice(start, start + size)
            yield Rows(
                self.seconds[cut],
                self.keys[cut],
                {key: values[cut] for key, values in self.numbers.items()},
                {key: values[cut] for key, values in self.texts.items()},
            )

    def instants(self) -> list[datetime]:
        """The instants, aware."""
        return [datetime.fromtimestamp(second, UTC) for second in self.seconds.tolist()]


def midnight(day: date) -> int:
    """The UTC second at which a local day begins."""
    return int((datetime(day.year, day.month, day.day, tzinfo=UTC) - UTC_OFFSET).timestamp())


def local_day(instant: datetime) -> date:
    """The local day of an instant."""
    return (instant.astimezone(UTC) + UTC_OFFSET).date()


def ordered(
    seconds: Ints,
    as_of: datetime,
    prefix: str,
    numbers: Mapping[str, Sequence[str | None]],
    texts: Mapping[str, Sequence[str | None]],
) -> Rows:
    """The rows up to `as_of` in the order of time, numbered in it: "L000001"."""
    order = np.argsort(seconds, kind="stable")
    order = order[seconds[order] <= as_of.timestamp()]
    places = order.tolist()
    return Rows(
        seconds[order],
        [f"{prefix}{number:06d}" for number in range(1, len(places) + 1)],
        {key: [values[place] for place in places] for key, values in numbers.items()},
        {key: [values[place] for place in places] for key, values in texts.items()},
    )


def money(cents: Ints) -> list[str | None]:
    """Cents as plain decimal texts."""
    return [f"{'-' if cent < 0 else ''}{abs(cent) // 100}.{abs(cent) % 100:02d}" for cent in cents.tolist()]


def whole(values: Ints) -> list[str | None]:
    """Whole numbers as texts."""
    return list(map(str, values.tolist()))


def named(names: Sequence[str], codes: Ints) -> list[str | None]:
    """The name behind each code."""
    return [names[code] for code in codes.tolist()]
