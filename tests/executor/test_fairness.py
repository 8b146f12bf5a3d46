"""Many guests at once, some of which never stop: nobody is kept from being served."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.conftest import built
from tests.executor.harness import Running, serving

from spindle.executor import Fixed, Policy

WAITING = 2000


@pytest.fixture(scope="module")
def host() -> Iterator[Running]:
    guests = {name: built(f"wat/{name}") for name in ("loops", "yields", "waits", "hello")}
    guests |= {"root": built("python"), "javascript": built("javascript")}
    with serving(guests, Policy(request_timeout=Fixed(60))) as running:
        yield running


def wait_until_computing(running: Running, component: str, count: int) -> None:
    """Wait until that many requests to a component are being worked on."""
    pool = running.executor._pools.http[component]

    def computing() -> int:
        return sum(len(guest.in_flight) for guest in pool._guests)

    running.wait_for(lambda: running.ask(computing) >= count)


@pytest.mark.parametrize(
    ("path", "component"),
    [
        ("/loops", "loops"),
        ("/yields", "yields"),
        ("/loop", "root"),
        ("/javascript/loop", "javascript"),
    ],
)
def test_others_are_served_while_guests_compute(host: Running, path: str, component: str) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(host.begin(path)) for _ in range(3)]
        wait_until_computing(host, component, 3)
        for _ in range(20):
            assert host.get("/hello").status == 200
        assert host.get("/sleep?ms=5").body == b"slept"
        assert host.get("/javascript/sleep?ms=5").body == b"slept"
        assert host.request("POST", "/shout", b"a" * 500_000).body == b"A" * 500_000
        assert not any(has_answer(client) for client in clients)
    stop_everything(host, component)


def has_answer(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) != b""
    except BlockingIOError:
        return False


def stop_everything(running: Running, component: str) -> None:
    """End a component's instances, so that they don't compute to the end of these tests."""

    def kill() -> None:
        for guest in list(running.executor._pools.http[component]._guests):
            guest.kill(RuntimeError("the test is over"))

    running.ask(kill)


def test_thousands_of_requests_to_guests_that_wait(host: Running) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(host.begin("/waits")) for _ in range(WAITING)]
        wait_until_computing(host, "waits", WAITING)
        assert host.get("/hello").status == 200
        stop_everything(host, "waits")
        assert all(client.recv(12) == b"HTTP/1.1 500" for client in clients)
    assert host.get("/hello").status == 200
