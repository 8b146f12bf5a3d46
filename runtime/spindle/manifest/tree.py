"""A TOML text as a tree of values, each knowing its place.

Reading never fails: broken statements become diagnostics and the rest of the text is read. Valid
text gives exactly the values the standard library's parser gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from spindle.diagnostics import Diagnostic, Related, Severity
from spindle.manifest.syntax import TOO_DEEP, SyntaxProblem, repaired
from spindle.text import START, LineIndex, Position, Span, utf16_length

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax
    from tree_sitter import Parser

DEEPEST = 100
"""How deeply arrays and inline tables may be nested."""

Value = object
"""A scalar (str, int, float, bool, date or time), a dict of `Node`s or a list of `Node`s."""


@dataclass(slots=True, eq=False)
class Origin:
    """Where a section of a text begins; it moves when lines before it come or go."""

    line: int = 0


TOP = Origin()


class Node:
    """A value and where it stands.

    The span of a table with a header is its header, of any other value the value. `key` is the
    span of the key that names the value; elements of arrays have none. Both are counted from the
    origin when they are given, and from the beginning of the text when they are asked for. A tree
    is only read once it is built; only its origins move, when its text is read again.
    """

    __slots__ = ("_key", "_origin", "_span", "value")

    def __init__(
        self, value: Value, span: Span, key: Span | None = None, origin: Origin = TOP
    ) -> None:
        self.value = value
        self.place_at(span, key, origin)

    def place_at(self, span: Span, key: Span | None, origin: Origin) -> None:
        """Say where it stands; for whoever builds the tree."""
        self._span = span
        self._key = key
        self._origin = origin

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return _moved(self._span, self._origin.line)

    @property
    def key(self) -> Span | None:
        """Where the key stands."""
        return None if self._key is None else _moved(self._key, self._origin.line)

    def copied(self, value: Value) -> Node:
        """Another value at the same place."""
        return Node(value, self._span, self._key, self._origin)

    @property
    def table(self) -> dict[str, Node] | None:
        """The entries, when it is a table."""
        return self.value if isinstance(self.value, dict) else None

    @property
    def array(self) -> list[Node] | None:
        """The elements, when it is an array."""
        return self.value if isinstance(self.value, list) else None

    @property
    def place(self) -> Span:
        """Where to point at for what a value lacks: its key, else itself."""
        return self.key or self.span

    def get(self, *path: str | int) -> Node | None:
        """The node at the end of a path of keys and indices."""
        node: Node | None = self
        for step in path:
            node = node._child(step) if node is not None else None
        return node

    def at(self, *path: str | int) -> Span:
        """The span of the value at a path, or of the deepest value on the way that exists."""
        node = self
        for step in path:
            child = node._child(step)
            if child is None:
                return node.place
            node = child
        return node.span

    def key_at(self, *path: str | int) -> Span:
        """The span of the key at a path, or of the deepest value on the way that exists."""
        node = self.get(*path)
        return node.place if node is not None else self.at(*path)

    def plain(self) -> object:
        """The value without places, as the standard library would give it."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def _child(self, step: str | int) -> Node | None:
        if isinstance(step, str):
            return self.value.get(step) if isinstance(self.value, dict) else None
        if isinstance(self.value, list) and -len(self.value) <= step < len(self.value):
            child: Node = self.value[step]
            return child
        return None


def _moved(span: Span, lines: int) -> Span:
    if not lines:
        return span
    (first, start), (last, end) = span
    return Span(Position(first + lines, start), Position(last + lines, end))


class Document(NamedTuple):
    """A text read as TOML."""

    path: Path
    text: str
    root: Node
    diagnostics: tuple[Diagnostic, ...]


def read_document(path: Path, text: str) -> Document:
    """Read a text; `path` only names it."""
    valid, problems = repaired(text)
    try:
        root = Builder().add(valid).root
    except RecursionError:
        root = Node({}, START)
        problems = [*problems, TOO_DEEP]
    lines = text.split("\n")
    diagnostics = tuple(
        syntax_diagnostic(path, lines[problem.line], root, problem) for problem in problems
    )
    return Document(path, text, root, diagnostics)


def syntax_diagnostic(path: Path, line: str, root: Node, problem: SyntaxProblem) -> Diagnostic:
    """What to say about a problem in a line."""
    span = Span(
        Position(problem.line, utf16_length(line[: problem.start])),
        Position(problem.line, utf16_length(line[: problem.end])),
    )
    related: tuple[Related, ...] = ()
    if problem.declared and (first := root.get(*problem.declared)) is not None:
        related = (Related("it is first defined here", path, first.span),)
    return Diagnostic(
        problem.code, Severity.ERROR, problem.message, path, span, related, problem.help
    )


@cache
def _parser() -> Parser:
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_toml.language()))


