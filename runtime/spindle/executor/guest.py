"""One live instance of a component, and the requests it is serving."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spindle.component.run_queue import TICK
from spindle.component.trap import Trap
from spindle.errors import GuestError
from spindle.executor.grants import recording_of
from spindle.executor.invocation import Invocation, NoResponse
from spindle.factors.wasi.cli import GuestExit
from spindle.limits import beyond, flag_of, size_text

if TYPE_CHECKING:
    from spindle.component.exports import Instance
    from spindle.executor.program import Program

GRACE = 5.0
"""Seconds for which an instance goes on although nobody wants what it does any more."""

OnFailure = Callable[["Program", BaseException], None]
"""Told of a component's failure that no client hears of."""


class CpuTimeExceeded(GuestError):
    """A guest computed for longer than it may."""

    code = "cpu-time"


class Guest:
    """An instance that takes requests until its policy says that it has served enough.

    A request is in flight until the guest's task has ended, which may be long after the response:
    what a guest does in the background belongs to it. A guest is never asked to cancel: few can,
    and a guest that traps then takes the others it is serving with it.
    """

    __slots__ = (
        "_concurrent", "_handle", "_max_slices", "_on_change", "_on_failure", "_reuse", "_slices",
        "closed", "idle_since", "in_flight", "instance", "number", "program", "retired",
        "served",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        program: Program,
        instance: Instance,
        *,
        reuse: int,
        concurrent: int,
        max_cpu_time: float = math.inf,
        on_change: Callable[[Guest], None],
        on_failure: OnFailure,
    ) -> None:
        self.number = number
        self.program = program
        self.instance = instance
        self.in_flight: list[Invocation] = []
        self.retired = False
        """Takes no more requests."""
        self.closed = False
        self.idle_since = asyncio.get_running_loop().time()
        """When it last had nothing to do, on the loop's clock."""
        self.served = 0
        """Requests it has been given."""
        self._reuse = reuse
        self._concurrent = concurrent
        self._max_slices = max_cpu_time / TICK
        self._slices: dict[Invocation, int] = {}
        """How many time slices it has used up for each request; those it has not are free."""
        self._on_change = on_change
        self._on_failure = on_failure
        self._handle = instance.func(*program.handler.path)
        instance.store.on_failure = self._failed
        instance.store.on_slice = self._slice_over

    @property
    def takes_more(self) -> bool:
        """Whether another request can be given to it now."""
        return (
            not self.retired and len(self.in_flight) < self._concurrent and self.instance.store.idle
        )

    @property
    def idle(self) -> bool:
        """Whether it serves nobody."""
        return not self.in_flight

    def serve(self, invocation: Invocation, request: Any) -> None:
        """Hand a request to the guest: what its handler takes."""
        self.served += 1
        if self.served >= self._reuse:
            self.retired = True
        invocation.guest = self
        invocation.exchange.instance = self.number
        invocation.exchange.recorded = recording_of(self.instance.inst.state)
        self.in_flight.append(invocation)
        store = self.instance.store
        handling = self.program.handler.handling(request, invocation.answer)

        def on_resolve(result: tuple[Any, ...] | None) -> None:
            thread = store.current_thread
            assert thread is not None, "a guest resolves its own task"
            assert result is not None, "nobody asks a guest to cancel"
            thread.task.on_exit = lambda: self._leave(invocation)
            handling.returned(store, result[0])

        self._handle.start(handling.arguments, on_resolve, invocation)

    def expect_end(self, seconds: float | None = None) -> None:
        """See to it that it does not go on for ever for those that nobody waits for."""
        grace = GRACE if seconds is None else seconds
        asyncio.get_running_loop().call_later(grace, self._stop_if_unwanted)

    def _stop_if_unwanted(self) -> None:
        unwanted = [invocation.unwanted for invocation in self.in_flight]
        if not any(unwanted):
            return
        if all(unwanted) or self._keeps_others_waiting():
            self.kill(NoResponse("the guest was stopped: nobody waits for what it does any more"))
        else:
            self.retired = True

    def _keeps_others_waiting(self) -> bool:
        """Whether it computes for somebody who does not wait, so that nobody else is served."""
        held = self.instance.store.held
        return bool(held) and held[-1].ready_func is None and held[-1].task.scope.unwanted

    def _slice_over(self, invocation: Invocation | None) -> None:
        """It computed for a request until its time slice was over."""
        if invocation is None:
            return
        used = self._slices[invocation] = self._slices.get(invocation, 0) + 1
        if used >= self._max_slices:
            seconds = self._max_slices * TICK
            text = beyond("the guest computes for too long", "max_cpu_time", seconds)
            self.instance.store.fail(CpuTimeExceeded(text))

    def kill(self, error: BaseException) -> None:
        """Stop the guest, whatever it is doing."""
        self.instance.store.on_failure = self._stopped
        self.instance.store.fail(error)

    def _leave(self, invocation: Invocation) -> None:
        """The guest is done with a request."""
        if invocation not in self.in_flight:
            return
        self.in_flight.remove(invocation)
        self._slices.pop(invocation, None)
        invocation.left()
        if self.in_flight and all(other.unwanted for other in self.in_flight):
            self.expect_end()
        self._on_change(self)

    def _failed(self, error: BaseException) -> None:
        """The guest trapped."""
        if isinstance(error, Trap):
            error.hints = error.hints or self._hints()
        exited = isinstance(error, GuestExit) and error.status == 0
        if not exited and all(invocation.finished for invocation in self.in_flight):
            self._on_failure(self.program, error)
        self._stopped(error)

    def _hints(self) -> tuple[str, ...]:
        """What may have led to a trap: few guests say that they got no more memory."""
        core = self.instance.store.core
        size, limit = core.memory_size, core.limits.max_instance_memory
        if size < limit / 2:
            return ()
        return (
            f"its memory had grown to {size_text(size)}, and may grow to {size_text(limit)} "
            f"(`{flag_of('max_instance_memory')}`)",
        )

    def _stopped(self, error: BaseException) -> None:
        """The guest runs no more: everyone it was serving is told."""
        self.retired = True
        in_flight, self.in_flight = self.in_flight, []
        for invocation in in_flight:
            invocation.fail(error)
            invocation.left()
        self._on_change(self)

    def close(self) -> None:
        """Free the instance; it serves nobody."""
        if not self.closed:
            self.closed = True
            self.retired = True
            self.instance.close()
