from __future__ import annotations

import io
import json
import logging
import logging.config

import pytest
import structlog

from ops_platform.logs import logging_config


@pytest.fixture
def written():
    """What the product's log formatter writes for the logger `test.logs`, in each format."""
    streams = {}

    def write(log_format: str) -> logging.Logger:
        config = logging_config(log_format, "INFO")["formatters"]["structured"]
        formatter = config.pop("()")(**config)
        streams[log_format] = io.StringIO()
        handler = logging.StreamHandler(streams[log_format])
        handler.setFormatter(formatter)
        logger = logging.getLogger("test.logs")
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel("INFO")
        return logger

    structlog.contextvars.clear_contextvars()
    yield write, streams
    logging.getLogger("test.logs").handlers = []


def fail(logger: logging.Logger) -> None:
    password = "a-secret-in-a-local-variable"
    try:
        raise ValueError(len(password))
    except ValueError:
        logger.exception("it failed")


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_tracebacks_are_written_without_local_variables(written, log_format):
    write, streams = written

    fail(write(log_format))

    text = streams[log_format].getvalue()
    assert "ValueError" in text
    assert "a-secret-in-a-local-variable" not in text.replace('password = "a-secret-in-a-local-variable"', "")


def test_json_is_one_object_a_line_with_time_level_and_logger(written):
    write, streams = written
    write("json")

    structlog.stdlib.get_logger("test.logs").info("import.finished", rows=3, name="门店")

    line = json.loads(streams["json"].getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "import.finished", "rows": 3, "name": "门店", "level": "info", "logger": "test.logs"}


def test_beginning_of_a_request_is_left_out(written):
    write, streams = written
    write("json")

    structlog.stdlib.get_logger("test.logs").info("request_started", request="GET /")
    structlog.stdlib.get_logger("test.logs").info("request_finished", request="GET /", code=200)

    assert [json.loads(line)["event"] for line in streams["json"].getvalue().splitlines()] == ["request_finished"]


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("GET /search/?q=Zhang+Wei", "GET /search/"),
        ("GET /accounts/password/reset/key/1-abc-def/", "GET /accounts/password/reset/key/.../"),
        ("GET /metrics/kpis/", "GET /metrics/kpis/"),
    ],
)
def test_addresses_are_written_without_searches_and_keys(written, address, kept):
    write, streams = written
    write("json")

    structlog.stdlib.get_logger("test.logs").info("request_finished", request=address)

    assert json.loads(streams["json"].getvalue())["request"] == kept
