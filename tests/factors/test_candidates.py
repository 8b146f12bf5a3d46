"""WASI as its release candidates of 2023 had it: what differs from 0.2."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from tests.factors.calling import run
from tests.factors.test_sockets import Caller, address, shouting

from spindle.component.trap import Trap
from spindle.component.values import Err, Ok, Variant
from spindle.factors.wasi import wasi_interfaces
from spindle.factors.wasi.http.fields import Fields
from spindle.factors.wasi.http.incoming02 import FutureTrailers
from spindle.factors.wasi.http.outgoing02 import OutgoingResponse, ResponseOutparam
from spindle.factors.wasi.io.poll import always_ready
from spindle.interfaces import INTERFACES, find_interface
from spindle.messages import Body

OCTOBER, NOVEMBER = "0.2.0-rc-2023-10-18", "0.2.0-rc-2023-11-10"
EXACT = {"0.2": "0.2.6", "0.3": "0.3.0"}


def test_what_the_table_of_interfaces_says_is_provided() -> None:
    provided = wasi_interfaces()
    for interface in INTERFACES:
        if interface.factor.startswith("wasi.") and not interface.exported:
            for version in interface.versions:
                assert f"{interface.name}@{EXACT.get(version, version)}" in provided


def test_what_is_provided_is_in_the_table_of_interfaces() -> None:
    for name in wasi_interfaces():
        assert name.startswith("spindle:") or find_interface(name) is not None


def call(interface: str, func: str, *args: Any, version: str = OCTOBER) -> Any:
    return asyncio.run(_call(interface, func, *args, version=version))


async def _call(interface: str, func: str, *args: Any, version: str) -> Any:
    return await Caller(version)(interface, func, *args)


def test_waiting() -> None:
    assert call("io/poll", "poll-list", [always_ready(), always_ready()]) == [0, 1]
    assert call("io/poll", "poll-one", always_ready()) is None
    soon = call("clocks/monotonic-clock", "subscribe", 0, True)
    late = call("clocks/monotonic-clock", "subscribe", 10**12, False)
    assert (soon.is_ready(), late.is_ready()) == (True, False)


def test_messages_are_made_whole() -> None:
    headers = call("http/types", "[constructor]fields", [("X-A", b"1")])
    get = Variant("get", None)
    made = call("http/types", "[constructor]outgoing-request", get, "/a", None, "b:1", headers)
    message = made.message()
    assert (message.method, message.scheme, message.authority) == ("GET", "https", "b:1")
    assert message.headers == [(b"x-a", b"1")]
    headers.set("x-b", [b"2"])  # it was lent, so it is still its owner's to change
    response = call("http/types", "[constructor]outgoing-response", 201, headers)
    assert response.message().status == 201


@pytest.mark.parametrize(
    ("func", "args"),
    [
        ("[constructor]fields", ([("a b", b"")],)),
        ("[method]fields.set", (Fields(), "host", [b"a"])),
        ("[method]fields.append", (Fields().freeze(), "a", b"b")),
        ("[constructor]outgoing-response", (1000, Fields())),
        ("[constructor]outgoing-request", (Variant("other", "a b"), None, None, None, Fields())),
        ("[constructor]outgoing-request", (Variant("get", None), None, None, "a b", Fields())),
    ],
)
def test_what_nobody_could_refuse_traps(func: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(Trap):
        call("http/types", func, *args)


def test_errors_are_texts() -> None:
    answers: list[Any] = []
    param = ResponseOutparam(answers.append)
    call("http/types", "[static]response-outparam.set", param, Err(("invalid-url", "x")))
    assert answers[0].code == ("internal-error", "invalid url: x")
    body = Body()
    body.fail(ConnectionError())
    trailers = call("http/types", "[method]future-trailers.get", FutureTrailers(body))
    assert trailers == Err(("unexpected-error", "HTTP-protocol-error"))


@pytest.mark.parametrize(("version", "none"), [(OCTOBER, []), (NOVEMBER, None)])
def test_trailers_come_once(version: str, none: Any) -> None:
    func, future = "[method]future-trailers.get", FutureTrailers(Body.of(b""))
    got = call("http/types", func, future, version=version)
    assert (got.value.entries() if isinstance(got.value, Fields) else got.value) == none
    with pytest.raises(Trap):
        call("http/types", func, future, version=version)


def test_a_body_that_is_too_short_traps() -> None:
    class Store:
        at_end = SimpleNamespace(add=lambda _function: None)

    fields = Fields.of([("content-length", b"5")])
    body = OutgoingResponse(fields).make_body(Store()).value  # type: ignore[arg-type]  # enough of one
    with pytest.raises(Trap):
        call("http/types", "[static]outgoing-body.finish", body, None)


def test_options_by_their_older_names() -> None:
    prefix = "[method]request-options."
    options = call("http/types", "[constructor]request-options", version=NOVEMBER)
    set_ = call("http/types", f"{prefix}set-connect-timeout-ms", options, 7, version=NOVEMBER)
    assert set_ == Ok(None)
    assert call("http/types", f"{prefix}connect-timeout-ms", options, version=NOVEMBER) == 7


def test_what_is_gone_is_unsupported() -> None:
    assert call("filesystem/types", "[method]descriptor.lock-shared", None) == Err("unsupported")
    for version in (OCTOBER, NOVEMBER):
        only = call("sockets/tcp", "[method]tcp-socket.ipv6-only", None, version=version)
        assert only == Err("not-supported")
    with pytest.raises(Trap):
        call("io/streams", "[method]output-stream.forward", None, None)


def test_udp_sockets_send_and_receive_themselves() -> None:
    async def test() -> None:
        ask = Caller(OCTOBER, "udp://127.0.0.1:*")
        udp = "sockets/udp"
        async with shouting() as where:
            socket = (await ask("sockets/udp-create-socket", "create-udp-socket", "ipv4")).value
            local = address("127.0.0.1", 0)
            assert await ask(udp, "[method]udp-socket.start-bind", socket, None, local) == Ok(None)
            connect = "[method]udp-socket.start-connect"
            assert await ask(udp, connect, socket, None, where) == Ok(None)
            assert await ask(udp, connect, socket, None, where) == Err("concurrency-conflict")
            assert await ask(udp, "[method]udp-socket.finish-connect", socket) == Ok(None)
            receive = "[method]udp-socket.receive"
            assert await ask(udp, receive, socket, 1) == Err("would-block")
            sent = [SimpleNamespace(data=b"hello", remote_address=where)]
            assert await ask(udp, "[method]udp-socket.send", socket, sent) == Ok(1)
            pollable = await ask(udp, "[method]udp-socket.subscribe", socket)
            await ask("io/poll", "poll-one", pollable)
            [(data, sender)] = (await ask(udp, receive, socket, 10)).value
            assert (data, sender[0]) == (b"HELLO", "ipv4")
            socket.close()

    run(test)
