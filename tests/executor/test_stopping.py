"""How a host ends: requests under way finish, or are cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.executor.harness import Running, serving

from spindle.executor import Fixed, Policy
from spindle.limits import Limits

Guest = Callable[[str], Path]


def under_way(running: Running, component: str) -> int:
    """How many requests a component is serving."""
    pool = running.executor._pools.http[component]
    return running.ask(lambda: sum(len(guest.in_flight) for guest in pool._guests))


def test_draining_lets_requests_finish(guest: Guest) -> None:
    with serving({"root": guest("python")}) as running:
        running.get("/hello")
        client = running.begin("/drip?count=20&ms=20")
        assert client.recv(12) == b"HTTP/1.1 200"
        draining = asyncio.run_coroutine_threadsafe(running.server.drain(), running.loop)
        received = b""
        while chunk := client.recv(4096):
            received += chunk
        assert b"19\n" in received
        assert received.endswith(b"0\r\n\r\n")
        draining.result(30)
        client.close()


def test_stopping_while_guests_compute_wait_and_queue(guest: Guest) -> None:
    guests = {name: guest(f"wat/{name}") for name in ("loops", "waits", "yields", "stalls")}
    guests["javascript"] = guest("javascript")
    with serving(guests, Policy(limits=Limits(max_instances=2), idle_timeout=Fixed(30))) as running:
        clients = [running.begin(f"/{name}") for name in ("loops", "waits", "yields", "stalls")]
        clients += [running.begin("/javascript/sleep?ms=100000") for _ in range(4)]
        names = ("loops", "waits", "yields", "javascript")
        running.wait_for(lambda: all(under_way(running, name) for name in names))
        running.ask(running.executor.close)
        for name in guests:
            assert running.instances(name) == 0
        for client in clients:
            client.close()
        running.wait_for(lambda: len(running.exchanges) == len(clients))
        assert not any(exchange.took is None for exchange in running.exchanges)
