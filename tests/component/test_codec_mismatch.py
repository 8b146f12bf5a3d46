"""A Python value of the wrong kind is refused in a sentence that says where and why."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.component.guest_memory import context
from tests.component.type_strategies import typed_values, val_types

from spindle.component.canon.codec import codec
from spindle.component.canon.func_codec import func_codec
from spindle.component.canon.mismatch import check_arguments
from spindle.component.future import SharedFuture
from spindle.component.stream import SharedStream
from spindle.component.values import Err, Ok, Some, ValueTypeError, Variant
from spindle.wasm.types import (
    CaseType,
    EnumType,
    FieldType,
    FlagsType,
    FuncType,
    FutureType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    StreamType,
    TupleType,
    ValType,
    VariantType,
)

P = PrimValType
HEADERS = ListType(TupleType((P.STRING, ListType(P.U8))))
POINT = RecordType((FieldType("x-axis", P.F32), FieldType("y", P.F32)))
SHAPE = VariantType((CaseType("dot", None), CaseType("at", POINT)))


@pytest.mark.parametrize(
    ("t", "value", "message"),
    [
        (P.BOOL, 1, "expected bool, got int 1"),
        (P.BOOL, "no", "expected bool, got str 'no'"),
        (P.U8, 256, "expected u8, got int 256"),
        (P.U8, 1.0, "expected u8, got float 1.0"),
        (P.S64, 1 << 63, "expected s64, got int 9223372036854775808"),
        (P.U32, None, "expected u32, got None"),
        (P.F32, 1e300, "expected f32, got float 1e+300"),
        (P.F64, "1", "expected f64, got str '1'"),
        (P.CHAR, "ab", "expected char, got str 'ab'"),
        (P.CHAR, b"a", "expected char, got bytes"),
        (P.STRING, 5, "expected string, got int 5"),
        (P.STRING, b"abc", "expected string, got bytes"),
        (P.ERROR_CONTEXT, "oh", "expected error-context, got str 'oh'"),
        (ListType(P.U8), "abc", "expected list<u8>, got str 'abc'"),
        (ListType(P.U8), 5, "expected list<u8>, got int 5"),
        (ListType(P.U8), [1, 300], "item 1: expected u8, got int 300"),
        (ListType(P.U16), [1, -1], "item 1: expected u16, got int -1"),
        (ListType(P.F32), [1e39], "item 0: expected f32, got float 1e+39"),
        (ListType(P.BOOL), [True, 2], "item 1: expected bool, got int 2"),
        (ListType(P.STRING), "abc", "expected list<string>, got str 'abc'"),
        (ListType(P.U8, 3), b"ab", "expected list<u8, 3>, got 2 items"),
        (ListType(P.STRING, 1), [], "expected list<string, 1>, got 0 items"),
        (HEADERS, [("a", b""), ("b", 1)], "item 1: item 1: expected list<u8>, got int 1"),
        (HEADERS, [("a", b"", 3)], "item 0: expected tuple<string, list<u8>>, got tuple"),
        (TupleType((P.U8,)), 1, "expected tuple<u8>, got int 1"),
        (MapType(P.STRING, P.U8), {"a": -1}, "value of 'a': expected u8, got int -1"),
        (MapType(P.STRING, P.U8), {1: 1}, "key 1: expected string, got int 1"),
        (POINT, (1.0, "2"), "field `y`: expected f32, got str '2'"),
        (POINT, (1.0,), "expected 2 fields, got 1"),
        (POINT, {"x_axis": 1.0}, "expected a record with field `y`, got dict"),
        (POINT, object(), "expected a record with field `x-axis`, got object"),
        (SHAPE, "line", "expected a case of variant (`dot`, `at`), got `line`"),
        (SHAPE, 3, "expected a case of variant, got int 3"),
        (SHAPE, Variant("at", (1.0, None)), "case `at`: field `y`: expected f32, got None"),
        (EnumType(("a", "b")), "c", "expected a case of enum (`a`, `b`), got `c`"),
        (EnumType(("a", "b")), [], "expected a case of enum, got list"),
        (FlagsType(("a", "b")), "a", "expected a set of flags, got str 'a'"),
        (FlagsType(("a", "b")), {"c"}, "expected flags out of `a`, `b`, got 'c'"),
        (OptionType(P.U8), "x", "expected u8, got str 'x'"),
        (OptionType(OptionType(P.U8)), 1, "expected Some or None, got int 1"),
        (OptionType(OptionType(P.U8)), Some("x"), "expected u8, got str 'x'"),
        (ResultType(P.U8, None), 1, "expected Ok or Err, got int 1"),
        (ResultType(P.U8, P.STRING), Ok("x"), "Ok: expected u8, got str 'x'"),
        (ResultType(P.U8, P.STRING), Err(1), "Err: expected string, got int 1"),
        (StreamType(P.U8), b"", "expected stream<u8>, got bytes"),
        (StreamType(P.U8), SharedStream(P.S8), "expected stream<u8>, got stream<s8>"),
        (FutureType(P.U8), SharedFuture(None), "expected future<u8>, got future<_>"),
        (FutureType(P.U8), 1, "expected future<u8>, got int 1"),
    ],
)
def test_wrong_values(t: ValType, value: Any, message: str) -> None:
    cx = context()
    with pytest.raises(ValueTypeError) as raised:
        codec(t).lower(cx, value, [])
    assert str(raised.value) == message
    with pytest.raises(ValueTypeError) as raised:
        codec(t).store(cx, value, 1024)
    assert str(raised.value) == message


def test_wrong_arguments_and_results() -> None:
    ft = FuncType((FieldType("name", P.STRING), FieldType("size", P.U32)), P.STRING)
    lift, lower = func_codec(ft, False, "lift"), func_codec(ft, False, "lower")
    wrong: list[tuple[list[Any], str]] = [
        (["a", -1], "argument 2 `size`: expected u32, got int -1"),
        ([1, 1], "argument 1 `name`: expected string, got int 1"),
        (["a"], "expected 2 arguments, got 1"),
    ]
    for args, message in wrong:
        with pytest.raises(ValueTypeError) as raised:
            lift.lower_params(context(), args)
        assert str(raised.value) == message
    with pytest.raises(ValueTypeError, match="expected string, got int 5"):
        lower.lower_result(context(), 5, [0, 0, 0, 0])


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
        | inner.map(Ok)
        | inner.map(Some)
    ),
    max_leaves=5,
)


@given(val_types(), _anything | typed_values.map(lambda typed: typed[1]))
def test_any_value_is_lowered_or_refused(t: ValType, value: Any) -> None:
    with suppress(ValueTypeError):
        codec(t).store(context(), value, 1 << 15)
    if len(codec(t).flat) <= 16:
        with suppress(ValueTypeError):
            codec(t).lower(context(), value, [])


@example(ListType(MapType(P.BOOL, P.BOOL)), Ok(""))
@example(ListType(P.U8), {})
@given(val_types(), _anything | typed_values.map(lambda typed: typed[1]))
def test_what_is_known_beforehand_is_what_lowering_finds(t: ValType, value: Any) -> None:
    ft = FuncType((FieldType("x", t),), None)
    lower = func_codec(ft, False, "lift").lower_params
    assert _complaint(check_arguments, ft, [value]) == _complaint(lower, context(), [value])


def _complaint(refuse: Callable[..., object], *args: Any) -> str | None:
    try:
        refuse(*args)
    except ValueTypeError as error:
        return error.message
    return None


def test_what_can_be_gone_through_once_is_left_for_lowering() -> None:
    once = iter([1, 2, 300])
    check_arguments(FuncType((FieldType("x", ListType(P.U16)),), None), [once])
    assert list(once) == [1, 2, 300]


def test_errors_of_others_pass_unchanged() -> None:
    def realloc(*_: int) -> int:
        raise TypeError("a bug in realloc")

    with pytest.raises(TypeError, match="a bug in realloc"):
        codec(P.STRING).lower(context(realloc=realloc), "abc", [])
    it = func_codec(FuncType((FieldType("name", P.STRING),), None), False, "lift")
    with pytest.raises(TypeError, match="a bug in realloc"):
        it.lower_params(context(realloc=realloc), ["abc"])
