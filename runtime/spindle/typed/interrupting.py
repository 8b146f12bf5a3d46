"""Ctrl+C while a guest computes on the main thread.

Python raises `KeyboardInterrupt` in whatever runs when the signal is noticed, and while a guest
computes that is nearly always the engine's callback, from which nothing can be raised. There the
signal is noted, and whoever waits for the guest raises it himself: at the end of the time slice, or
of the call. So it is in all that is called to run the guest, but for host functions: there it might
be raised in a finalizer, which ignores it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from spindle.component.core import in_callback, in_trampoline


class Interrupts:
    """Takes note of interrupts; there is one for the process, as there is one main thread."""

    __slots__ = ("_came", "_outer", "active", "runs")

    def __init__(self) -> None:
        self.active = False
        """Whether `end` is to be called at the end of a call."""
        self._came = False
        self._outer: Any = None
        self.runs: dict[CodeType, frozenset[CodeType]] = {}
        """Functions that call `end`, and those they call of which they see to interrupts."""

    def guard(self) -> None:
        """Have no interrupt get lost in a callback; where it can be raised, it is, as ever."""
        if not _on_main_thread():
            return
        outer = signal.getsignal(signal.SIGINT)
        if callable(outer) and not isinstance(outer, _Guard) and outer != self._note:
            signal.signal(signal.SIGINT, _Guard(self, outer))

    def check(self) -> None:
        """Only note them from now on; raises `KeyboardInterrupt` if one came."""
        if not _on_main_thread():
            return
        if self._outer is None and callable(outer := signal.getsignal(signal.SIGINT)):
            self.active, self._outer = True, outer
            signal.signal(signal.SIGINT, self._note)
        if self._came:
            raise KeyboardInterrupt

    def note(self) -> None:
        """One has come where it can't be raised."""
        self.active = self._came = True

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self.note()

    def end(self) -> None:
        """Leave interrupts to others again; one that came only now is raised."""
        if not self.active or not _on_main_thread():
            return
        outer, self._outer = self._outer, None
        if outer is not None:
            signal.signal(signal.SIGINT, outer)
        came, self._came, self.active = self._came, False, False
        if came:
            raise KeyboardInterrupt


class _Guard:
    """A handler of signals around another one, which callbacks are spared."""

    def __init__(
        self, interrupts: Interrupts, outer: Callable[[int, FrameType | None], Any]
    ) -> None:
        self._interrupts = interrupts
        self._outer = outer

    def __call__(self, number: int, frame: FrameType | None) -> Any:
        if in_callback(frame) or self._is_seen_to(frame):
            self._interrupts.note()
            return None
        return self._outer(number, frame)

    def _is_seen_to(self, frame: FrameType | None) -> bool:
        """Whether somebody who runs a guest looks for interrupts when this is over."""
        runs, inner = self._interrupts.runs, None
        while frame is not None and not in_trampoline(frame):
            if frame.f_code in runs:
                return inner is not None and inner.f_code in runs[frame.f_code]
            inner, frame = frame, frame.f_back
        return False


def _on_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


INTERRUPTS = Interrupts()
