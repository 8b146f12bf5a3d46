"""A section of a text cut into tokens, each knowing the path to it, whatever is broken around it.

Theory of operation. An editor asks about a text that is being typed, where a tree has a hole. So
what stands at the cursor is found by reading the tokens before it and seeing what is open then. A
line that looks like the beginning of another statement ends what was left open: an array without
its `]` costs what is in it, not the rest of the text.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from spindle.text import Position, Span, utf16_length

Path = tuple[str | int, ...]
"""Keys and indices, from the top of whatever it is relative to."""


class Role(Enum):
    """What a token is in its statement."""

    HEADER = "header"
    KEY = "key"
    VALUE = "value"


class Expects(Enum):
    """What may come next."""

    HEADER = "header"
    KEY = "key"
    EQUALS = "equals"
    VALUE = "value"
    END = "end"
    COMMENT = "comment"


class Token(NamedTuple):
    """One key of a header or of a pair, or one scalar."""

    role: Role
    path: Path
    """The path to what the token names or is; of a header's key its keys alone."""
    text: str
    """Without quotes; escapes stay as written."""
    span: Span
    """With quotes; lines count from the section's first."""
    quote: str = ""
    """What opens it: nothing, or one or three quotes."""
    closed: bool = True
    """False for a string whose closing quotes are missing."""

    def place(self, start: int, end: int) -> Span:
        """The span of a part of the text, given in characters."""
        return Span(self._position(start), self._position(end))

    @property
    def inner(self) -> Span:
        """The span of the text, without quotes."""
        return self.place(0, len(self.text))

    def moved(self, path: Path, lines: int) -> Token:
        """The token with its path and lines counted from further out, `path` its table's."""
        is_header = self.role is Role.HEADER
        full = _first_keys(path, len(self.path)) if is_header else path + self.path
        return self._replace(path=full, span=lowered(self.span, lines))

    def _position(self, offset: int) -> Position:
        before = self.text[:offset]
        line, character = self.span.start
        newline = before.rfind("\n")
        if newline < 0:
            return Position(line, character + len(self.quote) + utf16_length(before))
        return Position(line + before.count("\n"), utf16_length(before[newline + 1 :]))


def _first_keys(path: Path, count: int) -> Path:
    """The beginning of a path with so many keys, indices between them included."""
    for length, step in enumerate(path, 1):
        count -= isinstance(step, str)
        if count == 0:
            return path[:length]
    return path


class Scan(NamedTuple):
    """The tokens of a section, and what is open at its end."""

    tokens: tuple[Token, ...]
    header: tuple[str, ...]
    double: bool
    """Whether the header begins an element of an array."""
    expects: Expects
    path: Path
    """Of the table whose key comes next, or of the value that does; relative to the section."""
    last: Token | None
    """The token the section ends in or touches with its end, if any."""
    unfinished: bool
    """Whether a string of several lines or an array is open at the end."""


def lowered(span: Span, lines: int) -> Span:
    """A span so many lines further down."""
    (first, start), (last, end) = span
    return Span(Position(first + lines, start), Position(last + lines, end))


DEEPEST = 100
"""Where nesting and dotted keys go beyond it, a section is not read further."""

_LEXEME = re.compile(
    r"""[ \t\r]*(?:
      (?P<newline>\n)
    | (?P<comment>\#[^\n]*)
    | (?P<string>\"{3}(?:[^"\\]++|\\[\s\S]|"(?!""))*+(?P<end1>"{3,5})?
        | '{3}(?:[^']++|'(?!''))*+(?P<end2>'{3,5})?
        | "(?:[^"\\\n]++|\\[^\n])*+(?P<end3>")?
        | '[^'\n]*(?P<end4>')?)
    | (?P<mark>[\[\]{}=,.])
    | (?P<bare>[^\s\[\]{}=,.#"']+)
    | (?P<other>[^\n]))""",
    re.VERBOSE,
)
_SCALAR = re.compile(r"""[^\s\[\]{}=,#"']+""")
_STATEMENT = re.compile(
    r"""[ \t]*(?:[\w-]+|"[^"\n]*"|'[^'\n]*')(?:[ \t]*\.[ \t]*[\w-]+)*[ \t]*=(?!=)"""
)


class _Frame(NamedTuple):
    """An array or inline table that is open."""

    path: Path
    is_array: bool


@lru_cache(8192)
def scan(text: str) -> Scan:
    """Scan a section: a header line and what follows it, or what precedes the first header."""
    return scan_until(text, len(text))


def scan_until(text: str, end: int) -> Scan:
    """Scan a section up to a character."""
    scanner = _Scanner(text, end)
    scanner.run()
    return scanner.result()