class Builder:
    """Turns the syntax of valid text into nodes, a section of the text at a time."""

    def __init__(self) -> None:
        self.root = Node({}, START)
        self._data = b""
        self._lines = LineIndex(b"")
        self._origin = TOP

    def add(self, text: str, origin: Origin = TOP) -> Self:
        """Add what a section says; all of the sections together are valid."""
        self._data = text.encode("utf-8", "replace")
        self._lines = LineIndex(self._data)
        self._origin = origin
        tree = _parser().parse(self._data)
        if tree.root_node.has_error:
            self._add_without_places(text)
            return self
        for child in tree.root_node.named_children:
            if child.type == "pair":
                self._pair(self.root, child)
            elif child.type in ("table", "table_array_element"):
                self._header(self.root, child)
        return self

    def _add_without_places(self, text: str) -> None:
        """Add a section whose syntax tree is unusable though its text is valid."""
        import tomllib

        def node(value: object) -> Node:
            if isinstance(value, dict):
                return Node({key: node(item) for key, item in value.items()}, START)
            if isinstance(value, list):
                return Node([node(item) for item in value], START)
            return Node(value, START)

        _merge(self.root, node(tomllib.loads(text)))

    def _node(self, value: Value, span: Span, key: Span | None = None) -> Node:
        return Node(value, span, key, self._origin)

    def _header(self, root: Node, syntax: Syntax) -> None:
        key, *pairs = (child for child in syntax.named_children if child.type != "comment")
        keys = list(self._keys(key))
        close = next(c for c in syntax.children if c.type in ("]", "]]"))
        span = self._span(syntax.start_byte, close.end_byte)
        parent = self._descend(root, keys[:-1])
        name, key_span = keys[-1]
        table = self._node({}, span, key_span)
        entries = parent.value
        assert isinstance(entries, dict)
        if syntax.type == "table_array_element":
            array = entries.setdefault(name, self._node([], span, key_span))
            array.value.append(table)
        elif name in entries:
            # `[a.b]` came before `[a]`: the table exists and now gets its header.
            table = entries[name]
            table.place_at(span, key_span, self._origin)
        else:
            entries[name] = table
        for pair in pairs:
            self._pair(table, pair)

    def _pair(self, table: Node, syntax: Syntax, depth: int = 0) -> None:
        key, value = (child for child in syntax.named_children if child.type != "comment")
        keys = list(self._keys(key))
        parent = self._descend(table, keys[:-1])
        assert isinstance(parent.value, dict)
        name, key_span = keys[-1]
        parent.value[name] = self._value(value, key_span, depth)

    def _descend(self, node: Node, keys: list[tuple[str, Span]]) -> Node:
        for name, span in keys:
            assert isinstance(node.value, dict)
            node = node.value.setdefault(name, self._node({}, span, span))
            if isinstance(node.value, list):
                node = node.value[-1]
        return node

    def _keys(self, syntax: Syntax) -> Iterator[tuple[str, Span]]:
        if syntax.type == "dotted_key":
            for child in syntax.named_children:
                yield from self._keys(child)
            return
        text = self._text(syntax)
        name = text if syntax.type == "bare_key" else str(_scalar(text))
        yield name, self._span(syntax.start_byte, syntax.end_byte)

    def _value(self, syntax: Syntax, key: Span | None = None, depth: int = 0) -> Node:
        if depth > DEEPEST:
            raise RecursionError
        span = self._span(syntax.start_byte, syntax.end_byte)
        if syntax.type == "array":
            items = [c for c in syntax.named_children if c.type != "comment"]
            return self._node([self._value(item, None, depth + 1) for item in items], span, key)
        if syntax.type == "inline_table":
            table = self._node({}, span, key)
            for pair in syntax.named_children:
                if pair.type == "pair":
                    self._pair(table, pair, depth + 1)
            return table
        return self._node(_scalar(self._text(syntax)), span, key)

    def _text(self, syntax: Syntax) -> str:
        return self._data[syntax.start_byte : syntax.end_byte].decode()

    def _span(self, start: int, end: int) -> Span:
        return self._lines.span(start, end)


def _scalar(text: str) -> Value:
    """The value of one scalar's text."""
    quote = text[:1]
    if quote == '"' and not text.startswith('"""') and "\\" not in text:
        return text[1:-1]
    if quote == "'" and not text.startswith("'''"):
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    import tomllib

    value: Value = tomllib.loads(f"v = {text}")["v"]
    return value


def _merge(node: Node, other: Node) -> None:
    """Add the entries of another table, or the elements of another array."""
    if isinstance(node.value, list) and isinstance(other.value, list):
        node.value += other.value
    elif isinstance(node.value, dict) and isinstance(other.value, dict):
        for key, child in other.value.items():
            if key in node.value:
                _merge(node.value[key], child)
            else:
                node.value[key] = child
