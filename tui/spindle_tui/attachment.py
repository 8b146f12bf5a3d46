"""Keeping a connection to a host, from one host of an application to its next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from spindle.client import NoSuchHost, RunFile, find_host
from spindle.errors import HostError

if TYPE_CHECKING:
    from spindle.client import HostClient

POLL_SECONDS = 0.05
"""How often it is looked whether a host that starts is there."""
RETRY_SECONDS = 1.0
"""How often it is looked whether a host that was lost is back."""


class State(StrEnum):
    """How it stands with the host."""

    STARTING = "starting"
    LIVE = "live"
    LOST = "lost"


class Attachment:
    """The connection to the host that a process id or a path names; used on one event loop."""

    def __init__(self, wanted: str, *, forever: bool = True) -> None:
        """`forever` waits for the application's next host when one has ended."""
        self.wanted = wanted
        self.state = State.STARTING
        self.host: HostClient | None = None
        self.run_file: RunFile | None = None
        """What the host said of itself that is, or was, connected."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when `state` has become another."""
        self._forever = forever

    async def keep(self) -> None:
        """Connect, and again whenever the connection is lost; returns if it shan't be again."""
        from spindle.client import HostClient, Link  # here: the first frame doesn't wait for it

        while True:
            run_file = await self._wait_host()
            try:
                link = await Link.open(run_file)
            except HostError:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            try:
                self.run_file = run_file
                self._become(State.LIVE, HostClient(link))
                await link.closed
            finally:
                await link.close()
            self._become(State.LOST, None)
            if not self._forever:
                return
            self.wanted = run_file.manifest  # its next host has another process id

    def _become(self, state: State, host: HostClient | None) -> None:
        self.state, self.host = state, host
        self.on_change()

    async def _wait_host(self) -> RunFile:
        while True:
            try:
                return find_host(self.wanted)
            except NoSuchHost:
                starting = self.state is State.STARTING
                await asyncio.sleep(POLL_SECONDS if starting else RETRY_SECONDS)
