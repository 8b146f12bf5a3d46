"""Bodies of requests and responses: JSON as a tree, images, HTML in a frame, text, else bytes."""

from __future__ import annotations

import json
from typing import Any

from spindle.exchange import bytes_of
from spindle.text import readable_size
from spindle_kernel.display.markup import (
    IMAGES,
    MONO,
    NUMBER,
    TEXT,
    block,
    escaped,
    faint,
    folded,
    framed,
    image,
    link_html,
    tag,
)

SHOWN = 20_000
"""Characters of a text that are shown."""
ITEMS = 200
"""Items of a JSON array or object that are shown."""
DEPTH = 40
OPEN = 2
"""Levels of a JSON tree that are unfolded at first."""


def media_type_of(headers: list[Any]) -> str:
    """The media type that header fields name, without parameters; empty if they name none."""
    for name, value in headers:
        if str(name).lower() == "content-type" and isinstance(value, str):
            return value.partition(";")[0].strip().lower()
    return ""


def body_html(
    body: dict[str, Any] | None, headers: list[Any], id: str | None = None, link: str = ""
) -> str:
    """A body of a document as HTML; empty if there is none. The link leads to the whole of it."""
    if not body or not body.get("size"):
        return ""
    data = bytes_of(body)
    return _shown(data, media_type_of(headers)) + _rest(body, id, link)


def _shown(data: bytes, media_type: str) -> str:
    if media_type in IMAGES:
        return image(media_type, data)
    text = text_of(data)
    if text is None:
        return block(hex_dump(data[:512]))
    if media_type in ("text/html", "application/xhtml+xml", "image/svg+xml"):
        return framed(text) + folded("source", block(text[:SHOWN]))
    if media_type.endswith("json") or text.lstrip()[:1] in ("{", "["):
        tree = json_html(text)
        if tree is not None:
            return tree
    return block(text[:SHOWN]) + (faint("…") if len(text) > SHOWN else "")


def text_of(data: bytes) -> str | None:
    """Bytes as text, if that is what they are."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if error.start < len(data) - 4:
            return None
        text = data[: error.start].decode()  # cut off within a character
    return None if "\0" in text else text


def _rest(body: dict[str, Any], id: str | None, link: str) -> str:
    kept, size = body.get("kept", 0), body.get("size", 0)
    if kept >= size:
        return ""
    said = f"the first {readable_size(kept)} of {readable_size(size)}"
    whole = f" {link_html(link, 'ask for the whole')}" if link else ""
    return tag("div", faint(said + (f"; exchange {id}" if id else "")) + whole)


def hex_dump(data: bytes) -> str:
    """Bytes in hexadecimal, sixteen a line, and what of them is ASCII."""
    lines = []
    for at in range(0, len(data), 16):
        part = data[at : at + 16]
        ascii_ = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{at:06x}  {part.hex(' '):<47}  {ascii_}")
    return "\n".join(lines)


def json_html(text: str) -> str | None:
    """JSON as a tree to unfold; None if it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return tag("div", _tree(value, 0), f"{MONO}; line-height: 1.5")


def _tree(value: Any, depth: int, name: str = "") -> str:
    if not isinstance(value, dict | list) or not value:
        return tag("div", name + _scalar(value))
    if depth >= DEPTH:
        return tag("div", name + faint("…"))
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
    counted = f"{{{len(pairs)}}}" if isinstance(value, dict) else f"[{len(pairs)}]"
    inner = "".join(_tree(item, depth + 1, f"{faint(key)}: ") for key, item in pairs[:ITEMS])
    if len(pairs) > ITEMS:
        inner += tag("div", faint(f"{len(pairs) - ITEMS} more"))
    indented = tag("div", inner, "padding-left: 16px")
    return folded(name + faint(counted), indented, is_open=depth < OPEN)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        cut = value if len(value) <= SHOWN else value[:SHOWN] + "…"
        return tag("span", escaped(json.dumps(cut, ensure_ascii=False)), f"color: {TEXT}")
    return tag("span", escaped(json.dumps(value)), f"color: {NUMBER}")
