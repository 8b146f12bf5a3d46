"""The host's own spans, made as invocations finish."""

from __future__ import annotations

import asyncio

from spindle.events import Bus, EventKind
from spindle.exchange import Exchange
from spindle.factors.otel.telemetry import Telemetry

MOST_WAITING = 2048
"""Finished invocations whose spans are still to be made; older ones have none."""


class Following:
    """Exports every invocation that a bus tells of, from `start` until `close`."""

    def __init__(self, telemetry: Telemetry, bus: Bus) -> None:
        self._telemetry = telemetry
        self._finished = bus.subscribe({EventKind.EXCHANGE_FINISHED}, limit=MOST_WAITING)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to export."""
        self._task = asyncio.get_running_loop().create_task(self._follow())

    async def close(self) -> None:
        """Export what has finished, and end."""
        self._finished.close()
        if self._task is not None:
            await self._task

    async def _follow(self) -> None:
        async for event in self._finished:
            if isinstance(event.data, Exchange):
                self._telemetry.add_exchange(event.data)
