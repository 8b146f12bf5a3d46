"""Resources, streams, futures and error contexts as indices of a guest's table.

Spec: CanonicalABI.md#loading (`lift_own` and its like), CanonicalABI.md#storing (`lower_own` …).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle.component.error_context import ErrorContext
from spindle.component.future import ReadableFuture, ReadableFutureEnd
from spindle.component.resource import Resource, ResourceHandle
from spindle.component.stream import (
    IDLE,
    ReadableStream,
    ReadableStreamEnd,
)
from spindle.component.trap import Trap
from spindle.component.values import ValueTypeError

if TYPE_CHECKING:
    from spindle.component.canon.context import LiftLowerContext
    from spindle.component.instance import ComponentInstance
    from spindle.component.subtask import Subtask
    from spindle.component.task import Task
    from spindle.wasm.types import ResourceType, ValType


def lift_own(cx: LiftLowerContext, i: int, rt: ResourceType) -> Any:
    """Take an owned handle out of the guest's table."""
    h = cx.inst.handles.remove(i)
    if h.__class__ is not ResourceHandle or h.rt is not rt:
        _check_handle(h, i, rt)
    if h.num_lends:
        raise Trap(f"the guest gave away handle {i} while it is borrowed")
    if not h.own:
        raise Trap(f"the guest gave away handle {i}, which it only borrows")
    return h.rep if h.rep.__class__ is not int else _value(cx.inst, rt, h.rep, own=True)


def lift_borrow(cx: LiftLowerContext, i: int, rt: ResourceType) -> Any:
    """Look at a handle, which cannot be dropped until the call is over."""
    inst = cx.inst
    h = inst.handles.get(i)
    if h.__class__ is not ResourceHandle or h.rt is not rt:
        _check_handle(h, i, rt)
    scope: Subtask | None = cx.borrow_scope  # type: ignore[assignment]  # a borrow is an argument
    if scope is not None:
        scope.add_lender(h)
    return h.rep if h.rep.__class__ is not int else _value(inst, rt, h.rep, own=False)


def lower_own(cx: LiftLowerContext, value: Any, rt: ResourceType) -> int:
    """Put an owned handle into the guest's table."""
    inst = cx.inst
    if inst.resource_impl(rt)[0] is not None:
        value = _guest_resource(value, rt).give_away()
    return inst.handles.add(ResourceHandle(rt, value, True))


def lower_borrow(cx: LiftLowerContext, value: Any, rt: ResourceType) -> int:
    """Lend a resource for the time of a call; who implements it gets the representation itself."""
    implementer, _ = cx.inst.resource_impl(rt)
    rep = value if implementer is None else _guest_resource(value, rt).rep
    if cx.inst is implementer:
        return rep
    scope: Task = cx.borrow_scope  # type: ignore[assignment]  # a borrow is only ever an argument
    scope.num_borrows += 1
    return cx.inst.handles.add(ResourceHandle(rt, rep, own=False, borrow_scope=scope))


def _check_handle(h: Any, i: int, rt: ResourceType) -> None:
    if h.__class__ is not ResourceHandle:
        raise Trap(f"the guest used handle {i}, which is no resource")
    if h.rt is not rt:
        raise Trap(
            f"the guest used handle {i} as a resource `{rt.name}`, but it is a `{h.rt.name}`"
        )


def _value(inst: ComponentInstance, rt: ResourceType, rep: Any, own: bool) -> Any:
    """A representation that is a number as the host sees it: a guest's are all i32."""
    implementer, _ = inst.resource_impl(rt)
    return rep if implementer is None else Resource(rt, rep, implementer, own)


def _guest_resource(value: Any, rt: ResourceType) -> Resource:
    if value.__class__ is not Resource or value.rt is not rt or value.gone:
        raise ValueTypeError(f"expected a resource `{rt.name}` of its guest, got {value!r}")
    return value


def lift_stream(cx: LiftLowerContext, i: int, element: ValType | None = None) -> Any:
    """Take a stream's readable end out of the guest's table; gives the readable side."""
    return _lift_async_value(ReadableStreamEnd, cx, i, element, "stream")


def lift_future(cx: LiftLowerContext, i: int, element: ValType | None = None) -> Any:
    """Take a future's readable end out of the guest's table; gives the readable side."""
    return _lift_async_value(ReadableFutureEnd, cx, i, element, "future")


def _lift_async_value(
    end_type: type[Any], cx: LiftLowerContext, i: int, element: ValType | None, what: str
) -> Any:
    end = cx.inst.handles.remove(i)
    if end.__class__ is not end_type:
        raise Trap(f"the guest used handle {i}, which is no readable end of a {what}")
    if end.shared.t is not element and end.shared.t != element:
        raise Trap(f"the guest used handle {i}, a {what} of another type")
    if end.state is not IDLE:
        raise Trap(f"the guest gave away a {what} that is in use: {i}")
    if end.wset is not None:
        raise Trap(f"the guest gave away a {what} that is in a waitable set: {i}")
    return end.shared


def lower_stream(cx: LiftLowerContext, value: Any, element: ValType | None = None) -> int:
    """Put a stream's readable end into the guest's table."""
    if not isinstance(value, ReadableStream):
        raise TypeError("not a stream")
    _settle_type(value, element)
    return cx.inst.handles.add(ReadableStreamEnd(value))


def lower_future(cx: LiftLowerContext, value: Any, element: ValType | None = None) -> int:
    """Put a future's readable end into the guest's table."""
    if not isinstance(value, ReadableFuture):
        raise TypeError("not a future")
    _settle_type(value, element)
    return cx.inst.handles.add(ReadableFutureEnd(value))


def _settle_type(value: Any, element: ValType | None) -> None:
    """A stream or future of the host's own takes the type it is first passed as."""
    if value.untyped:
        value.t, value.untyped = element, False
    elif value.t is not element and value.t != element:
        raise TypeError("a stream or future of another type")


def lift_error_context(cx: LiftLowerContext, i: int) -> ErrorContext:
    """The error context of a handle; the guest keeps the handle."""
    value = cx.inst.handles.get(i)
    if not isinstance(value, ErrorContext):
        raise Trap(f"the guest used handle {i}, which is no error context")
    return value


def lower_error_context(cx: LiftLowerContext, value: ErrorContext) -> int:
    """Put an error context into the guest's table."""
    if not isinstance(value, ErrorContext):
        raise TypeError("not an error context")
    return cx.inst.handles.add(value)
