"""What a browser says of itself, as far as a person needs it to know the device again."""

from __future__ import annotations

import re

# The first that matches: many browsers name others too
BROWSERS = (
    (r"MicroMessenger/", "WeChat"),
    (r"wxwork/", "WeCom"),
    (r"DingTalk/", "DingTalk"),
    (r"Lark/|Feishu/", "Feishu"),
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/", "Chrome"),
    (r"Safari/", "Safari"),
)
SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"HarmonyOS|OpenHarmony", "HarmonyOS"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"CrOS", "ChromeOS"),
    (r"Linux|X11", "Linux"),
)


def browser_of(agent: str) -> str:
    """The browser's name, empty where it is not a known one."""
    return _first(BROWSERS, agent)


def system_of(agent: str) -> str:
    """The device or its system, empty where it is not a known one."""
    return _first(SYSTEMS, agent)


def _first(patterns: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for pattern, name in patterns if re.search(pattern, agent)), "")
