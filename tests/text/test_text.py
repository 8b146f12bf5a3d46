"""Bytes to lines and UTF-16 characters and back, and the nearest name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.text import LineIndex, Position, nearest_name, utf16_length

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("\n\r\nä𝄞"))


@given(TEXTS, st.data())
def test_each_character_s_offset_comes_back(text: str, data: st.DataObject) -> None:
    index = LineIndex(text.encode())
    at = data.draw(st.integers(0, len(text)))
    offset = len(text[:at].encode())
    assert index.offset(index.position(offset)) == offset


@given(TEXTS, st.data())
def test_positions_are_lines_and_utf16(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    before = text[:at]
    line, column = before.count("\n"), before.rpartition("\n")[2]
    expected = Position(line, utf16_length(column))
    assert LineIndex(text.encode()).position(len(before.encode())) == expected


@given(st.binary(), st.integers(), st.integers(0, 9), st.integers(0, 99))
def test_any_bytes_and_numbers_give_a_place(
    data: bytes, offset: int, line: int, character: int
) -> None:
    index = LineIndex(data)
    assert index.position(offset).line < index.line_count
    assert 0 <= index.offset(Position(line, character)) <= len(data)


def test_a_line_s_text_has_no_ending() -> None:
    index = LineIndex(b"a\r\nb\n")
    assert [index.line_text(line) for line in range(index.line_count)] == ["a", "b", ""]


@pytest.mark.parametrize(
    ("name", "known", "nearest"),
    [
        ("rout", ["route", "component"], "route"),
        ("helo", ["hello", "help"], "hello"),
        ("compoennt", ["component"], "component"),
        ("my_app", ["my-app"], "my-app"),
        ("Source", ["source"], "source"),
        ("x", ["y", "zzz"], "y"),
        ("api", ["web", "back-end"], None),
        ("completely", ["different"], None),
        ("same", ["same"], None),
    ],
)
def test_nearest_name(name: str, known: list[str], nearest: str | None) -> None:
    assert nearest_name(name, known) == nearest
