"""`wasi:sockets@0.2` as its release candidates of 2023 had it, over the same sockets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spindle.component.host import HostFunc, HostInterface
from spindle.factors.wasi.sockets.addresses import SocketError, address_of
from spindle.factors.wasi.sockets.interface02 import (
    DATAGRAMS,
    INTERFACES_0_2,
    Network,
    answered,
    receive,
    send,
    unsupported,
)
from spindle.factors.wasi.sockets.udp import UdpSocket


def _refused(resource: str, names: Iterable[str]) -> dict[str, HostFunc]:
    """Options that went away before 0.2."""
    return {
        f"[method]{resource}.{verb}{name}": unsupported for name in names for verb in ("", "set-")
    }


def _renamed(functions: dict[str, HostFunc], resource: str, **names: str) -> dict[str, HostFunc]:
    """Options under the names they had; `old_name="new-name"`."""
    method = f"[method]{resource}."
    return {
        f"{method}{verb}{old.replace('_', '-')}": functions[f"{method}{verb}{new}"]
        for old, new in names.items()
        for verb in ("", "set-")
    }


_TCP, _UDP = INTERFACES_0_2["tcp"], INTERFACES_0_2["udp"]

INTERFACES_2023_11_10 = {
    **INTERFACES_0_2,
    "tcp": HostInterface(
        {**_TCP.functions, **_refused("tcp-socket", ["ipv6-only"])}, _TCP.resources
    ),
    "udp": HostInterface(
        {**_UDP.functions, **_refused("udp-socket", ["ipv6-only"])}, _UDP.resources
    ),
}


# In 2023-10-18 a UDP socket sends and receives by itself.


class _Socket(UdpSocket):
    connecting: Any = None


def _start_connect(_task: Any, socket: _Socket, _network: Network, address: Any) -> None:
    if socket.connecting is not None:
        raise SocketError("concurrency-conflict")
    socket.connecting = address_of(address)


def _finish_connect(task: Any, socket: _Socket) -> None:
    if socket.connecting is None:
        raise SocketError("not-in-progress")
    address, socket.connecting = socket.connecting, None
    socket.connect(task, address)


def _receive(_task: Any, socket: _Socket, limit: int) -> list[Any]:
    socket.bound()
    received = receive(socket, limit)
    if not received and limit:
        raise SocketError("would-block")
    return received


def _send(task: Any, socket: _Socket, datagrams: list[Any]) -> int:
    socket.bound()
    return send(task, socket, datagrams[:DATAGRAMS])


INTERFACES_2023_10_18 = {
    **INTERFACES_0_2,
    "tcp": HostInterface(
        {
            **_TCP.functions,
            **_refused("tcp-socket", ["ipv6-only", "no-delay"]),
            **_renamed(
                dict(_TCP.functions),
                "tcp-socket",
                keep_alive="keep-alive-enabled",
                unicast_hop_limit="hop-limit",
            ),
        },
        _TCP.resources,
    ),
    "udp": HostInterface(
        {
            **_UDP.functions,
            **_refused("udp-socket", ["ipv6-only"]),
            "[method]udp-socket.start-connect": answered(_start_connect),
            "[method]udp-socket.finish-connect": answered(_finish_connect),
            "[method]udp-socket.receive": answered(_receive),
            "[method]udp-socket.send": answered(_send),
            "[method]udp-socket.subscribe": lambda _task, socket: socket.pollable(),
        },
        {"udp-socket": lambda socket: socket.close()},
    ),
    "udp-create-socket": HostInterface({"create-udp-socket": answered(_Socket.made_by)}),
}
