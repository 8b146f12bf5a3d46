"""What guests are at work on: exchanges that have begun and are not finished."""

from __future__ import annotations

from typing import ClassVar

from spindle.door.result import Json
from spindle.events import Event, EventKind
from spindle.exchange import Exchange

MOST = 100
"""Exchanges that are known; of more, the oldest are forgotten."""


class Underway:
    """Listens to a host, on its event loop."""

    KINDS: ClassVar = (EventKind.EXCHANGE_STARTED, EventKind.EXCHANGE_FINISHED)

    def __init__(self) -> None:
        self._begun: dict[str, Exchange] = {}

    def put(self, event: Event) -> None:
        """Take an event; called by the bus."""
        exchange = event.data
        assert isinstance(exchange, Exchange), "that is what events of exchanges have"
        if event.kind is EventKind.EXCHANGE_FINISHED:
            self._begun.pop(exchange.id, None)
            return
        self._begun[exchange.id] = exchange
        if len(self._begun) > MOST:
            del self._begun[next(iter(self._begun))]

    def documents(self) -> list[Json]:
        """What is known of each so far, in the order in which they began."""
        return [
            {**exchange.to_json(), "phases_us": {"total": exchange.now / 1000}}
            for exchange in self._begun.values()
        ]
