"""What a guest gives is not trusted: each wrong pointer, length or number traps."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.component.guest_memory import ENCODINGS, PTR_TYPES, GuestMemory, context
from tests.component.type_strategies import val_types

from spindle.component.canon.codec import codec
from spindle.component.canon.context import LiftLowerContext
from spindle.component.canon.func_codec import func_codec
from spindle.component.trap import Trap
from spindle.wasm.types import (
    CaseType,
    EnumType,
    FieldType,
    FuncType,
    ListType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

P = PrimValType
SIZE = 1 << 16
TAG = 1 << 31


@pytest.mark.parametrize(
    ("t", "flat", "reason"),
    [
        (P.STRING, [SIZE, 1], "a string out of bounds of its memory: 0x10000"),
        (P.STRING, [SIZE - 1, 2], "a string out of bounds"),
        (P.STRING, [0xFFFF_FFFF, 0xFFFF_FFFF], "a string of 4294967295 bytes"),
        (P.STRING, [0, 1 << 28], "a string of 268435456 bytes"),
        (ListType(P.U8), [SIZE, 1], "a list out of bounds"),
        (ListType(P.U8), [0, 1 << 28], "a list of 268435456 bytes"),
        (ListType(P.U16), [1, 0], "a list that is not aligned: 0x1"),
        (ListType(P.U64), [4, 1], "a list that is not aligned"),
        (ListType(P.U64), [0, 0x2000_0000], "a list of 4294967296 bytes"),
        (ListType(P.STRING), [2, 0], "a list that is not aligned"),
        (ListType(P.STRING), [SIZE - 4, 1], "a list out of bounds"),
        (P.CHAR, [0xD800], "no Unicode scalar value: 0xd800"),
        (P.CHAR, [0xDFFF], "no Unicode scalar value"),
        (P.CHAR, [0x11_0000], "no Unicode scalar value"),
        (EnumType(("a", "b")), [2], "unexpected discriminant: 2"),
        (OptionType(P.U8), [2, 0], "unexpected discriminant: 2"),
        (ResultType(P.U8, None), [2, 0], "unexpected discriminant: 2"),
        (ResultType(P.U8, P.STRING), [2, 0, 0], "unexpected discriminant: 2"),
        (VariantType((CaseType("a", P.U8),)), [0xFFFF_FFFF, 0], "unexpected discriminant"),
    ],
)
def test_wrong_core_values(t: ValType, flat: list[int | float], reason: str) -> None:
    with pytest.raises(Trap, match=f"^the guest gave .*{reason}"):
        codec(t).lift(context(), flat)


@pytest.mark.parametrize(
    ("encoding", "data", "length"),
    [
        ("utf8", b"\xff", 1),
        ("utf8", b"\xc3", 1),
        ("utf8", b"\xed\xa0\x80", 3),
        ("utf8", b"\xc0\x80", 2),
        ("utf8", b"\xf4\x90\x80\x80", 4),
        ("utf16", b"\x00\xd8", 1),
        ("utf16", b"\x00\xdc\x00\xd8", 2),
        ("latin1+utf16", b"\x00\xdc", TAG | 1),
    ],
)
def test_strings_that_are_not_in_their_encoding(encoding: str, data: bytes, length: int) -> None:
    cx = context(encoding)
    cx.view[64 : 64 + len(data)] = data
    with pytest.raises(Trap, match="the guest gave a string that is not UTF-"):
        codec(P.STRING).lift(cx, [64, length])


@pytest.mark.parametrize(
    ("encoding", "flat"),
    [
        ("utf16", [1, 0]),
        ("latin1+utf16", [1, 0]),
        ("utf16", [SIZE - 2, 2]),
        ("utf16", [0, 1 << 27]),
        ("latin1+utf16", [SIZE - 2, TAG | 2]),
        ("latin1+utf16", [SIZE - 2, 3]),
        ("latin1+utf16", [0, TAG | 1 << 27]),
    ],
)
def test_strings_that_are_elsewhere(encoding: str, flat: list[int | float]) -> None:
    with pytest.raises(Trap, match="a string"):
        codec(P.STRING).lift(context(encoding), flat)


def test_memory_that_has_grown_is_looked_at_again() -> None:
    memory = GuestMemory(SIZE, grown=2 * SIZE)
    memory.bytes[SIZE : SIZE + 5] = b"hello"
    assert codec(P.STRING).lift(context(memory=memory), [SIZE, 5]) == "hello"


MANY = tuple(FieldType(f"p{i}", P.U64) for i in range(17))


@pytest.mark.parametrize("ptr", [4, SIZE, SIZE - 64, 0xFFFF_FFF8])
def test_pointers_to_arguments_and_results(ptr: int) -> None:
    t = RecordType(MANY)
    lowered = func_codec(FuncType(MANY, t), False, "lower")
    with pytest.raises(Trap, match="a pointer to values"):
        lowered.lift_params(context(), [ptr, 0])
    with pytest.raises(Trap, match="a result pointer"):
        lowered.lower_result(context(), tuple(range(17)), [0, ptr])
    with pytest.raises(Trap, match="a pointer to values"):
        func_codec(FuncType((), t), False, "lift").lift_result(context(), [ptr])
    with pytest.raises(Trap, match="a pointer to values"):
        func_codec(FuncType((), t, True), True, "lift").lift_task_return(context(), [ptr])


@pytest.mark.parametrize(
    ("t", "value", "answer"),
    [
        (P.STRING, "abc", SIZE - 2),
        (ListType(P.U8), b"abc", SIZE - 2),
        (ListType(P.U32), [1], 2),
        (ListType(P.U32), [1], SIZE),
        (ListType(P.STRING), [], 0xFFFF_FFFF),
    ],
)
def test_what_realloc_returns(t: ValType, value: Any, answer: int) -> None:
    cx = context(realloc=lambda *_: answer)
    with pytest.raises(Trap, match="a block from `realloc`"):
        codec(t).lower(cx, value, [])


@pytest.mark.parametrize("encoding", ["utf16", "latin1+utf16"])
def test_what_realloc_returns_for_wide_strings(encoding: str) -> None:
    for answer in (1, SIZE):
        with pytest.raises(Trap, match="a block from `realloc`"):
            codec(P.STRING).lower(context(encoding, realloc=lambda *_, a=answer: a), "é€", [])


def _lifts_or_traps(attempt: Callable[[], object]) -> None:
    with suppress(Trap):
        attempt()


_chunks = st.one_of(
    st.integers(0, 4).map(lambda i: i.to_bytes(4, "little")),
    st.integers(0, 4).map(lambda i: bytes([i])),
    st.binary(max_size=8),
)


@given(
    val_types(),
    st.lists(_chunks, max_size=32).map(b"".join),
    st.sampled_from(ENCODINGS),
    st.sampled_from(PTR_TYPES),
)
def test_random_memory_gives_a_value_or_a_trap(
    t: ValType, data: bytes, encoding: str, ptr_type: str
) -> None:
    cx: LiftLowerContext = context(encoding, ptr_type)
    cx.view[: len(data)] = data
    it = codec(t, ptr_type)
    _lifts_or_traps(lambda: it.load(cx, 0))
    if len(it.flat) <= 16:
        numbers = [data[i] if i < len(data) else 1 << 31 for i in range(len(it.flat))]
        _lifts_or_traps(lambda: it.lift(cx, numbers))


def test_tuples_in_memory_are_not_read_past_its_end() -> None:
    t = TupleType((P.U8, P.U64))
    cx = context()
    codec(t).store(cx, (1, 2), SIZE - 16)
    flat = [SIZE - 16, 2]
    with pytest.raises(Trap, match="a list out of bounds"):
        codec(ListType(t)).lift(cx, flat)
