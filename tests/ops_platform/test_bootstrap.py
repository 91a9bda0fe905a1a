from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ops_platform import bootstrap

ROOT = Path(__file__).resolve().parents[2]
BASE_PYTHON = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
SCRIPT = """
import sys
from ops_platform import bootstrap
bootstrap.ensure_packages(sys.argv)
print("inside", sys.prefix)
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose lock names no package, so that installing it needs no network."""
    (tmp_path / "ops_platform").mkdir()
    (tmp_path / "ops_platform" / "__init__.py").touch()
    shutil.copy(ROOT / "ops_platform" / "bootstrap.py", tmp_path / "ops_platform")
    (tmp_path / "start.py").write_text(SCRIPT)
    (tmp_path / "requirements-local.lock").write_text("# nothing\n")
    return tmp_path


def start(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BASE_PYTHON, "start.py", "run"],
        cwd=clone,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_manage_py_parses_on_old_pythons_and_says_which_one_is_needed():
    ast.parse((ROOT / "manage.py").read_text(), feature_version=(3, 4))
    code = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path('manage.py', run_name='__main__')"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.strip() == (
        "Ops Platform needs Python 3.11 or newer; this is Python 3.9. "
        "Install a newer one and run it by name, for example: python3.12 manage.py run"
    )


@pytest.mark.processes
def test_first_start_makes_the_environment_and_the_second_one_installs_nothing(clone):
    first, second = start(clone), start(clone)

    environment = clone / ".venv"
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines() == [
        f"Making {environment}.",
        "Installing the packages of requirements-local.lock; once, a minute or two.",
        f"inside {environment}",
    ]
    assert second.stdout.splitlines() == [f"inside {environment}"]


@pytest.mark.processes
def test_changed_lock_is_installed_again_and_a_missing_network_has_a_sentence(clone):
    start(clone)
    (clone / "requirements-local.lock").write_text(f"nothing-has-this-name==1 --hash=sha256:{'0' * 64}\n")

    done = start(clone, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0", PIP_CONFIG_FILE="/dev/null")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == bootstrap.NO_NETWORK
    assert "inside" not in done.stdout


@pytest.mark.processes
def test_python_without_venv_says_what_to_install(clone):
    (clone / "start.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        f"u.find_spec = lambda name, *rest: None if name == 'ensurepip' else find(name, *rest)\n{SCRIPT}"
    )

    done = start(clone)

    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
    assert not (clone / ".venv").exists()


def test_lock_of_the_tests_contains_the_one_for_serving(tmp_path):
    environment = bootstrap.VirtualEnvironment(tmp_path)
    environment.python.parent.mkdir()
    environment.python.touch()

    (tmp_path / "installed.json").write_text(
        json.dumps({"requirements-dev.lock": bootstrap._digest("requirements-dev.lock")})
    )

    assert environment.has(bootstrap.TESTING)
    assert environment.has(bootstrap.SERVING)


def test_environment_with_another_lock_has_nothing(tmp_path):
    environment = bootstrap.VirtualEnvironment(tmp_path)
    environment.python.parent.mkdir()
    environment.python.touch()

    (tmp_path / "installed.json").write_text(json.dumps({"requirements-local.lock": "old"}))

    assert not environment.has(bootstrap.SERVING)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full."),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "is not the locked one"),
        ("Temporary failure in name resolution", "Check the network"),
        ("error: command 'gcc' failed", "the lines above say why"),
    ],
)
def test_failures_of_pip_are_explained_in_a_sentence(words, sentence):
    explained = bootstrap._explain(f"a line\n{words}\n")

    assert words in explained
    assert sentence in explained.splitlines()[-1]
