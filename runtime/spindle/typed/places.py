"""Where in its sources a component trapped, noted on the error that says so."""

from __future__ import annotations

from contextlib import suppress

from spindle.component.component import Component
from spindle.component.trap import Trap
from spindle.errors import ComponentError, UserError
from spindle.text import printable

MOST = 20
"""Frames that are noted."""


def note_places(error: BaseException, component: Component) -> None:
    """Note each frame of a trap's stack, innermost first."""
    if not isinstance(error, Trap) or getattr(error, "__notes__", None):
        return
    with suppress(ComponentError, UserError):  # the file may be gone, or another by now
        for places in component.symbols.places(error.core_frames[:MOST]):
            for place in places:
                at = f" at {place.file}:{place.line}" if place.file else ""
                error.add_note(printable(f"  in {place.function or '?'}{at}"))