class _Scanner:
    def __init__(self, text: str, end: int) -> None:
        self.text = text
        self.end = end
        self.tokens: list[Token] = []
        self.header: list[str] = []
        self.double = False
        self.dangling = False
        """Whether the header ends in a dot."""
        self.frames: list[_Frame] = []
        self.index: list[int] = []
        self.keys: list[str] = []
        self.expects = Expects.KEY
        self.line = 0
        self.line_start = 0
        self.last: Token | None = None
        self.last_end = -1

    @property
    def table(self) -> Path:
        """The path of the table whose keys are being read."""
        return self.frames[-1].path if self.frames else ()

    @property
    def deepest(self) -> int:
        """How long the paths are that are being read."""
        return max(len(self.frames), len(self.keys), len(self.header))

    @property
    def value_path(self) -> Path:
        """The path of the value that comes next."""
        if self.frames and self.frames[-1].is_array:
            return (*self.frames[-1].path, self.index[-1])
        return (*self.table, *self.keys)

    def run(self) -> None:
        position = 0
        while position < self.end and self.deepest <= DEEPEST:
            found = _LEXEME.match(self.text, position, self.end)
            if found is None:
                break
            position = found.end()
            kind = found.lastgroup or ""
            if kind == "bare" and self.expects is Expects.VALUE:
                scalar = _SCALAR.match(self.text, found.start("bare"), self.end)
                assert scalar is not None
                position = scalar.end()
                self.word(scalar[0], scalar.start(), scalar.end())
            elif kind == "bare":
                self.word(found["bare"], found.start("bare"), position)
            elif kind == "newline":
                self.newline(position)
            elif kind == "mark":
                self.mark(found["mark"], found.start("mark"))
            elif kind == "comment":
                if position == self.end:
                    self.expects = Expects.COMMENT
            elif kind.startswith("end") or kind == "string":
                self.string(found["string"], found.start("string"), found.end("string"))

    def result(self) -> Scan:
        touching = self.last if self.last_end == self.end else None
        path = self.value_path
        if self.expects is Expects.HEADER:
            path = tuple(self.header)
        elif self.expects in (Expects.KEY, Expects.EQUALS):
            path = (*self.table, *self.keys)
        in_string = touching is not None and len(touching.quote) == 3 and not touching.closed
        unfinished = in_string or any(frame.is_array for frame in self.frames)
        header = (*self.header, "") if self.dangling else tuple(self.header)
        return Scan(
            tuple(self.tokens),
            header,
            self.double,
            self.expects,
            path,
            touching,
            unfinished,
        )

    def newline(self, position: int) -> None:
        self.line += 1
        self.line_start = position
        in_array = bool(self.frames) and self.frames[-1].is_array
        if not in_array or _STATEMENT.match(self.text, position):
            self.frames.clear()
            self.index.clear()
            self.keys.clear()
            self.expects = Expects.KEY

    def mark(self, mark: str, at: int) -> None:
        if self.expects is Expects.HEADER:
            self.dangling = mark == "." or (self.dangling and mark == "]")
            if mark == "]":
                self.expects = Expects.END
        elif mark == "[" and self.expects is Expects.KEY and not self.frames:
            self.open_header(at)
        elif mark in "[{" and self.expects is Expects.VALUE:
            self.open(is_array=mark == "[")
        elif mark in "]}" and self.frames:
            self.close()
        elif mark == "," and self.frames:
            self.next_item()
        elif mark == "=" and self.expects in (Expects.KEY, Expects.EQUALS):
            self.expects = Expects.VALUE
        elif mark == "." and self.expects is Expects.EQUALS:
            self.expects = Expects.KEY

    def open_header(self, at: int) -> None:
        if self.text[:at].strip():
            return
        self.double = self.text.startswith("[[", at)
        self.expects = Expects.HEADER

    def open(self, *, is_array: bool) -> None:
        path = self.value_path
        self.frames.append(_Frame(path, is_array))
        self.index.append(0)
        self.keys = []
        self.expects = Expects.VALUE if is_array else Expects.KEY

    def close(self) -> None:
        self.frames.pop()
        self.index.pop()
        self.expects = Expects.END

    def next_item(self) -> None:
        self.keys = []
        if self.frames[-1].is_array:
            self.index[-1] += 1
            self.expects = Expects.VALUE
        else:
            self.expects = Expects.KEY

    def string(self, raw: str, start: int, end: int) -> None:
        size = 3 if raw.startswith(('"""', "'''")) else 1
        quote = raw[:size]
        closed = len(raw) >= 2 * size and raw.endswith(quote)
        text = raw[size : -size if closed else None]
        self.token(text, start, end, quote, closed)

    def word(self, text: str, start: int, end: int) -> None:
        self.token(text, start, end, "", True)

    def token(self, text: str, start: int, end: int, quote: str, closed: bool) -> None:
        match self.expects:
            case Expects.HEADER:
                self.header.append(text)
                self.dangling = False
                role, path = Role.HEADER, tuple[str | int, ...](self.header)
            case Expects.KEY:
                self.keys.append(text)
                role, path = Role.KEY, (*self.table, *self.keys)
                self.expects = Expects.EQUALS
            case Expects.VALUE:
                role, path = Role.VALUE, self.value_path
                self.expects = Expects.END
            case _:
                return
        first = self.position(start)
        if newlines := text.count("\n"):
            self.line += newlines
            self.line_start = self.text.rindex("\n", start, end) + 1
        self.last = Token(role, path, text, Span(first, self.position(end)), quote, closed)
        self.last_end = end
        self.tokens.append(self.last)

    def position(self, offset: int) -> Position:
        return Position(self.line, utf16_length(self.text[self.line_start : offset]))
