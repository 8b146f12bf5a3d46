"""Values survive the way into a guest and back, whatever their type."""

import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.component.guest_memory import ENCODINGS, PTR_TYPES, GuestMemory, context
from tests.component.type_strategies import typed_values, val_types, values

from spindle.component.canon.codec import (
    codec,
    load_list_from_valid_range,
    store_list_into_valid_range,
)
from spindle.component.canon.flatten import MAX_FLAT_PARAMS
from spindle.component.canon.func_codec import func_codec
from spindle.component.values import Err, Ok, Some, Variant
from spindle.wasm.types import (
    CaseType,
    EnumType,
    FieldType,
    FlagsType,
    FuncType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

P = PrimValType
encodings = st.sampled_from(ENCODINGS)
ptr_types = st.sampled_from(PTR_TYPES)


@given(typed_values, encodings, ptr_types)
def test_store_then_load(typed: tuple[ValType, Any], encoding: str, ptr_type: str) -> None:
    t, value = typed
    cx = context(encoding, ptr_type, memory=GuestMemory(1 << 18))
    it = codec(t, ptr_type)
    ptr = cx.allocate(it.alignment, it.size)
    it.store(cx, value, ptr)
    assert it.load(cx, ptr) == value


@given(typed_values, encodings, ptr_types)
def test_lower_then_lift(typed: tuple[ValType, Any], encoding: str, ptr_type: str) -> None:
    t, value = typed
    it = codec(t, ptr_type)
    if len(it.flat) > MAX_FLAT_PARAMS:
        return
    cx = context(encoding, ptr_type, memory=GuestMemory(1 << 18))
    flat: list[int | float] = []
    it.lower(cx, value, flat)
    assert len(flat) == len(it.flat)
    for core_type, core_value in zip(it.flat, flat, strict=True):
        if core_type in ("i32", "i64"):
            assert 0 <= core_value < 1 << int(core_type[1:])
    assert it.lift(cx, iter(flat)) == value


@given(val_types().flatmap(lambda t: st.tuples(st.just(t), st.lists(values(t), max_size=4))))
def test_elements_of_streams(typed: tuple[ValType, list[Any]]) -> None:
    t, items = typed
    cx = context(memory=GuestMemory(1 << 18))
    it = codec(t)
    ptr = cx.allocate(it.alignment, it.size * len(items))
    store_list_into_valid_range(cx, items, ptr, it)
    loaded = load_list_from_valid_range(cx, ptr, len(items), it)
    assert list(loaded) == items
    assert isinstance(loaded, bytes) == (t is P.U8)


_calls = st.lists(typed_values, max_size=6)


@given(_calls, typed_values, st.booleans(), encodings)
def test_a_call_from_guest_to_guest(
    params: list[tuple[ValType, Any]], result: tuple[ValType, Any], is_async: bool, encoding: str
) -> None:
    fields = tuple(FieldType(f"p{i}", t) for i, (t, _) in enumerate(params))
    args = [value for _, value in params]
    ft = FuncType(fields, result[0], is_async)
    lowered, lifted = func_codec(ft, is_async, "lower"), func_codec(ft, is_async, "lift")
    caller, callee = context(encoding, memory=GuestMemory(1 << 18)), context()

    # What the caller's core code would do: write its arguments as the core type asks for.
    sync = func_codec(FuncType(fields, None), False, "lift")
    flat: list[int | float] = list(sync.lower_params(caller, args))
    limit = 4 if is_async else 16
    if len(sync.core_type.params) > limit and flat and len(flat) > limit:
        t = TupleType(tuple(field.type for field in fields))
        ptr = caller.allocate(codec(t).alignment, codec(t).size)
        codec(t).store(caller, tuple(args), ptr)
        flat = [ptr]
    if len(lowered.core_type.params) > len(flat):
        flat.append(caller.allocate(8, codec(result[0]).size))
    assert len(flat) == len(lowered.core_type.params)

    received = lowered.lift_params(caller, flat)
    assert received == args
    in_callee = lifted.lower_params(callee, received)
    assert len(in_callee) == len(lifted.core_type.params)
    again = func_codec(ft, False, "lower").lift_params(callee, [*in_callee, 0][: _arity(ft)])
    assert again == args

    returned = lowered.lower_result(caller, result[1], flat)
    if not is_async:
        assert len(returned) == len(lowered.core_type.results)
        where = returned or [flat[-1]]
        assert func_codec(ft, False, "lift").lift_result(caller, where) == result[1]


def _arity(ft: FuncType) -> int:
    return len(func_codec(ft, False, "lower").core_type.params)


@given(typed_values)
def test_task_return(typed: tuple[ValType, Any]) -> None:
    t, value = typed
    cx = context(memory=GuestMemory(1 << 18))
    as_params = func_codec(FuncType((FieldType("result", t),), None), False, "lift")
    flat = as_params.lower_params(cx, [value])
    returning = func_codec(FuncType((), t, True), True, "lift", True)
    assert returning.lift_task_return(cx, flat) == value


@pytest.mark.parametrize("depth", [7, 8, 9, 60])
def test_deep_types(depth: int) -> None:
    t: ValType = P.U8
    value: Any = 7
    for _ in range(depth):
        t, value = TupleType((t, P.U16)), (value, 300)
    cx = context(memory=GuestMemory(1 << 18))
    codec(t).store(cx, value, 1024)
    assert codec(t).load(cx, 1024) == value
    results: ValType = P.STRING
    result: Any = "deep"
    for _ in range(depth):
        results, result = ResultType(results, P.U8), Ok(result)
    codec(results).store(cx, result, 2048)
    assert codec(results).load(cx, 2048) == result
    single: ValType = P.STRING
    inner: Any = "deep"
    for _ in range(depth):
        single, inner = TupleType((single,)), (inner,)
    flat: list[int | float] = []
    codec(single).lower(cx, inner, flat)
    assert codec(single).lift(cx, flat) == inner


def test_large_types() -> None:
    t: ValType = P.U32
    value: Any = 7
    for _ in range(10):
        t, value = TupleType((t, t)), (value, value)
    assert codec(t).size == 4 << 10
    assert len(codec(t).flat) == MAX_FLAT_PARAMS + 1
    cx = context()
    codec(t).store(cx, value, 1024)
    assert codec(t).load(cx, 1024) == value
    assert codec(ListType(P.U64, 1 << 31)).size == 1 << 34


def test_nan_is_canonical() -> None:
    cx = context()
    cx.view[0:4] = (0x7FA1_2345).to_bytes(4, "little")
    cx.view[8:16] = (0xFFF1_2345_6789_ABCD).to_bytes(8, "little")
    values = [
        codec(P.F32).load(cx, 0),
        codec(P.F64).load(cx, 8),
        load_list_from_valid_range(cx, 8, 1, codec(P.F64))[0],
        codec(VariantType((CaseType("a", P.F32), CaseType("b", P.U64)))).lift(cx, [0, 0x7FA12345]),
    ]
    for value in itertools.chain(values[:3], [values[3].value]):
        assert math.isnan(value)
        codec(P.F64).store(cx, value, 16)
        assert bytes(cx.view[16:24]) == bytes.fromhex("000000000000f87f")


def _flat(t: ValType, value: Any) -> list[int | float]:
    out: list[int | float] = []
    codec(t).lower(context(), value, out)
    return out


REQUEST = RecordType((FieldType("method", P.STRING), FieldType("content-length", P.U64)))


class _Request:
    method = "GET"
    content_length = 5


@pytest.mark.parametrize(
    ("t", "value", "other"),
    [
        (REQUEST, ("GET", 5), ["GET", 5]),
        (REQUEST, ("GET", 5), {"method": "GET", "content_length": 5}),
        (REQUEST, ("GET", 5), {"method": "GET", "content-length": 5}),
        (REQUEST, ("GET", 5), _Request()),
        (TupleType((P.U8, P.BOOL)), (1, True), [1, True]),
        (ListType(P.U8), b"abc", bytearray(b"abc")),
        (ListType(P.U8), b"abc", memoryview(b"abc")),
        (ListType(P.U8), b"abc", [97, 98, 99]),
        (ListType(P.U8), b"abc", iter([97, 98, 99])),
        (ListType(P.U32), [1, 2], range(1, 3)),
        (ListType(P.STRING), ["a", "b"], (x for x in "ab")),
        (VariantType((CaseType("a", None), CaseType("b", P.U8))), Variant("a"), "a"),
        (VariantType((CaseType("a", None), CaseType("b", P.U8))), Variant("b", 1), ("b", 1)),
        (FlagsType(("a", "b")), frozenset("b"), ["b"]),
        (FlagsType(("a", "b")), frozenset(), ()),
        (P.F64, 3.0, 3),
        (P.U8, 1, True),
        (MapType(P.STRING, P.U8), {"a": 1}, [("a", 1)]),
    ],
)
def test_what_else_is_taken_for_a_value(t: ValType, value: Any, other: Any) -> None:
    assert _flat(t, value) == _flat(t, other)


@pytest.mark.parametrize(
    ("t", "flat", "value"),
    [
        (P.U8, [0x1FF], 0xFF),
        (P.S8, [0xFFFF_FF80], -128),
        (P.S16, [0x1_8000], -0x8000),
        (P.S32, [0xFFFF_FFFF], -1),
        (P.S64, [0xFFFF_FFFF_FFFF_FFFF], -1),
        (P.BOOL, [2], True),
        (FlagsType(("a", "b")), [0xFFFF_FFFE], frozenset("b")),
        (EnumType(("x", "y")), [1], "y"),
        (OptionType(OptionType(P.U8)), [1, 0, 9], Some(None)),
        (ResultType(None, P.F32), [1, 1.5], Err(1.5)),
        (ResultType(P.F32, P.U32), [0, 0x3FC0_0000], Ok(1.5)),
        (ResultType(P.F64, P.S32), [1, 0xFFFF_FFFF_FFFF_FFFF], Err(-1)),
        (ListType(P.S8, 2), [1, 0xFF], [1, -1]),
        (ListType(P.U8, 2), [1, 0x1FF], b"\x01\xff"),
    ],
)
def test_what_core_values_mean(t: ValType, flat: list[int | float], value: Any) -> None:
    assert codec(t).lift(context(), flat) == value


def test_ok_and_err_differ() -> None:
    values: list[object] = [Ok(1), Err(1), Some(1), (1,)]
    for i, value in enumerate(values):
        assert [j for j, other in enumerate(values) if value == other] == [i]
    assert len({Ok(1), Err(1), Some(1), Ok(1)}) == 3
