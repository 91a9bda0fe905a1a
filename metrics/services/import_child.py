"""A process of its own that reads workbooks, under limits of memory and time, and sends what it read as pickles.

Run as `python -m metrics.services.import_child`; it imports the engine alone. A request is one pickle on standard input:
(function name, arguments, bytes of memory, seconds of CPU). The answers are pickles on standard output: ("item", value)
any number of times, then ("end", None) or ("error", (class name, code, params)).
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from metrics.engine.tabular import Limits, Mapping, TabularError, detect, read_rows

try:
    import resource
except ImportError:  # not a Unix: the limits of the engine itself remain
    resource = None  # type: ignore[assignment]


def main() -> None:
    """Answer the one request."""
    name, arguments, memory_bytes, cpu_seconds = pickle.load(sys.stdin.buffer)  # noqa: S301  # from our own parent
    _limit(memory_bytes, cpu_seconds)
    try:
        for item in ANSWERS[name](**arguments):
            _send("item", item)
    except TabularError as error:
        _send("error", (type(error).__name__, error.code, error.params))
    except MemoryError:
        _send("error", ("TabularError", "too_costly", {}))
    else:
        _send("end", None)


def _detect(*, path: str, limits: Limits, options: dict[str, Any]) -> Iterator[Any]:
    yield detect(path, limits, **options)


def _read_rows(*, path: str, mapping: Mapping, timezone: str, limits: Limits) -> Iterator[Any]:
    return read_rows(path, mapping, ZoneInfo(timezone), limits)


ANSWERS: dict[str, Callable[..., Iterator[Any]]] = {"detect": _detect, "read_rows": _read_rows}


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _send(kind: str, value: Any) -> None:
    pickle.dump((kind, value), sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
