"""JSON that PostgreSQL can keep: no NaN, no NUL, no lone surrogates, no bottomless nesting."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 20
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(JSONParser):
    """Numbers come out as Decimal, digit for digit as they were sent."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        raw = stream.read()
        try:
            text = raw.decode("utf-8")
            value = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
        except UnicodeDecodeError as error:
            raise ParseError(_("The body is not UTF-8.")) from error
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except (ValueError, ArithmeticError) as error:  # ArithmeticError: an exponent that Decimal cannot hold
            raise ParseError(_("The body is not valid JSON: %(reason)s") % {"reason": error}) from error
        check(value)
        return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def check(value: Any, depth: int = 0) -> None:
    """Raise ParseError for text or nesting that cannot be stored."""
    if depth > DEEPEST:
        raise ParseError(_("The JSON is nested too deeply."))
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            raise ParseError(_("Text must not contain NUL or broken characters."))
    elif isinstance(value, dict):
        for key, item in value.items():
            check(key, depth + 1)
            check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            check(item, depth + 1)
