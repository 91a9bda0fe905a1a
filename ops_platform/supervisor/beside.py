"""Commands beside a running product: a second terminal reaches the servers that `manage.py run` started."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = "serving.json"
SHARED = ("DATABASE_URL", "DISPATCHER_DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DATA_DIR")
# These start or choose servers by themselves
ALONE = frozenset({"run", "test", "bench", "soak", "prepare_database", "migrate"})
# These own the tables: they get the address of who does
OWNING = frozenset({"backup"})


def publish(data_dir: Path, serving: Mapping[str, str], *, admin: str = "") -> None:
    """Leave the addresses of the running servers in the data folder, readable by its owner alone."""
    values = {name: serving[name] for name in SHARED if name in serving}
    descriptor = os.open(data_dir / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"process": os.getpid(), "environment": values, "admin": admin}, file)


def withdraw(data_dir: Path) -> None:
    """Take the addresses away again."""
    (data_dir / FILE).unlink(missing_ok=True)


def join(environment: MutableMapping[str, str], command: str) -> None:
    """Give `command` the running product's addresses, unless it was given its own or is one that needs none."""
    if command in ALONE or environment.get("DATABASE_URL"):
        return
    try:
        found = json.loads((Path(environment.get("DATA_DIR") or ROOT / "var") / FILE).read_text())
        os.kill(found["process"], 0)
    except (OSError, ValueError, KeyError):
        return  # nothing runs there
    for name, value in found["environment"].items():
        environment.setdefault(name, value)
    if command in OWNING:
        environment.setdefault("DATABASE_ADMIN_URL", found.get("admin", ""))
