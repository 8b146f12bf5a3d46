"""What a terminal shows while the toolkit is loaded, which takes most of a start."""

from __future__ import annotations

import os
from contextlib import suppress

TITLES = ("Exchanges", "Routes", "Components", "State", "Logs", "Build", "Charts")
"""What the tabs are called, in their order."""
STARTING = "The application starts…"


def show_first_frame(terminal: int) -> None:
    """Draw the tabs and what goes on, on the terminal of a file descriptor."""
    with suppress(OSError):  # there is no terminal, and nobody waits
        os.write(terminal, frame(os.get_terminal_size(terminal).columns).encode())


def frame(columns: int) -> str:
    """What is written: the other screen without a cursor, and the beginning of the interface."""
    tabs = "".join(f" {number} {title} " for number, title in enumerate(TITLES, 1))
    bar = tabs[:columns].ljust(columns)
    return f"\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H\x1b[7m{bar}\x1b[0m\r\n\r\n  {STARTING}\r\n"
