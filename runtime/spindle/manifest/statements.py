"""A TOML text cut into its statements, so that they can be put together in another way.

Comments belong to the statement after them, or on whose last line they are. Line endings are
line feeds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


class Pair(NamedTuple):
    """`key = value`, with the text around it; joining all the pieces gives the text back."""

    leading: str
    """Whole lines of comments and nothing."""
    indent: str
    keys: tuple[str, ...]
    """As they are written, one for each part of a dotted key."""
    equals: str
    value: str
    after: str
    """The rest of the last line, with its line feed."""
    entries: tuple[Pair, ...] | None = None
    """The pairs of an inline table."""

    @property
    def name(self) -> str:
        """The first key without quotes."""
        return unquoted(self.keys[0])

    def __str__(self) -> str:
        key = ".".join(self.keys)
        return f"{self.leading}{self.indent}{key}{self.equals}{self.value}{self.after}"


class Section(NamedTuple):
    """A table: its header, or the pairs before the first header."""

    leading: str
    keys: tuple[str, ...]
    """As they are written."""
    after: str
    pairs: tuple[Pair, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The keys without quotes."""
        return tuple(map(unquoted, self.keys))


class Statements(NamedTuple):
    """A whole text."""

    sections: tuple[Section, ...]
    """The first is the one without a header."""
    trailing: str
    """Lines after the last statement."""


def unquoted(key: str) -> str:
    """A key without its quotes; escapes stay."""
    return key[1:-1] if key[:1] in ('"', "'") else key


def read_statements(text: str) -> Statements | None:
    """Cut valid TOML; None if the parser doesn't get on with it."""
    data = text.encode("utf-8", "replace")
    root = parsed(data)
    return None if root.has_error else _Cutter(data).cut(root)


def comments_in(text: str) -> Counter[str]:
    """The comments of a text, and how often each is there."""
    found: Counter[str] = Counter()
    data = text.encode("utf-8", "replace")
    rest = [parsed(data)]
    while rest:
        syntax = rest.pop()
        if syntax.type == "comment":
            found[data[syntax.start_byte : syntax.end_byte].decode().strip()] += 1
        rest += syntax.named_children
    return found


def parsed(data: bytes) -> Syntax:
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_toml.language())).parse(data).root_node


class _Cutter:
    """Goes through a syntax tree once, from its beginning to its end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.done = 0
        """All before this offset belongs to a statement; it is the beginning of a line."""

    def cut(self, root: Syntax) -> Statements:
        tables = [child for child in root.named_children if child.type.startswith("table")]
        first = Section("", (), "", tuple(self._pairs(root)))
        sections = (first, *(self._section(table) for table in tables))
        return Statements(sections, self._text(self.done, len(self.data)))

    def _section(self, syntax: Syntax) -> Section:
        leading, _ = self._before(syntax)
        key = next(child for child in syntax.named_children if child.type != "comment")
        close = next(child for child in syntax.children if child.type in ("]", "]]"))
        after = self._after(close)
        return Section(leading, tuple(self._keys(key)), after, tuple(self._pairs(syntax)))

    def _pairs(self, syntax: Syntax) -> Iterator[Pair]:
        for child in syntax.named_children:
            if child.type == "pair":
                leading, indent = self._before(child)
                keys, equals, value = self._parts(child)
                entries = self._entries(value) if value.type == "inline_table" else None
                text = self._text(value.start_byte, value.end_byte)
                yield Pair(leading, indent, keys, equals, text, self._after(value), entries)

    def _entries(self, table: Syntax) -> tuple[Pair, ...]:
        parts = [self._parts(child) for child in table.named_children if child.type == "pair"]
        return tuple(
            Pair("", "", keys, " = ", self._text(value.start_byte, value.end_byte), "\n")
            for keys, _, value in parts
        )

    def _parts(self, pair: Syntax) -> tuple[tuple[str, ...], str, Syntax]:
        key, value = (child for child in pair.named_children if child.type != "comment")
        return tuple(self._keys(key)), self._text(key.end_byte, value.start_byte), value

    def _keys(self, syntax: Syntax) -> Iterator[str]:
        if syntax.type == "dotted_key":
            for child in syntax.named_children:
                yield from self._keys(child)
        else:
            yield self._text(syntax.start_byte, syntax.end_byte)

    def _before(self, syntax: Syntax) -> tuple[str, str]:
        """The lines before a statement that are no other's, and its indentation."""
        line = self.data.rfind(b"\n", 0, syntax.start_byte) + 1
        leading = self._text(self.done, line)
        return leading, self._text(line, syntax.start_byte)

    def _after(self, last: Syntax) -> str:
        """The rest of the line on which a statement ends."""
        end = self.data.find(b"\n", last.end_byte)
        self.done = len(self.data) if end < 0 else end + 1
        return self._text(last.end_byte, self.done).rstrip("\n") + "\n"

    def _text(self, start: int, end: int) -> str:
        return self.data[start:end].decode()
