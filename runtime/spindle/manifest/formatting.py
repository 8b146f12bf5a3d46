"""A TOML text laid out as everybody does, with the same values and all comments where they were.

Spaces stand around `=`, after commas and inside inline tables, none inside headers; one blank line
stands before a header, at most one elsewhere. An array that is written over several lines, has
comments, or is too long for one line has an element a line; tables are not reordered.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from spindle.manifest.statements import comments_in, parsed

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

WIDTH = 100
"""Characters of the longest line an array is written in."""
INDENT = "  "


def formatted(text: str) -> str | None:
    """The text laid out; None for what is no valid TOML, or what can't be laid out safely."""
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        before = tomllib.loads(plain)
        result = _Layout(plain.encode()).text()
        same = result is not None and tomllib.loads(result) == before
    except (tomllib.TOMLDecodeError, UnicodeEncodeError, RecursionError):
        return None
    if result is None or not same or comments_in(result) != comments_in(plain):
        return None
    return result.replace("\n", newline)


class _Line(NamedTuple):
    """A statement or comment laid out, and the blank lines it may have before it."""

    text: str
    is_header: bool
    is_comment: bool
    had_blank: bool
    """Whether a blank line stood before it."""


class _Layout:
    """Lays out one text."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def text(self) -> str | None:
        """The text; None if the parser doesn't get on with it."""
        root = parsed(self.data)
        if root.has_error:
            return None
        return "".join(self._spaced(list(self._lines(root))))

    def _lines(self, root: Syntax) -> Iterator[_Line]:
        """Statements and comments in their order."""
        for node in _statements(root):
            yield _Line(
                self._statement(node),
                node.type.startswith("table"),
                node.type == "comment",
                self._has_blank_before(node),
            )

    def _spaced(self, lines: list[_Line]) -> Iterator[str]:
        for number, line in enumerate(lines):
            if number and self._stands_apart(lines, number):
                yield "\n"
            yield f"{line.text}\n"

    def _stands_apart(self, lines: list[_Line], number: int) -> bool:
        """Whether a blank line stands before a line: it did, or a table begins here."""
        if lines[number].had_blank:
            return True
        return not lines[number - 1].is_comment and self._begins_table(lines, number)

    def _begins_table(self, lines: list[_Line], number: int) -> bool:
        """Whether a header stands here, or the comments right above one."""
        while lines[number].is_comment and number + 1 < len(lines):
            number += 1
            if lines[number].had_blank:
                return False
        return lines[number].is_header

    def _has_blank_before(self, node: Syntax) -> bool:
        start = self.data.rfind(b"\n", 0, node.start_byte)
        previous = self.data.rfind(b"\n", 0, max(start, 0))
        return start > 0 and not self.data[previous + 1 : start].strip()

    def _statement(self, node: Syntax) -> str:
        """A statement with the comment at its end."""
        if node.type == "comment":
            return self._source(node)
        text = self._pair(node, "") if node.type == "pair" else self._header(node)
        return " ".join([text, *map(self._source, _comments_at_end(node))])

    def _header(self, node: Syntax) -> str:
        key = next(child for child in node.named_children if child.type != "comment")
        close = "]]" if node.type == "table_array_element" else "]"
        return f"{close.replace(']', '[')}{self._key(key)}{close}"

    def _pair(self, node: Syntax, indent: str) -> str:
        key, value = (child for child in node.named_children if child.type != "comment")
        start = f"{self._key(key)} = "
        return start + self._value(value, indent, len(indent) + len(start))

    def _key(self, node: Syntax) -> str:
        if node.type != "dotted_key":
            return self._source(node)
        return ".".join(self._key(child) for child in node.named_children)

    def _value(self, node: Syntax, indent: str, column: int) -> str:
        if node.type == "inline_table":
            pairs = [self._pair(child, indent) for child in node.named_children]
            return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
        if node.type != "array":
            return self._source(node)
        if not self._is_long(node):
            items = [self._value(child, indent, 0) for child in node.named_children]
            line = f"[{', '.join(items)}]"
            if "\n" not in line and column + len(line) <= WIDTH:
                return line
        return self._array(node, indent)

    def _is_long(self, node: Syntax) -> bool:
        """Whether an array's first element stands on a line of its own."""
        if any(child.type == "comment" for child in node.named_children):
            return True
        first = next(iter(node.named_children), None)
        return first is not None and first.start_point.row > node.start_point.row

    def _array(self, node: Syntax, indent: str) -> str:
        inner = indent + INDENT
        lines: list[str] = []
        ended = node.start_point.row
        for child in node.named_children:
            same_line = child.start_point.row == ended
            if child.type == "comment" and same_line and lines:
                lines[-1] += f" {self._source(child)}"
            elif child.type == "comment":
                lines.append(inner + self._source(child))
            else:
                lines.append(f"{inner}{self._value(child, inner, len(inner))},")
            ended = child.end_point.row
        return "\n".join(["[", *lines, f"{indent}]"])

    def _source(self, node: Syntax) -> str:
        text = self.data[node.start_byte : node.end_byte].decode()
        return text.rstrip() if node.type == "comment" else text


def _statements(root: Syntax) -> Iterator[Syntax]:
    """Headers, pairs and the comments on lines of their own, in the order of the text."""
    for node in root.named_children:
        yield node
        if node.type.startswith("table"):
            ends = _comments_at_end(node)
            inside = (c for c in node.named_children if c.type in ("pair", "comment"))
            yield from (child for child in inside if child not in ends)


def _comments_at_end(node: Syntax) -> list[Syntax]:
    """The comment on the line on which a pair or a header ends, if there is one."""
    comments = [child for child in node.named_children if child.type == "comment"]
    if node.type == "pair":
        return comments
    close = next(child for child in node.children if child.type in ("]", "]]"))
    return [comment for comment in comments if comment.start_point.row == close.end_point.row]
