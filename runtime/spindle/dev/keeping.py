"""Where a host keeps its exchanges."""

from __future__ import annotations

from pathlib import Path

from spindle.dev.console import Console
from spindle.dev.directories import Directories
from spindle.dev.options import UpOptions
from spindle.events import Bus
from spindle.history import Keeper

STORE = Path("spindle") / "exchanges.db"
"""Below the state directory."""


def keeper_of(bus: Bus, options: UpOptions, directories: Directories, console: Console) -> Keeper:
    """What keeps a host's exchanges: in memory if it has no state directory, or none at all."""
    if not options.history:
        return Keeper(Bus(), None, console.warn)  # on this bus nothing happens
    state = directories.state
    return Keeper(bus, None if state is None else state / STORE, console.warn)
