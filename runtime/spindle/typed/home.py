"""Where the instance of a typed component runs.

Theory of operation
-------------------
*On the caller's thread* at first: a synchronous call takes the lock, runs the guest to its result
and lets go. No other thread is involved, so a call costs microseconds.

*On a thread of its own* as soon as somebody has to wait for something that is not the guest: an
awaited call, a stream, a host function that takes its time. That thread runs an event loop, keeps
the lock for good, and serves everybody from then on; calls cost a change of threads.

An instance that trapped, or was interrupted, is given up; the next call gets a new one.
"""

from __future__ import annotations

import asyncio
import functools
import threading
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeAlias

from spindle.component import core
from spindle.component.component import Component, default_compiler
from spindle.component.exports import Instance
from spindle.component.imports import Imports
from spindle.component.run_queue import TICK, Action, RunQueue, Ticker
from spindle.component.store import DEADLOCK, Store
from spindle.component.trap import Trap
from spindle.errors import ComponentError, GuestError
from spindle.limits import Limits, beyond
from spindle.typed.errors import ReenteredError
from spindle.typed.interrupting import INTERRUPTS
from spindle.typed.places import note_places
from spindle.typed.tracing import TracedCall

PATIENCE = 0.05
"""Seconds after which who waits for the lock looks whether the instance has moved."""


class Running:
    """One call under way: what host functions know as its scope, and what becomes of it."""

    __slots__ = ("depth", "error", "future", "name", "result", "seen", "slices")

    def __init__(self, name: str, seen: TracedCall | None = None) -> None:
        self.name = name
        self.depth = 0
        self.slices = 0
        """How many time slices it has used up."""
        self.result: tuple[Any, ...] | None = None
        self.error: BaseException | None = None
        self.future: Future[Any] | None = None
        """Told the result, where somebody waits on another thread."""
        self.seen = seen
        """What is kept of it, if anything is."""

    def call(self, *_noted: Any) -> None:
        """Note one call of a factor: it is seen where it is imported."""

    def resolve(self, result: tuple[Any, ...] | None) -> None:
        """Take the result."""
        if result is None:
            self.fail(GuestError(f"`{self.name}` was cancelled"))
        elif not self.known():
            self.result = result
            self._tell(self.future)

    def fail(self, error: BaseException) -> None:
        """Take what went wrong instead."""
        if not self.known():
            self.error = error
            self._tell(self.future)

    def _tell(self, future: Future[Any] | None) -> None:
        if future is None or not future.set_running_or_notify_cancel():
            return  # nobody waits, or not any more
        if self.error is not None:
            future.set_exception(self.error)
        else:
            future.set_result(self.value())

    def known(self) -> bool:
        """Whether there is a result, or will be none."""
        return self.result is not None or self.error is not None

    def value(self) -> Any:
        """The result; raises what went wrong."""
        if self.error is not None:
            raise self.error
        return self.result[0] if self.result else None


Begin: TypeAlias = Callable[[Instance, Running], object]
"""Begins something that an instance does; what runs is told its result."""


