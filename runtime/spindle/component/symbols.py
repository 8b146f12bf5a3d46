"""Where in a person's sources a guest's core stack is.

The engine tells a frame's function index and its offset in the module that was compiled, and not in
which module: the one whose function of that index has that offset. Nothing is read before somebody
asks, and what was found is remembered. It takes up to seconds, so ask on a thread of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from spindle.component.core import CoreFrame
from spindle.component.plan import ModulePlan
from spindle.component.plan_state import shift_of_code
from spindle.errors import SpindleError
from spindle.wasm.definitions import CoreModule
from spindle.wasm.demangling import demangled
from spindle.wasm.dwarf import Place, find_places
from spindle.wasm.modules import ModuleSummary, read_module
from spindle.wasm.reader import Reader
from spindle.wasm.source_paths import is_foreign

SECONDS = 3.0
"""For which the sections of one stack's modules are read."""

MOST_KEPT = 4096
"""Places that are remembered."""

FUNCTION = 0
"""The kind of exports that are functions, as modules encode it."""


class Symbols:
    """The names and places of a component's core functions; for one thread at a time."""

    def __init__(self, data: Callable[[], bytes], modules: Sequence[ModulePlan]) -> None:
        self._data = data
        self._plans = modules
        self._found: dict[tuple[int, int], tuple[Place, ...]] = {}
        self.has_lines = False
        """Whether any module that was asked about says from which lines it was made."""

    def places(self, frames: Sequence[CoreFrame]) -> list[tuple[Place, ...]]:
        """For each frame the place in its function, behind those in functions inlined there."""
        unknown = {(f.index, f.offset) for f in frames}.difference(self._found)
        if unknown:
            if len(self._found) > MOST_KEPT:
                self._found.clear()
            # A file that is gone or has changed costs the lines alone.
            with suppress(SpindleError, ValueError, IndexError):
                self._look_up(unknown)
        return [_named(self._found.get((f.index, f.offset), ()), f) for f in frames]

    def _look_up(self, unknown: set[tuple[int, int]]) -> None:
        data = memoryview(self._data())
        for plan in self._plans:
            module = _Module(data, plan)
            here = {at: address for at in unknown if (address := module.address(*at)) is not None}
            if not here or not module.is_unchanged:
                continue
            unknown = unknown.difference(here)
            sections = module.debug_sections
            self.has_lines |= ".debug_line" in sections
            found = find_places(
                sections,
                here.values(),
                seconds=SECONDS,
                with_inlined=lambda path: not is_foreign(path),
            )
            for at, address in here.items():
                places = found.get(address) or [Place()]
                *inlined, outermost = places
                name = outermost.function or module.export_name(at[0])
                self._found[at] = (*inlined, outermost._replace(function=name))
            if not unknown:
                return


def _named(places: tuple[Place, ...], frame: CoreFrame) -> tuple[Place, ...]:
    """The places of a frame; its own has a name in any case."""
    *inlined, outermost = places or (Place(),)
    name = outermost.function
    if name is None:
        name = demangled(frame.function) if frame.function else f"function {frame.index}"
    return (*inlined, outermost._replace(function=name))


@dataclass(frozen=True)
class _Module:
    """A core module in a component's bytes."""

    data: memoryview
    plan: ModulePlan

    @cached_property
    def _summary(self) -> ModuleSummary:
        return read_module(self.data, CoreModule(self.plan.start, self.plan.end))

    @property
    def _bytes(self) -> memoryview:
        return self.data[self.plan.start : self.plan.end]

    @cached_property
    def _shift(self) -> int:
        return shift_of_code(self._bytes, self.plan.exposed)

    @property
    def is_unchanged(self) -> bool:
        """Whether it still is what was compiled."""
        return hashlib.sha256(self._bytes).hexdigest() == self.plan.digest

    def address(self, function: int, offset: int) -> int | None:
        """An offset in the compiled module, within the code section; None if it is not there."""
        start, end = self._summary.code
        position = self.plan.start + offset - self._shift
        if not start <= position < end:
            return None
        number = function - (len(self._summary.funcs) - len(self._bodies))
        inside = 0 <= number < len(self._bodies) and position in self._bodies[number]
        return position - start if inside else None

    @cached_property
    def _bodies(self) -> list[range]:
        """Where the module's own functions are."""
        reader = Reader(self.data, *self._summary.code)
        bodies = [reader.section() for _ in range(reader.count())]
        return [range(body.position, body.end) for body in bodies]

    def export_name(self, function: int) -> str | None:
        """What a function is exported as."""
        return self._summary.exported.get((FUNCTION, function))

    @property
    def debug_sections(self) -> dict[str, bytes]:
        """The custom sections that compilers leave for debuggers."""
        return {
            section.name: bytes(self.data[section.start : section.end])
            for section in self._summary.custom
            if section.name.startswith(".debug_")
        }
