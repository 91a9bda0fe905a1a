"""What forms and addresses give as the id of a row."""

from __future__ import annotations

import pytest

from ops_platform.web.forms import row_number


def test_row_number_is_read() -> None:
    assert row_number("42") == 42


@pytest.mark.parametrize("text", ["", "-1", "1.0", " 1", "²", "٣", "1\0", "9" * 19, "x"])
def test_row_number_refuses_what_is_no_id(text: str) -> None:
    assert row_number(text) is None
