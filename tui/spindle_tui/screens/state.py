"""State."""

from __future__ import annotations

from spindle_tui.screens.pane import Pane


class StatePane(Pane):
    """State."""

    TITLE = "State"
