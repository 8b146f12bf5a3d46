"""Traps: how a guest that broke a rule, or hit `unreachable`, is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from spindle.errors import GuestError

if TYPE_CHECKING:
    from spindle.component.core import CoreFrame
    from spindle.component.instance import ComponentInstance


class Trap(GuestError):
    """A guest stopped for good; its instance must not be entered again."""

    code = "trap"

    def __init__(self, reason: str, frames: tuple[CoreFrame, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.core_frames = frames
        """The guest's core stack, innermost first."""
        self.inst: ComponentInstance | None = None
        """The component instance it happened in, if that is known."""


def trap(reason: str) -> NoReturn:
    """Stop the guest."""
    raise Trap(reason)


def trap_if(condition: object, reason: str) -> None:
    """Stop the guest if it broke a rule; `reason` completes "the guest …"."""
    if condition:
        raise Trap(reason)
