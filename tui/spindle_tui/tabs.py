"""The tabs there are, in their order; a pane's module is imported when it is first shown."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

from spindle_tui.first_frame import TITLES
from spindle_tui.screens.pane import Pane


class Tab(NamedTuple):
    """One tab; its number, counted from 1, is the key that shows it."""

    name: str
    title: str
    pane: str
    """`module:class` of its pane."""


TABS = tuple(
    Tab(name, title, f"spindle_tui.screens.{name}:{title}Pane")
    for title in TITLES
    for name in (title.lower(),)
)


def make_pane(tab: Tab) -> Pane:
    """The pane of a tab."""
    module, _, name = tab.pane.partition(":")
    pane = getattr(import_module(module), name)(id=f"pane-{tab.name}")
    assert isinstance(pane, Pane)
    return pane
