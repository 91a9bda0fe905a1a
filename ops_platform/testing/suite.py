"""The whole suite: checks side by side, then the tests and the browser's, then one summary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops_platform.testing import tools
from ops_platform.testing.plugin import FAILED_CHECKS

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
CORES = os.cpu_count() or 2
TESTS_FAILED = 1  # pytest's statuses
NO_TESTS = 5
MOST_AGAIN = 3  # browser tests; more of them are no accident
# Settings of a public installation, for the checks that look at them; nothing is connected to.
DEPLOYED = {
    "SECRET_KEY": "".join(chr(33 + i) for i in range(64)),
    "HTTPS": "1",
    "DEBUG": "0",
    "ALLOWED_HOSTS": "ops.example.org",
    "DATABASE_URL": "postgresql://app:x@localhost/ops",
    "OPS_TESTING": "",
}


@dataclass(frozen=True)
class Check:
    """One command that must end with status 0."""

    name: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()


def static_checks() -> list[Check]:
    """Everything that needs no server, the slowest first."""
    manage = (PYTHON, "manage.py")
    templates = tuple(str(path) for path in sorted((ROOT / "templates").rglob("*.html")))
    return [
        Check("types", (PYTHON, "-m", "mypy")),
        Check("format", (PYTHON, "-m", "ruff", "format", "--check", "--quiet", ".")),
        Check("lint", (PYTHON, "-m", "ruff", "check", "--quiet", ".")),
        Check("floors and rooms", (str(Path(PYTHON).with_name("lint-imports")), "--no-logo")),
        Check("migrations", (*manage, "makemigrations", "--check", "--dry-run"), tuple(DEPLOYED.items())),
        Check("deployment", (*manage, "check", "--deploy", "--fail-level", "WARNING"), tuple(DEPLOYED.items())),
        Check("messages", (*manage, "messages", "--check"), tuple(DEPLOYED.items())),
        *([Check("templates", (str(Path(PYTHON).with_name("djade")), "--check", *templates))] if templates else []),
    ]


def quick(arguments: Sequence[str]) -> int:
    """pytest alone, in parallel unless told otherwise."""
    parallel = [] if any(argument.startswith("-n") for argument in arguments) else ["-n", str(CORES)]
    return _pytest([*parallel, *arguments])


def whole() -> int:
    """All of it; 0 when everything passed. pytest's own summary is the last line."""
    began = time.monotonic()
    tools.ensure_tools()
    results = _run_side_by_side(static_checks())
    results["browser tests"] = _browser_tests()
    _print_summary(results, time.monotonic() - began)
    failed = [name for name, good in results.items() if not good]
    os.environ[FAILED_CHECKS] = ", ".join(failed)
    # By file: some start servers once for all their tests.
    tests = _pytest(["-n", str(CORES), "--dist", "loadfile", "-m", "not browser", "-q"])
    return 1 if failed or tests else 0


def _browser_tests() -> bool:
    """True when they passed, those that failed beside others when they are run again alone: see CONTRIBUTING.md."""
    status = _pytest(["-n", str(min(CORES, 4)), "-m", "browser", "-q", "--maxfail", str(MOST_AGAIN + 1)])
    if status != TESTS_FAILED or len(_failed_last()) > MOST_AGAIN:
        return status in {0, NO_TESTS}
    print("\nUnsteady or broken, now run alone:", *_failed_last(), sep="\n  ", flush=True)
    return _pytest(["-n", "0", "-m", "browser", "-q", "--last-failed", "--last-failed-no-failures", "none"]) == 0


def _failed_last() -> list[str]:
    """The tests that failed when pytest ran last."""
    note = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
    return sorted(json.loads(note.read_text())) if note.exists() else []


def _run_side_by_side(checks: Sequence[Check]) -> dict[str, bool]:
    running: list[tuple[Check, subprocess.Popen[str]]] = []
    waiting, results = list(checks), {}
    outputs: dict[str, str] = {}
    while waiting or running:
        while waiting and len(running) < CORES:
            check = waiting.pop(0)
            running.append((check, _start(check)))
        check, process = running.pop(0)
        outputs[check.name], _ = process.communicate()
        results[check.name] = process.returncode == 0
        mark = "ok" if results[check.name] else "FAILED"
        print(f"{check.name}: {mark}", flush=True)
        if not results[check.name]:
            print(outputs[check.name], flush=True)
    return results


def _start(check: Check) -> subprocess.Popen[str]:
    return subprocess.Popen(
        check.command,
        cwd=ROOT,
        env={**os.environ, **dict(check.environment)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _pytest(arguments: Sequence[str]) -> int:
    return subprocess.run([PYTHON, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


def _print_summary(results: dict[str, bool], seconds: float) -> None:
    print(f"\nChecks ({seconds:.0f} s)")
    for name, good in results.items():
        print(f"  {'ok    ' if good else 'FAILED'}  {name}")
    print(flush=True)
