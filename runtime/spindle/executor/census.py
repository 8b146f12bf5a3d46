"""Who lives: what an executor has loaded and started, for those who look at it from outside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from spindle.executor.pool import Pool


class Living(NamedTuple):
    """One live instance."""

    number: int
    busy: int
    """Calls it is serving."""
    requests: int
    """Calls it has been given."""
    memory: int
    """Bytes of its linear memories."""
    idle: float
    """Seconds since it last had something to do; 0 while it has."""


class Loaded(NamedTuple):
    """One component that is loaded."""

    build: str
    """The build's id."""
    stale: bool
    """Whether there are newer sources, which can't be built."""
    imports: tuple[str, ...]
    exports: tuple[str, ...]
    instances: tuple[Living, ...] = ()


def census_of(pools: Iterable[Pool], now: float) -> dict[str, Loaded]:
    """What runs in pools, by component; `now` is on the loop's clock."""
    found: dict[str, Loaded] = {}
    for pool in pools:
        program, living = pool.program, _living(pool, now)
        before = found.get(program.id)
        if before is not None:
            found[program.id] = before._replace(instances=before.instances + living)
            continue
        component = program.component
        found[program.id] = Loaded(
            program.build,
            program.stale,
            tuple(component.imports),
            tuple(component.exports),
            living,
        )
    return found


def _living(pool: Pool, now: float) -> tuple[Living, ...]:
    guests = sorted(pool.guests, key=lambda guest: guest.number)
    return tuple(
        Living(
            guest.number,
            len(guest.in_flight),
            guest.served,
            guest.instance.store.core.memory_size,
            max(0.0, now - guest.idle_since) if guest.idle else 0.0,
        )
        for guest in guests
        if not guest.closed
    )
