"""Subtasks: calls of imported functions, as their caller sees them.

Spec: CanonicalABI.md#subtask-state.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from spindle.component.trap import trap_if
from spindle.component.waitable import Waitable

if TYPE_CHECKING:
    from spindle.component.core import CoreValue
    from spindle.component.resource import ResourceHandle
    from spindle.component.task import OnCancel


class SubtaskState(IntEnum):
    """How far the call is."""

    STARTING = 0
    STARTED = 1
    RETURNED = 2
    CANCELLED_BEFORE_STARTED = 3
    CANCELLED_BEFORE_RETURNED = 4


_STARTING, _RETURNED = SubtaskState.STARTING, SubtaskState.RETURNED


class Subtask(Waitable):
    """One call of an import."""

    __slots__ = ("cancellation_requested", "flat_results", "lenders", "on_cancel", "state")

    def __init__(self) -> None:
        super().__init__()
        self.state = _STARTING
        self.on_cancel: OnCancel | None = None
        self.lenders: list[ResourceHandle] | None = []
        """The handles lent for the call, until its end was delivered."""
        self.cancellation_requested = False
        self.flat_results: list[CoreValue] = []

    def resolved(self) -> bool:
        """Whether the call is over."""
        return self.state >= _RETURNED

    def add_lender(self, lending_handle: ResourceHandle) -> None:
        """Keep a handle from being dropped until the call is over."""
        assert self.lenders is not None
        lending_handle.num_lends += 1
        self.lenders.append(lending_handle)

    def resolve(self, state: SubtaskState, flat_results: list[CoreValue]) -> None:
        """End the call."""
        assert not self.resolved()
        self.state = state
        self.flat_results = flat_results

    def deliver_resolve(self) -> None:
        """Let the caller know, and give back what it lent."""
        assert self.resolved()
        assert self.lenders is not None
        for handle in self.lenders:
            handle.num_lends -= 1
        self.lenders = None

    def resolve_delivered(self) -> bool:
        """Whether the caller knows that the call is over."""
        return self.lenders is None

    def drop(self) -> None:
        """End the subtask, whose end must be known."""
        trap_if(not self.resolve_delivered(), "the guest dropped a subtask that is not resolved")
        super().drop()
