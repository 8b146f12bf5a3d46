"""Routes."""

from __future__ import annotations

from spindle_tui.screens.pane import Pane


class RoutesPane(Pane):
    """Routes."""

    TITLE = "Routes"
