"""One TCP connection to an allowed destination, as two bodies: what arrives and what is sent."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from spindle.factors.connections import Permit
from spindle.factors.open_files import Lease
from spindle.factors.wasi.io.poll import Listener, Signal, Unsubscribe
from spindle.factors.wasi.sockets.addresses import FAMILIES, Address, SocketError
from spindle.factors.wasi.sockets.grants import check_destination, note_connected, permit_for
from spindle.messages import Body

DEFAULTS: dict[str, Any] = {
    "keep-alive-enabled": False,
    "keep-alive-idle-time": 7_200_000_000_000,
    "keep-alive-interval": 75_000_000_000,
    "keep-alive-count": 9,
    "hop-limit": 64,
    "receive-buffer-size": 65536,
    "send-buffer-size": 65536,
}
"""Options a guest may set and read back."""


class _Connection(asyncio.Protocol):
    """Moves bytes between a transport and the two bodies."""

    def __init__(self) -> None:
        self.inbound = Body()
        self.outbound = Body()
        self.transport: asyncio.Transport | None = None
        self._paused = False
        self.outbound.on_readable = self._send

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # The transports of uvloop are such by their methods alone.
        self.transport = cast("asyncio.Transport", transport)
        self.inbound.on_drained = self.transport.resume_reading

    def data_received(self, data: bytes) -> None:
        self.inbound.feed(data)
        if not self.inbound.wants_more and not self.inbound.cancelled and self.transport:
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        self.inbound.finish()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None:
            self.inbound.finish()
        else:
            self.inbound.fail(exc)
        self.outbound.cancel()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._send()

    def _send(self) -> None:
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        while not self._paused and (chunk := self.outbound.read_nowait()) is not None:
            if not chunk:
                transport.write_eof()
                return
            transport.write(chunk)


class TcpSocket:
    """The resource `tcp-socket`: it can only connect."""

    def __init__(self, family: str) -> None:
        self.family = family
        self.options = dict(DEFAULTS)
        self.connection: _Connection | None = None
        self.connecting: asyncio.Task[_Connection] | None = None
        self._signal = Signal()
        self._lease: Lease | None = None
        self.permit: Permit | None = None

    def start_connect(self, task: Any, address: Address) -> None:
        """Begin to connect; raises `SocketError`, and `OSError` if too much is open."""
        if self.connection is not None or self.connecting is not None:
            raise SocketError("invalid-state")
        if address.family != self.family or address.port == 0:
            raise SocketError("invalid-argument")
        check_destination(task, "tcp", address)
        self.permit = permit_for(task)
        self._lease = task.inst.state.open_files.lease()
        self.connecting = asyncio.get_running_loop().create_task(self._connect(address))
        self.connecting.add_done_callback(note_connected(task, "tcp", address))
        self.connecting.add_done_callback(lambda _task: self._signal.fire())

    async def _connect(self, address: Address) -> _Connection:
        loop = asyncio.get_running_loop()
        family = FAMILIES[self.family]
        _transport, connection = await loop.create_connection(
            _Connection, address.host, address.port, family=family
        )
        return connection

    def release(self) -> None:
        """Give up the right to a connection."""
        if self.permit is not None:
            self.permit.release()

    def connected(self) -> _Connection:
        """The connection; raises `SocketError` where there is none."""
        if self.connection is None:
            raise SocketError("invalid-state")
        return self.connection

    def address(self, which: str) -> tuple[Any, ...]:
        """The local (`sockname`) or remote (`peername`) address."""
        transport = self.connected().transport
        found = transport.get_extra_info(which) if transport is not None else None
        if found is None:
            raise SocketError("invalid-state")
        return tuple(found)

    def is_ready(self) -> bool:
        """Whether a connection attempt has ended."""
        return self.connecting is None or self.connecting.done()

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Be told when it has."""
        return self._signal.subscribe(listener)

    def shutdown(self, which: str) -> None:
        """Stop receiving, sending or both."""
        connection = self.connected()
        if which in ("receive", "both"):
            connection.inbound.cancel()
        if which in ("send", "both"):
            connection.outbound.finish()

    def close(self) -> None:
        """The guest dropped the socket; what it wrote is still sent."""
        self.release()
        if self.connecting is not None and self.connection is None:
            self.connecting.cancel()
        if self.connection is not None and self.connection.transport is not None:
            self.connection.transport.close()


def no_lookup(*_args: Any) -> Any:
    """Refuse to look a name up: grants are for addresses, and a lookup itself tells tales."""
    raise SocketError("permanent-resolver-failure")
