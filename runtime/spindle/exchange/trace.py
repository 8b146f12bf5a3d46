"""The trace of an invocation: each call of the host by its guest, in the order they began.

    [{interface, func, dependency, at, took, args, result}]

Where a call failed the guest, `trap` says why; one that never ended has no `took`. Times are
microseconds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

MOST_CALLS = 10_000
"""Calls kept of one invocation."""
MOST_BYTES = 8 << 20
"""Bytes of arguments and results, as JSON, that are kept of one invocation."""

LEFT_OUT = "…"
"""Stands for a value that there was no room for."""


class Trace:
    """The calls of one invocation; values are what JSON can say, and kept as they are."""

    __slots__ = ("_began", "_calls", "_room", "truncated")

    def __init__(self, began: int) -> None:
        """`began` is the `time.perf_counter_ns` at which the invocation did."""
        self._began = began
        self._calls: list[dict[str, object]] = []
        self._room = MOST_BYTES
        self.truncated = False
        """Whether something was left out."""

    def begin(
        self, interface: str, func: str, args: object, dependency: str | None
    ) -> Callable[[str, object], None]:
        """Note a call that begins now; what is given is told of `result` or `trap` at its end."""
        began = time.perf_counter_ns()
        call: dict[str, object] = {
            "interface": interface,
            "func": func,
            "dependency": dependency,
            "at": (began - self._began) / 1000,
            "took": None,
            "args": self._kept(args),
            "result": None,
        }
        if len(self._calls) < MOST_CALLS:
            self._calls.append(call)
        else:
            self.truncated = True

        def end(how: str, value: object) -> None:
            call["took"] = (time.perf_counter_ns() - began) / 1000
            call[how] = self._kept(value)

        return end

    def _kept(self, value: object) -> object:
        size = len(json.dumps(value))
        if size > self._room:
            self.truncated = True
            return LEFT_OUT
        self._room -= size
        return value

    def to_json(self) -> list[Any]:
        """The calls as they are by now."""
        return [dict(call) for call in self._calls]
