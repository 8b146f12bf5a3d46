"""Components."""

from __future__ import annotations

from spindle_tui.screens.pane import Pane


class ComponentsPane(Pane):
    """Components."""

    TITLE = "Components"
