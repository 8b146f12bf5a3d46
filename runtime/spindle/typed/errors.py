"""What can be wrong with a typed call."""

from __future__ import annotations

from typing import Any

from spindle.component.values import ValueTypeError
from spindle.errors import GuestError, UserError


class WitError(GuestError):
    """The error that a function of type `result` gave.

    A mock raises it, too, to have the function it stands for give an error.
    """

    code = "wit-error"

    def __init__(self, payload: Any = None, function: str | None = None) -> None:
        said = "an error" if payload is None else f"the error {payload!r}"
        super().__init__(said if function is None else f"`{function}` gave {said}")
        self.payload = payload
        """What the guest said of it; None if nothing."""


class ArgumentError(ValueTypeError):
    """An argument doesn't fit its parameter's type; nothing was called."""

    code = "argument"


class UnusableResource(UserError):
    """A resource was dropped, given away, or belongs to an instance that is gone."""

    code = "unusable-resource"


class ReenteredError(UserError):
    """A component was called by what it calls itself."""

    code = "reentered"


class UnknownExport(UserError, AttributeError):
    """A component has no such export."""

    code = "unknown-export"
