"""Reading what a person would paste into a shell: words, as bash takes them apart.

Only quoting is understood: nothing is expanded, substituted or executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_PIECE = re.compile(
    r"""
    (?P<joined> \\\r?\n )
  | (?P<blank> [ \t\r]+ )
  | (?P<comment> (?<![^\s;|&]) \#[^\n]* )
  | (?P<end> \|\|? | && | [;&\n] )
  | '(?P<single> [^']* )'
  | \$'(?P<ansi> (?: [^'\\] | \\. )* )'
  | "(?P<double> (?: [^"\\] | \\. )* )"
  | \\(?P<escaped> . )
  | (?P<plain> [^\s\\'"|&;$]+ | \$ )
    """,
    re.VERBOSE | re.DOTALL,
)
_ANSI = re.compile(
    r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|(.))", re.DOTALL
)
_NAMED = {
    "a": 7, "b": 8, "e": 27, "E": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11,
}  # fmt: skip
_IN_DOUBLE = re.compile(r'\\([$`"\\])|\\\n')


class Words(NamedTuple):
    """One command of a command line."""

    line: int
    """Where it begins, from 0."""
    words: tuple[bytes, ...]
    end: str
    """What ends it: `|`, `;`, a line feed, … or nothing."""


class UnreadableShell(ValueError):
    """A text is no command line; it says why, and `line` where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def commands_of(text: str) -> Iterator[Words]:
    """The commands of a text; raises `UnreadableShell`."""
    words: list[bytes] = []
    word: bytes | None = None
    at = line = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            raise UnreadableShell("a quotation mark is not closed", text.count("\n", 0, at))
        kind = piece.lastgroup
        if kind in ("blank", "comment", "end", "joined"):
            if word is not None:
                words.append(word)
                word = None
            if kind == "end":
                if words:
                    yield Words(line, tuple(words), piece.group())
                words = []
        else:
            if not words and word is None:
                line = text.count("\n", 0, at)
            word = (word or b"") + _bytes_of(kind or "", piece.group(kind or 0))
        at = piece.end()
    if word is not None:
        words.append(word)
    if words:
        yield Words(line, tuple(words), "")


def _bytes_of(kind: str, text: str) -> bytes:
    if kind == "ansi":
        return _unescaped(text)
    if kind == "double":
        text = _IN_DOUBLE.sub(lambda found: found.group(1) or "", text)
    return text.encode("utf-8", "surrogatepass")


def _unescaped(text: str) -> bytes:
    """What stands between `$'` and `'`."""
    made, at = b"", 0
    for found in _ANSI.finditer(text):
        made += text[at : found.start()].encode("utf-8", "surrogatepass")
        made += _character(found)
        at = found.end()
    return made + text[at:].encode("utf-8", "surrogatepass")


def _character(found: re.Match[str]) -> bytes:
    octal, short, unicode, wide, other = found.groups()
    if octal or short:
        return bytes([int(octal, 8) & 255 if octal else int(short, 16)])
    if number := unicode or wide:
        code = int(number, 16)
        return chr(code).encode("utf-8", "surrogatepass") if code < 0x110000 else b""
    if other in _NAMED:
        return bytes([_NAMED[other]])
    return other.encode() if other in "\\'\"?" else f"\\{other}".encode()
