"""Build."""

from __future__ import annotations

from spindle_tui.screens.pane import Pane


class BuildPane(Pane):
    """Build."""

    TITLE = "Build"
