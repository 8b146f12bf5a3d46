"""`wasi:sockets@0.2`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spindle.component.host import HostFunc, HostInterface
from spindle.component.trap import trap_if
from spindle.component.values import Err, Ok
from spindle.factors.wasi.io.poll import Pollable, always_ready
from spindle.factors.wasi.io.streams import BodyInput, BodyOutput, IoError
from spindle.factors.wasi.sockets.addresses import (
    SocketError,
    address_of,
    address_value,
    code_of,
)
from spindle.factors.wasi.sockets.tcp import DEFAULTS, TcpSocket, no_lookup
from spindle.factors.wasi.sockets.udp import UDP_OPTIONS, UdpSocket

DATAGRAMS = 64
"""Datagrams that are sent or received at once."""


class Network:
    """The resource `network`; what is allowed is the instance's affair, not its."""


def answered(function: Callable[..., Any]) -> HostFunc:
    """A function that answers `result<_, error-code>` from one that raises what is wrong."""

    def answer(task: Any, *args: Any) -> Ok | Err:
        try:
            return Ok(function(task, *args))
        except (SocketError, OSError) as error:
            return Err(code_of(error, "unknown"))

    return answer


def _denied(*_args: Any) -> Any:
    """What no guest may do, or no host of ours does."""
    raise SocketError("access-denied")


def _not_in_progress(*_args: Any) -> Any:
    raise SocketError("not-in-progress")


@answered
def unsupported(*_args: Any) -> Any:
    """What no socket here can do."""
    raise SocketError("not-supported")


def _start_connect(task: Any, socket: TcpSocket, _network: Network, address: Any) -> None:
    socket.start_connect(task, address_of(address))


def _finish_connect(_task: Any, socket: TcpSocket) -> tuple[BodyInput, BodyOutput]:
    if socket.connecting is None:
        raise SocketError("not-in-progress")
    if not socket.connecting.done():
        raise SocketError("would-block")
    attempt, socket.connecting = socket.connecting, None
    try:
        connection = socket.connection = attempt.result()
    except OSError:
        socket.release()
        raise
    return BodyInput(connection.inbound), BodyOutput(connection.outbound)


def _options(resource: str, names: tuple[str, ...]) -> dict[str, HostFunc]:
    functions: dict[str, HostFunc] = {}
    for name in names:

        def read(_task: Any, socket: Any, name: str = name) -> Any:
            return socket.options[name]

        def write(_task: Any, socket: Any, value: Any, name: str = name) -> None:
            if value == 0 and name != "keep-alive-enabled":
                raise SocketError("invalid-argument")
            socket.options[name] = value

        functions[f"[method]{resource}.{name}"] = answered(read)
        functions[f"[method]{resource}.set-{name}"] = answered(write)
    return functions


_TCP = HostInterface(
    functions={
        "[method]tcp-socket.start-bind": answered(_denied),
        "[method]tcp-socket.finish-bind": answered(_not_in_progress),
        "[method]tcp-socket.start-connect": answered(_start_connect),
        "[method]tcp-socket.finish-connect": answered(_finish_connect),
        "[method]tcp-socket.start-listen": answered(_denied),
        "[method]tcp-socket.finish-listen": answered(_not_in_progress),
        "[method]tcp-socket.accept": answered(_denied),
        "[method]tcp-socket.local-address": answered(
            lambda _t, socket: address_value(socket.address("sockname"))
        ),
        "[method]tcp-socket.remote-address": answered(
            lambda _t, socket: address_value(socket.address("peername"))
        ),
        "[method]tcp-socket.is-listening": lambda _t, _socket: False,
        "[method]tcp-socket.address-family": lambda _t, socket: socket.family,
        "[method]tcp-socket.set-listen-backlog-size": unsupported,
        **_options("tcp-socket", tuple(DEFAULTS)),
        "[method]tcp-socket.subscribe": lambda _t, s: Pollable(s.is_ready, s.subscribe),
        "[method]tcp-socket.shutdown": answered(lambda _t, socket, which: socket.shutdown(which)),
    },
    resources={"tcp-socket": lambda socket: socket.close()},
)


class IncomingDatagrams:
    """The resource `incoming-datagram-stream`."""

    def __init__(self, socket: UdpSocket) -> None:
        self.socket = socket


