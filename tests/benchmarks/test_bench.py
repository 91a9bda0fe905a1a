"""`manage.py bench` measures what it says, on servers of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measuring import Result, Timed, in_turn, ratio_of, table

ROOT = Path(__file__).resolve().parents[2]


def test_works_are_done_in_turn_and_warming_up_is_not_counted() -> None:
    done: list[str] = []

    first, second = in_turn(lambda: done.append("a"), lambda: done.append("b"), rounds=3, warm_up=2)

    assert "".join(done) == "ab" * 5
    assert len(first.seconds) == len(second.seconds) == 3


def test_a_ratio_is_the_median_of_the_rounds_and_a_limit_is_kept_or_not() -> None:
    assert ratio_of(Timed((2.0, 90.0, 3.0)), Timed((1.0, 30.0, 1.0))) == 3.0
    assert Timed(tuple(map(float, range(100)))).at(0.95) == 95.0
    assert Result(1, "x", ratio=1.3, limit="<= 1.3").is_reached is True
    assert Result(9, "x", ratio=0.29, limit=">= 0.3").is_reached is False
    assert Result(1, "x").is_reached is None
    text = table([Result(7, "slow", 0.5, 1.0, ratio=2.0, limit="<= 1.3"), Result(9, "x", 10, 20, unit="rows/s")])
    assert "500.0 ms" in text
    assert "MISSED" in text
    assert "20 rows/s" in text


@pytest.mark.processes
def test_the_command_writes_every_row_that_was_asked_for_and_ends_well(tmp_path: Path) -> None:
    output = tmp_path / "results.json"

    command = [sys.executable, "manage.py", "bench", "--rows=20000", "--only=7,8,11", f"--output={output}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stderr
    found = json.loads(output.read_text())
    assert {result["row"] for result in found["results"]} == {7, 8, 11}, done.stderr
    assert all(result["ratio"] > 0 for result in found["results"] if result["limit"])
    assert "authorised empty page" in done.stdout
    growth = next(result for result in found["results"] if "10 times the history" in result["what"])
    assert growth["ratio"] < 3  # the machine is shared; what it reads is held exactly in test_growth.py
