"""Bodies for people: JSON set out, forms as fields, text in colours, anything else as hex."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from spindle_tui.model.cleaning import block, one_line
from spindle_tui.model.lines import Line, Span, fields, line, note
from spindle_tui.model.measures import size_text

PRETTY_LIMIT = 1_000_000
"""Characters beyond which text is shown as it is."""
HEX_LIMIT = 64 * 1024
"""Bytes that are shown as hex."""

_JSON = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)'
    r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<comma>,)|(?P<colon>:)"
)
Headers = Sequence[Sequence[str]]


def bytes_of(body: Mapping[str, Any]) -> bytes:
    """What was kept of a document's body."""
    data = str(body.get("data", ""))
    return base64.b64decode(data) if body.get("encoding") == "base64" else data.encode()


def media_type(headers: Headers) -> str:
    """The type that headers give a body, without its parameters."""
    for name, value in headers:
        if name.lower() == "content-type":
            return value.partition(";")[0].strip().lower()
    return ""


def body_lines(body: Mapping[str, Any], headers: Headers, *, as_hex: bool = False) -> list[Line]:
    """A body as its type wants to be read, and what of it was not kept."""
    size, kept = int(body.get("size", 0)), int(body.get("kept", 0))
    if size == 0:
        return [note("no body")]
    lines = _hex_lines(bytes_of(body)) if as_hex else _readable(body, media_type(headers), headers)
    if kept < size:
        lines.append(note(f"… {size_text(kept)} kept of {size_text(size)}"))
    return lines


def _readable(body: Mapping[str, Any], kind: str, headers: Headers) -> list[Line]:
    encoded = next((v for n, v in headers if n.lower() == "content-encoding"), "")
    if encoded not in ("", "identity") and (plain := _decoded(bytes_of(body), encoded)) is not None:
        return [note(f"unpacked ({one_line(encoded)})"), *_text_lines(plain, kind)]
    if body.get("encoding") == "base64":
        return _hex_lines(bytes_of(body))
    return _text_lines(str(body.get("data", "")), kind)


def _decoded(data: bytes, encoding: str) -> str | None:
    """A compressed body's text, as much as is shown; None where it can't be read."""
    import zlib

    if encoding not in ("gzip", "deflate"):
        return None
    try:
        return zlib.decompressobj(47).decompress(data, PRETTY_LIMIT).decode("utf-8", "replace")
    except zlib.error:
        return None


def _text_lines(text: str, kind: str) -> list[Line]:
    if len(text) <= PRETTY_LIMIT:
        if kind.endswith(("/json", "+json")) or (text[:1] in "[{" and _is_json(text)):
            return list(json_lines(text)) if _is_json(text) else _plain(text)
        if kind == "application/x-www-form-urlencoded":
            return _form(text)
        if (coloured := _coloured(text, kind)) is not None:
            return coloured
    return _plain(text)


def _plain(text: str) -> list[Line]:
    return [line(each) for each in block(text).split("\n")]


def _form(text: str) -> list[Line]:
    pairs = parse_qsl(text, keep_blank_values=True)
    return fields((one_line(name), one_line(value, 4000)) for name, value in pairs)


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def json_lines(text: str) -> Iterator[Line]:
    """JSON set out by nesting; numbers and strings stay as they were written."""
    row: list[Span] = []
    depth = 0
    tokens = [(match.lastgroup or "", match[0]) for match in _JSON.finditer(text)]
    for at, (kind, token) in enumerate(tokens):
        following = tokens[at + 1][0] if at + 1 < len(tokens) else ""
        if kind == "close" and (at == 0 or tokens[at - 1][0] != "open"):
            yield _row(depth, row)
            row = []
        if kind == "close":
            depth -= 1
        row += _json_spans(kind, token, is_key=following == "colon")
        if kind == "comma" or (kind == "open" and following != "close"):
            yield _row(depth, row)
            row = []
        depth += kind == "open"
    if row:
        yield _row(depth, row)


def _json_spans(kind: str, token: str, *, is_key: bool) -> list[Span]:
    match kind:
        case "string":
            return [Span(one_line(token, 20_000), "key" if is_key else "string")]
        case "number" | "word":
            return [Span(token, "number" if kind == "number" else "word")]
        case "colon":
            return [Span(": ", "dim")]
    return [Span(token, "dim")]


def _row(depth: int, spans: list[Span]) -> Line:
    return Line((Span("  " * depth), *spans))


_LEXERS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "image/svg+xml": "xml",
    "text/xml": "xml",
    "application/xml": "xml",
    "text/css": "css",
    "text/javascript": "javascript",
    "application/javascript": "javascript",
    "application/yaml": "yaml",
    "text/markdown": "markdown",
}


def _coloured(text: str, kind: str) -> list[Line] | None:
    """Text in the colours of its language; None where it has none."""
    name = _LEXERS.get(kind) or ("xml" if kind.endswith("+xml") else None)
    if name is None:
        return None
    # Here, for loading lexers takes a while.
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # it has no types

    rows: list[list[Span]] = [[]]
    for token, piece in get_lexer_by_name(name, stripnl=False).get_tokens(block(text)):
        style = _token_style(str(token))
        for at, part in enumerate(piece.split("\n")):
            if at:
                rows.append([])
            if part:
                rows[-1].append(Span(part, style))
    return [Line(tuple(row)) for row in rows[: -1 if not rows[-1] else None]]


def _token_style(token: str) -> str:
    for part, style in (
        ("Comment", "dim"),
        ("String", "string"),
        ("Number", "number"),
        ("Name.Tag", "key"),
        ("Name.Attribute", "word"),
        ("Keyword", "word"),
        ("Punctuation", "dim"),
    ):
        if part in token:
            return style
    return ""


def _hex_lines(data: bytes) -> list[Line]:
    lines = [_hex_line(at, data[at : at + 16]) for at in range(0, min(len(data), HEX_LIMIT), 16)]
    if len(data) > HEX_LIMIT:
        lines.append(note(f"… {size_text(len(data) - HEX_LIMIT)} more"))
    return lines


def _hex_line(at: int, row: bytes) -> Line:
    left, right = row[:8].hex(" "), row[8:].hex(" ")
    shown = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
    return line(Span(f"{at:08x}  ", "dim"), f"{left:<23}  {right:<23}  ", Span(shown, "string"))


def header_lines(headers: Iterable[Sequence[str]]) -> list[Line]:
    """Headers, one a line."""
    return [
        line(Span(one_line(name), "key"), Span(": ", "dim"), one_line(value, 4000))
        for name, value in headers
    ]
