"""RESP, what Redis speaks: versions 2 and 3.

| reply | Python |
|---|---|
| simple string | `Status` |
| error | `ErrorReply` |
| integer, boolean, double | `int`, `bool`, `float` |
| bulk string, big number | `bytes` |
| verbatim string | `Verbatim` |
| null | `None` |
| array, set | `list` |
| map | `Map`, keys and values by turns |
| push | `Push` |

Attributes are skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

LONGEST_LINE = 1 << 16
LARGEST_REPLY = 256 << 20
"""Bytes that one reply may take; guests are given fewer."""
ITEM_BYTES = 32
"""What each value takes besides its bytes, at the least."""
DEEPEST = 64
"""How deep replies may nest."""

Reply: TypeAlias = Any


class ProtocolError(ValueError):
    """What came is not RESP."""


class Status(str):
    """A simple string: `OK`."""

    __slots__ = ()


class ErrorReply(str):
    """An error: its code, and words."""

    __slots__ = ()


class Verbatim(bytes):
    """A string with its format, `txt:…`."""

    __slots__ = ()


class Map(list[Reply]):
    """A map, keys and values by turns."""


class Push(list[Reply]):
    """What the server sends unasked."""


class _Attribute(list[Reply]):
    """What is said about the reply that follows."""


def encoded(parts: Sequence[bytes]) -> bytes:
    """A command as it is sent."""
    pieces = [b"*%d\r\n" % len(parts)]
    for part in parts:
        pieces += (b"$%d\r\n" % len(part), part, b"\r\n")
    return b"".join(pieces)


def _text(line: bytes) -> str:
    return line.decode(errors="replace")


def _boolean(line: bytes) -> bool:
    if line not in (b"t", b"f"):
        raise ValueError(line)
    return line == b"t"


def _null(_line: bytes) -> None:
    return None


_STRINGS: dict[int, type[bytes]] = {ord("$"): bytes, ord("="): Verbatim, ord("!"): bytes}
_LINES: dict[int, Callable[[bytes], Reply]] = {
    ord("+"): lambda line: Status(_text(line)),
    ord("-"): lambda line: ErrorReply(_text(line)),
    ord(":"): int,
    ord("("): bytes,
    ord(","): float,
    ord("#"): _boolean,
    ord("_"): _null,
}
_AGGREGATES: dict[int, tuple[type[list[Reply]], int]] = {
    ord("*"): (list, 1),
    ord("~"): (list, 1),
    ord(">"): (Push, 1),
    ord("%"): (Map, 2),
    ord("|"): (_Attribute, 2),
}
_NOTHING: Any = object()


class Parser:
    """Makes replies of bytes as they come."""

    __slots__ = ("_missing", "_open", "_pieces", "_room")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        """What came and was not made a reply of yet."""
        self._missing = 1
        """Without this many more bytes nothing can be made of the pieces."""
        self._room = LARGEST_REPLY
        """Bytes that the reply which is being read may still take."""
        self._open: list[tuple[list[Reply], int]] = []
        """Aggregates that are being filled, the innermost last, and how many items they take."""

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that are complete now; raises `ProtocolError`."""
        self._pieces.append(data)
        self._missing -= len(data)
        if self._missing > 0:
            return []
        if len(self._pieces) > 1:
            data = b"".join(self._pieces)
        try:
            replies, used = self._replies(data)
        except ValueError as error:
            raise ProtocolError(str(error)) from None
        self._pieces = [data[used:]] if used < len(data) else []
        return replies

    def _replies(self, data: bytes) -> tuple[list[Reply], int]:
        replies: list[Reply] = []
        at = 0
        while (end := data.find(b"\r\n", at)) >= 0:
            kind, line, after = data[at], data[at + 1 : end], end + 2
            if kind in _STRINGS and (size := self._size(line)) >= 0:
                if after + size + 2 > len(data):
                    self._missing = after + size + 2 - len(data)
                    return replies, at
                self._room -= size
                value = _string(kind, data[after : after + size])
                after += size + 2
            else:
                value = self._opened(kind, line)
            at = after
            self._room -= ITEM_BYTES
            if self._room < 0:
                raise ProtocolError("a reply is too large")
            value = _NOTHING if value is _NOTHING else self._put(value)
            if value is not _NOTHING:
                replies.append(value)
                self._room = LARGEST_REPLY
        if len(data) - at > LONGEST_LINE:
            raise ProtocolError("a line is too long")
        self._missing = 1
        return replies, at

    def _opened(self, kind: int, line: bytes) -> Reply:
        """The value a line is; nothing yet if it begins an aggregate."""
        if kind in _LINES:
            return _LINES[kind](line)
        if kind in _STRINGS:
            return None
        if kind not in _AGGREGATES:
            raise ProtocolError(f"no reply begins with `{chr(kind)}`")
        make, each = _AGGREGATES[kind]
        size = self._size(line)
        if size <= 0:
            return None if size < 0 else make()
        if len(self._open) == DEEPEST:
            raise ProtocolError("a reply is nested too deeply")
        self._open.append((make(), size * each))
        return _NOTHING

    def _size(self, line: bytes) -> int:
        """What a line says of the size of what follows."""
        size = int(line)
        if size > self._room:
            raise ProtocolError("a reply is too large")
        return size

    def _put(self, value: Reply) -> Reply:
        """Put a value where it belongs; the whole reply if it is complete with it."""
        while type(value) is not _Attribute:
            if not self._open:
                return value
            items, size = self._open[-1]
            items.append(value)
            if len(items) < size:
                break
            self._open.pop()
            value = items
        return _NOTHING


def _string(kind: int, value: bytes) -> Reply:
    if kind == ord("!"):
        return ErrorReply(_text(value))
    return value if kind == ord("$") else Verbatim(value)
