"""A chart that is drawn for the room it has."""

from __future__ import annotations

from collections.abc import Callable

from spindle_tui.model.panels import Drawing
from spindle_tui.widgets.prose import Prose


class Chart(Prose):
    """What `draw` gives for a width and a height; `refresh_chart` draws anew."""

    DEFAULT_CSS = """
    Chart {
        height: 1fr; width: 1fr; padding: 0 1;
        border: round $panel-lighten-1; border-title-color: $foreground;
        border-title-style: bold; border-subtitle-color: $text-muted;
    }
    """

    def __init__(self, title: str, draw: Callable[[int, int], Drawing]) -> None:
        super().__init__()
        self.border_title = title
        self._draw = draw

    def refresh_chart(self) -> None:
        """Draw what there is now."""
        width, height = self.content_size
        if width > 0 and height > 0:
            drawing = self._draw(width, height)
            self.border_subtitle = drawing.caption
            self.show(drawing.lines[:height])

    def on_resize(self) -> None:
        self.refresh_chart()
