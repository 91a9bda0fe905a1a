"""Which browser tests are run a second time, and what the whole then says."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from ops_platform.testing import suite

FEW = ["tests/browser/test_a.py::test_one"]
MANY = [f"tests/browser/test_a.py::test_{number}" for number in range(suite.MOST_AGAIN + 1)]


@pytest.mark.parametrize(
    ("statuses", "failed", "is_good"),
    [
        ([0], [], True),
        ([suite.NO_TESTS], [], True),
        ([1, 0], FEW, True),
        ([1, 1], FEW, False),
        ([1, suite.NO_TESTS], FEW, False),  # the second run found none of them: nothing was shown
        ([1], MANY, False),
        ([2], [], False),
        ([3], FEW, False),
    ],
)
def test_a_few_that_failed_are_run_again_alone(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    statuses: list[int],
    failed: list[str],
    is_good: bool,
) -> None:
    asked: list[Sequence[str]] = []

    def run(arguments: Sequence[str]) -> int:
        asked.append(arguments)
        return statuses[len(asked) - 1]

    monkeypatch.setattr(suite, "_pytest", run)
    monkeypatch.setattr(suite, "_failed_last", lambda: failed)

    assert suite._browser_tests() is is_good
    assert len(asked) == len(statuses)
    if len(asked) == 2:
        assert {"-n", "0", "--last-failed", "browser"} <= set(asked[1])
        assert FEW[0] in capsys.readouterr().out


def test_what_failed_is_read_from_the_note_that_pytest_leaves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_good(): pass\ndef test_bad(): assert False\n")
    subprocess.run(
        [suite.PYTHON, "-m", "pytest", "-q", "-p", "no:django", "--rootdir", tmp_path, tmp_path], cwd=tmp_path
    )
    monkeypatch.setattr(suite, "ROOT", tmp_path)

    assert suite._failed_last() == ["test_it.py::test_bad"]
