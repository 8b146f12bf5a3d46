"""The tree against the standard library's parser, and the places of its nodes."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spindle.diagnostics import has_errors
from spindle.manifest import Node, read_document
from spindle.text import START, LineIndex, Position, Span

PATH = Path("x.toml")

# Texts of TOML, valid ones by construction.

bare_keys = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True)
plain_text = st.text(
    st.characters(exclude_characters='"\\', exclude_categories=("Cc", "Cs")), max_size=8
)
basic_strings = st.text(st.characters(codec="utf-8"), max_size=8).map(
    lambda text: '"' + "".join(_escaped(char) for char in text) + '"'
)
literal_strings = st.text(
    st.characters(exclude_characters="'", exclude_categories=("Cc", "Cs")), max_size=8
).map(lambda text: f"'{text}'")
multiline_strings = st.lists(plain_text, max_size=3).map(
    lambda lines: '"""\n' + "\n".join(lines) + '"""'
)
keys = bare_keys | plain_text.map(lambda text: f'"{text}"')
scalars = st.one_of(
    basic_strings,
    literal_strings,
    multiline_strings,
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda f: repr(float(f))),
    st.sampled_from(["true", "false", "inf", "-inf", "0x1F", "0o17", "0b11", "1_000"]),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.dates().map(lambda day: day.isoformat()),
    st.times().map(lambda time: time.isoformat()),
)


def _escaped(char: str) -> str:
    if char in '"\\' or ord(char) < 32 or ord(char) == 127:
        return f"\\u{ord(char):04X}"
    return char


def _inline(pairs: dict[str, str]) -> str:
    return "{ " + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + " }"


def _unique(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Pairs whose keys differ also after unquoting."""
    return dict({key.strip('"'): (key, value) for key, value in pairs}.values())


values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[\n  " + ",\n  ".join(items) + "\n]")
        | st.lists(st.tuples(keys, inner), max_size=3).map(_unique).map(_inline)
    ),
    max_leaves=5,
)
tables = st.lists(st.tuples(keys, values), max_size=4).map(_unique)


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines = [f"{key} = {value}" for key, value in draw(tables).items()]
    for i, kind in enumerate(draw(st.lists(st.sampled_from(["[t{}.a]", "[[u.b]]"]), max_size=4))):
        lines.append(kind.format(i) + draw(st.sampled_from(["", " # comment"])))
        lines += [f"{key} = {value}" for key, value in draw(tables).items()]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return newline.join(line.replace("\n", newline) for line in lines) + newline


@settings(max_examples=200)
@given(documents())
def test_valid_text_has_the_values_the_standard_library_gives(text: str) -> None:
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        # A table's header may repeat a key of the first table.
        expected = None
    document = read_document(PATH, text)
    assert has_errors(document.diagnostics) is (expected is None)
    if expected is not None:
        assert _same(document.root.plain(), expected)


@settings(max_examples=200)
@given(documents(), st.data())
def test_any_text_is_read(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 10)))
    broken = text[:start] + data.draw(st.text("[]{}=\"'\\.,# \nax", max_size=4)) + text[end:]
    document = read_document(PATH, broken)
    for diagnostic in document.diagnostics:
        assert diagnostic.span is not None
        assert diagnostic.span.start <= diagnostic.span.end


@settings(max_examples=100)
@given(documents())
def test_places_hold_what_stands_there(text: str) -> None:
    document = read_document(PATH, text)
    if document.diagnostics:
        return
    index = LineIndex(text.encode())
    for node in _nodes(document.root):
        if node.span == START or isinstance(node.value, dict | list):
            continue
        place = index.data[index.offset(node.span.start) : index.offset(node.span.end)].decode()
        assert _same(tomllib.loads(f"v = {place}")["v"], node.value)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in (node.table or {}).values():
        yield from _nodes(child)
    for child in node.array or ():
        yield from _nodes(child)


def _same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return one == other


@pytest.mark.parametrize(
    ("text", "path", "span"),
    [
        ("a = 1\n", ("a",), (0, 4, 0, 5)),
        ("[a]\nb = 1\n", ("a",), (0, 0, 0, 3)),
        ("[a.b]\nc = 'ä𝄞'\nd = 1\n", ("a", "b", "c"), (1, 4, 1, 9)),
        ("[[a]]\n[[a]]\nb = [1, 2]\n", ("a", 1, "b", 1), (2, 8, 2, 9)),
        ("a = { b = { c = 1 } }\n", ("a", "b"), (0, 10, 0, 19)),
        ("'𝄞' = 1\n", ("𝄞",), (0, 7, 0, 8)),
    ],
)
def test_spans_are_in_utf16(
    text: str, path: tuple[str | int, ...], span: tuple[int, int, int, int]
) -> None:
    line, character, end_line, end_character = span
    expected = Span(Position(line, character), Position(end_line, end_character))
    assert read_document(PATH, text).root.at(*path) == expected


def test_a_missing_value_is_shown_where_it_should_be() -> None:
    root = read_document(PATH, "[a]\nb = 1\n").root
    assert root.at("a", "missing", "deeper") == root.key_at("a")


def test_a_header_after_its_sub_table_is_the_table_s_place() -> None:
    root = read_document(PATH, "[a.b]\nx = 1\n[a]\ny = 2\n").root
    assert root.plain() == {"a": {"b": {"x": 1}, "y": 2}}
    assert root.at("a").start.line == 2


def test_each_broken_statement_is_told_once() -> None:
    text = "a = \nb = 1\nb = 2\n[c\nd = 1\n[e]\nf = [1\n\n[g]\nh = 'x'\ni = ]\n"
    document = read_document(PATH, text)
    assert [d.span.start.line for d in document.diagnostics if d.span] == [0, 2, 3, 6, 10]
    assert document.root.plain() == {"b": 1, "e": {}, "g": {"h": "x"}}


def test_a_hopeless_text_ends() -> None:
    document = read_document(PATH, "= \n" * 200)
    assert len(document.diagnostics) == 50
    assert document.root.plain() == {}


def test_deep_nesting_is_told() -> None:
    document = read_document(PATH, "a = " + "[" * 5000 + "]" * 5000)
    assert has_errors(document.diagnostics)
