"""Counting what finishes, by what it was aimed at and who answered."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

from spindle.dev.statistics.tally import Tally
from spindle.events import Bus, Event, EventKind
from spindle.exchange import Exchange, HttpOutput

MOST_KEYS = 10_000
"""Different routes and targets that are counted; of the rest all is counted together."""


class Key(NamedTuple):
    """What exchanges are told apart by."""

    trigger: str
    target: str
    component: str | None


_OTHERS = Key("", "", None)


class Counting:
    """Listens to a bus, and counts the exchanges that finish."""

    def __init__(self, bus: Bus) -> None:
        self.since = time.time()
        self._tallies: dict[Key, Tally] = {}
        bus.join(self, (EventKind.EXCHANGE_FINISHED,))

    def put(self, event: Event) -> None:
        """Count an exchange; each request pays for this."""
        exchange = event.data
        assert isinstance(exchange, Exchange), "that is what has finished"
        key = (exchange.trigger, exchange.target, exchange.component)
        tally = self._tallies.get(key) or self._new(key)  # type: ignore[call-overload]  # equal to a Key, and made sooner
        tally.took.add(exchange.took or 0)
        tally.rate.add(int(event.at))
        output = exchange.output
        if exchange.trap is not None or (isinstance(output, HttpOutput) and output.status >= 500):
            tally.errors += 1

    def _new(self, key: tuple[str, str, str | None]) -> Tally:
        made = Key(*key) if len(self._tallies) < MOST_KEYS else _OTHERS
        return self._tallies.setdefault(made, Tally())

    def of(self, key: Key) -> Tally:
        """What was counted of some exchanges."""
        return self._tallies.get(key) or Tally()

    def counted(self) -> list[Key]:
        """What there is to ask about."""
        return [key for key in self._tallies if key is not _OTHERS]

    def of_component(self, component: str) -> Iterable[Tally]:
        """What was counted of a component, by target."""
        return [t for key, t in self._tallies.items() if key.component == component]

    def all(self) -> Iterable[Tally]:
        """Everything that was counted."""
        return self._tallies.values()