class Queue(RunQueue):
    """Runs the store on the event loop of its home, once that runs."""

    def __init__(self) -> None:
        self.left: Action | None = None
        """What was to be done while there was no loop."""
        self._there: RunQueue | None = None

    def move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run on a loop from now on; called on its thread."""
        self._there = RunQueue(loop)
        if self.left is not None:
            self._there.soon(self.left)

    def soon(self, action: Action) -> None:
        """Do something in the loop's next turn, or leave it to the caller's thread."""
        if self._there is None:
            self.left = action
        else:
            self._there.soon(action)

    def later(self, action: Action) -> None:
        """Do something that takes a time slice."""
        if self._there is None:
            self.left = action
        else:
            self._there.later(action)


class Home:
    """One component's instance, made when it is first called; use it from any thread."""

    def __init__(
        self, component: Component, imports: Imports, state: Callable[[], Any], limits: Limits
    ) -> None:
        self._component = component
        self._calls_out = bool(component.imports)
        self.imports = imports
        """What new instances are linked with."""
        self._state = state
        """Makes the state of a new instance."""
        self._limits = limits
        self.lock = threading.Lock()
        self._owner: int | None = None
        """The thread that runs the guest right now, unless it lives on one of its own."""
        self._running: set[Running] = set()
        self._beginning: Running | None = None
        """What is begun right now: a trap at its beginning is told to it, too."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._instance: Instance | None = None
        self._dead: list[Instance] = []
        self._queue = Queue()
        self._later: deque[Begin] = deque()
        self.on_lost: list[Callable[[], None]] = []
        """Called when the instance is given up."""
        self.interrupts = INTERRUPTS
        INTERRUPTS.guard()
        self.feeds = 0
        """Streams and futures given to the guest that others still feed."""
        self.closed = False
        _tick()

    # What callers use.

    def run(self, begin: Begin, name: str, seen: TracedCall | None = None) -> Any:
        """Have the instance do something, and wait for the result."""
        running = Running(name, seen)
        if self._thread is None and self._enter(name):
            try:
                return self._run_here(begin, running)
            finally:
                self._leave()
        return self._run_there(begin, running)

    async def wait(self, begin: Begin, name: str, seen: TracedCall | None = None) -> Any:
        """The same on any event loop; if that is cancelled, so is what nobody else waits for."""
        self.move()
        running = Running(name, seen)
        future = self._post(begin, running)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            self._call_there(functools.partial(self._forsake, running))
            raise

    def later(self, begin: Begin) -> None:
        """Do something as soon as possible, whoever waits for nothing and may be on any thread."""
        if self._thread is not None:
            self._call_there(functools.partial(self._begin_there, begin, Running("")))
        else:
            self._later.append(begin)
            if self._owner is None and self.lock.acquire(blocking=False):
                try:
                    if self._instance is not None:
                        self._do_what_was_left(self._instance)
                finally:
                    self.lock.release()

    def feeding(self) -> Callable[..., None]:
        """Begin to feed the guest from elsewhere; gives what does something where the guest is."""
        self.move()
        self.feeds += 1
        return lambda action, *args: self._call_there(functools.partial(action, *args))

    def fed(self, error: BaseException | None) -> None:
        """Nothing more is fed; what feeds may have failed."""
        with suppress(ComponentError):  # it may be closed by now
            self._call_there(functools.partial(self._fed, error))

    def _fed(self, error: BaseException | None) -> None:
        self.feeds -= 1
        if error is not None:
            self._stop(error)

    def quick(self, path: tuple[str, ...]) -> Callable[..., Any] | None:
        """`Func.direct` of the instance there is now; the caller holds the lock."""
        return self._ready().func(*path).direct(self._check_slices)

    def give_up(self, error: BaseException) -> BaseException:
        """Have no instance any more; the error to raise. The caller holds the lock."""
        if isinstance(error, core.CoreTrap):
            error = Trap(error.message, error.frames)
        note_places(error, self._component)
        self._lose()
        return error

    def reset(self) -> None:
        """Have a new instance at the next call."""
        self._close(for_good=False)

    def close(self) -> None:
        """Free everything; nothing can be called any more."""
        self._close(for_good=True)

    def __del__(self) -> None:
        """Nobody can call it any more."""
        loop, instance = getattr(self, "_loop", None), getattr(self, "_instance", None)
        if getattr(self, "closed", True):
            return
        if self._thread is None:
            _free(instance, loop)
        elif loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(_free, instance, None)
            loop.call_soon_threadsafe(loop.stop)

    # On the caller's thread.

    def _enter(self, name: str) -> bool:
        """Hold the lock until `_leave`, or find that the instance has moved (False)."""
        if self._owner == threading.get_ident():
            raise _reentered(name)
        while not self.lock.acquire(timeout=PATIENCE):
            if self._thread is not None:
                return False
        self._owner = threading.get_ident()
        return True

    def _leave(self) -> None:
        self._owner = None
        if self._thread is None:
            self.lock.release()

    def _run_here(self, begin: Begin, running: Running) -> Any:
        outer = asyncio._get_running_loop()
        if self._calls_out:
            asyncio._set_running_loop(self._own_loop())  # host functions find where they may wait
        try:
            instance = self._ready()
            store = instance.store
            if self._later:
                self._do_what_was_left(instance)
            while not store.idle and store.run():
                pass
            self._begin(instance, begin, running)
            while not running.known() and store.run(running.known):
                pass
            if not running.known() and not self._is_awaited(instance):
                store.fail(Trap(DEADLOCK))
            if running.known() and store.at_rest:
                return running.value()
        except BaseException:
            if self._instance is not None and not self._instance.store.at_rest:
                self._lose()  # it was stopped midway
            raise
        finally:
            asyncio._set_running_loop(outer)
            self._bury()
            if self.interrupts.active:
                self.interrupts.end()
        return self._go_on_there(running)

    def _go_on_there(self, running: Running) -> Any:
        """What has begun here waits for others: let a thread see to that."""
        if running.known():
            if self._instance is not None and self._is_awaited(self._instance):
                self._move_in()  # what it does after its result
            return running.value()
        running.future = Future()
        self._move_in()
        if self._instance is not None:
            self._call_there(functools.partial(self._watch, self._instance, running))
        return self._waited(running, running.future)

    def _is_awaited(self, instance: Instance) -> bool:
        """Whether something comes to the guest without anybody calling it."""
        return bool(instance.store.pending or self.feeds)

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            # What nobody closed may be found together with its loop, which would warn of itself.
            weakref.finalize(self, _close_loop, self._loop)
        return self._loop

    # On a thread of its own.

    def move(self) -> None:
        """Live on a thread from now on; waits for the call that is under way."""
        if self._thread is None and self._enter("aio"):
            try:
                self._move_in()
            finally:
                self._leave()

    def _move_in(self) -> None:
        """The caller holds the lock, and keeps it for the thread."""
        loop = self._own_loop()
        thread = threading.Thread(target=_live, args=(loop, self._queue), name="typed", daemon=True)
        self._thread = thread
        thread.start()

    def _run_there(self, begin: Begin, running: Running) -> Any:
        if threading.current_thread() is self._thread:
            raise _reentered(running.name)
        return self._waited(running, self._post(begin, running))

    def _waited(self, running: Running, future: Future[Any]) -> Any:
        try:
            return future.result()
        except BaseException as error:
            if not future.done():  # it is the wait that was interrupted
                self._call_there(functools.partial(self._stop, error))
            raise

    def _post(self, begin: Begin, running: Running) -> Future[Any]:
        future: Future[Any] = Future()
        running.future = future
        self._call_there(functools.partial(self._begin_there, begin, running))
        return future

    def _call_there(self, action: Callable[[], object]) -> None:
        assert self._loop is not None
        if self.closed or self._loop.is_closed():
            raise _closed()
        self._loop.call_soon_threadsafe(action)

    def _begin_there(self, begin: Begin, running: Running) -> None:
        try:
            instance = self._ready()
            self._begin(instance, begin, running)
        except BaseException as error:  # whoever waits is told
            running.fail(error)
            return
        self._watch(instance, running)

    def _watch(self, instance: Instance, running: Running) -> None:
        """Look now and then whether the guest waits for what can't come."""
        store = instance.store
        if running.known() or store.failure is not None or store.closed:
            return
        if not (self._is_awaited(instance) or store.held or store.posted or self._is_busy(store)):
            store.fail(Trap(DEADLOCK))
            return
        assert self._loop is not None
        self._loop.call_later(PATIENCE, self._watch, instance, running)

    def _is_busy(self, store: Any) -> bool:
        return any(thread.ready() for thread in store.waiting)

    def _forsake(self, running: Running) -> None:
        """Nobody waits for a call any more: stop the guest if it does nothing else."""
        if not running.known() and self._running <= {running} and self._instance is not None:
            self._instance.store.fail(GuestError(f"`{running.name}` was cancelled"))

    def _stop(self, error: BaseException) -> None:
        if self._instance is not None:
            self._instance.store.fail(error)

    # Wherever it lives.

    def _ready(self) -> Instance:
        """The instance, made if there is none."""
        if self.closed:
            raise _closed()
        if self._instance is None:
            self._instance = instance = self._component.instantiate(
                self.imports, state=self._state(), queue=self._queue, limits=self._limits
            )
            instance.store.on_slice = self._slice_over
            instance.store.on_failure = functools.partial(self._failed, instance)
        return self._instance

    def _begin(self, instance: Instance, begin: Begin, running: Running) -> None:
        self._beginning = running
        try:
            begin(instance, running)
        finally:
            self._beginning = None
        if not running.known():
            self._running = {each for each in self._running if not each.known()} | {running}

    def _failed(self, instance: Instance, error: BaseException) -> None:
        """The guest trapped, or was stopped: everyone who waits for it is told."""
        note_places(error, self._component)
        running, self._running = self._running, set()
        if self._beginning is not None:
            running.add(self._beginning)
        for each in running:
            each.fail(error)
        if self._instance is instance:
            self._forget(instance)

    def _forget(self, instance: Instance) -> None:
        """Give an instance up, and close it once nothing of it is on the stack."""
        self._instance = None
        for told in self.on_lost:
            told()
        self._dead.append(instance)
        if self._thread is not None and self._loop is not None:
            self._loop.call_soon(self._bury)

    def _bury(self) -> None:
        """Free the instances that were closed; nothing of them is on the stack."""
        while self._dead:
            self._dead.pop().close()

    def _lose(self) -> None:
        """Give the instance up; nothing of it is on the stack."""
        instance, self._instance = self._instance, None
        for told in self.on_lost:
            told()
        if instance is not None:
            instance.close()

    def _do_what_was_left(self, instance: Instance) -> None:
        while self._later:
            begin = self._later.popleft()
            with suppress(GuestError):
                begin(instance, Running(""))

    def _slice_over(self, running: Running | None) -> None:
        if running is not None:
            running.slices += 1
            self._check_slices(running.slices)

    def _check_slices(self, slices: int) -> None:
        if self._thread is None:
            self.interrupts.check()
        limit = self._limits.max_cpu_time
        if slices * TICK >= limit:
            raise Trap(beyond("the guest computes for too long", "max_cpu_time", limit))

    def _close(self, *, for_good: bool) -> None:
        if self.closed:
            return
        if self._thread is None:
            if self._owner == threading.get_ident():
                raise _reentered("close")
            if self._enter("close"):
                try:
                    self._end(for_good=for_good)
                finally:
                    self._leave()
                return
        done: Future[None] = Future()
        self._call_there(functools.partial(self._end_there, done, for_good=for_good))
        if threading.current_thread() is not self._thread:
            done.result()

    def _end_there(self, done: Future[None], *, for_good: bool) -> None:
        self._end(for_good=for_good)
        done.set_result(None)

    def _end(self, *, for_good: bool) -> None:
        if self._instance is not None and self._running:
            self._failed(self._instance, GuestError("the component was closed meanwhile"))
        self._lose()
        if for_good:
            self.closed = True
            if self._loop is not None and self._thread is None:
                self._loop.close()
            elif self._loop is not None:
                self._loop.call_soon(self._loop.stop)


INTERRUPTS.runs[Home._run_here.__code__] = frozenset({Home._begin.__code__, Store.run.__code__})


def _live(loop: asyncio.AbstractEventLoop, queue: Queue) -> None:
    """The thread of an instance."""
    asyncio.set_event_loop(loop)
    loop.call_soon(queue.move_to, loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


def _free(instance: Instance | None, loop: asyncio.AbstractEventLoop | None) -> None:
    if instance is not None:
        instance.close()
    if loop is not None:
        loop.close()


def _reentered(name: str) -> ReenteredError:
    what = f"`{name}` cannot be called" if name else "the component cannot be called"
    return ReenteredError(f"{what} by what the same component calls: it is not done yet")


def _closed() -> ComponentError:
    return ComponentError("the component is closed")


@functools.cache
def _tick() -> Ticker:
    """Have guests interrupted; once for the process."""
    ticker = Ticker()
    ticker.add(default_compiler().engine)
    return ticker


def _close_loop(loop: asyncio.AbstractEventLoop) -> None:
    if not loop.is_running():
        loop.close()
