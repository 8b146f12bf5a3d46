"""S-expressions of the text format, with their places in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from spindle.errors import UserError

_TOKEN = re.compile(
    r"""(?P<space>\s+|;;[^\n]*)|(?P<comment>\(;)|(?P<open>\()|(?P<close>\))"""
    r"""|(?P<string>"(?:[^"\\]|\\.)*")|(?P<atom>[^\s()";]+)""",
    re.DOTALL,
)
_COMMENT = re.compile(r"\(;|;\)")
_ESCAPE = re.compile(rb"\\(?:([0-9a-fA-F]{2})|u\{([0-9a-fA-F_]+)\}|(.))", re.DOTALL)
_ESCAPED = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b'"': b'"', b"'": b"'", b"\\": b"\\"}


class FormError(UserError):
    """A text is no sequence of S-expressions, or not one that was expected."""

    code = "malformed-script"


@dataclass(frozen=True, slots=True)
class Form:
    """A parenthesized list of the script `source`, from `start` to `end`."""

    items: tuple[Item, ...]
    source: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """The form as it is written."""
        return self.source[self.start : self.end]

    @property
    def line(self) -> int:
        """The line it begins on, counted from one."""
        return self.source.count("\n", 0, self.start) + 1

    @property
    def head(self) -> str:
        """Its first item if that is a word, or nothing."""
        return self.items[0] if self.items and isinstance(self.items[0], str) else ""


Item: TypeAlias = "Form | str | bytes"
"""A list, a word or a string."""


def read_forms(source: str) -> list[Form]:
    """The forms of a script; `FormError` if parentheses or quotes do not match."""
    forms: list[Form] = []
    open_lists: list[tuple[int, list[Item]]] = []
    at = 0
    while at < len(source):
        token = _TOKEN.match(source, at)
        if token is None:
            raise FormError(f"line {source.count(chr(10), 0, at) + 1}: cannot be read")
        at = token.end()
        if token["comment"]:
            at = _comment_end(source, at)
        elif token["open"]:
            open_lists.append((token.start(), []))
        elif token["close"]:
            if not open_lists:
                raise FormError(f"line {source.count(chr(10), 0, at) + 1}: `)` closes nothing")
            start, items = open_lists.pop()
            form = Form(tuple(items), source, start, at)
            (open_lists[-1][1] if open_lists else forms).append(form)
        elif open_lists and (token["atom"] or token["string"]):
            open_lists[-1][1].append(token["atom"] or unquoted(token["string"]))
    if open_lists:
        line = source.count("\n", 0, open_lists[-1][0]) + 1
        raise FormError(f"line {line}: `(` is never closed")
    return forms


def _comment_end(source: str, at: int) -> int:
    depth = 1
    while depth:
        mark = _COMMENT.search(source, at)
        if mark is None:
            raise FormError("a comment is never closed")
        depth += 1 if mark[0] == "(;" else -1
        at = mark.end()
    return at


def unquoted(literal: str) -> bytes:
    """The bytes a string literal stands for."""

    def replace(match: re.Match[bytes]) -> bytes:
        if match[1]:
            return bytes([int(match[1], 16)])
        if match[2]:
            return chr(int(match[2].replace(b"_", b""), 16)).encode()
        return _ESCAPED.get(match[3], match[3])

    return _ESCAPE.sub(replace, literal[1:-1].encode())
