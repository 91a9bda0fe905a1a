"""An organization's colour in both themes: as chosen where it can be read, else the nearest shade that can."""

from __future__ import annotations

import hashlib
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from functools import lru_cache

ENOUGH = 4.5  # WCAG 2.2, success criterion 1.4.3: text of ordinary size
STEP = 0.005
STRONGER = 0.09
WHITE = "#ffffff"


@dataclass(frozen=True, slots=True)
class Theme:
    """What an accent must be read on, as in static/css/src/tokens.css. tint: how much of it a soft ground holds."""

    grounds: tuple[str, ...]
    surface: str
    ink: str
    on_accent: str
    tint: float
    is_dark: bool


THEMES = {
    "light": Theme(("#f7f7f9", "#ffffff", "#f0f1f4"), "#ffffff", "#1a1e26", WHITE, 0.1, is_dark=False),
    "dark": Theme(("#0f1115", "#171a20", "#21252d"), "#171a20", "#eceef2", "#0f1430", 0.18, is_dark=True),
}


@dataclass(frozen=True, slots=True)
class Shades:
    """The four colours of an accent in one theme, as `#rrggbb`."""

    accent: str
    strong: str
    soft: str
    on_accent: str


@lru_cache(maxsize=256)
def shades(colour: str, theme: str) -> Shades:
    """The shades of `colour` (`#rrggbb`) in the theme "light" or "dark". Only its lightness changes, as little as needed."""
    ground = THEMES[theme]
    hue, lightness, saturation = rgb_to_hls(*_parts(colour))
    steps = [index * STEP for index in range(int(1 / STEP) + 1)]
    found = [colour.lower(), *(_hex(hls_to_rgb(hue, to, saturation)) for to in _nearest(steps, lightness))]
    accent = next(one for one in found if all(contrast(one, under) >= ENOUGH for under in ground.grounds))
    soft = _mixed(accent, ground.surface, ground.tint)
    away = STRONGER if ground.is_dark else -STRONGER
    strong, level = accent, rgb_to_hls(*_parts(accent))[1]
    while strong == accent or contrast(strong, soft) < ENOUGH:
        level = min(max(level + away, 0.0), 1.0)
        strong = _hex(hls_to_rgb(hue, level, saturation))
        if level in (0.0, 1.0):
            break
    return Shades(accent, strong, soft, ground.on_accent)


def stylesheet(colour: str) -> str:
    """The sheet that puts the shades in the place of the product's own, on screens; paper stays black."""
    light, dark = (_rules(shades(colour, theme)) for theme in THEMES)
    return (
        f'@media screen {{ :root {{ {light} }} :root[data-theme="dark"] {{ {dark} }} }}\n'
        f'@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {dark} }} }}\n'
    )


@lru_cache(maxsize=256)
def sheet_name(colour: str) -> str:
    """The name under which the sheet of `colour` never changes: the colour, and a digest of what the sheet says."""
    return f"{colour[1:]}-{hashlib.sha256(stylesheet(colour).encode()).hexdigest()[:12]}"


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _nearest(steps: list[float], lightness: float) -> list[float]:
    return sorted(steps, key=lambda step: abs(step - lightness))


def _rules(found: Shades) -> str:
    return (
        f"--accent: {found.accent}; --accent-strong: {found.strong}; "
        f"--accent-soft: {found.soft}; --on-accent: {found.on_accent};"
    )


def _luminance(colour: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _mixed(colour: str, ground: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(ground), strict=True)
    red, green, blue = (one * share + other * (1 - share) for one, other in pairs)
    return _hex((red, green, blue))
