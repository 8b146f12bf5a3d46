"""Whether a client has left, found out without reading what it sent before."""

from __future__ import annotations

import asyncio
import select
from enum import Enum

_STOPPED = getattr(select, "POLLRDHUP", 0)
"""Only Linux tells of an end that lies behind bytes which nobody has read."""


class Departure(Enum):
    """How far a client has gone away."""

    NONE = "it may send and receive"
    STOPPED = "it sends no more, and looks the same whether it still receives or not"
    GONE = "it receives no more either"


def departure_of(transport: asyncio.BaseTransport) -> Departure:
    """What has become of the client of a connection that is not being read from."""
    sock = transport.get_extra_info("socket")
    if sock is None or not hasattr(select, "poll"):
        return Departure.NONE
    poll = select.poll()
    poll.register(sock, _STOPPED)
    events = next((events for _, events in poll.poll(0)), 0)
    if events & (select.POLLHUP | select.POLLERR):
        return Departure.GONE
    return Departure.STOPPED if events else Departure.NONE
