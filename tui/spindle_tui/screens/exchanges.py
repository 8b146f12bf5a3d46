"""Exchanges."""

from __future__ import annotations

from spindle_tui.screens.pane import Pane


class ExchangesPane(Pane):
    """Exchanges."""

    TITLE = "Exchanges"
