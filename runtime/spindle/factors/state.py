"""What one instance of a component may see and do: the state its host functions work on.

A host function finds it as `task.inst.state`. It is made by `spindle.factors.Factors.prepare` and
`build`; everything that reaches the world outside goes through a callable or a source kept here,
so that a test or a replay can put its own in.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from spindle.factors.connections import Connections
from spindle.factors.http_error import HttpError
from spindle.factors.open_files import OpenFiles
from spindle.messages import Request, Response
from spindle.outbound_hosts import OutboundHosts

DEFAULT_TIMEOUT = 600.0
"""Seconds for each of an outbound request's three phases when the guest names none."""


class Clock:
    """The clocks a guest reads and waits on; nanoseconds throughout."""

    def monotonic(self) -> int:
        """Nanoseconds since some moment."""
        return time.monotonic_ns()

    def instant(self) -> int:
        """As `monotonic`, for who waits: no guest is told."""
        return self.monotonic()

    def wall(self) -> int:
        """Nanoseconds since 1970-01-01 UTC."""
        return time.time_ns()

    def call_at(self, when: int, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back at or a little before a monotonic instant; returns what takes it back."""
        delay = max(0.0, (when - self.instant()) / 1e9)
        return asyncio.get_running_loop().call_later(delay, callback).cancel


class Entropy:
    """Where a guest's random bytes come from."""

    def read(self, size: int) -> bytes:
        """That many random bytes."""
        return os.urandom(size)


class Timeouts(NamedTuple):
    """How long an outbound request may take, in seconds by phase."""

    connect: float = DEFAULT_TIMEOUT
    first_byte: float = DEFAULT_TIMEOUT
    between_bytes: float = DEFAULT_TIMEOUT


class Scope(Protocol):
    """What records one invocation (`task.scope`); it may also be None."""

    depth: int
    """How many requests of guests to one another led to it."""

    def call(
        self,
        interface: str,
        func: str,
        args: object,
        result: object,
        took: int,
        dependency: str | None,
    ) -> None:
        """Note one call of a factor; `took` in nanoseconds. A dependency that made it is named."""


SendHttp = Callable[[Request, Timeouts], Awaitable[Response]]
"""Sends a guest's outbound request; raises `HttpError`."""


def _discard(_data: bytes) -> None:
    """Where output goes that nobody wants."""


def _ignore(_destination: str) -> None:
    """Whom nobody asked."""


def _ignore_failure(_destination: str, _why: str) -> None:
    """Whom nobody asked either."""


async def _no_http(_request: Request, _timeouts: Timeouts) -> Response:
    raise HttpError("HTTP-request-denied")


@dataclass(slots=True)
class InstanceState:
    """One instance's grants and whereabouts."""

    component_id: str = ""
    dependency: str | None = None
    """Which of the component's dependencies this is the state of; None for its own."""
    environment: tuple[tuple[str, str], ...] = ()
    arguments: tuple[str, ...] = ()
    preopens: tuple[tuple[str, Any], ...] = ()
    """Guest path and `filesystem.tree.Node` of each directory the guest starts with."""
    stdin: bytes = b""
    stdout: Callable[[bytes], None] = _discard
    stderr: Callable[[bytes], None] = _discard
    outbound_hosts: OutboundHosts = field(default_factory=OutboundHosts)
    """Where the manifest lets the component connect to."""
    blocked_networks: Container[str] = ()
    """Addresses nobody may connect to."""
    on_denied: Callable[[str], None] = _ignore
    """Told `scheme://host:port` of each connection that was refused."""
    on_failed: Callable[[str, str], None] = _ignore_failure
    """Told where a request could not be sent to, `scheme://authority`, and why."""
    refused: str | None = None
    """What was refused just now, until the call that asked for it is noted."""
    sockets: Connections = field(default_factory=Connections)
    """Room for sockets, which the instances of an application share."""
    send_http: SendHttp = _no_http
    clock: Clock = field(default_factory=Clock)
    entropy: Entropy = field(default_factory=Entropy)
    open_files: OpenFiles = field(default_factory=OpenFiles)
    factors: dict[str, Any] = field(default_factory=dict)
    """What each factor beyond WASI keeps for this instance, by the factor's name."""
    tape: Any = None
    """What records all that the instance is told, or tells it: a `spindle.factors.tapes.Tape`."""
    touched: bool = False
    """Whether the instance has seen entropy, time, its environment or files.

    A snapshot taken after that would hand every request the same random numbers.
    """

    def refuse(self, destination: str) -> None:
        """Report a connection that is not allowed; the call that asked for it fails at once."""
        self.refused = destination
        self.on_denied(destination)
