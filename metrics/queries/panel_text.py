"""Panels of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from metrics.engine.panel_settings import TextSettings
from metrics.models import DashboardPanel
from metrics.queries.panel_base import Drawing, PanelFigure
from ops_platform.web import formats
from ops_platform.web.markdown import rendered


@dataclass(frozen=True)
class Prose(Drawing):
    """html: harmless; plain: as it was written."""

    template: ClassVar[str] = "metrics/_panel_text.html"

    html: str
    plain: str


def draw_text(panel: DashboardPanel) -> PanelFigure:
    """The text in the language of the page, or the only one there is."""
    options = panel.options
    assert isinstance(options, TextSettings)
    text = (formats.is_chinese() and options.text_zh) or options.text or options.text_zh
    return PanelFigure(drawing=Prose(rendered(text), text))
