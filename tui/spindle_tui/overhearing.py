"""What a host prints while this has its terminal: its warnings and errors, as they come."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from spindle_tui.model.troubles import Trouble, troubles_in

LOOK_SECONDS = 0.5
MOST_READ = 256 * 1024
"""Bytes that are read at a look; of more that was printed since the last, the end."""
KEPT = 500


class Heard(NamedTuple):
    """A trouble, and when it was read."""

    at: float
    trouble: Trouble


class Overhearing:
    """The last troubles, and who is told of new ones."""

    def __init__(self, printed_at: Path | None) -> None:
        """`printed_at` is the file that the host prints into, if it does."""
        self.heard: deque[Heard] = deque(maxlen=KEPT)
        self.listeners: list[Callable[[Heard], None]] = []
        """Called with each that is new."""
        self._file = printed_at
        self._read = 0

    async def keep(self) -> None:
        """Look again and again; runs until cancelled, or returns if there is nothing to hear."""
        while self._file is not None:
            self.look(self._file)
            await asyncio.sleep(LOOK_SECONDS)

    def look(self, file: Path) -> None:
        """Read what was printed since the last look, up to the last line that is whole."""
        try:
            with file.open("rb") as printed:
                end = printed.seek(0, 2)
                self._read = max(self._read, end - MOST_READ)
                printed.seek(self._read)
                text = printed.read()
        except OSError:
            return
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        for trouble in troubles_in(whole.decode("utf-8", "replace")):
            heard = Heard(time.time(), trouble)
            self.heard.append(heard)
            for listener in tuple(self.listeners):
                listener(heard)
