"""What the tests need beside Python packages: a Chromium, and gettext's tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_PATH = "OPS_CHROMIUM"
# As root (in containers) Chromium has no sandbox to offer; the others keep it from calling home.
CHROMIUM_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()),
)


def ensure_tools() -> None:
    """Find or install both, with a sentence for what is missing; the tests that need it then fail by themselves."""
    if shutil.which("msgfmt") is None and not _apt_install("gettext"):
        print("gettext is missing: install it (Debian: apt install gettext; macOS: brew install gettext).")
    if chromium() is None and not (_apt_install("chromium", "fonts-noto-cjk") or _playwright_install()):
        print("Chromium is missing: install it, or set OPS_CHROMIUM to its path.")


def chromium() -> str | None:
    """The path of a browser on this machine; None leaves the choice to Playwright's own download."""
    chosen = os.environ.get(CHROMIUM_PATH)
    return chosen or next((found for name in BROWSERS if (found := shutil.which(name))), None)


def _apt_install(*packages: str) -> bool:
    """Install Debian packages when this is Debian and we are root."""
    if not (Path("/etc/debian_version").exists() and shutil.which("apt-get") and os.geteuid() == 0):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "--no-install-recommends", *packages]):
        if subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
            return False
    return True


def _playwright_install() -> bool:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0
