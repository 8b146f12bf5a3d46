"""Resources, streams, futures and error contexts on their way through a guest's table."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.component.guest_memory import Instance, context

from spindle.component.canon.codec import codec
from spindle.component.error_context import ErrorContext
from spindle.component.future import ReadableFutureEnd, SharedFuture
from spindle.component.resource import Resource, ResourceHandle
from spindle.component.stream import CopyState, ReadableStreamEnd, SharedStream, WritableStreamEnd
from spindle.component.subtask import Subtask
from spindle.component.table import Table
from spindle.component.trap import Trap
from spindle.component.values import ValueTypeError
from spindle.component.waitable import WaitableSet
from spindle.wasm.types import (
    BorrowType,
    FutureType,
    ListType,
    OwnType,
    PrimValType,
    ResourceType,
    StreamType,
    ValType,
)

P = PrimValType
BUCKET, OTHER = ResourceType("bucket"), ResourceType("other")


class Scope:
    """A task, as far as borrows know it."""

    num_borrows = 0


def _lower(cx: Any, t: ValType, value: Any) -> int:
    out: list[Any] = []
    codec(t).lower(cx, value, out)
    [index] = out
    assert isinstance(index, int)
    return index


def test_indices_start_at_one_and_the_last_freed_is_used_first() -> None:
    table: Table[str] = Table()
    assert [table.add(x) for x in "abc"] == [1, 2, 3]
    assert table.remove(1) == "a"
    assert table.remove(3) == "c"
    assert list(table) == ["b"]
    assert [table.add(x) for x in "xyz"] == [3, 1, 4]
    for index in (0, 5, 1 << 31):
        with pytest.raises(Trap, match=f"unknown handle index {index}"):
            table.get(index)


def test_a_table_has_an_end() -> None:
    table: Table[str] = Table(2)
    assert [table.add(x) for x in "ab"] == [1, 2]
    with pytest.raises(Trap, match="too many handles: the limit is 2 "):
        table.add("one too many")
    table.remove(1)
    assert table.add("in its place") == 1


def test_own_goes_in_and_out() -> None:
    cx, bucket = context(), object()
    index = _lower(cx, OwnType(BUCKET), bucket)
    assert codec(OwnType(BUCKET)).lift(cx, [index]) is bucket
    with pytest.raises(Trap, match="unknown handle index 1"):
        codec(OwnType(BUCKET)).lift(cx, [index])


def test_own_inside_lists() -> None:
    cx, buckets = context(), [object(), object()]
    out: list[Any] = []
    t = ListType(OwnType(BUCKET))
    codec(t).lower(cx, buckets, out)
    assert codec(t).lift(cx, out) == buckets


def test_borrow_is_counted_by_task_and_lender() -> None:
    task: Any = Scope()
    cx = context(scope=task)
    index = _lower(cx, BorrowType(BUCKET), "rep")
    assert task.num_borrows == 1
    assert not cx.inst.handles.get(index).own

    subtask = Subtask()
    cx.borrow_scope = subtask
    owned = _lower(cx, OwnType(BUCKET), "other rep")
    assert codec(BorrowType(BUCKET)).lift(cx, [owned]) == "other rep"
    assert subtask.lenders == [cx.inst.handles.get(owned)]
    with pytest.raises(Trap, match="handle 2 while it is borrowed"):
        codec(OwnType(BUCKET)).lift(cx, [owned])


@pytest.mark.parametrize(
    ("put", "t", "reason"),
    [
        (lambda: ErrorContext(""), OwnType(BUCKET), "handle 1, which is no resource"),
        (lambda: ErrorContext(""), BorrowType(BUCKET), "handle 1, which is no resource"),
        (lambda: ResourceHandle(OTHER, 0, True), OwnType(BUCKET), "but it is a `other`"),
        (lambda: ResourceHandle(OTHER, 0, True), BorrowType(BUCKET), "but it is a `other`"),
        (lambda: ResourceHandle(BUCKET, 0, False), OwnType(BUCKET), "which it only borrows"),
        (lambda: ErrorContext(""), StreamType(P.U8), "no readable end of a stream"),
        (lambda: ErrorContext(""), FutureType(P.U8), "no readable end of a future"),
        (lambda: WritableStreamEnd(SharedStream(P.U8)), StreamType(P.U8), "no readable end"),
        (lambda: ReadableStreamEnd(SharedStream(None)), StreamType(P.U8), "of another type"),
        (lambda: ReadableFutureEnd(SharedFuture(P.U8)), StreamType(P.U8), "no readable end"),
        (lambda: ReadableFutureEnd(SharedFuture(P.S8)), FutureType(P.U8), "of another type"),
        (lambda: ResourceHandle(OTHER, 0, True), P.ERROR_CONTEXT, "no error context"),
    ],
)
def test_wrong_handles(put: Callable[[], Any], t: ValType, reason: str) -> None:
    cx = context(scope=Subtask())
    assert cx.inst.handles.add(put()) == 1
    with pytest.raises(Trap, match=reason):
        codec(t).lift(cx, [1])


def test_streams_and_futures() -> None:
    cx = context()
    stream, future = SharedStream(P.U8), SharedFuture(None)
    index = _lower(cx, StreamType(P.U8), stream)
    assert codec(StreamType(P.U8)).lift(cx, [index]) is stream
    index = _lower(cx, FutureType(None), future)
    assert codec(FutureType(None)).lift(cx, [index]) is future


def test_streams_in_use_stay() -> None:
    cx = context()
    index = _lower(cx, StreamType(P.U8), SharedStream(P.U8))
    cx.inst.handles.get(index).state = CopyState.COPYING
    with pytest.raises(Trap, match="a stream that is in use"):
        codec(StreamType(P.U8)).lift(cx, [index])
    index = _lower(cx, StreamType(P.U8), SharedStream(P.U8))
    cx.inst.handles.get(index).join(WaitableSet())
    with pytest.raises(Trap, match="in a waitable set"):
        codec(StreamType(P.U8)).lift(cx, [index])


def test_error_contexts_are_shared() -> None:
    cx, error = context(), ErrorContext("disk on fire")
    index = _lower(cx, P.ERROR_CONTEXT, error)
    assert codec(P.ERROR_CONTEXT).lift(cx, [index]) is error
    assert codec(P.ERROR_CONTEXT).lift(cx, [index]) is error


def test_resources_of_guests() -> None:
    implementer: Any = Instance()
    cx = context(scope=Scope())
    inst: Any = cx.inst
    inst.implemented[BUCKET] = implementer
    inst.handles.add(ResourceHandle(BUCKET, 42, True))
    bucket = codec(OwnType(BUCKET)).lift(cx, [1])
    assert isinstance(bucket, Resource)
    assert (bucket.rep, bucket.rt, bucket.owner, bucket.own) == (42, BUCKET, implementer, True)

    borrowed = _lower(cx, BorrowType(BUCKET), bucket)
    assert inst.handles.get(borrowed).rep == 42
    owned = _lower(cx, OwnType(BUCKET), bucket)
    assert inst.handles.get(owned).rep == 42
    assert bucket.gone
    for t in (OwnType(BUCKET), BorrowType(BUCKET)):
        with pytest.raises(ValueTypeError, match=r"got <Resource bucket 42 \(gone\)>"):
            _lower(cx, t, bucket)
    with pytest.raises(ValueTypeError, match="expected a resource `bucket` of its guest, got 42"):
        _lower(cx, OwnType(BUCKET), 42)


def test_who_implements_a_resource_is_lent_the_representation() -> None:
    cx = context(scope=Scope())
    inst: Any = cx.inst
    inst.implemented[BUCKET] = inst
    assert _lower(cx, BorrowType(BUCKET), Resource(BUCKET, 42, inst, True)) == 42
    assert list(inst.handles) == []
