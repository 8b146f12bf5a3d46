"""What is known of types without walking them."""

from __future__ import annotations

import pytest

from spindle.wasm.facts import FactBook, Facts
from spindle.wasm.types import (
    BorrowType,
    CaseType,
    EnumType,
    FieldType,
    FlagsType,
    FutureType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    RecordType,
    ResourceType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

BOOL, U8, U16, U32 = PrimValType.BOOL, PrimValType.U8, PrimValType.U16, PrimValType.U32
U64, STRING = PrimValType.U64, PrimValType.STRING
BORROW = BorrowType(ResourceType())


@pytest.mark.parametrize(
    ("type", "flat", "byte_size", "alignment"),
    [
        (BOOL, 1, 1, 1),
        (U64, 1, 8, 8),
        (STRING, 2, 16, 8),
        (ListType(U8), 2, 16, 8),
        (ListType(U16, 5), 5, 10, 2),
        (MapType(U8, STRING), 2, 16, 8),
        (TupleType((U8, U32, U8)), 3, 12, 4),
        (RecordType((FieldType("a", U8), FieldType("b", U64))), 2, 16, 8),
        (VariantType((CaseType("a", None), CaseType("b", TupleType((U32, U64))))), 3, 24, 8),
        (OptionType(U8), 2, 2, 1),
        (ResultType(None, None), 1, 1, 1),
        (ResultType(U16, STRING), 3, 24, 8),
        (EnumType(tuple(f"c{n}" for n in range(257))), 1, 2, 2),
        (FlagsType(tuple(f"f{n}" for n in range(9))), 1, 2, 2),
        (FutureType(STRING), 1, 4, 4),
    ],
)
def test_layout(type: ValType, flat: int, byte_size: int, alignment: int) -> None:
    found = FactBook().of(type)
    assert (found.flat, found.byte_size, found.alignment) == (flat, byte_size, alignment)


@pytest.mark.parametrize(
    ("type", "uses_memory"),
    [
        (TupleType((U8, STRING)), True),
        (OptionType(ListType(U8)), True),
        (ListType(STRING, 2), True),
        (FutureType(STRING), False),
        (ListType(U8, 2), False),
    ],
)
def test_only_what_is_pointed_to_uses_memory(type: ValType, uses_memory: bool) -> None:
    assert FactBook().of(type).uses_memory is uses_memory


@pytest.mark.parametrize(
    "type", [BORROW, OptionType(BORROW), FutureType(BORROW), ListType(TupleType((U8, BORROW)))]
)
def test_a_borrow_is_found_wherever_it_is(type: ValType) -> None:
    assert FactBook().of(type).has_borrow


def test_shared_parts_count_each_time_they_are_written() -> None:
    pair = TupleType((U8, U8))
    assert FactBook().of(TupleType((pair, pair))) == Facts(7, 3, 4, 4, 1)
