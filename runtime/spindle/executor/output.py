"""What a guest writes to stdout and stderr, attributed to the request it was serving."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from spindle.exchange import Exchange

if TYPE_CHECKING:
    from spindle.executor.guest import Guest
    from spindle.executor.invocation import Invocation

Log: TypeAlias = Callable[[str, Any, bytes, Exchange | None], None]
"""Takes what a guest writes: component id, `stdout` or `stderr`, bytes, the exchange."""


class GuestOutput:
    """One instance's two streams."""

    __slots__ = ("_component", "_log", "guest")

    def __init__(self, log: Log, component: str) -> None:
        self._log = log
        self._component = component
        self.guest: Guest | None = None
        """The instance, once it is there: what it writes before belongs to no request."""

    def stdout(self, data: bytes) -> None:
        """Take what it writes to stdout."""
        self._log(self._component, "stdout", data, self._exchange())

    def stderr(self, data: bytes) -> None:
        """Take what it writes to stderr."""
        self._log(self._component, "stderr", data, self._exchange())

    def _exchange(self) -> Exchange | None:
        guest = self.guest
        if guest is None:
            return None
        thread = guest.instance.store.current_thread
        invocation: Invocation | None = None if thread is None else thread.task.scope
        if invocation is None and len(guest.in_flight) == 1:
            invocation = guest.in_flight[0]
        return None if invocation is None else invocation.exchange
