"""`canon thread.*`: several threads in one task.

Spec: CanonicalABI.md#canon-threadindex.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from spindle.component.canon.making import check_leave
from spindle.component.canon.options import CanonicalOptions
from spindle.component.core import CoreType
from spindle.component.instance import ComponentInstance
from spindle.component.thread import Blocking, Thread
from spindle.component.trampoline import Trampoline
from spindle.component.trap import trap_if
from spindle.wasm.canonical import CanonBuiltin


def _current(inst: ComponentInstance) -> Thread:
    check_leave(inst)
    thread = inst.store.current_thread
    assert thread is not None, "guest code runs on a thread"
    return thread


def _thread_index(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Mapping[str, Any], _o: CanonicalOptions
) -> Trampoline:
    def thread_index() -> int:
        index = _current(inst).index
        assert index is not None
        return index

    return Trampoline(CoreType((), ("i32",)), thread_index)


def _thread_new_indirect(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Mapping[str, Any], _o: CanonicalOptions
) -> Trampoline:
    start_type = operands["core_type"]
    core_type = CoreType(tuple(start_type.params), tuple(start_type.results))

    def thread_new_indirect(index: int, argument: int) -> int:
        task = _current(inst).task
        table = operands["table"]()
        function = inst.store.core.table_get(table, index)
        trap_if(function is None, f"table slot {index} holds no function to start a thread with")
        assert function is not None
        trap_if(
            inst.store.core.func_type(function) != core_type,
            f"the function in table slot {index} cannot start a thread: its type differs",
        )

        def body(thread: Thread) -> Blocking:
            yield from thread.call_core(function, core_type, [argument])
            task.unregister_thread(thread)

        thread = Thread(task, body)
        task.register_thread(thread)
        assert thread.index is not None
        return thread.index

    return Trampoline(CoreType(("i32", core_type.params[0]), ("i32",)), thread_new_indirect)


def _thread_resume_later(
    inst: ComponentInstance, _d: CanonBuiltin, _p: Mapping[str, Any], _o: CanonicalOptions
) -> Trampoline:
    def thread_resume_later(index: int) -> None:
        _current(inst)
        other = inst.threads.get(index)
        trap_if(not other.suspended(), f"thread {index} is not suspended")
        other.resume_later()

    return Trampoline(CoreType(("i32",), ()), thread_resume_later)


def _alone(block: Callable[[Thread, bool], Blocking]) -> Any:
    """`thread.suspend` and `thread.yield`."""

    def make(
        inst: ComponentInstance,
        definition: CanonBuiltin,
        _p: Mapping[str, Any],
        _o: CanonicalOptions,
    ) -> Trampoline:
        def function() -> Blocking:
            return int((yield from block(_current(inst), definition.cancellable)))

        return Trampoline(CoreType((), ("i32",)), function, blocking=True)

    return make


def _with_other(block: Callable[[Thread, bool, Thread], Blocking], must_be_suspended: bool) -> Any:
    """The built-ins that name another thread to run."""

    def make(
        inst: ComponentInstance,
        definition: CanonBuiltin,
        _p: Mapping[str, Any],
        _o: CanonicalOptions,
    ) -> Trampoline:
        def function(index: int) -> Blocking:
            thread = _current(inst)
            other = inst.threads.get(index)
            trap_if(must_be_suspended and not other.suspended(), f"thread {index} is not suspended")
            return int((yield from block(thread, definition.cancellable, other)))

        return Trampoline(CoreType(("i32",), ("i32",)), function, blocking=True)

    return make


THREAD_BUILTINS: dict[str, Any] = {
    "thread.index": _thread_index,
    "thread.new-indirect": _thread_new_indirect,
    "thread.resume-later": _thread_resume_later,
    "thread.suspend": _alone(Thread.suspend),
    "thread.yield": _alone(Thread.yield_),
    "thread.suspend-then-resume": _with_other(Thread.suspend_then_resume, True),
    "thread.yield-then-resume": _with_other(Thread.yield_then_resume, True),
    "thread.suspend-then-promote": _with_other(Thread.suspend_then_promote, False),
    "thread.yield-then-promote": _with_other(Thread.yield_then_promote, False),
}
