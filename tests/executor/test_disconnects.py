"""Clients that leave before they have their response."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conftest import built
from tests.executor.harness import Running, serving, vanish

from spindle.component.core import wat_to_wasm
from spindle.exchange import HttpOutput
from spindle.executor import Fixed, Policy, guest

ENDLESS = """(module (memory (export "memory") 1)
  (func (export "_start") (loop $again (br $again))))"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    guests = {"root": built("python"), "javascript": built("javascript")}
    guests |= {"loops": built("wat/loops"), "hello": built("wat/hello")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guest, "GRACE", 0.2)
        endless = tmp_path_factory.mktemp("commands") / "endless.wasm"
        endless.write_bytes(wat_to_wasm(ENDLESS))
        policy = Policy(idle_timeout=Fixed(0))
        with serving(guests, policy, wagi={"endless": endless}) as running:
            yield running


@pytest.mark.parametrize(
    ("path", "component"),
    [
        ("/loops", "loops"),
        ("/sleep?ms=100000", "root"),
        ("/loop", "root"),
        ("/javascript/loop", "javascript"),
        ("/javascript/sleep?ms=100000", "javascript"),
    ],
)
def test_a_guest_whose_client_left_is_stopped(host: Running, path: str, component: str) -> None:
    known = len(host.exchanges)
    client = host.begin(path)
    host.wait_for(lambda: host.ask(lambda: in_flight(host, component)) == 1)
    vanish(client)
    host.wait_for(lambda: host.ask(lambda: in_flight(host, component)) == 0)
    (exchange,) = host.exchanges[known:]
    assert exchange.trap is not None
    assert exchange.trap.reason == "the client went away"
    assert host.get("/hello").status == 200


@pytest.mark.parametrize(
    ("caller", "path"),
    [
        ("root", "/send?url=http://javascript.spin.internal/sleep?ms=100000"),
        ("root", "/send?url=http://javascript.spin.internal/drip?ms=100%26count=100000"),
        ("javascript", "/javascript/send?url=http://root.spin.internal/sleep?ms=100000"),
        ("javascript", "/javascript/send?url=http://root.spin.internal/never"),
    ],
)
def test_whom_a_stopped_guest_called_is_stopped_too(host: Running, caller: str, path: str) -> None:
    called = {"root": "javascript", "javascript": "root"}[caller]
    client = host.begin(path)
    host.wait_for(lambda: host.ask(lambda: in_flight(host, called)) == 1)
    vanish(client)
    host.wait_for(lambda: host.ask(lambda: in_flight(host, caller)) == 0)
    host.wait_for(lambda: host.ask(lambda: in_flight(host, called)) == 0)


def test_a_command_whose_client_left_is_stopped(host: Running) -> None:
    known = len(host.exchanges)
    client = host.begin("/endless")
    assert host.get("/hello").status == 200
    vanish(client)
    host.wait_for(lambda: len(host.exchanges) == known + 2)
    trap = host.exchanges[-1].trap
    assert trap is not None
    assert trap.reason == "the client went away"


def in_flight(running: Running, component: str) -> int:
    return sum(len(g.in_flight) for g in running.executor._pools.http[component]._guests)


def test_others_in_the_same_instance_are_not_hurt(host: Running) -> None:
    first = host.begin("/sleep?ms=100000")
    pool = host.executor._pools.http["root"]
    host.wait_for(lambda: host.ask(lambda: any(g.in_flight and g.takes_more for g in pool._guests)))
    second = host.begin("/sleep?ms=1000")
    host.wait_for(lambda: host.ask(lambda: any(len(g.in_flight) == 2 for g in pool._guests)))
    vanish(first)
    received = b""
    while not received.endswith(b"0\r\n\r\n"):
        received += second.recv(4096)
    assert b"slept" in received
    second.close()


def test_leaving_in_the_middle_of_a_response(host: Running) -> None:
    client = host.begin("/drip?count=100000&ms=1")
    received = b""
    while b"1\n" not in received:
        received += client.recv(4096)
    vanish(client)
    host.wait_for(lambda: host.ask(lambda: in_flight(host, "root")) == 0)
    output = host.exchanges[-1].output
    assert isinstance(output, HttpOutput)
    assert output.body.data.startswith(b"0\n1\n")


def test_leaving_in_the_middle_of_a_request(host: Running) -> None:
    client = host.connect()
    client.sendall(b"POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc")
    host.wait_for(lambda: host.ask(lambda: in_flight(host, "root")) == 1)
    vanish(client)
    host.wait_for(lambda: host.ask(lambda: in_flight(host, "root")) == 0)
    assert host.get("/hello").status == 200


def test_leaving_is_nobodys_failure(host: Running) -> None:
    host.errors.clear()
    with host.connect() as client:
        client.sendall(b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc")
        received = b""
        while b"abc" not in received:
            received += client.recv(4096)
    host.wait_for(lambda: host.ask(lambda: in_flight(host, "root")) == 0)
    assert host.get("/hello").status == 200
    assert host.errors == []
