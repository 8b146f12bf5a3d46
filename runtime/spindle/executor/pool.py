"""The live instances of one component: which takes the next request, and when they end."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from spindle.executor.guest import Guest
from spindle.executor.invocation import Invocation
from spindle.executor.policy import Policy
from spindle.messages import Request

if TYPE_CHECKING:
    from spindle.executor.program import Program

_numbers = itertools.count(1)


class Pool:
    """Instances of one program."""

    def __init__(self, program: Program, policy: Policy) -> None:
        self.program = program
        self._policy = policy
        self._guests: list[Guest] = []
        self._waiting: deque[tuple[Invocation, Request]] = deque()
        self._closed = False

    def serve(self, invocation: Invocation, request: Request) -> None:
        """Give a request to an instance; raises what a new instance's start raises."""
        guest = self._find()
        if guest is None:
            if len(self._guests) >= self._policy.max_instances:
                self._waiting.append((invocation, request))
                return
            guest = self._start()
        self._set_deadline(guest, invocation)
        guest.serve(invocation, request)

    def _find(self) -> Guest | None:
        for guest in reversed(self._guests):
            if guest.takes_more:
                if guest.timer is not None:
                    guest.timer.cancel()
                    guest.timer = None
                return guest
        return None

    def _start(self) -> Guest:
        policy = self._policy
        reused = self.program.handler.is_async
        instance, output = self.program.instantiate(policy.memory_limit)
        guest = output.guest = Guest(
            next(_numbers),
            self.program,
            instance,
            reuse=policy.reuse_count.draw() if reused else 1,
            concurrent=policy.concurrent_reuse_count.draw() if reused else 1,
            on_change=self._changed,
        )
        self._guests.append(guest)
        return guest

    def _set_deadline(self, guest: Guest, invocation: Invocation) -> None:
        if self._policy.request_timeout is not None:
            invocation.timer = asyncio.get_running_loop().call_later(
                self._policy.request_timeout.draw(), guest.expire, invocation
            )

    def _changed(self, guest: Guest) -> None:
        """A guest has finished something, or everything."""
        if guest.idle and not guest.closed:
            loop = asyncio.get_running_loop()
            if guest.retired or self._closed:
                loop.call_soon(self._end, guest)
            else:
                guest.timer = loop.call_later(self._policy.idle_timeout.draw(), self._end, guest)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._serve_waiting)

    def _end(self, guest: Guest) -> None:
        if guest.idle and guest in self._guests:
            self._guests.remove(guest)
            guest.close()

    def _serve_waiting(self) -> None:
        while self._waiting and (
            len(self._guests) < self._policy.max_instances or self._find() is not None
        ):
            invocation, request = self._waiting.popleft()
            if not invocation.finished:
                try:
                    self.serve(invocation, request)
                except Exception as error:
                    invocation.fail(error)

    def renew(self) -> None:
        """Make new instances from here on; those that live end with what they are serving."""
        for guest in list(self._guests):
            guest.retired = True
            if guest.idle:
                self._end(guest)

    def retire(self) -> None:
        """Take no more requests; instances end with what they are serving."""
        self._closed = True
        self.renew()

    def close(self, error: Callable[[], BaseException]) -> None:
        """End every instance now."""
        self._closed = True
        for guest in list(self._guests):
            if not guest.idle:
                guest.kill(error())
            self._end(guest)
