"""Calls of guests on fibers."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Generator, Sequence
from ctypes import c_uint8
from struct import Struct
from typing import TYPE_CHECKING, Any

from spindle.component.core.c_api import (
    func_call_async,
    future_delete,
    future_poll,
    set_epoch_deadline,
)

if TYPE_CHECKING:
    from spindle.component.core.externs import Extern
    from spindle.component.core.signatures import Signature
    from spindle.component.core.store import Store
    from spindle.component.core.types import CoreValue


_TWO_POINTERS = Struct("<QQ")


class Call:
    """One call of a guest on a fiber of its own."""

    __slots__ = (
        "_frame", "_function", "_future", "_kind", "done", "pending", "pending_result",
        "pending_yield", "results", "store", "waiting",
    )  # fmt: skip
    pending: Generator[Any, Any, Any]
    """The generator whose end the suspended guest waits for, and what it yielded last."""
    pending_yield: Any
    pending_result: Any
    """What the generator returned; set before `resume`."""

    def __init__(
        self, store: Store, function: Extern, kind: Signature, args: Sequence[CoreValue]
    ) -> None:
        self.store = store
        self._kind = kind
        self._frame = frame = kind.frame(args)
        self.done = False
        self.waiting = False
        """The fiber is suspended in a host function and needs `resume` before it can go on."""
        self.results: tuple[CoreValue, ...] = ()
        store.calls.add(self)
        self._function = function.raw[8:24]  # borrowed until the call has ended
        self._future = func_call_async(store.pointer, self._function, *frame.pointers)

    def suspend(self, continuation: int) -> None:
        """Note that the fiber waits, and give it a continuation that `resume` ends."""
        self.waiting = True
        c_uint8.from_address(self._frame.flag).value = 0
        ctypes.memmove(continuation, self._frame.continuation, 24)

    def poll(self) -> bool:
        """Run until the call returns (True), waits (`waiting`) or its time slice ends.

        Raises `CoreTrap`, or the exception a host function raised.
        """
        store = self.store
        outer = store.polling
        store.polling = self
        if store.starting is self:
            store.nested_ticks = 0
        set_epoch_deadline(store.context, 1)  # before the tick that is asked for
        store.engine.begin_slice()
        try:
            done = future_poll(self._future)
        finally:
            store.polling = outer
        if store.counted:
            store.check_memory()
        if not done:
            return False
        self.done = True
        store.calls.discard(self)
        future_delete(self._future)
        kind, frame = self._kind, self._frame
        trap, error = _TWO_POINTERS.unpack_from(frame.view, kind.tail_at)
        if trap or error:
            raise store.failed(trap, error)
        self.results = kind.unpack(frame.view, kind.results_at)
        kind.frames.append(frame)
        return True

    def resume(self) -> None:
        """Let the next `poll` go on behind the host function it waited in."""
        assert self.waiting
        self.waiting = False
        c_uint8.from_address(self._frame.flag).value = 1

    def cancel(self) -> None:
        """Unwind the guest's stack; its store can only be closed after that."""
        if not self.done:
            self.done = True
            self.store.calls.discard(self)
            outer, self.store.polling = self.store.polling, self
            self.store.nesting += 1
            try:
                future_delete(self._future)
            finally:
                self.store.nesting -= 1
                self.store.polling = outer


def direct(
    store: Store, function: Extern, kind: Signature, on_slice: Callable[[int], object]
) -> Callable[..., tuple[CoreValue, ...]]:
    """A guest's function as one that is called until it returns, at half the cost of a `Call`.

    The guest must not be able to call anything of the host's, and nothing else of the store may
    run meanwhile. `on_slice` is told of each time slice that has ended, by its number, and may
    raise.
    """
    frame = kind.frame((0,) * kind.param_count)
    view, pointers = frame.view, frame.pointers
    raw = function.raw[8:24]
    pack, unpack = kind.pack_arguments, kind.unpack
    results_at, tail_at = kind.results_at, kind.tail_at
    context, pointer = store.context, store.pointer
    begin_slice, counted = store.engine.begin_slice, store.counted

    def call(*args: CoreValue) -> tuple[CoreValue, ...]:
        pack(view, args)
        slices = 0
        set_epoch_deadline(context, 1)
        begin_slice()
        future = func_call_async(pointer, raw, *pointers)
        try:
            while not future_poll(future):
                slices += 1
                on_slice(slices)
                set_epoch_deadline(context, 1)
                begin_slice()
        finally:
            future_delete(future)
        trap, error = _TWO_POINTERS.unpack_from(view, tail_at)
        if trap or error:
            raise store.failed(trap, error)
        if counted:
            store.check_memory()
        return unpack(view, results_at)

    return call
