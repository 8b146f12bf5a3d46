"""Sockets: outbound connections to what is allowed, the same bytes by both versions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from tests.factors.calling import run

from spindle.component.ends import BytesSource, HostFuture, Pump
from spindle.component.host import Later
from spindle.component.values import Err, Ok, Variant
from spindle.factors import InstanceState
from spindle.factors.wasi import wasi_interfaces
from spindle.factors.wasi.io.streams import BytesInput
from spindle.outbound_hosts import OutboundHosts, parse_outbound_host

INTERFACES = wasi_interfaces()


class Caller:
    """Calls host functions as one instance would."""

    def __init__(self, version: str, *allowed: str) -> None:
        self.denied: list[str] = []
        hosts = OutboundHosts(tuple(map(parse_outbound_host, allowed)))
        state = InstanceState(outbound_hosts=hosts, on_denied=self.denied.append)
        store = SimpleNamespace(wake=lambda: None)
        self.task = SimpleNamespace(inst=SimpleNamespace(state=state, store=store), scope=None)
        self.version = version

    async def __call__(self, interface: str, func: str, *args: Any) -> Any:
        function = INTERFACES[f"wasi:{interface}@{self.version}"].functions[func]
        result = function(self.task, *args)
        if isinstance(result, Later):
            return await result.awaitable
        return await result if asyncio.iscoroutine(result) else result


@asynccontextmanager
async def echo_server() -> AsyncIterator[Variant]:
    """A server that says in upper case what it is told; its `ip-socket-address`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(data.upper())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield address("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        server.close()


def address(host: str, port: int) -> Variant:
    octets = tuple(int(part) for part in host.split("."))
    return Variant("ipv4", SimpleNamespace(address=octets, port=port))


def test_tcp_0_2() -> None:
    async def test() -> None:
        call = Caller("0.2.6", "tcp://127.0.0.1:*")
        async with echo_server() as where:
            tcp, streams = "sockets/tcp", "io/streams"
            network = await call("sockets/instance-network", "instance-network")
            socket = (await call("sockets/tcp-create-socket", "create-tcp-socket", "ipv4")).value
            started = await call(tcp, "[method]tcp-socket.start-connect", socket, network, where)
            assert started == Ok(None)
            finish = "[method]tcp-socket.finish-connect"
            assert await call(tcp, finish, socket) == Err("would-block")
            pollable = await call(tcp, "[method]tcp-socket.subscribe", socket)
            assert await call("io/poll", "poll", [pollable]) == [0]
            source, sink = (await call(tcp, finish, socket)).value
            write = "[method]output-stream.blocking-write-and-flush"
            assert await call(streams, write, sink, b"hello") == Ok(None)
            read = "[method]input-stream.blocking-read"
            assert await call(streams, read, source, 100) == Ok(b"HELLO")
            remote = await call(tcp, "[method]tcp-socket.remote-address", socket)
            assert remote.value == ("ipv4", (where.value.port, (127, 0, 0, 1)))
            assert await call(tcp, "[method]tcp-socket.shutdown", socket, "send") == Ok(None)
            assert await call(streams, read, source, 100) == Err("closed")
            socket.close()

    run(test)


def test_tcp_0_3() -> None:
    async def test() -> None:
        call = Caller("0.3.0", "tcp://127.0.0.1:*")
        async with echo_server() as where:
            types = "sockets/types"
            socket = (await call(types, "[static]tcp-socket.create", "ipv4")).value
            assert await call(types, "[method]tcp-socket.connect", socket, where) == Ok(None)
            data = BytesSource(BytesInput(b"hello").read_nowait, lambda _wake: None)
            sent: HostFuture = await call(types, "[method]tcp-socket.send", socket, data)
            source, _result = await call(types, "[method]tcp-socket.receive", socket)
            received, ended = bytearray(), asyncio.Event()
            Pump(call.task.inst.store, source, received.extend, ended.set)
            await ended.wait()
            assert received == b"HELLO"
            assert sent._value == (Ok(None),)
            socket.close()

    run(test)


class Shout(asyncio.DatagramProtocol):
    """Says in upper case what it is told."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data.upper(), addr)  # type: ignore[attr-defined]  # a datagram transport


@asynccontextmanager
async def shouting() -> AsyncIterator[Variant]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Shout, local_addr=("127.0.0.1", 0))
    try:
        yield address("127.0.0.1", transport.get_extra_info("sockname")[1])
    finally:
        transport.close()


def test_udp_0_2() -> None:
    async def test() -> None:
        call = Caller("0.2.6", "udp://127.0.0.1:*")
        async with shouting() as where:
            udp, here = "sockets/udp", address("127.0.0.1", 0)
            socket = (await call("sockets/udp-create-socket", "create-udp-socket", "ipv4")).value
            assert await call(udp, "[method]udp-socket.start-bind", socket, None, here) == Ok(None)
            assert await call(udp, "[method]udp-socket.finish-bind", socket) == Ok(None)
            both = (await call(udp, "[method]udp-socket.stream", socket, None)).value
            datagrams = [SimpleNamespace(data=b"hello", remote_address=where)]
            send, receive = (
                "[method]outgoing-datagram-stream.send",
                "[method]incoming-datagram-stream.receive",
            )
            assert await call(udp, receive, both[0], 10) == Ok([])
            assert await call(udp, send, both[1], datagrams) == Ok(1)
            pollable = await call(udp, "[method]incoming-datagram-stream.subscribe", both[0])
            assert await call("io/poll", "poll", [pollable]) == [0]
            ((data, sender),) = (await call(udp, receive, both[0], 10)).value
            assert (data, sender.value[0]) == (b"HELLO", where.value.port)
            socket.close()

    run(test)


def test_udp_0_3() -> None:
    async def test() -> None:
        call = Caller("0.3.0", "udp://127.0.0.1:*")
        async with shouting() as where:
            types = "sockets/types"
            socket = (await call(types, "[static]udp-socket.create", "ipv4")).value
            assert await call(types, "[method]udp-socket.send", socket, b"a", None) == Err(
                "invalid-argument"
            )
            assert await call(types, "[method]udp-socket.connect", socket, where) == Ok(None)
            assert await call(types, "[method]udp-socket.send", socket, b"a", None) == Ok(None)
            received = await call(types, "[method]udp-socket.receive", socket)
            assert received.value[0] == b"A"
            elsewhere = address("127.0.0.2", 1)
            denied = await call(types, "[method]udp-socket.connect", socket, elsewhere)
            assert denied == Err("access-denied")
            socket.close()

    run(test)


def test_what_is_not_allowed_is_denied() -> None:
    async def test() -> None:
        old, new = Caller("0.2.6", "tcp://127.0.0.1:80"), Caller("0.3.0")
        where = address("127.0.0.1", 81)
        socket = (await old("sockets/tcp-create-socket", "create-tcp-socket", "ipv4")).value
        start, bind = "[method]tcp-socket.start-connect", "[method]tcp-socket.start-bind"
        assert await old("sockets/tcp", start, socket, None, where) == Err("access-denied")
        assert await old("sockets/tcp", bind, socket, None, where) == Err("access-denied")
        socket = (await new("sockets/types", "[static]tcp-socket.create", "ipv4")).value
        for func in ("connect", "bind"):
            result = await new("sockets/types", f"[method]tcp-socket.{func}", socket, where)
            assert result == Err("access-denied")
        assert old.denied == new.denied == ["tcp://127.0.0.1:81"]

    run(test)


def test_failures_have_names() -> None:
    async def test() -> None:
        call = Caller("0.3.0", "tcp://*:*")
        socket = (await call("sockets/types", "[static]tcp-socket.create", "ipv4")).value
        connect = "[method]tcp-socket.connect"
        refused = await call("sockets/types", connect, socket, address("127.0.0.1", 1))
        assert refused == Err("connection-refused")
        lookup = await call("sockets/ip-name-lookup", "resolve-addresses", "localhost")
        assert lookup == Err("permanent-resolver-failure")

    run(test)
