"""What features answer, by cases that are data (see `golden`)."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from lsprotocol import types
from tests.lsp.golden import cases, check, read_case

from spindle.text import Position, Span
from spindle_lsp.features.completion import completions_at
from spindle_lsp.features.hints import hints_in
from spindle_lsp.features.hover import hover_at
from spindle_lsp.features.navigation import definition, highlights, references
from spindle_lsp.features.rename import RenameError, prepare_rename, renamed
from spindle_lsp.features.tokens import marks_in
from spindle_lsp.snapshot import Snapshot


@pytest.mark.parametrize("name", cases("completion"))
def test_completion(name: str, tmp_path: Path) -> None:
    snapshot, cursor, neighbours = read_case("completion", name, tmp_path)
    items = completions_at(snapshot, cursor, neighbours)
    items.sort(key=lambda item: item.sort_text or "")
    check("completion", name, "\n".join(map(shown_item, items)))


def shown_item(item: types.CompletionItem) -> str:
    edit = item.text_edit
    assert isinstance(edit, types.TextEdit)
    detail = f"  ({item.detail})" if item.detail else ""
    return f"{item.label} -> {shown_range(edit.range)} {edit.new_text}{detail}"


@pytest.mark.parametrize("name", cases("hover"))
def test_hover(name: str, tmp_path: Path) -> None:
    snapshot, cursor, neighbours = read_case("hover", name, tmp_path)
    if name != "diagnostic":
        # What the rules have to say of a case is not what it is about.
        snapshot = replace(snapshot, diagnostics=())
    hover = hover_at(snapshot, cursor, neighbours)
    if hover is None:
        check("hover", name, "nothing")
        return
    assert hover.range is not None
    assert isinstance(hover.contents, types.MarkupContent)
    check("hover", name, f"{shown_range(hover.range)}\n{hover.contents.value}")


@pytest.mark.parametrize("name", cases("navigation"))
def test_navigation(name: str, tmp_path: Path) -> None:
    snapshot, cursor, neighbours = read_case("navigation", name, tmp_path)
    found = [
        "definition",
        *shown_places(definition(snapshot, cursor, neighbours)),
        "references",
        *shown_places(references(snapshot, cursor, neighbours)),
        "highlights",
        *(
            f"  {shown_range(h.range)} {h.kind.name if h.kind else ''}"
            for h in highlights(snapshot, cursor)
        ),
    ]
    check("navigation", name, "\n".join(found))


def shown_places(places: Iterable[types.Location]) -> list[str]:
    return [f"  {place.uri.rpartition('/')[2]} {shown_range(place.range)}" for place in places]


@pytest.mark.parametrize("name", cases("rename"))
def test_rename(name: str, tmp_path: Path) -> None:
    snapshot, cursor, neighbours = read_case("rename", name, tmp_path)
    new_name = snapshot.lines[0].removeprefix("# to ")
    prepared = prepare_rename(snapshot, cursor)
    found = "not to be renamed" if prepared is None else shown_range(prepared.range)
    try:
        edit = renamed(snapshot, cursor, new_name, neighbours)
    except RenameError as error:
        check("rename", name, f"{found}\n{error}")
        return
    changed = [after(file, edit) for file in (snapshot, *neighbours)] if edit is not None else []
    check("rename", name, "\n".join([found, *changed]))


def after(file: Snapshot, edit: types.WorkspaceEdit) -> str:
    edits = (edit.changes or {}).get(file.uri, [])
    return f"# --- {file.path.name}\n{edited(file.text, edits)}"


def edited(text: str, edits: Iterable[types.TextEdit | types.AnnotatedTextEdit]) -> str:
    lines = text.split("\n")
    places = sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character))
    for edit in reversed(places):
        start, end = edit.range.start, edit.range.end
        line = lines[start.line]
        before, after = (
            utf16_slice(line, 0, start.character),
            utf16_slice(line, end.character, None),
        )
        lines[start.line] = before + edit.new_text + after
    return "\n".join(lines)


@pytest.mark.parametrize("name", cases("hints"))
def test_hints(name: str, tmp_path: Path) -> None:
    snapshot, _, _ = read_case("hints", name, tmp_path)
    everything = Span(Position(0, 0), Position(len(snapshot.lines), 0))
    inserted = [
        types.TextEdit(types.Range(hint.position, hint.position), f" ⟦{hint.label}⟧")
        for hint in hints_in(snapshot, everything)
    ]
    check("hints", name, edited(snapshot.text, inserted))


@pytest.mark.parametrize("name", cases("tokens"))
def test_tokens(name: str, tmp_path: Path) -> None:
    snapshot, _, _ = read_case("tokens", name, tmp_path)
    found = [
        f"{start.line + 1}: {part_of(snapshot, start, end)} {kind}" + " declaration" * declares
        for (start, end), kind, declares in marks_in(snapshot)
    ]
    check("tokens", name, "\n".join(found))


def part_of(snapshot: Snapshot, start: Position, end: Position) -> str:
    return utf16_slice(snapshot.lines[start.line], start.character, end.character)


def utf16_slice(line: str, start: int, end: int | None) -> str:
    return line.encode("utf-16-le")[2 * start : None if end is None else 2 * end].decode(
        "utf-16-le"
    )


def shown_range(found: types.Range) -> str:
    """Lines and columns from 1, as editors show them."""
    start, end = found.start, found.end
    assert start.line == end.line
    return f"{start.line + 1}:{start.character + 1}-{end.character + 1}"
