"""The engines of a host, and the thread that gives their guests time slices."""

from __future__ import annotations

from functools import cached_property

from spindle.component.core import Engine
from spindle.component.run_queue import Ticker


class Engines:
    """An engine that compiles well, and one that compiles at once."""

    def __init__(self) -> None:
        self._ticker = Ticker()

    @cached_property
    def optimised(self) -> Engine:
        """Compiles well."""
        return self._ticking(Engine("cranelift", parallel=False))

    @cached_property
    def baseline(self) -> Engine:
        """Compiles several times faster, to code several times slower."""
        return self._ticking(Engine("winch"))

    def _ticking(self, engine: Engine) -> Engine:
        self._ticker.add(engine)
        return engine

    def close(self) -> None:
        """Stop the clock."""
        self._ticker.stop()
