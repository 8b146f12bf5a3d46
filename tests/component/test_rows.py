"""Rows given by columns are lowered as the same rows given as lists are."""

from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.component.guest_memory import ENCODINGS, PTR_TYPES, BumpAllocator, GuestMemory, context

from spindle.component.canon.codec import codec
from spindle.component.columns import Column, Rows
from spindle.component.values import Variant
from spindle.wasm.types import CaseType, ListType, OptionType, PrimValType, TupleType, VariantType

PAIR = TupleType((PrimValType.S32, OptionType(PrimValType.STRING)))
TYPES: dict[str, Any] = {
    "boolean": PrimValType.BOOL,
    "int8": PrimValType.S8,
    "int16": PrimValType.S16,
    "int32": PrimValType.S32,
    "int64": PrimValType.S64,
    "uint64": PrimValType.U64,
    "floating32": PrimValType.F32,
    "floating64": PrimValType.F64,
    "str": PrimValType.STRING,
    "binary": ListType(PrimValType.U8),
    "pair": PAIR,
    "array": ListType(OptionType(PrimValType.S64)),
    "db-null": None,
    "unsupported": None,
}
VALUE = VariantType(tuple(CaseType(label, t) for label, t in TYPES.items()))
ROWS = ListType(ListType(VALUE))


def integers(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "int8": integers(8),
    "int16": integers(16),
    "int32": integers(32),
    "int64": integers(64),
    "uint64": st.integers(0, (1 << 64) - 1),
    "floating32": st.floats(width=32, allow_nan=False),
    "floating64": st.floats(allow_nan=False),
    "str": st.text(),
    "binary": st.binary(),
    "pair": st.tuples(integers(32), st.none() | st.text()),
    "array": st.lists(st.none() | integers(64)),
}


@st.composite
def tables(draw: st.DrawFn) -> Rows:
    count = draw(st.integers(0, 5))
    labels = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=5))
    columns = []
    for label in labels:
        nullable = st.none() | VALUES[label]
        values = draw(st.lists(nullable, min_size=count, max_size=count))
        columns.append(Column(label, values))
    return Rows(columns)


def passed(rows: Any, encoding: str = "utf8", ptr_type: str = "i32") -> Any:
    """What a guest has of rows that it is given, lifted again."""
    memory = GuestMemory(1 << 20)
    cx = context(encoding, ptr_type, memory=memory, realloc=BumpAllocator(memory))
    flat: list[Any] = []
    codec(ROWS, ptr_type).lower(cx, rows, flat)
    return codec(ROWS, ptr_type).lift(cx, flat)


@given(tables(), st.sampled_from(ENCODINGS), st.sampled_from(PTR_TYPES))
def test_columns_pass_as_rows_do(rows: Rows, encoding: str, ptr_type: str) -> None:
    assert passed(rows, encoding, ptr_type) == passed(list(rows)) == list(rows)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_may_be_encoded_already(encoding: str) -> None:
    rows = Rows(
        [Column("str", ["é".encode(), None], is_encoded=True), Column("binary", [None, b"\xff"])]
    )
    null = Variant("db-null")
    expected = [[Variant("str", "é"), null], [null, Variant("binary", b"\xff")]]
    assert passed(rows, encoding) == expected


def test_arrays_are_taken_as_they_are() -> None:
    rows = Rows([Column("int64", array("q", range(3000))), Column("unsupported", [True] * 3000)])
    value = passed(rows)
    assert value == [[Variant("int64", i), Variant("unsupported")] for i in range(3000)]


def test_slices_are_rows() -> None:
    rows = Rows([Column("int32", array("i", range(9))), Column("str", list("abcdefghi"))])
    assert list(rows[2:4]) == list(rows)[2:4]
    assert len(rows[7:20]) == 2


def test_what_does_not_fit_is_told() -> None:
    for column in (Column("int8", [300]), Column("nothing", [1]), Column("str", [1])):
        with pytest.raises(Exception, match=r"expected|fit|variant"):
            passed(Rows([column]))
