"""How the host fares, asked once a second for whoever draws it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from spindle.errors import HostError
from spindle_tui.model.history import History

if TYPE_CHECKING:
    from spindle.client import HostClient

BEAT_SECONDS = 1.0


class Pulse:
    """The history of the host that is shown, kept from the first look on."""

    def __init__(self, host: Callable[[], HostClient | None]) -> None:
        self.history = History()
        self.listeners: set[Callable[[], None]] = set()
        """Called when there is something new."""
        self._host = host

    async def keep(self) -> None:
        """Ask again and again; runs until cancelled."""
        while True:
            if (host := self._host()) is not None:
                await self.beat(host)
            await asyncio.sleep(BEAT_SECONDS)

    async def beat(self, host: HostClient) -> None:
        """Ask once; a host that doesn't answer leaves a gap."""
        try:
            stats = await host.stats()
        except HostError:
            return
        self.history.take(stats)
        for listener in tuple(self.listeners):
            listener()
