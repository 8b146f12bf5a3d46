"""One UDP socket, to and from allowed destinations."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Self

from spindle.factors.connections import Permit
from spindle.factors.open_files import Lease
from spindle.factors.wasi.io.poll import Listener, Pollable, Signal, Unsubscribe
from spindle.factors.wasi.sockets.addresses import FAMILIES, Address, SocketError
from spindle.factors.wasi.sockets.grants import check_destination, permit_for
from spindle.factors.wasi.sockets.tcp import DEFAULTS

MAX_DATAGRAM = 65536
UDP_OPTIONS = ("unicast-hop-limit", "receive-buffer-size", "send-buffer-size")
_ANY = {"ipv4": "0.0.0.0", "ipv6": "::"}  # a sender's own address


class UdpSocket:
    """The resource `udp-socket`."""

    def __init__(self, family: str, permit: Permit | None = None) -> None:
        self.family = family
        self._permit = permit
        self.options = {**DEFAULTS, "unicast-hop-limit": 64}
        self.remote: Address | None = None
        self._socket: socket.socket | None = None
        self._lease: Lease | None = None
        self._signal = Signal()
        self._watching = False

    @classmethod
    def made_by(cls, task: Any, family: str) -> Self:
        """A guest's socket; raises `SocketError` if there is no room for one."""
        return cls(family, permit_for(task))

    def bind(self, task: Any, address: Address) -> None:
        """Take a local address; raises `SocketError` and `OSError`."""
        self._check_family(address)
        if self._socket is not None:
            raise SocketError("invalid-state")
        check_destination(task, "udp", address)
        self._open(task, (address.host, address.port))

    def _open(self, task: Any, address: tuple[str, int]) -> socket.socket:
        self._lease = task.inst.state.open_files.lease()
        opened = socket.socket(FAMILIES[self.family], socket.SOCK_DGRAM)
        try:
            opened.setblocking(False)
            opened.bind(address)
        except OSError:
            opened.close()
            raise
        self._socket = opened
        return opened

    def connect(self, task: Any, address: Address) -> None:
        """Talk to one destination alone."""
        self._check_family(address)
        if address.port == 0:
            raise SocketError("invalid-argument")
        check_destination(task, "udp", address)
        self.remote = address

    def disconnect(self) -> None:
        """Talk to any destination again."""
        if self.remote is None:
            raise SocketError("invalid-state")
        self.remote = None

    def _check_family(self, address: Address) -> None:
        if address.family != self.family:
            raise SocketError("invalid-argument")

    @property
    def is_bound(self) -> bool:
        """Whether it has a local address."""
        return self._socket is not None

    def bound(self) -> socket.socket:
        """The operating system's socket; raises `SocketError` without a local address."""
        if self._socket is None:
            raise SocketError("invalid-state")
        return self._socket

    def send(self, task: Any, data: bytes, address: Address | None) -> None:
        """Send a datagram, to the address connected to if none is given."""
        if self.remote is not None and address not in (None, self.remote):
            raise SocketError("invalid-argument")
        target = address or self.remote
        if target is None:
            raise SocketError("invalid-argument")
        self._check_family(target)
        check_destination(task, "udp", target)
        sender = self._socket or self._open(task, (_ANY[self.family], 0))
        sender.sendto(data, (target.host, target.port))

    def receive_nowait(self) -> tuple[bytes, tuple[Any, ...]] | None:
        """The next datagram and where it is from; None when there is none."""
        while True:
            try:
                data, sender = self.bound().recvfrom(MAX_DATAGRAM)
            except BlockingIOError:
                return None
            if self.remote is None or Address(sender[0], sender[1]) == self.remote:
                return data, sender

    def is_ready(self) -> bool:
        """Whether there may be a datagram."""
        try:
            self.bound().recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True  # whoever receives will hear of it
        return True

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Be told when one arrives."""
        unsubscribe = self._signal.subscribe(listener)
        if not self._watching:
            self._watching = True
            asyncio.get_running_loop().add_reader(self.bound(), self._arrived)
        return unsubscribe

    def _arrived(self) -> None:
        self._unwatch()
        self._signal.fire()

    def _unwatch(self) -> None:
        if self._watching:
            self._watching = False
            asyncio.get_running_loop().remove_reader(self.bound())

    def pollable(self) -> Pollable:
        """What waits for a datagram."""
        return Pollable(self.is_ready, self.subscribe)

    def close(self) -> None:
        """The guest dropped the socket."""
        if self._permit is not None:
            self._permit.release()
        if self._socket is not None:
            self._unwatch()
            self._socket.close()
            self._socket = None
