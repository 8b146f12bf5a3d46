"""Any place in any text has an answer, and answers speak of places that exist."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from tests.lsp.golden import CASES, CURSOR, snapshot_of
from tests.lsp.test_golden import edited

from spindle.text import Position, Span, utf16_length
from spindle_lsp.features.completion import completions_at
from spindle_lsp.features.hints import hints_in
from spindle_lsp.features.hover import hover_at
from spindle_lsp.features.navigation import definition, highlights, references
from spindle_lsp.features.rename import prepare_rename, renamed
from spindle_lsp.features.tokens import marks_in, tokens_of
from spindle_lsp.meaning import Sort
from spindle_lsp.mentions import Mention, mentions_in
from spindle_lsp.sheet import read_sheet
from spindle_lsp.snapshot import Snapshot

REPOSITORY = Path(__file__).parents[2]
TEXTS = sorted(
    {path.read_text(encoding="utf-8").replace(CURSOR, "") for path in CASES.glob("*/*.toml")}
    | {path.read_text(encoding="utf-8") for path in REPOSITORY.glob("examples/*/spin.toml")}
)
PIECES = ["[", "]", "[[", "{", "}", "{{", "}}", '"', "'", '"""', "'''", "=", ".", ",", "#", "\n"]
OTHERS = [
    "\r\n",
    "\\",
    "\0",
    "\ufeff",
    "🦀",
    "é",
    " ",
    "component",
    "a.b",
    "://",
    "/...",
    ".spin.internal",
]


@st.composite
def broken_texts(draw: st.DrawFn) -> str:
    """Prefixes of manifests, with something put in."""
    text = draw(st.sampled_from(TEXTS))
    text = text[: draw(st.integers(0, len(text)))]
    for piece in draw(st.lists(st.sampled_from(PIECES + OTHERS), max_size=3)):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + piece + text[at:]
    return text


def place_in(data: st.DataObject, text: str) -> Position:
    lines = text.split("\n")
    line = data.draw(st.integers(0, len(lines) - 1))
    return Position(line, data.draw(st.integers(0, utf16_length(lines[line]))))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.mark.parametrize("name", ["spin.toml", "runtime-config.toml"])
@given(data=st.data())
def test_there_is_an_answer_and_it_lies_in_the_text(
    root: Path, name: str, data: st.DataObject
) -> None:
    text = data.draw(broken_texts())
    place = place_in(data, text)
    snapshot = snapshot_of(root / name, text)
    everything = Span(Position(0, 0), Position(len(snapshot.lines), 0))
    answers = [
        completions_at(snapshot, place),
        completions_at(snapshot, place, snippets=False),
        hover_at(snapshot, place),
        definition(snapshot, place),
        references(snapshot, place),
        highlights(snapshot, place),
        prepare_rename(snapshot, place),
        hints_in(snapshot, everything),
    ]
    for found in ranges_in(answers):
        assert lies_in(found, snapshot)
    for mark in marks_in(snapshot):
        assert lies_in_text(*mark.span, snapshot)


def ranges_in(value: object) -> Iterator[types.Range]:
    """Every range in a value of the protocol's."""
    if isinstance(value, types.Range):
        yield value
    elif isinstance(value, types.Position):
        yield types.Range(value, value)
    elif isinstance(value, list):
        for item in value:
            yield from ranges_in(item)
    else:
        for field in getattr(value, "__attrs_attrs__", ()):
            yield from ranges_in(getattr(value, field.name))


def lies_in(found: types.Range, snapshot: Snapshot) -> bool:
    start, end = found.start, found.end
    return lies_in_text(
        Position(start.line, start.character), Position(end.line, end.character), snapshot
    )


def lies_in_text(start: Position, end: Position, snapshot: Snapshot) -> bool:
    return start <= end and all(
        place.line < len(snapshot.lines)
        and place.character <= utf16_length(snapshot.lines[place.line])
        for place in (start, end)
    )


