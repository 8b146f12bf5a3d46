"""`wasi:sockets@0.3`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spindle.component.ends import BytesSource, HostFuture, ItemsSource, Pump
from spindle.component.host import HostFunc, HostInterface
from spindle.component.values import Err, Ok
from spindle.factors.wasi.io.poll import wait
from spindle.factors.wasi.sockets.addresses import (
    SocketError,
    address_of,
    address_value,
    code_of,
)
from spindle.factors.wasi.sockets.tcp import DEFAULTS, TcpSocket, no_lookup
from spindle.factors.wasi.sockets.udp import UDP_OPTIONS, UdpSocket

_OTHER = ("other", None)


def _answered(function: Callable[..., Any]) -> HostFunc:
    def answer(_task: Any, *args: Any) -> Ok | Err:
        try:
            return Ok(function(*args))
        except (SocketError, OSError) as error:
            return Err(code_of(error, _OTHER))

    return answer


def _denied(*_args: Any) -> Any:
    raise SocketError("access-denied")


def _unsupported(*_args: Any) -> Any:
    raise SocketError("not-supported")


async def _connect(task: Any, socket: TcpSocket, address: Any) -> Ok | Err:
    try:
        socket.start_connect(task, address_of(address))
        assert socket.connecting is not None
        socket.connection = await socket.connecting
    except (SocketError, OSError) as error:
        socket.connecting = None
        socket.release()
        return Err(code_of(error, _OTHER))
    return Ok(None)


def _send(task: Any, socket: TcpSocket, data: Any) -> HostFuture:
    if socket.connection is None:
        data.drop()
        return HostFuture.of(Err("invalid-state"))
    body, done = socket.connection.outbound, HostFuture()

    def end() -> None:
        body.finish()
        done.resolve(Ok(None))

    pump = Pump(task.inst.store, data, body.feed, end, lambda: body.wants_more)

    def broken() -> None:
        pump.stop()
        done.resolve(Err("connection-broken"))

    body.on_drained = pump.resume
    body.on_cancelled = broken
    return done


def _receive(_task: Any, socket: TcpSocket) -> tuple[Any, HostFuture]:
    if socket.connection is None:
        return ItemsSource(), HostFuture.of(Err("invalid-state"))
    body, done = socket.connection.inbound, HostFuture()

    def read(limit: int) -> bytes | None:
        try:
            data = body.read_nowait(limit)
        except OSError as error:
            done.resolve(Err(code_of(error, _OTHER)))
            return b""
        if data == b"":
            done.resolve(Ok(None))
        return data

    def subscribe(wake: Callable[[], None]) -> None:
        body.on_readable = wake

    def cancel() -> None:
        body.cancel()
        done.resolve(Ok(None))

    return BytesSource(read, subscribe, cancel), done


def _options(resource: str, names: tuple[str, ...]) -> dict[str, HostFunc]:
    functions: dict[str, HostFunc] = {}
    for name in names:

        def read(socket: Any, name: str = name) -> Any:
            return socket.options[name]

        def write(socket: Any, value: Any, name: str = name) -> None:
            if value == 0 and name != "keep-alive-enabled":
                raise SocketError("invalid-argument")
            socket.options[name] = value

        functions[f"[method]{resource}.get-{name}"] = _answered(read)
        functions[f"[method]{resource}.set-{name}"] = _answered(write)
    return functions


def _udp_create(task: Any, family: str) -> Any:
    return _answered(UdpSocket.made_by)(task, task, family)


def _udp_bind(task: Any, socket: UdpSocket, address: Any) -> Any:
    return _answered(UdpSocket.bind)(task, socket, task, address_of(address))


def _udp_connect(task: Any, socket: UdpSocket, address: Any) -> Any:
    return _answered(UdpSocket.connect)(task, socket, task, address_of(address))


def _udp_send(task: Any, socket: UdpSocket, data: bytes, address: Any) -> Any:
    target = None if address is None else address_of(address)
    return _answered(UdpSocket.send)(task, socket, task, data, target)


async def _udp_receive(_task: Any, socket: UdpSocket) -> Ok | Err:
    try:
        while (received := socket.receive_nowait()) is None:
            await wait(socket.pollable())
    except (SocketError, OSError) as error:
        return Err(code_of(error, _OTHER))
    return Ok((received[0], address_value(received[1])))


def _udp_remote(socket: UdpSocket) -> Any:
    if socket.remote is None:
        raise SocketError("invalid-state")
    return address_value(socket.remote)


INTERFACES_0_3 = {
    "types": HostInterface(
        functions={
            "[static]tcp-socket.create": lambda _task, family: Ok(TcpSocket(family)),
            "[method]tcp-socket.bind": _answered(_denied),
            "[method]tcp-socket.connect": _connect,
            "[method]tcp-socket.listen": _answered(_denied),
            "[method]tcp-socket.send": _send,
            "[method]tcp-socket.receive": _receive,
            "[method]tcp-socket.get-local-address": _answered(
                lambda socket: address_value(socket.address("sockname"))
            ),
            "[method]tcp-socket.get-remote-address": _answered(
                lambda socket: address_value(socket.address("peername"))
            ),
            "[method]tcp-socket.get-is-listening": lambda _task, _socket: False,
            "[method]tcp-socket.get-address-family": lambda _task, socket: socket.family,
            "[method]tcp-socket.set-listen-backlog-size": _answered(_unsupported),
            **_options("tcp-socket", tuple(DEFAULTS)),
            "[static]udp-socket.create": _udp_create,
            "[method]udp-socket.bind": _udp_bind,
            "[method]udp-socket.connect": _udp_connect,
            "[method]udp-socket.disconnect": _answered(UdpSocket.disconnect),
            "[method]udp-socket.send": _udp_send,
            "[method]udp-socket.receive": _udp_receive,
            "[method]udp-socket.get-local-address": _answered(
                lambda socket: address_value(socket.bound().getsockname())
            ),
            "[method]udp-socket.get-remote-address": _answered(_udp_remote),
            "[method]udp-socket.get-address-family": lambda _task, socket: socket.family,
            **_options("udp-socket", UDP_OPTIONS),
        },
        resources={
            "tcp-socket": lambda socket: socket.close(),
            "udp-socket": lambda socket: socket.close(),
        },
    ),
    "ip-name-lookup": HostInterface({"resolve-addresses": _answered(no_lookup)}),
}
