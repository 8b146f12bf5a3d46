"""Serving what files say now, and telling which builds took over."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from typing import Protocol

from spindle.events import Bus, EventKind


class Reloading(Protocol):
    """What a host can do."""

    bus: Bus

    def reload(self) -> Awaitable[tuple[str, ...]]:
        """Serve what the files say now; which components are new builds."""
        ...

    def build_of(self, component: str) -> str | None:
        """The id of the build of a component that answers now."""
        ...


async def swapping(host: Reloading) -> tuple[str, ...]:
    """Reload, and tell who listens of the components that are new builds; raises what is wrong."""
    began = time.monotonic()
    changed = await host.reload()
    for component in changed:
        tell_swap(host, component, time.monotonic() - began)
    return changed


def tell_swap(host: Reloading, component: str, took: float) -> None:
    """Tell who listens that another build of a component answers from now on."""
    build = host.build_of(component)
    host.bus.publish(EventKind.SWAP_DONE, {"component": component, "build": build, "took": took})
