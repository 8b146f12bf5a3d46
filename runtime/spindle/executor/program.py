"""A Spin component that is loaded, linked and ready to have instances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spindle.errors import ComponentError
from spindle.executor.grants import Grants
from spindle.executor.output import Log
from spindle.factors.wasi.http.handlers import Handler, handlers_of
from spindle.interfaces import INTERFACES, nearest_interface

if TYPE_CHECKING:
    from spindle.component.component import Component
    from spindle.component.imports import Imports
    from spindle.component.run_queue import RunQueue
    from spindle.component.symbols import Symbols

_HANDLERS = (
    "wasi:http/incoming-handler@0.2.*",
    "wasi:http/handler@0.3.*",
    "wasi:http/incoming-handler@0.2.0-rc-2023-10-18",
    "wasi:http/incoming-handler@0.2.0-rc-2023-11-10",
    "wasi:http/handler@0.3.0-rc-2026-03-15",
    "fermyon:spin/inbound-http",
)

_OTHERS = {
    "fermyon:spin/inbound-redis": "`{}` is for the trigger `redis`",
    "spin:redis/inbound-redis": "`{}` is for the trigger `redis`",
    "wasi:cli/run": '`{}` is for commands: say `executor = {{ type = "wagi" }}` in its trigger',
}
"""What other exports are for that a trigger could call."""


class NoHandler(ComponentError):
    """A component exports nothing, or too much, that its trigger could call."""

    code = "no-handler"


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

    @property
    def export(self) -> str:
        """What of it is called."""
        return f"{self.handler.export}#{self.handler.function}"

    @property
    def symbols(self) -> Symbols:
        """Where its sources are."""
        return self.component.symbols


def http_handler(component_id: str, component: Component) -> Handler:
    """The one HTTP handler a component exports; raises `NoHandler`."""
    handlers = handlers_of(component.exports)
    if len(handlers) == 1:
        component.check_callable(handlers[0].export)
        return handlers[0]
    if handlers:
        raise NoHandler(
            f"component `{component_id}` exports multiple different handlers but it's expected to "
            "export only one",
            hints=(f"it exports {_quoted(handler.export for handler in handlers)}",),
        )
    raise NoHandler(
        f"component `{component_id}` exports no HTTP handler: expected one of {_quoted(_HANDLERS)}",
        hints=(
            f"it exports {_quoted(component.exports) or 'nothing'}",
            *(hints_on(component.exports) or [_MAYBE]),
        ),
    )


_MAYBE = "it may be meant for another trigger"


def hints_on(exports: Iterable[str]) -> list[str]:
    """What exports that are no HTTP handlers are for, or should perhaps have been."""
    found = []
    for name in exports:
        bare = name.partition("@")[0]
        if bare in _OTHERS:
            found.append(_OTHERS[bare].format(name))
        elif (near := nearest_interface(name)) and near.partition("@")[0] in _EXPORTED:
            found.append(f"`{name}` is not hosted; the nearest is `{near}`")
    return found


_EXPORTED = frozenset(interface.name for interface in INTERFACES if interface.exported)


def _quoted(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)
