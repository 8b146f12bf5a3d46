"""`canon resource.*`.

Spec: CanonicalABI.md#canon-resourcenew.
"""

from __future__ import annotations

from typing import Any

from spindle.component.canon.making import (
    Maker,
    Operands,
    check_leave,
    i32,
    running_thread,
)
from spindle.component.canon.options import CanonicalOptions
from spindle.component.instance import ComponentInstance
from spindle.component.resource import ResourceHandle
from spindle.component.thread import Blocking
from spindle.component.trampoline import Trampoline
from spindle.component.trap import trap, trap_if
from spindle.wasm.canonical import CanonBuiltin
from spindle.wasm.types import ResourceType


def _resource_new(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
) -> Trampoline:
    rt: ResourceType = operands["resource"]

    def resource_new(rep: int) -> int:
        check_leave(inst)
        return inst.handles.add(ResourceHandle(rt, rep, True))

    return Trampoline(i32(1), resource_new)


def _resource_drop(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
) -> Trampoline:
    rt: ResourceType = operands["resource"]

    def remove(index: int) -> ResourceHandle:
        if not inst.may_leave:
            check_leave(inst)
        handle = inst.handles.remove(index)
        if handle.__class__ is not ResourceHandle:
            trap(f"handle {index} is no resource")
        if handle.rt is not rt:
            trap(f"handle {index} is a resource of another type")
        if handle.num_lends:
            trap(f"handle {index} is dropped while it is lent")
        return handle

    def resource_drop(index: int) -> None:
        handle = remove(index)
        if not handle.own:
            _give_back(handle)
            return
        _impl, dtor = inst.resource_impl(rt)
        if dtor is not None:
            dtor(handle.rep)

    def resource_drop_guest(index: int) -> Blocking:
        handle = remove(index)
        if not handle.own:
            _give_back(handle)
            return
        _impl, dtor = inst.resource_impl(rt)
        if dtor is None:
            return
        thread = running_thread(inst)
        resolved = False

        def on_resolve(_result: tuple[Any, ...] | None) -> None:
            nonlocal resolved
            resolved = True

        dtor(lambda: [handle.rep], on_resolve, thread, thread.task.scope)
        yield from thread.settle()
        yield from thread.hold(lambda: resolved)

    if inst.resource_impl(rt)[0] is None:
        return Trampoline(i32(1, 0), resource_drop)
    return Trampoline(i32(1, 0), resource_drop_guest, blocking=True)


def _give_back(handle: ResourceHandle) -> None:
    assert handle.borrow_scope is not None, "a borrowed handle has a scope"
    handle.borrow_scope.num_borrows -= 1


def _resource_rep(
    inst: ComponentInstance, _d: CanonBuiltin, operands: Operands, _o: CanonicalOptions
) -> Trampoline:
    rt: ResourceType = operands["resource"]

    def resource_rep(index: int) -> int:
        handle = inst.handles.get(index)
        trap_if(not isinstance(handle, ResourceHandle), f"handle {index} is no resource")
        trap_if(handle.rt is not rt, f"handle {index} is a resource of another type")
        rep: int = handle.rep
        return rep

    return Trampoline(i32(1), resource_rep)


RESOURCE_BUILTINS: dict[str, Maker] = {
    "resource.new": _resource_new,
    "resource.drop": _resource_drop,
    "resource.rep": _resource_rep,
}
