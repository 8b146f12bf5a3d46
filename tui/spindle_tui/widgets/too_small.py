"""What is shown where nothing else has room."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget


class TooSmall(Widget):
    """Says how large the terminal is, and how large it must be; lies over all of its screen."""

    DEFAULT_CSS = """
    TooSmall {
        layer: above; position: absolute; width: 100%; height: 100%; background: $surface;
        content-align: center middle; text-align: center;
    }
    """

    def render(self) -> RenderResult:
        size = self.app.size
        return Content(f"{size.width} by {size.height} is too small\n40 by 10 will do\nq quits")
