"""The live instances of one component: which takes the next request, and when they end.

An instance is *open* while it can take more requests. When nothing is going on, one *spare* is
made, so that the request that comes next does not wait for an instantiation.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import Callable, Collection, Generator
from typing import TYPE_CHECKING, Any

from spindle.errors import SpindleError
from spindle.executor.guest import Guest, OnFailure
from spindle.executor.invocation import Invocation
from spindle.executor.policy import Policy
from spindle.executor.supply import Supply
from spindle.executor.whole import Gathering, TooLarge
from spindle.limits import beyond
from spindle.messages import Request, Response

if TYPE_CHECKING:
    from spindle.component.exports import Instance
    from spindle.executor.output import GuestOutput
    from spindle.executor.program import Program

_numbers = itertools.count(1)

QUIET = 0.02
"""Seconds without a request after which a spare instance is made."""


class Start:
    """An instance that is being started."""

    __slots__ = ("reuse", "spare", "steps")

    def __init__(
        self, steps: Generator[None, None, tuple[Instance, GuestOutput]], reuse: int, spare: bool
    ) -> None:
        self.steps = steps
        self.reuse = reuse
        self.spare = spare
        """Whether nobody waits for it."""


class Pool:
    """Instances of one program."""

    def __init__(self, program: Program, policy: Policy, on_failure: OnFailure) -> None:
        self.program = program
        self._policy = policy
        self._on_failure = on_failure
        self._supply = Supply(self.program, self._policy)
        self._guests: set[Guest] = set()
        self._open: list[Guest] = []
        self._spare: Guest | None = None
        self._starts: set[Start] = set()
        self._waiting: deque[tuple[Invocation, Any]] = deque()
        self._loop = asyncio.get_running_loop()
        self._sweep_timer: asyncio.TimerHandle | None = self._loop.call_later(QUIET, self._sweep)
        self._last_request = self._loop.time()
        self._gathering = 0
        """Requests of which not everything has come yet."""
        self._closed = False
        self._on_retired: Callable[[], None] | None = None
        """Told when all that was begun is finished, once nothing new is to come."""

    @property
    def guests(self) -> Collection[Guest]:
        """The instances that live."""
        return self._guests

    # Requests.

    def serve(self, invocation: Invocation, request: Any) -> None:
        """Give a request to an instance, now or when there is one: what its handler takes."""
        timeout = self._policy.draw_timeout()
        if timeout is not None:
            invocation.limit(timeout)
        handler = self.program.handler
        if handler.methods is not None and request.method not in handler.methods:
            invocation.answer(Response(405))
        elif handler.takes_whole and not request.body.at_end:
            self._gather(invocation, request)
        else:
            self._serve(invocation, request)

    def _gather(self, invocation: Invocation, request: Request) -> None:
        """Wait for the whole of a request before an instance is taken for it."""

        def then(error: BaseException | None) -> None:
            self._gathering -= 1
            if invocation.finished or self._closed:
                return
            if isinstance(error, TooLarge):
                invocation.answer(Response(413))
            elif error is not None:
                invocation.fail(error)
            else:
                self._serve(invocation, request)
            self._end_retired()

        self._gathering += 1
        Gathering(request, int(self._policy.limits.max_buffered_bytes), then)

    def _serve(self, invocation: Invocation, request: Any) -> None:
        try:
            served = self._try(invocation, request, others=len(self._waiting))
        except Exception as error:
            invocation.fail(error)
            return
        if not served:
            self._wait(invocation, request)

    def _try(self, invocation: Invocation, request: Any, *, others: int) -> bool:
        """Whether an instance takes a request; `others` wait for those that are starting."""
        guest = self._find()
        if guest is None and len(self._starts) <= others:
            guest = self._start()
            if guest is not None:
                self._open_if_reused(guest)
        if guest is None:
            return False
        self._last_request = self._loop.time()
        guest.serve(invocation, request)
        return True

    def _wait(self, invocation: Invocation, request: Any) -> None:
        """Line a request up, or turn it away if the line is as long as it may be."""
        limit = self._policy.limits.max_queued_requests
        if len(self._waiting) >= limit:
            self._waiting = deque(each for each in self._waiting if not each[0].finished)
        if len(self._waiting) < limit or not invocation.may_be_refused:
            self._waiting.append((invocation, request))
            if len(self._waiting) == 1:
                self._expect_room()
            return
        what = f"too many requests wait for the component `{self.program.id}`"
        invocation.refuse(beyond(what, "max_queued_requests", limit))

    def _find(self) -> Guest | None:
        if self._spare is not None:
            guest, self._spare = self._spare, None
            self._open_if_reused(guest)
            return guest
        for guest in reversed(self._open):
            if guest.takes_more:
                return guest
        return None

    # Starts.

    def _start(self, *, spare: bool = False) -> Guest | None:
        """A new guest; None if there is no room, or it takes more than a time slice."""
        if len(self._guests) + len(self._starts) >= self._policy.limits.max_instances:
            return None
        start = self._new_start(spare=spare)
        guest = self._advance(start)
        if guest is None:
            self._starts.add(start)
            self.program.queue.later(lambda: self._go_on(start))
        return guest

    def _new_start(self, *, spare: bool) -> Start:
        reused = self.program.handler.is_async and self._on_retired is None
        reuse = self._policy.reuse_count.draw() if reused else 1
        return Start(self._supply.take(), reuse, spare)

    async def try_out(self) -> None:
        """Start an instance for the first request to come; raises what is wrong with it."""
        start = self._new_start(spare=True)
        self._starts.add(start)  # or a spare would be made meanwhile
        try:
            while (guest := self._advance(start)) is None:
                await self.program.queue.turn()
        except BaseException:
            start.steps.close()
            raise
        finally:
            self._starts.discard(start)
        self._welcome(guest)

    def _advance(self, start: Start) -> Guest | None:
        """Give a start a time slice; the guest once there is one."""
        try:
            next(start.steps)
        except StopIteration as stop:
            instance, output = stop.value
        else:
            return None
        policy, reused = self._policy, self.program.handler.is_async
        guest: Guest = Guest(
            next(_numbers),
            self.program,
            instance,
            reuse=start.reuse,
            concurrent=policy.concurrent_reuse_count.draw() if reused else 1,
            max_cpu_time=policy.limits.max_cpu_time,
            on_change=self._changed,
            on_failure=self._on_failure,
        )
        output.guest = guest
        self._guests.add(guest)
        return guest

    def _go_on(self, start: Start) -> None:
        """Go on with a start as long as somebody waits for it."""
        if start not in self._starts:
            return
        while self._waiting and self._waiting[0][0].finished:
            self._waiting.popleft()
        if not (self._waiting or start.spare):
            self._give_up(start)
            return
        try:
            guest = self._advance(start)
        except Exception as error:
            self._starts.discard(start)
            if self._waiting:
                self._waiting.popleft()[0].fail(error)
            self._serve_waiting()
            return
        if guest is None:
            self.program.queue.later(lambda: self._go_on(start))
        else:
            self._starts.discard(start)
            self._welcome(guest)

    def _welcome(self, guest: Guest) -> None:
        """Give a guest that has started to who waits for it, or keep it for who comes next."""
        if self._waiting:
            self._open_if_reused(guest)
            self._last_request = self._loop.time()
            guest.serve(*self._waiting.popleft())
            self._serve_waiting()
        elif self._policy.spare and self._spare is None and not self._open:
            self._spare = guest
        else:
            self._end(guest)

    def _give_up(self, start: Start) -> None:
        self._starts.discard(start)
        start.steps.close()
        self._end_retired()

    def _open_if_reused(self, guest: Guest) -> None:
        if self.program.handler.is_async:
            self._open.append(guest)

    # What becomes of instances.

    def _changed(self, guest: Guest) -> None:
        """A guest has finished something, or everything."""
        if guest.idle:
            if guest.retired or self._closed:
                self._loop.call_soon(self._end, guest)
            else:
                guest.idle_since = self._loop.time()
            if self._sweep_timer is None:
                self._sweep_timer = self._loop.call_later(QUIET, self._sweep)
        if self._waiting:
            self._loop.call_soon(self._serve_waiting)

    def _sweep(self) -> None:
        """End instances nobody needed for a while; make a spare if all is quiet."""
        self._sweep_timer = None
        if self._closed:
            return
        now = self._loop.time()
        timeout = self._policy.idle_timeout.draw()
        for guest in list(self._open):
            if guest.idle and (guest.retired or now - guest.idle_since >= timeout):
                self._end(guest)
        rest = now - self._last_request
        quiet = rest >= QUIET
        if quiet and not self._open and self._spare is None and self._on_retired is None:
            self._make_spare()
        if rest >= timeout:
            self._supply.empty()
        if self._open or not quiet or self._supply.stocked:
            wait = timeout if quiet else QUIET
            self._sweep_timer = self._loop.call_later(wait, self._sweep)

    def _make_spare(self) -> None:
        """An instance for the next request; what is wrong with it, that request will be told."""
        if not self._starts and self._policy.spare:
            with contextlib.suppress(SpindleError):
                self._spare = self._start(spare=True)

    def _end(self, guest: Guest) -> None:
        if guest.idle and guest in self._guests:
            self._guests.discard(guest)
            with contextlib.suppress(ValueError):
                self._open.remove(guest)
            # One that may serve more has not been needed for a while: nobody will need it soon.
            served = guest.retired and not self._closed
            if served and self._supply.take_back(guest.instance):
                guest.closed = True
            else:
                guest.close()
            if self._waiting:
                self._loop.call_soon(self._serve_waiting)
            else:
                self._end_retired()

    def _expect_room(self) -> None:
        """Have those that wait served once a guest that computes now waits itself.

        Whatever else makes room says so: a guest that is done with something, a start that ends.
        """
        for guest in self._open:
            store = guest.instance.store
            if not store.idle:
                store.on_idle = self._room_came

    def _room_came(self) -> None:
        self._loop.call_soon(self._serve_waiting)

    def _serve_waiting(self) -> None:
        while self._waiting:
            invocation, request = self._waiting[0]
            others = len(self._waiting) - 1
            try:
                if not invocation.finished and not self._try(invocation, request, others=others):
                    self._expect_room()
                    return
            except Exception as error:
                invocation.fail(error)
            self._waiting.popleft()
        self._end_retired()

    # The program's end.

    def renew(self) -> None:
        """Make new instances from here on; those that live end with what they are serving."""
        self._spare = None
        self._supply.close()
        self._supply = Supply(self.program, self._policy)
        for guest in list(self._guests):
            self._end(guest)
            guest.retired = True

    def retire(self, on_retired: Callable[[], None]) -> None:
        """Finish what has been begun, and end; from here on nothing new may be served."""
        self._on_retired = on_retired
        self.renew()
        self._supply.close()
        for start in [start for start in self._starts if start.spare]:
            self._give_up(start)
        self._end_retired()

    def _end_retired(self) -> None:
        busy = self._guests or self._starts or self._waiting or self._gathering
        if self._closed or busy or self._on_retired is None:
            return
        self.close(_ended)
        self._on_retired()

    def close(self, error: Callable[[], BaseException]) -> None:
        """End every instance now."""
        self._closed = True
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()
        for start in list(self._starts):
            self._give_up(start)
        for guest in list(self._guests):
            if not guest.idle:
                guest.kill(error())
            self._end(guest)
        self._supply.close()
        for invocation, _request in self._waiting:
            invocation.fail(error())
        self._waiting.clear()


def _ended() -> BaseException:
    raise AssertionError("nobody waits in a pool that has ended")
