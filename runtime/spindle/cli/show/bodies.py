"""Bodies as lines for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from spindle.exchange import bytes_of
from spindle.exchange.lines import guest_text
from spindle.text import readable_size

MOST_HEX = 512
"""Bytes of a body that is no text that are shown."""
ACROSS = 16
"""Bytes in a line of them."""


def body_lines(body: Mapping[str, Any]) -> Iterator[str]:
    """What was kept of a body: JSON pretty, other text as it is, anything else as bytes."""
    data = bytes_of(body)
    if body["encoding"] == "utf-8":
        yield from _text_lines(body["data"])
    else:
        yield from _hex_lines(data[:MOST_HEX])
        if len(data) > MOST_HEX:
            yield f"… {readable_size(len(data) - MOST_HEX)} more: `--format json` has them"
    if body["size"] > len(data):
        yield f"… {readable_size(body['size'] - len(data))} more were not kept"


def _text_lines(text: str) -> Iterator[str]:
    pretty = _pretty(text)
    for line in (text if pretty is None else pretty).splitlines():
        yield guest_text(line)


def _pretty(text: str) -> str | None:
    """JSON with one value a line; None for anything else."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _hex_lines(data: bytes) -> Iterator[str]:
    for at in range(0, len(data), ACROSS):
        part = data[at : at + ACROSS]
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        yield f"{at:08x}  {part.hex(' '):<{ACROSS * 3}} {shown}"
