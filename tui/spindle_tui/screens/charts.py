"""Charts."""

from __future__ import annotations

from spindle_tui.screens.pane import Pane


class ChartsPane(Pane):
    """Charts."""

    TITLE = "Charts"
