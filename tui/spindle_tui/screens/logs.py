"""Logs."""

from __future__ import annotations

from spindle_tui.screens.pane import Pane


class LogsPane(Pane):
    """Logs."""

    TITLE = "Logs"
