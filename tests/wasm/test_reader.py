"""LEB128, names and vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wasm.encode import signed, unsigned

from spindle.wasm.reader import DecodeError, Reader

U32 = st.integers(0, 2**32 - 1)
S33 = st.integers(-(2**32), 2**32 - 1)


def read(data: bytes, what: Callable[[Reader], Any]) -> Any:
    """What is read of the data, having checked that nothing is left."""
    reader = Reader(memoryview(data))
    value = what(reader)
    assert reader.at_end
    return value


def problem(data: bytes, what: Callable[[Reader], Any]) -> tuple[str, int]:
    """What is wrong with the data, and where."""
    with pytest.raises(DecodeError) as caught:
        read(data, what)
    return caught.value.problem, caught.value.offset


@given(U32)
def test_unsigned_integers_round_trip(value: int) -> None:
    assert read(unsigned(value), Reader.u32) == value


@given(st.integers(0, 2**64 - 1))
def test_long_unsigned_integers_round_trip(value: int) -> None:
    assert read(unsigned(value), lambda r: r.unsigned(64)) == value


@given(S33)
def test_signed_integers_round_trip(value: int) -> None:
    assert read(signed(value), lambda r: r.signed(33)) == value


@given(st.integers(0, 127), st.integers(1, 4))
def test_padding_up_to_the_full_length_is_allowed(value: int, pad: int) -> None:
    assert read(unsigned(value, pad), Reader.u32) == value


@given(U32)
def test_a_truncated_integer_says_so(value: int) -> None:
    encoded = unsigned(value)
    assert problem(encoded[:-1], Reader.u32) == ("unexpected end", len(encoded) - 1)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x80\x80\x80\x80\x80\x00", "integer representation too long"),
        (b"\xff\xff\xff\xff\x1f", "integer too large for 32 bits"),
    ],
)
def test_integers_past_their_size_are_malformed(data: bytes, expected: str) -> None:
    assert problem(data, Reader.u32) == (expected, 0)


def test_signed_integers_past_their_size_are_malformed() -> None:
    assert problem(b"\xff\xff\xff\xff\x4f", lambda r: r.signed(33))[0].startswith(
        "integer too large"
    )


@given(st.text())
def test_names_round_trip(name: str) -> None:
    encoded = name.encode()
    assert read(unsigned(len(encoded)) + encoded, Reader.name) == name


@pytest.mark.parametrize(
    ("data", "what", "expected", "offset"),
    [
        (b"\x02\xff\xfe", Reader.name, "a name is not valid UTF-8", 1),
        (b"\x03ab", Reader.name, "a name runs past the end", 0),
        (b"\xff\x01", Reader.count, "a vector of 255 items runs past the end", 0),
        (b"\x02", Reader.flag, "expected 0x00 or 0x01, found 0x02", 0),
        (b"\x05ab", Reader.section, "the section says 5 bytes but 2 are left", 0),
    ],
)
def test_problems_name_their_place(
    data: bytes, what: Callable[[Reader], Any], expected: str, offset: int
) -> None:
    assert problem(data, what) == (expected, offset)


def test_contexts_are_told_outermost_first() -> None:
    error = DecodeError("unexpected end", 0x1F).within("item 2").within("canon section")
    assert str(error) == "canon section: item 2: unexpected end (at offset 0x1f)"
    assert error.context == ("canon section", "item 2")


@given(st.lists(U32))
def test_vectors_round_trip(values: list[int]) -> None:
    data = unsigned(len(values)) + b"".join(map(unsigned, values))
    assert read(data, lambda r: r.vector(Reader.u32)) == tuple(values)
