"""What an instance's sockets may do: where they lead, and how many there may be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from spindle.factors.connections import Permit
from spindle.factors.recording import note
from spindle.factors.wasi.sockets.addresses import NO_ROOM, Address, SocketError, code_of


def check_destination(task: Any, scheme: str, address: Address) -> None:
    """Refuse what the manifest does not allow or the runtime configuration blocks."""
    state = task.inst.state
    state.touched = True
    to = _url(scheme, address)
    if not state.outbound_hosts.allows(scheme, address.url_host, address.port):
        state.refuse(to)
    elif address.host in state.blocked_networks:
        state.on_failed(to, "the runtime configuration blocks this network")
    else:
        return
    error = {"error": "access-denied"}
    note(task, "wasi:sockets", scheme, (to,), error, time.perf_counter_ns())
    raise SocketError("access-denied")


def note_connected(
    task: Any, scheme: str, address: Address
) -> Callable[[asyncio.Future[Any]], None]:
    """What to call when an attempt to connect that begins now has ended: it is noted."""
    began = time.perf_counter_ns()

    def done(attempt: asyncio.Future[Any]) -> None:
        error = None if attempt.cancelled() else attempt.exception()
        result = None if error is None else {"error": code_of(error, "unknown")}
        note(task, "wasi:sockets", scheme, (_url(scheme, address),), result, began)

    return done


def permit_for(task: Any) -> Permit:
    """The right to one more socket; there is no waiting for it."""
    permit: Permit | None = task.inst.state.sockets.acquire_nowait()
    if permit is None:
        raise SocketError(NO_ROOM)
    return permit


def _url(scheme: str, address: Address) -> str:
    return f"{scheme}://{address.url_host}:{address.port}"
