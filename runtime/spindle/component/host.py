"""Host functions: Python functions that guests import.

A host function is called as `fn(task, *args)` with lifted arguments and gives the result to lower.
`task.inst.state` and `task.scope` are what the embedder attached to the instance and to the
invocation. An `async def` may wait; a plain function marked `may_block` may answer `Later`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from spindle.component.task import OnCancel, OnResolve, OnStart
from spindle.component.trap import Trap

if TYPE_CHECKING:
    from spindle.component.canon.options import CanonicalOptions
    from spindle.component.instance import ComponentInstance
    from spindle.component.store import Store
    from spindle.component.thread import Thread

HostFunc = Callable[..., Any]
_F = TypeVar("_F", bound=HostFunc)


class HostInterface(NamedTuple):
    """The functions and resources of one interface, by their names in WIT."""

    functions: Mapping[str, HostFunc]
    resources: Mapping[str, Callable[[Any], None] | None] = {}
    """What to call with a resource's object when a guest drops its own handle on it."""


class Later:
    """A result that is still to come."""

    __slots__ = ("awaitable",)

    def __init__(self, awaitable: Awaitable[Any]) -> None:
        self.awaitable = awaitable


def may_block(function: _F) -> _F:
    """Mark a plain host function that may answer `Later`."""
    function.may_block = True  # type: ignore[attr-defined]  # a mark on the function itself
    return function


def over_memory(function: _F) -> _F:
    """Mark a host function that works on its caller's memory: that is its second argument.

    It is called by `canon lower` alone, whose options name the memory; None if they name none, or
    it is not there yet.
    """
    function.over_memory = True  # type: ignore[attr-defined]  # a mark on the function itself
    return function


class HostFuncInst:
    """A host function as component functions are called."""

    __slots__ = ("blocking", "fn", "name", "over_memory")

    def __init__(self, name: str, fn: HostFunc) -> None:
        self.name = name
        """`interface#function`, for people."""
        self.blocking = inspect.iscoroutinefunction(fn) or getattr(fn, "may_block", False)
        """Whether the function may answer later."""
        self.over_memory = getattr(fn, "over_memory", False)
        """Whether it works on its caller's memory."""
        self.fn = _later(fn) if inspect.iscoroutinefunction(fn) else fn

    def lowered(self, opts: CanonicalOptions) -> HostFuncInst:
        """The function as `canon lower` calls it with these options."""
        if not self.over_memory:
            return self
        fn = self.fn
        made = HostFuncInst(self.name, lambda task, *args: fn(task, opts.memory, *args))
        made.blocking = self.blocking
        return made

    def __call__(
        self, on_start: OnStart, on_resolve: OnResolve, caller: Thread | None, scope: Any
    ) -> OnCancel:
        """Call it as a guest's `canon lower` does."""
        assert caller is not None
        result = self.fn(caller.task, *on_start())
        if type(result) is not Later:
            on_resolve((result,))
            return _nothing_to_cancel
        return resolve_later(caller.task.inst.store, result, on_resolve)


def missing(name: str, nearest: Callable[[], str | None]) -> HostFuncInst:
    """A function nobody provides: calling it traps, and says so and what there is instead."""

    def fn(_task: Any, *_args: Any) -> Any:
        message = f"the guest called `{name}`, which this host does not provide"
        near = nearest()
        raise Trap(message if near is None else f"{message}; the nearest it has is `{near}`")

    return HostFuncInst(name, fn)


def resolve_later(store: Store, later: Later, on_resolve: OnResolve) -> OnCancel:
    """Deliver a result when it has come; a cancellation reaches the awaitable."""
    future = asyncio.ensure_future(later.awaitable)
    store.pending.add(future)
    asked = False

    def cancel(_inst: object) -> None:
        nonlocal asked
        asked = True
        future.cancel()

    def done(_future: object) -> None:
        store.pending.discard(future)
        if store.closed or store.failure is not None:
            _ignore(future)
        elif future.cancelled() and not asked:
            store.fail(Trap("a host function was cancelled"))
        elif future.cancelled():
            store.post(lambda: on_resolve(None))
        elif (error := future.exception()) is not None:
            store.fail(error)
        else:
            store.post(lambda: on_resolve((future.result(),)))

    future.add_done_callback(done)
    return cancel


def wait_for(store: Store, later: Later) -> asyncio.Future[Any]:
    """The future of a result that a held thread waits for; wakes the store when it has come."""
    future = asyncio.ensure_future(later.awaitable)
    store.pending.add(future)

    def done(_future: object) -> None:
        store.pending.discard(future)
        if store.closed or store.failure is not None:
            _ignore(future)
        else:
            store.wake()

    future.add_done_callback(done)
    return future


def _later(fn: HostFunc) -> HostFunc:
    return lambda task, *args: Later(fn(task, *args))


def _ignore(future: asyncio.Future[Any]) -> None:
    """Nobody is left to hear of it."""
    if not future.cancelled():
        future.exception()


def _nothing_to_cancel(_inst: ComponentInstance | None) -> None:
    return
