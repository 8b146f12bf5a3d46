"""What typed components call and are called with, kept for a block: `with trace() as t:`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class TracedCall:
    """One call that crossed the border of a component, with its values as people have them."""

    function: str
    """`interface#function`."""
    args: tuple[Any, ...]
    direction: str
    """`export`: the component was called; `import`: it called."""
    at: float
    """Seconds since the trace began."""
    depth: int = 0
    """How many calls it is within."""
    result: Any = None
    error: BaseException | None = None
    took: float | None = None
    """Seconds; None while it is under way."""

    def __str__(self) -> str:
        arrow = "→" if self.direction == "export" else "←"
        given = ", ".join(map(repr, self.args))
        outcome = f"raised {self.error}" if self.error is not None else repr(self.result)
        took = "" if self.took is None else f"  {self.took * 1e3:.3f} ms"
        return f"{'  ' * self.depth}{arrow} {self.function}({given}) = {outcome}{took}"


@dataclass(slots=True)
class Trace:
    """The calls of a block, in the order in which they began."""

    calls: list[TracedCall] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)

    def __iter__(self) -> Iterator[TracedCall]:
        return iter(self.calls)

    def __len__(self) -> int:
        return len(self.calls)

    def __str__(self) -> str:
        return "\n".join(map(str, self.calls)) or "no calls"


traces: list[Trace] = []
"""Those of the blocks that are open; a call belongs to all of them."""


@contextmanager
def trace() -> Iterator[Trace]:
    """Keep each call of exports and imports of typed components, with its values."""
    made = Trace()
    traces.append(made)
    try:
        yield made
    finally:
        traces.remove(made)


@contextmanager
def traced(
    function: str, args: tuple[Any, ...], direction: str = "export", depth: int = 0
) -> Iterator[TracedCall]:
    """Keep one call in the traces that are open; who makes it sets `result`."""
    began = time.perf_counter()
    seen = TracedCall(function, args, direction, 0.0, depth)
    for each in traces:
        seen.at = began - each.began
        each.calls.append(seen)
    try:
        yield seen
    except BaseException as error:
        seen.error = error
        raise
    finally:
        seen.took = time.perf_counter() - began
