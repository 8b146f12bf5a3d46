"""Words of a shell's command line."""

from __future__ import annotations

import shlex

_PLAIN = frozenset(map(chr, range(32, 127)))


def shell_word(text: str | bytes) -> str:
    """One word of a shell (bash, zsh, ksh, POSIX of 2024), whatever is in the text but NUL.

    What a terminal could act on is spelled by its number, so that pasting it is harmless.
    """
    data = text.encode() if isinstance(text, str) else text
    assert 0 not in data, "no argument has a NUL in it"
    shown = _shown(data)
    if shown is not None:
        return shlex.quote(shown)
    return f"$'{''.join(map(_escaped, data))}'"


def _shown(data: bytes) -> str | None:
    """The text that data is, if all of it can be seen."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if all(c.isprintable() or c == "\n" for c in text) else None


def _escaped(byte: int) -> str:
    """One byte between `$'` and `'`; quotes by number, so that others than shells see the end."""
    character = chr(byte)
    if character == "\\":
        return "\\\\"
    return character if character in _PLAIN and character != "'" else f"\\{byte:03o}"
