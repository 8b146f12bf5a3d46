"""An editor's changes of a text, applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lsprotocol import types

from spindle_lsp.encodings import Encoding

Change = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


def changed(text: str, changes: Iterable[Change], encoding: Encoding) -> str:
    """The text after the changes, each of which counts from the one before."""
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            text = _replaced(text, change, encoding)
        else:
            text = change.text
    return text


def _replaced(text: str, change: types.TextDocumentContentChangePartial, encoding: Encoding) -> str:
    lines = text.split("\n")
    start = _offset(lines, encoding.place(change.range.start, lines))
    end = _offset(lines, encoding.place(change.range.end, lines))
    return text[:start] + change.text + text[max(start, end) :]


def _offset(lines: Sequence[str], position: types.Position) -> int:
    """The index in the text of a position that is in it."""
    before = sum(map(len, lines[: position.line])) + position.line
    line = lines[position.line]
    if line.isascii():
        return before + position.character
    units = line.encode("utf-16-le", "surrogatepass")[: 2 * position.character]
    return before + len(units.decode("utf-16-le", "ignore"))
