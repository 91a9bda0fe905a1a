"""PostgreSQL refuses to run as root: who it runs as then, and how it still reaches a private folder."""

from __future__ import annotations

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED = ("postgres", "nobody")


class NoAccount(RuntimeError):
    """The server cannot be started by this user; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """The user a server runs as: `prefix` goes before its command line, `owner` must own its folders."""

    owner: tuple[int, int] | None
    prefix: tuple[str, ...] = ()


def server_account(*paths: Path) -> Account:
    """Ourselves, or, for root, an unprivileged user that can reach all `paths`.

    Where a parent folder is closed to that user (a clone in /root), the server keeps the one capability that lets it
    pass; opening the folder to everybody would be the other way, and is not ours to decide.
    """
    if os.geteuid() != 0:
        return Account(owner=None)
    entry = _unprivileged_user()
    owner = (entry.pw_uid, entry.pw_gid)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise NoAccount(
            "PostgreSQL does not run as root. Start this as an ordinary user, or install util-linux (setpriv)."
        )
    prefix = [setpriv, f"--reuid={owner[0]}", f"--regid={owner[1]}", "--clear-groups"]
    if not all(_reachable(path) for path in paths):
        # The securebit is for access(2), which otherwise forgets capabilities when the real user is not root.
        prefix += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    return Account(owner=owner, prefix=tuple(prefix))


def _unprivileged_user() -> pwd.struct_passwd:
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoAccount("PostgreSQL does not run as root and there is no user 'nobody'. Start this as an ordinary user.")


def _reachable(path: Path) -> bool:
    """Whether everybody may pass through the existing parents of `path`."""
    return all(parent.stat().st_mode & 0o001 for parent in path.absolute().parents if parent.exists())
