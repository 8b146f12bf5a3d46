"""How a client counts characters: in UTF-16 as the protocol does by itself, in bytes of UTF-8, or
in code points.

Whatever comes in is recounted before a feature sees it, and whatever goes out after; places that
are not in the text become the nearest that are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import attrs
from lsprotocol import types

from spindle.text import utf16_length

Lines = Callable[[str], Sequence[str]]
"""How the lines of a file are had, by its URI."""


class Encoding(NamedTuple):
    """One way of counting."""

    name: types.PositionEncodingKind | str = types.PositionEncodingKind.Utf16

    def outward(self, answer: Any, uri: str, lines: Lines) -> Any:
        """A value of the protocol's, about a file, counted as the client does."""
        if self.name == types.PositionEncodingKind.Utf16:
            return answer
        return _Recount(self._outward, lines).of(answer, uri)

    def inward(self, params: Any, uri: str, lines: Lines) -> Any:
        """What a client said about a file, counted as Spindle does."""
        return _Recount(self.place, lines).of(params, uri)

    def place(self, position: types.Position, lines: Sequence[str]) -> types.Position:
        """A client's position in UTF-16 characters, and in the text."""
        if position.line >= len(lines):
            last = len(lines) - 1
            return types.Position(last, utf16_length(lines[last])) if lines else START
        line = lines[position.line].removesuffix("\r")
        if self.name == types.PositionEncodingKind.Utf16 or line.isascii():
            return types.Position(position.line, min(position.character, utf16_length(line)))
        before = line[: position.character]
        if self.name == types.PositionEncodingKind.Utf8:
            before = line.encode("utf-8", "replace")[: position.character].decode("utf-8", "ignore")
        return types.Position(position.line, utf16_length(before))

    def _outward(self, position: types.Position, lines: Sequence[str]) -> types.Position:
        if position.line >= len(lines) or (line := lines[position.line]).isascii():
            return position
        units = line.encode("utf-16-le", "surrogatepass")[: 2 * position.character]
        before = units.decode("utf-16-le", "ignore")
        if self.name == types.PositionEncodingKind.Utf8:
            return types.Position(position.line, len(before.encode()))
        return types.Position(position.line, len(before))


START = types.Position(0, 0)


class _Recount(NamedTuple):
    """Replaces the positions in a value."""

    place: Callable[[types.Position, Sequence[str]], types.Position]
    lines: Lines

    def of(self, value: Any, uri: str) -> Any:
        """The value; positions in it are of a file unless it names another."""
        if isinstance(value, types.Position):
            return self.place(value, self.lines(uri))
        if isinstance(value, (list, tuple)):
            return [self.of(item, uri) for item in value]
        if isinstance(value, dict):
            return {key: self.of(item, key if "://" in key else uri) for key, item in value.items()}
        if not attrs.has(type(value)):
            return value
        uri = getattr(value, "uri", None) or getattr(value, "target_uri", None) or uri
        return attrs.evolve(value, **dict(self._recounted(value, uri)))

    def _recounted(self, value: Any, uri: str) -> list[tuple[str, Any]]:
        names = [field.name for field in attrs.fields(type(value))]
        return [(name, self.of(getattr(value, name), uri)) for name in names]
