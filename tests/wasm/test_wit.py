"""Worlds as WIT: each `.wat` of `worlds` with the text expected of it beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.wasm.encode import encode

from spindle.wasm.spelling import spell, spell_func
from spindle.wasm.types import (
    BorrowType,
    EnumType,
    FieldType,
    FuncType,
    FutureType,
    ListType,
    MapType,
    OptionType,
    OwnType,
    PrimValType,
    ResourceType,
    ResultType,
    StreamType,
    TupleType,
    ValType,
)
from spindle.wasm.wit import render_wit
from spindle.wasm.wit_binary import read_wit

WORLDS = sorted((Path(__file__).parent / "worlds").glob("*.wat"))
U8, STRING = PrimValType.U8, PrimValType.STRING


@pytest.mark.parametrize("path", WORLDS, ids=[path.stem for path in WORLDS])
def test_a_world_is_rendered(path: Path) -> None:
    data = encode(path.read_text())
    assert render_wit(read_wit(data)) == path.with_suffix(".wit").read_text()


@pytest.mark.parametrize(
    ("type", "text"),
    [
        (U8, "u8"),
        (ListType(U8), "list<u8>"),
        (ListType(U8, 4), "list<u8, 4>"),
        (MapType(STRING, U8), "map<string, u8>"),
        (TupleType((U8, STRING)), "tuple<u8, string>"),
        (OptionType(U8), "option<u8>"),
        (ResultType(None, None), "result"),
        (ResultType(U8, None), "result<u8>"),
        (ResultType(None, U8), "result<_, u8>"),
        (ResultType(U8, STRING), "result<u8, string>"),
        (StreamType(None), "stream"),
        (FutureType(U8), "future<u8>"),
        (OwnType(ResourceType("bucket")), "bucket"),
        (BorrowType(ResourceType("bucket")), "borrow<bucket>"),
        (EnumType(("a", "list")), "enum { a, %list }"),
    ],
)
def test_types_are_spelled_as_in_wit(type: ValType, text: str) -> None:
    assert spell(type) == text


def test_functions_are_spelled_as_in_wit() -> None:
    func = FuncType((FieldType("name", STRING), FieldType("from", U8)), U8, is_async=True)
    assert spell_func(func) == "async func(name: string, %from: u8) -> u8"
