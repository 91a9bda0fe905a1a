"""Commands in a second terminal find the servers of a running product."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from ops_platform.supervisor import beside

SERVING = {"DATABASE_URL": "postgresql://app@/ops", "SECRET_KEY": "s", "REDIS_URL": "unix:///r", "HOME": "/root"}


def test_command_beside_a_running_product_gets_its_addresses(tmp_path: Path) -> None:
    beside.publish(tmp_path, SERVING)
    environment = {"DATA_DIR": str(tmp_path), "SECRET_KEY": "mine"}

    beside.join(environment, "import_file")

    assert environment == {
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "mine",
        "DATABASE_URL": "postgresql://app@/ops",
        "REDIS_URL": "unix:///r",
    }
    assert stat.S_IMODE((tmp_path / beside.FILE).stat().st_mode) == 0o600


def test_command_with_own_database_or_own_servers_gets_nothing(tmp_path: Path) -> None:
    beside.publish(tmp_path, SERVING)
    own = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://other"}
    starting = {"DATA_DIR": str(tmp_path)}

    beside.join(own, "import_file")
    beside.join(starting, "run")

    assert own == {"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://other"}
    assert starting == {"DATA_DIR": str(tmp_path)}


def test_addresses_of_a_dead_product_are_not_used(tmp_path: Path) -> None:
    beside.publish(tmp_path, SERVING)
    left = json.loads((tmp_path / beside.FILE).read_text()) | {"process": 2**22 + os.getpid()}
    (tmp_path / beside.FILE).write_text(json.dumps(left))
    environment = {"DATA_DIR": str(tmp_path)}

    beside.join(environment, "import_file")
    beside.withdraw(tmp_path)
    beside.join(environment, "import_file")

    assert environment == {"DATA_DIR": str(tmp_path)}
