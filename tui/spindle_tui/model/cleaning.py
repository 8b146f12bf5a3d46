"""Foreign text made fit for a cell or a line: nothing in it speaks to the terminal.

Every text that a guest, a manifest or a client has a say in goes through here before a widget gets
it, and widgets get it as plain text, never as markup.
"""

from __future__ import annotations

import re

from spindle.text import printable

_COLOURS = re.compile("\x1b\\[[0-9;:]*m|\x9b[0-9;:]*m")
"""What only colours text: left out rather than shown."""
CELL = 200
"""Characters of a cell, more than any column has."""


def one_line(text: object, limit: int = CELL) -> str:
    """A value in a line of its own; line feeds are shown as `⏎`."""
    shown = text if isinstance(text, str) else str(text)
    cut = shown[: limit + 1].replace("\r\n", "\n").replace("\n", "⏎").replace("\t", " ")
    return _unbroken(printable(cut, limit=limit))


def log_line(text: str, limit: int = 4000) -> str:
    """A line a guest wrote, without colours and with tabs as spaces."""
    plain = _COLOURS.sub("", text[: 4 * limit]).rstrip("\r").expandtabs(4)
    return _unbroken(printable(plain, limit=limit))


def block(text: str, limit: int = 1 << 20) -> str:
    """Lines of text, each without colours and with tabs as spaces."""
    plain = _COLOURS.sub("", text[:limit]).replace("\r\n", "\n").expandtabs(4)
    return _unbroken(printable(plain, keep="\n", limit=limit))


def _unbroken(text: str) -> str:
    """Text whose half characters are shown as such: they can't be written to a terminal."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()
