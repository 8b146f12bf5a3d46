"""The tabs there are, in their order; a pane's module is imported when it is first shown."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

from spindle_tui.screens.pane import Pane


class Tab(NamedTuple):
    """One tab; its number, counted from 1, is the key that shows it."""

    name: str
    title: str
    pane: str
    """`module:class` of its pane."""


TABS = (
    Tab("exchanges", "Exchanges", "spindle_tui.screens.exchanges:ExchangesPane"),
    Tab("routes", "Routes", "spindle_tui.screens.routes:RoutesPane"),
    Tab("components", "Components", "spindle_tui.screens.components:ComponentsPane"),
    Tab("state", "State", "spindle_tui.screens.state:StatePane"),
    Tab("logs", "Logs", "spindle_tui.screens.logs:LogsPane"),
    Tab("build", "Build", "spindle_tui.screens.build:BuildPane"),
    Tab("charts", "Charts", "spindle_tui.screens.charts:ChartsPane"),
)


def make_pane(tab: Tab) -> Pane:
    """The pane of a tab."""
    module, _, name = tab.pane.partition(":")
    pane = getattr(import_module(module), name)(id=f"pane-{tab.name}")
    assert isinstance(pane, Pane)
    return pane
