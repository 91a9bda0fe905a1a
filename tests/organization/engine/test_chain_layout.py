"""Where boxes and lines of a chain stand."""

from __future__ import annotations

from organization.engine.chain_layout import Place, depths, line, places, shortened


def test_o9_columns_stand_side_by_side_and_are_centred():
    found, width, height = places([1, 2])

    assert found == [[Place(4, 40)], [Place(296, 4), Place(296, 76)]]
    assert (width, height) == (504, 132)
    assert places([]) == ([], 0, 0)


def test_o9_a_line_goes_from_the_right_side_to_the_left_side():
    drawn = line(Place(4, 40), Place(296, 4))

    assert drawn.path == "M208 66C252 66 252 30 296 30"
    assert (drawn.x, drawn.y) == (252, 44)


def test_o9_each_object_stands_at_its_nearest_step():
    up = {"k": {"d"}, "d": {"s"}, "s": {"x"}}
    down = {"k": {"f", "b"}, "f": {"b", "k"}}

    assert depths("k", up, down, 2) == {"k": 0, "d": -1, "s": -2, "f": 1, "b": 1}


def test_names_are_shortened_by_their_width():
    assert shortened("Revenue") == "Revenue"
    assert shortened("x" * 30) == "x" * 24 + "…"
    assert shortened("销" * 13) == "销" * 11 + "…"