@given(st.data())
def test_a_completion_replaces_something_at_the_cursor(root: Path, data: st.DataObject) -> None:
    text = data.draw(broken_texts())
    place = place_in(data, text)
    for item in completions_at(snapshot_of(root / "spin.toml", text), place):
        assert isinstance(item.text_edit, types.TextEdit)
        start, end = item.text_edit.range.start, item.text_edit.range.end
        assert start.line == end.line == place.line
        assert start.character <= place.character <= end.character


@given(st.data())
def test_tokens_are_in_order_and_apart(root: Path, data: st.DataObject) -> None:
    text = data.draw(broken_texts())
    snapshot = snapshot_of(root / "spin.toml", text)
    numbers = tokens_of(snapshot, lambda place: place.character).data
    line = start = 0
    places = []
    for delta_line, delta, length, _, _ in zip(*[iter(numbers)] * 5, strict=True):
        line, start = line + delta_line, delta if delta_line else start + delta
        places.append(Span(Position(line, start), Position(line, start + length)))
    assert places == [mark.span for mark in marks_in(snapshot)]
    assert all(one.end <= other.start for one, other in pairwise(places))


@given(st.data())
def test_text_scanned_in_sections_is_all_there(data: st.DataObject) -> None:
    text = data.draw(broken_texts())
    sheet = read_sheet(text)
    assert "".join(section.text for section in sheet.sections) == text
    for section in sheet.sections:
        for token in section.tokens:
            assert text_at(text, token.inner) == token.text


def text_at(text: str, span: Span) -> str:
    lines = [line.encode("utf-16-le", "surrogatepass") for line in text.split("\n")]
    (first, start), (last, end) = span
    part = lines[first : last + 1]
    part[-1] = part[-1][: 2 * end]
    part[0] = part[0][2 * start :]
    return "\n".join(line.decode("utf-16-le", "surrogatepass") for line in part)


NEW_NAMES = {
    Sort.COMPONENT: "brand-new",
    Sort.VARIABLE: "brand_new",
    Sort.STORE: "brand-new",
    Sort.DATABASE: "brand_new",
}


def all_mentions(text: str) -> list[Mention]:
    sections = read_sheet(text).sections
    return [mention for section in sections for mention in mentions_in("manifest", section)]


@given(st.data())
def test_renaming_there_and_back_changes_nothing(root: Path, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([text for text in TEXTS if all_mentions(text)]))
    mention = data.draw(st.sampled_from(all_mentions(text)))
    if prepare_rename(snapshot_of(root / "spin.toml", text), mention.span.start) is None:
        return
    new_name = NEW_NAMES[mention.sort]
    there = after_renaming(root, text, mention.span.start, new_name)
    moved = all_mentions(there)[all_mentions(text).index(mention)]
    assert moved.named == (mention.sort, new_name)
    assert after_renaming(root, there, moved.span.start, mention.name) == text
    assert [m.span.start.line for m in all_mentions(there)] == [
        m.span.start.line for m in all_mentions(text)
    ]


@given(st.data())
def test_a_renamed_manifest_reads_the_same_up_to_the_name(root: Path, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([text for text in TEXTS if all_mentions(text)]))
    mention = data.draw(st.sampled_from(all_mentions(text)))
    before = snapshot_of(root / "spin.toml", text)
    if before.manifest is None or prepare_rename(before, mention.span.start) is None:
        return
    changed = after_renaming(root, text, mention.span.start, NEW_NAMES[mention.sort])
    after = snapshot_of(root / "spin.toml", changed)
    assert after.manifest is not None
    assert len(after.diagnostics) <= len(before.diagnostics)
    assert len(after.manifest.components) == len(before.manifest.components)
    assert len(after.manifest.variables) == len(before.manifest.variables)
    assert list(after.manifest.triggers) == list(before.manifest.triggers)


def after_renaming(root: Path, text: str, place: Position, name: str) -> str:
    snapshot = snapshot_of(root / "spin.toml", text)
    edit = renamed(snapshot, place, name)
    assert edit is not None
    return edited(text, (edit.changes or {}).get(snapshot.uri, []))
