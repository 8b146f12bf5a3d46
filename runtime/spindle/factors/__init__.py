"""Factors: what guests can do beyond computing, a module a capability.

A factor passes through the phases Spin's do: `init`, once, gives the interfaces it serves;
`configure_app` checks an application; `prepare` puts a component's grants into the state its
instances begin with; `build` copies that state for one instance; `close` lets go of what the
factor holds. To add a capability, write its module and list it in `spindle.dev.capabilities`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spindle.app import App, AppComponent, Dependency
from spindle.component.host import HostInterface
from spindle.component.imports import Imports
from spindle.factors.factor import Factor
from spindle.factors.http_error import HttpError
from spindle.factors.interposing import Interposer, interposed
from spindle.factors.state import Clock, Entropy, InstanceState, Scope, SendHttp, Timeouts

if TYPE_CHECKING:
    from spindle.factors.tapes.tape import Tape

SPIN_NAMESPACES = frozenset({"fermyon", "spin", "wasi"})
"""Whose interfaces guests may import although no factor serves them: SDKs import them all."""


class Factors:
    """All factors of a runtime."""

    def __init__(self, factors: Iterable[Factor]) -> None:
        self._factors = tuple(factors)
        interfaces: dict[str, HostInterface] = {}
        for factor in self._factors:
            interfaces.update(factor.init())
        self._interfaces = interfaces
        self._traced = False
        self.imports: Imports
        """What components are linked with; calling what no factor serves traps."""
        self._provide()
        self.new_tape: Callable[[], Tape] | None = None

    def interpose(self, interposer: Interposer) -> None:
        """Have guests call what an interposer gives for each function, once they are linked."""
        self._interfaces = interposed(self._interfaces, interposer)
        self._provide()

    def trace(self) -> None:
        """Have all that guests call noted on traces, once they are linked; whoever answers."""
        self._traced = True
        self._provide()

    def _provide(self) -> None:
        interfaces = self._interfaces
        if self._traced:
            from spindle.factors.tracing import traced  # only here: seldom asked for

            interfaces = interposed(interfaces, traced)
        self.imports = Imports(interfaces, lenient=SPIN_NAMESPACES)

    def tape(self, new_tape: Callable[[], Tape]) -> None:
        """Have a tape of its own between each instance and the host, once they are linked."""
        from spindle.factors.tapes.told import by_tape

        self.interpose(by_tape)
        self.new_tape = new_tape

    def configure_app(self, app: App) -> None:
        """Check an application with every factor; raises the first `UserError`."""
        for factor in self._factors:
            factor.configure_app(app)

    def prepare(
        self, component: AppComponent, dependency: Dependency | None = None
    ) -> InstanceState:
        """What instances of a component, or of a dependency within it, begin with; made once."""
        state = InstanceState(component_id=component.id)
        if dependency is not None:
            state.dependency = dependency.name
            component = component.granting(dependency)
        for factor in self._factors:
            factor.prepare(component, state)
        return state

    async def close(self) -> None:
        """Have every factor let go of what it holds."""
        for factor in self._factors:
            await factor.close()


def build(prepared: InstanceState, **changes: Any) -> InstanceState:
    """The state of one instance: as prepared, with what is this instance's own."""
    return replace(prepared, factors=dict(prepared.factors), **changes)


__all__ = [
    "Clock",
    "Entropy",
    "Factor",
    "Factors",
    "HttpError",
    "InstanceState",
    "Interposer",
    "Scope",
    "SendHttp",
    "Timeouts",
    "build",
]
