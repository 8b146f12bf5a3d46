"""Resources: a guest's handles on them, and guests' own resources in the host's hands.

Spec: CanonicalABI.md#resource-state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle.component.values import ValueTypeError

if TYPE_CHECKING:
    from spindle.component.instance import ComponentInstance
    from spindle.component.task import Task
    from spindle.wasm.types import ResourceType


class ResourceHandle:
    """An entry of a guest's table: a resource it owns or was lent."""

    __slots__ = ("borrow_scope", "num_lends", "own", "rep", "rt")

    def __init__(
        self, rt: ResourceType, rep: Any, own: bool, borrow_scope: Task | None = None
    ) -> None:
        self.rt = rt
        self.rep = rep
        """An i32 of the guest that implements the type, or the host's object."""
        self.own = own
        self.borrow_scope = borrow_scope
        """The task a borrow was lent to."""
        self.num_lends = 0
        """Borrows of this handle that are still out."""


class Resource:
    """A resource that a guest implements, while the host (or a call under way) holds it.

    Passing an owned one to a guest gives it away; after that it is `gone`.
    """

    __slots__ = ("gone", "own", "owner", "rep", "rt")

    def __init__(self, rt: ResourceType, rep: int, owner: ComponentInstance, own: bool) -> None:
        self.rt = rt
        self.rep = rep
        self.owner = owner
        """The instance that implements the type."""
        self.own = own
        """Whether it is owned rather than borrowed for the time of a call."""
        self.gone = False

    def __repr__(self) -> str:
        state = "gone" if self.gone else "own" if self.own else "borrow"
        return f"<Resource {self.rt.name or 'unnamed'} {self.rep} ({state})>"

    def give_away(self) -> int:
        """End the host's ownership; gives the representation."""
        if self.gone or not self.own:
            raise ValueTypeError(f"expected an owned resource, got {self!r}")
        self.gone = True
        return self.rep
