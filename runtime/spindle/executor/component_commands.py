"""Commands that are components: `wasi:cli/run`, once, in an instance of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.component.trap import Trap
from spindle.component.values import Ok
from spindle.errors import ComponentError
from spindle.factors.wasi.cli import GuestExit
from spindle.interfaces import find_interface
from spindle.limits import Limits

if TYPE_CHECKING:
    from spindle.component.component import Component
    from spindle.component.core import Engine
    from spindle.component.imports import Imports
    from spindle.component.instantiation import States
    from spindle.component.run_queue import RunQueue
    from spindle.component.symbols import Symbols
    from spindle.factors import InstanceState

_RUN = "wasi:cli/run"


class ComponentCommand(NamedTuple):
    """A component that is loaded and linked, to be run any number of times."""

    component: Component
    imports: Imports
    interface: str
    """What it calls the interface by which it is run."""

    @property
    def engine(self) -> Engine:
        """What it is compiled for."""
        return self.component.engine

    @property
    def digest(self) -> str:
        """Of its bytes."""
        return self.component.digest

    @property
    def export(self) -> str:
        """What is called, for people."""
        return f"{self.interface}#run"

    @property
    def symbols(self) -> Symbols:
        """What tells where in its sources a stack is."""
        return self.component.symbols


def component_command(component: Component, imports: Imports) -> ComponentCommand:
    """A component as a command; raises `ComponentError` if it is none."""
    component.link(imports)
    for name in component.exports:
        hosted = find_interface(name)
        if hosted is not None and hosted.name == _RUN:
            component.check_callable(name)
            return ComponentCommand(component, imports, name)
    exported = ", ".join(f"`{name}`" for name in component.exports) or "nothing"
    raise ComponentError(
        f"the component is no command: it exports {exported}, but no `{_RUN}`",
        hints=("leave `executor` out of its trigger if it exports an HTTP handler",),
    )


async def run_component(
    command: ComponentCommand,
    state: InstanceState,
    nested: States,
    limits: Limits,
    queue: RunQueue,
    scope: Any = None,
) -> int:
    """Run a command to its end; its exit status. Raises `Trap`; cancelling stops the guest.

    `nested` are the states of its dependencies, `scope` is for host functions.
    """
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_failure(error: BaseException) -> None:
        if not ended.done():
            ended.set_exception(error)

    def on_resolve(result: tuple[Any, ...] | None) -> None:
        assert result is not None, "nobody asks a command to cancel"
        if not ended.done():
            ended.set_result(0 if isinstance(result[0], Ok) else 1)

    instance = None
    try:
        instance = command.component.instantiate(
            command.imports, state=state, nested=nested, queue=queue, limits=limits
        )
        instance.store.on_failure = on_failure
        instance.func(command.interface, "run").start([], on_resolve, scope)
        return await ended
    except GuestExit as exit_:
        return exit_.status
    finally:
        if instance is not None:
            _close(instance)


def _close(instance: Any) -> None:
    """Free an instance, whatever it was doing."""
    instance.store.on_failure = _ignore
    if not instance.store.idle:
        instance.store.fail(Trap("the command was stopped"))
    instance.close()


def _ignore(_error: BaseException) -> None:
    return
