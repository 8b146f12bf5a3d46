"""Strings: every encoding, and how often the guest's `realloc` is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.component.guest_memory import ENCODINGS, BumpAllocator, context
from tests.component.type_strategies import TEXT

from spindle.component.canon.codec import codec
from spindle.component.canon.strings import GuestString, load_string_from_range, store_string
from spindle.component.values import ValueTypeError
from spindle.wasm.types import PrimValType

STRING = codec(PrimValType.STRING)
TAG = 1 << 31


def _lifted(value: str, encoding: str, wide: bool = False) -> str:
    """The string as a guest of that encoding gives it."""
    cx = context(encoding)
    if encoding == "utf8":
        data, length = value.encode(), len(value.encode())
    elif encoding == "latin1+utf16" and not wide:
        data = value.encode("latin-1")
        length = len(data)
    else:
        data = value.encode("utf-16-le")
        length = len(data) // 2 | (TAG if encoding == "latin1+utf16" else 0)
    cx.view[64 : 64 + len(data)] = data
    return load_string_from_range(cx, 64, length)


@given(TEXT, st.sampled_from(ENCODINGS), st.sampled_from(ENCODINGS))
def test_from_guest_to_guest(value: str, source: str, target: str) -> None:
    given = _lifted(value, source, wide=True)
    assert given == value
    cx = context(target)
    out: list[int | float] = []
    STRING.lower(cx, given, out)
    assert STRING.lift(cx, out) == value
    realloc = cx.opts.realloc
    assert isinstance(realloc, BumpAllocator)
    assert len(realloc.calls) <= 3


@pytest.mark.parametrize(
    ("value", "source", "wide", "target", "calls", "length"),
    [
        ("abc", "utf8", False, "utf8", [(1, 3)], 3),
        ("é", "utf8", False, "utf8", [(1, 2)], 2),
        ("", "utf8", False, "utf8", [(1, 0)], 0),
        ("abc", "utf16", True, "utf8", [(1, 3)], 3),
        ("aé", "utf16", True, "utf8", [(1, 2), (1, 6), (1, 3)], 3),
        ("€€", "utf16", True, "utf8", [(1, 2), (1, 6)], 6),
        ("aé", "latin1+utf16", False, "utf8", [(1, 2), (1, 4), (1, 3)], 3),
        ("abc", "utf8", False, "utf16", [(2, 6), ], 3),
        ("é", "utf8", False, "utf16", [(2, 4), (2, 2)], 1),
        ("é", "utf16", True, "utf16", [(2, 2)], 1),
        ("é", "latin1+utf16", False, "utf16", [(2, 2)], 1),
        ("abc", "utf8", False, "latin1+utf16", [(2, 3)], 3),
        ("é", "utf8", False, "latin1+utf16", [(2, 2), (2, 1)], 1),
        ("a€", "utf8", False, "latin1+utf16", [(2, 4), (2, 8), (2, 4)], 2 | TAG),
        ("a€", "utf16", True, "latin1+utf16", [(2, 2), (2, 4)], 2 | TAG),
        ("é", "latin1+utf16", False, "latin1+utf16", [(2, 1)], 1),
        ("€", "latin1+utf16", True, "latin1+utf16", [(2, 2)], 1 | TAG),
        ("é", "latin1+utf16", True, "latin1+utf16", [(2, 2), (1, 1)], 1),
    ],
)  # fmt: skip
def test_calls_of_realloc(
    value: str, source: str, wide: bool, target: str, calls: list[tuple[int, int]], length: int
) -> None:
    cx = context(target)
    out: list[int | float] = []
    STRING.lower(cx, _lifted(value, source, wide), out)
    realloc = cx.opts.realloc
    assert isinstance(realloc, BumpAllocator)
    assert [(alignment, size) for _, _, alignment, size in realloc.calls] == calls
    assert out[1] == length


def test_utf8_strings_are_plain() -> None:
    assert type(_lifted("abc", "utf8")) is str
    assert type(_lifted("abc", "utf16")) is GuestString


def test_store_string_writes_pointer_and_length() -> None:
    cx = context()
    store_string(cx, "hello", 8)
    assert STRING.load(cx, 8) == "hello"


def test_lone_surrogates_are_no_text() -> None:
    for encoding in ENCODINGS:
        with pytest.raises(ValueTypeError, match="expected string, got str"):
            STRING.lower(context(encoding), "a\ud800", [])
