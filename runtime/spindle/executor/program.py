"""A Spin component that is loaded, linked and ready to have instances."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from spindle.app import AppComponent, Sources
from spindle.executor.grants import Grants
from spindle.executor.output import Log

if TYPE_CHECKING:
    from spindle.component.component import Component
    from spindle.component.imports import Imports
    from spindle.component.run_queue import RunQueue
    from spindle.component.store import Store
    from spindle.component.symbols import Symbols


class Handling(Protocol):
    """One call of a handler."""

    @property
    def arguments(self) -> list[Any]:
        """What the exported function is called with."""
        ...

    def returned(self, store: Store, result: Any) -> None:
        """Answer with what it returned, if that is where its answer is."""


class Handler(Protocol):
    """How a component is called for a trigger."""

    @property
    def path(self) -> tuple[str, ...]:
        """The exported function, behind its interface if it is in one."""
        ...

    @property
    def is_async(self) -> bool:
        """Whether an instance may be called several times, at the same time too."""
        ...

    @property
    def methods(self) -> frozenset[str] | None:
        """The only HTTP methods it can be asked with; None for all."""
        ...

    @property
    def takes_whole(self) -> bool:
        """Whether an HTTP request's body must be there before it is called."""
        ...

    @property
    def handling(self) -> Callable[[Any, Callable[[Any], None]], Handling]:
        """Begins a call: takes what came in, and who is told the answer."""
        ...


@dataclass(slots=True, eq=False)
class Program:
    """One build of a component: what its instances are made from."""

    id: str
    """The Spin component's id."""
    component: Component
    handler: Handler
    imports: Imports
    queue: RunQueue
    grants: Grants
    log: Log
    build: str = ""
    """The build's id: see `build_id`."""
    stale: bool = False
    """Whether there are newer sources, which can't be built."""
    sources: Sources | None = None
    """What its instances are given before they are called; None if it has all it needs."""

    @property
    def export(self) -> str:
        """What of it is called."""
        return "#".join(self.handler.path)

    @property
    def symbols(self) -> Symbols:
        """Where its sources are."""
        return self.component.symbols


def build_id(digest: str, component: AppComponent) -> str:
    """What tells a build from others: twelve hex digits of its content and its configuration."""
    effective = component._replace(build=None, description="")
    return hashlib.sha256(f"{digest}\n{effective!r}".encode()).hexdigest()[:12]
