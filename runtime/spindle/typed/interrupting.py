"""Ctrl+C while a guest computes on the main thread.

Python raises `KeyboardInterrupt` in whatever runs when the signal is noticed, and while a guest
computes that is nearly always the engine's callback, from which nothing can be raised. So whoever
waits for a guest beyond its first time slice takes note of the signal, and raises it himself.
"""

from __future__ import annotations

import signal
import threading
from typing import Any


class Interrupts:
    """Takes note of interrupts for a while; does nothing but on the main thread."""

    __slots__ = ("_came", "_outer", "active")

    def __init__(self) -> None:
        self.active = False
        self._came = False
        self._outer: Any = None

    def check(self) -> None:
        """Take note from now on; raises `KeyboardInterrupt` if one came."""
        if not self.active and threading.current_thread() is threading.main_thread():
            self._outer = signal.getsignal(signal.SIGINT)
            if callable(self._outer):
                self.active = True
                self._came = False
                signal.signal(signal.SIGINT, self._note)
        if self.active and self._came:
            raise KeyboardInterrupt

    def _note(self, _signal: int, _frame: object) -> None:
        self._came = True

    def end(self) -> None:
        """Leave interrupts to others again; one that came only now is raised."""
        if self.active:
            self.active = False
            signal.signal(signal.SIGINT, self._outer)
            if self._came:
                self._came = False
                raise KeyboardInterrupt
