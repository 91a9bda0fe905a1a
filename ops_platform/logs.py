"""Structured logs: one event a line, as JSON for machines or aligned text for a terminal (`LOG_FORMAT`)."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_KEY = re.compile(r"(/password/reset/key/)[^/]+")
_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def logging_config(log_format: str, level: str) -> dict[str, Any]:
    """Django's LOGGING. `log_format` is `json` or `console`. Also points structlog's own loggers to it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            _leave_out_routine,
            _leave_out_queries,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(log_format)],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stream"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # One line a request comes from django_structlog already.
            "django.request": {"level": "ERROR"},
            "gunicorn.error": {"handlers": [], "level": "WARNING", "propagate": True},
            "celery": {"level": max(logging.getLevelName(level), logging.WARNING)},
        },
    }


def _leave_out_routine(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """One line a request, at its end."""
    if event.get("event") == "request_started":
        raise structlog.DropEvent
    return event


def _leave_out_queries(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Addresses without what people searched for, and without the keys of password mails."""
    request = event.get("request")
    if isinstance(request, str):
        event["request"] = _KEY.sub(r"\1...", request.partition("?")[0])
    return event


def _renderers(log_format: str) -> list[Any]:
    """Tracebacks without local variables: those hold passwords and people's data."""
    if log_format == "console":
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    tracebacks = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    return [tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