class OutgoingDatagrams(IncomingDatagrams):
    """The resource `outgoing-datagram-stream`."""


def _udp_bind(task: Any, socket: UdpSocket, _network: Network, address: Any) -> None:
    socket.bind(task, address_of(address))


def _udp_bound(_task: Any, socket: UdpSocket) -> None:
    if not socket.is_bound:
        raise SocketError("not-in-progress")


def _udp_streams(task: Any, socket: UdpSocket, remote: Any) -> Any:
    socket.bound()
    socket.remote = None
    if remote is not None:
        socket.connect(task, address_of(remote))
    return IncomingDatagrams(socket), OutgoingDatagrams(socket)


def receive(socket: UdpSocket, limit: int) -> list[Any]:
    """The datagrams that are there, with where they are from; raises `SocketError`, `OSError`."""
    datagrams: list[Any] = []
    while len(datagrams) < min(limit, DATAGRAMS):
        received = socket.receive_nowait()
        if received is None:
            break
        datagrams.append((received[0], address_value(received[1])))
    return datagrams


def send(task: Any, socket: UdpSocket, datagrams: list[Any]) -> int:
    """Send datagrams up to the first that fails; how many; raises if that is the first."""
    for sent, datagram in enumerate(datagrams):
        remote = datagram.remote_address
        address = None if remote is None else address_of(remote)
        try:
            socket.send(task, datagram.data, address)
        except (SocketError, OSError):
            if sent == 0:
                raise
            return sent
    return len(datagrams)


def _udp_receive(_task: Any, stream: IncomingDatagrams, limit: int) -> list[Any]:
    return receive(stream.socket, limit)


def _udp_send(task: Any, stream: OutgoingDatagrams, datagrams: list[Any]) -> int:
    trap_if(len(datagrams) > DATAGRAMS, "the guest sent more datagrams than `check-send` allowed")
    return send(task, stream.socket, datagrams)


def _udp_remote(socket: UdpSocket) -> Any:
    if socket.remote is None:
        raise SocketError("invalid-state")
    return address_value(socket.remote)


_UDP = HostInterface(
    functions={
        "[method]udp-socket.start-bind": answered(_udp_bind),
        "[method]udp-socket.finish-bind": answered(_udp_bound),
        "[method]udp-socket.stream": answered(_udp_streams),
        "[method]udp-socket.local-address": answered(
            lambda _t, socket: address_value(socket.bound().getsockname())
        ),
        "[method]udp-socket.remote-address": answered(lambda _t, socket: _udp_remote(socket)),
        "[method]udp-socket.address-family": lambda _t, socket: socket.family,
        **_options("udp-socket", UDP_OPTIONS),
        "[method]udp-socket.subscribe": lambda _t, _socket: always_ready(),
        "[method]incoming-datagram-stream.receive": answered(_udp_receive),
        "[method]incoming-datagram-stream.subscribe": lambda _t, s: s.socket.pollable(),
        "[method]outgoing-datagram-stream.check-send": lambda _t, _stream: Ok(DATAGRAMS),
        "[method]outgoing-datagram-stream.send": answered(_udp_send),
        "[method]outgoing-datagram-stream.subscribe": lambda _t, _stream: always_ready(),
    },
    resources={
        "udp-socket": lambda socket: socket.close(),
        "incoming-datagram-stream": None,
        "outgoing-datagram-stream": None,
    },
)


def _network_error_code(_task: Any, error: IoError) -> Any:
    return error.code if error.kind == "sockets" else None


INTERFACES_0_2 = {
    "network": HostInterface({"network-error-code": _network_error_code}, {"network": None}),
    "instance-network": HostInterface({"instance-network": lambda _task: Network()}),
    "tcp": _TCP,
    "tcp-create-socket": HostInterface(
        {"create-tcp-socket": lambda _task, family: Ok(TcpSocket(family))}
    ),
    "udp": _UDP,
    "udp-create-socket": HostInterface({"create-udp-socket": answered(UdpSocket.made_by)}),
    "ip-name-lookup": HostInterface(
        {
            "resolve-addresses": answered(no_lookup),
            "[method]resolve-address-stream.resolve-next-address": answered(no_lookup),
            "[method]resolve-address-stream.subscribe": lambda _t, _stream: always_ready(),
        },
        {"resolve-address-stream": None},
    ),
}
