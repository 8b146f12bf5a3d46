"""Changes to a text of TOML that leave the rest of it as it is, for fixes to be made of.

What can't be changed without rewriting more than the person would expect gives None.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

from spindle.diagnostics import Edit, Fix
from spindle.manifest.tree import Node
from spindle.text import Position, Span, utf16_length

_KEYS_BEFORE = re.compile(r"\s*((\w|-)+\s*\.\s*)*")
"""What may stand before a key that is alone on its line: the rest of a dotted key."""
_COMMENTED = re.compile(r"(?:\s*(,))?(\s*#.*)")
_NOTHING_AFTER = re.compile(r"\s*(#.*)?")


class Editor:
    """Changes one file's text; without the text only values can be replaced."""

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.path = path
        self.text = text

    @property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return _lines(self.text or "")

    @property
    def _end(self) -> str:
        return "\r\n" if "\r\n" in (self.text or "") else "\n"

    def replace(self, span: Span, text: str) -> Edit:
        """Another text at a place."""
        return Edit(self.path, span, text)

    def add_key(self, table: Node, key: str, value: str) -> Edit | None:
        """A pair in a table: after its last one, in an inline table before its brace."""
        match self._first_character(table):
            case "{":
                return self._add_inline(table, f"{key} = {value}")
            case "[":
                pairs = [node for node in (table.table or {}).values() if _is_pair(node)]
                last = max((node.span.end.line for node in pairs), default=table.span.end.line)
                first = max((node.place.start for node in pairs), default=table.span.start)
                indent = re.match(r"[ \t]*", self.lines[first.line])
                lead = indent[0] if indent else ""
                return self._insert(self._line_end(last), f"{self._end}{lead}{key} = {value}")
            case _:
                return None

    def add_item(self, array: Node, value: str) -> Edit | None:
        """An element at an array's end."""
        items = array.array
        if items is None or self._first_character(array) != "[":
            return None
        if not items:
            return self.replace(array.span, f"[{value}]")
        last = items[-1].span
        before = self._before(last.start)
        if last.start.line != array.span.start.line and not before.strip():
            if (rest := _COMMENTED.fullmatch(self._after(last.end))) is not None:
                # The comment stays with its element.
                behind = Span(last.end, self._line_end(last.end.line))
                comma, comment = rest[1] or "", rest[2]
                return self.replace(behind, f",{comment}{self._end}{before}{value}{comma}")
            return self._insert(last.end, f",{self._end}{before}{value}")
        return self._insert(last.end, f", {value}")

    def add_section(self, lines: str) -> Edit | None:
        """A table of its own, at the end of the text."""
        if not self.text:
            return None
        last = len(self.lines) - 1
        gap = "" if not self.lines[last] else self._end
        end = self._line_end(last)
        return self._insert(end, gap + self._end + lines.replace("\n", self._end) + self._end)

    def remove_pair(self, node: Node) -> Edit | None:
        """A key with its value gone, with its line when it is alone there."""
        if self.text is None or not _is_pair(node) or node.key is None:
            return None
        key, end = node.key.start, node.span.end
        if _KEYS_BEFORE.fullmatch(self._before(key)):
            return self._remove_lines(key.line, end.line) if self._alone(end) else None
        return self._remove_item(Span(key, end))

    def remove_element(self, node: Node) -> Edit | None:
        """An element of an array gone, with the comma that set it apart."""
        return None if self.text is None else self._remove_item(node.span)

    def _remove_item(self, span: Span) -> Edit | None:
        after = self._after(span.end)
        if (comma := re.match(r"\s*,[ \t]*", after)) is not None:
            rest = after[comma.end() :]
            if not self._before(span.start).strip() and _NOTHING_AFTER.fullmatch(rest):
                return self._remove_lines(span.start.line, span.end.line)
            return self.replace(Span(span.start, _moved(span.end, comma[0])), "")
        before = self._before(span.start)
        if (comma := re.search(r"\s*,\s*$", before)) is not None:
            start = Position(span.start.line, utf16_length(before[: comma.start()]))
            return self.replace(Span(start, span.end), "")
        return self.replace(span, "") if before.rstrip().endswith(("[", "{")) else None

    def _remove_lines(self, first: int, last: int) -> Edit:
        if last + 1 < len(self.lines):
            return self.replace(Span(Position(first, 0), Position(last + 1, 0)), "")
        start = self._line_end(first - 1) if first else Position(0, 0)
        return self.replace(Span(start, self._line_end(last)), "")

    def _add_inline(self, table: Node, pair: str) -> Edit | None:
        entries = table.table
        if not entries:
            return self.replace(table.span, f"{{ {pair} }}")
        return self._insert(max(map(_end_of, entries.values())), f", {pair}")

    def _alone(self, end: Position) -> bool:
        return _NOTHING_AFTER.fullmatch(self._after(end)) is not None

    def _insert(self, at: Position, text: str) -> Edit:
        return self.replace(Span(at, at), text)

    def _line_end(self, line: int) -> Position:
        return Position(line, utf16_length(self.lines[line]))

    def _first_character(self, node: Node) -> str:
        return self._after(node.span.start)[:1] if self.text is not None else ""

    def _before(self, at: Position) -> str:
        return _split(self.lines[at.line], at.character)[0]

    def _after(self, at: Position) -> str:
        return _split(self.lines[at.line], at.character)[1]


@lru_cache(4)
def _lines(text: str) -> list[str]:
    """One text is asked for many fixes."""
    return [line.removesuffix("\r") for line in text.split("\n")]


def quoted(text: str) -> str:
    """A string as TOML writes it, on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def reference(path: Path, span: Span, name: str) -> Fix:
    """A fix that has a string refer to something else; names of one's own are never guessed."""
    return Fix(f"Refer to `{name}`", (Edit(path, span, quoted(name)),), safe=False)


def fix(title: str, *edits: Edit | None, safe: bool) -> Fix | None:
    """A fix of several edits; None when one of them can't be made."""
    made = tuple(edit for edit in edits if edit is not None)
    return Fix(title, made, safe) if made and len(made) == len(edits) else None


def _is_pair(node: Node) -> bool:
    """Whether a value stands after its key; tables with headers and of dotted keys don't."""
    return node.key is not None and node.key.end <= node.span.start


def _end_of(node: Node) -> Position:
    """Where a value ends, also one that is only there for the dotted keys in it."""
    if _is_pair(node) or not node.table:
        return node.span.end
    return max(map(_end_of, node.table.values()))


def _moved(at: Position, text: str) -> Position:
    return Position(at.line, at.character + utf16_length(text))


def _split(line: str, character: int) -> tuple[str, str]:
    """A line in two at a UTF-16 column."""
    if line.isascii():
        return line[:character], line[character:]
    units = line.encode("utf-16-le", "surrogatepass")
    before = units[: 2 * character].decode("utf-16-le", "replace")
    return before, units[2 * character :].decode("utf-16-le", "replace")
