"""One live instance of a component, and the requests it is serving."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spindle.executor.invocation import Invocation, NoResponse, RequestTimeout
from spindle.messages import Request

if TYPE_CHECKING:
    from spindle.component.exports import Instance
    from spindle.executor.program import Program


class Guest:
    """An instance that takes requests until its policy says that it has served enough."""

    __slots__ = (
        "_concurrent", "_handle", "_left", "_on_change", "_sending", "closed", "idle_since",
        "in_flight", "instance", "number", "program", "retired",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        program: Program,
        instance: Instance,
        *,
        reuse: int,
        concurrent: int,
        on_change: Callable[[Guest], None],
    ) -> None:
        self.number = number
        self.program = program
        self.instance = instance
        self.in_flight: list[Invocation] = []
        self._sending: list[Invocation] = []
        """Those it has left while their responses' bodies were still open."""
        self.retired = False
        """Takes no more requests."""
        self.closed = False
        self.idle_since = 0.0
        """When it last had nothing to do, on the loop's clock."""
        self._left = reuse
        self._concurrent = concurrent
        self._on_change = on_change
        self._handle = instance.func(program.handler.export, program.handler.function)
        instance.store.on_failure = self._failed

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

    def serve(self, invocation: Invocation, request: Request) -> None:
        """Hand a request to the guest."""
        self._left -= 1
        if self._left <= 0:
            self.retired = True
        invocation.guest = self
        invocation.exchange.instance = self.number
        self.in_flight.append(invocation)
        invocation.reply.on_gone = lambda: self._gone(invocation)
        store = self.instance.store
        handling = self.program.handler.handling(request, invocation.answer)

        def on_resolve(result: tuple[Any, ...] | None) -> None:
            thread = store.current_thread
            assert thread is not None, "a guest resolves its own task"
            if result is None:
                self._leave(invocation)
                return
            thread.task.on_exit = lambda: self._leave(invocation)
            handling.returned(store, result[0])

        on_cancel = self._handle.start(handling.arguments, on_resolve, invocation)
        if invocation in self.in_flight:
            invocation.on_cancel = on_cancel

    def expire(self, invocation: Invocation) -> None:
        """Give up on a request that takes too long; what it shares the instance with goes on."""
        invocation.timer = None
        invocation.fail(RequestTimeout("the guest exceeded the request timeout"))
        self._abandon(invocation)

    def _gone(self, invocation: Invocation) -> None:
        """The client left before it had a whole response."""
        invocation.finish(ConnectionError("the client went away"))
        self._abandon(invocation)

    def _abandon(self, invocation: Invocation) -> None:
        if invocation not in self.in_flight:
            return
        store = self.instance.store
        alone = len(self.in_flight) == 1
        if alone or not store.idle:
            self.kill(NoResponse("the guest was stopped: nobody waits for it any more"))
        elif invocation.on_cancel is not None:
            self.retired = True
            invocation.on_cancel(None)
            store.wake()

    def kill(self, error: BaseException) -> None:
        """Stop the guest, whatever it is doing."""
        self.instance.store.fail(error)

    def _leave(self, invocation: Invocation) -> None:
        """The guest is done with a request."""
        if invocation not in self.in_flight:
            return
        self.in_flight.remove(invocation)
        invocation.on_cancel = None
        if not invocation.responded and not invocation.finished:
            invocation.fail(NoResponse("guest failed to produce a response prior to returning"))
        self._sending = [other for other in self._sending if not other.finished]
        if not invocation.finished:
            self._sending.append(invocation)
        self._on_change(self)

    def _failed(self, error: BaseException) -> None:
        """The guest trapped: everyone it was serving is told."""
        self.retired = True
        in_flight, self.in_flight = self.in_flight, []
        for invocation in in_flight:
            invocation.fail(error)
        self._on_change(self)

    def close(self) -> None:
        """Free the instance; it serves nobody."""
        if not self.closed:
            self.closed = True
            self.retired = True
            self.instance.close()
            for invocation in self._sending:
                invocation.fail(NoResponse("the guest ended before its response's body did"))
