"""A Spin component that is loaded, linked and ready to have instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spindle.errors import ComponentError
from spindle.executor.output import Log
from spindle.factors import InstanceState
from spindle.factors.wasi.http.handlers import Handler, handlers_of

if TYPE_CHECKING:
    from spindle.component.component import Component
    from spindle.component.imports import Imports
    from spindle.component.run_queue import RunQueue

_HANDLERS = (
    "wasi:http/incoming-handler@0.2.*",
    "wasi:http/handler@0.3.*",
    "wasi:http/handler@0.3.0-rc-2026-03-15",
)


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
    prepared: InstanceState
    """What instances begin with."""
    log: Log


def http_handler(component_id: str, component: Component) -> Handler:
    """The one HTTP handler a component exports; raises `NoHandler`."""
    handlers = handlers_of(component.exports)
    if len(handlers) == 1:
        return handlers[0]
    if handlers:
        raise NoHandler(
            f"component `{component_id}` exports multiple different handlers but it's expected to "
            "export only one",
            hints=(f"it exports {_quoted(handler.export for handler in handlers)}",),
        )
    exported = _quoted(component.exports) or "nothing"
    raise NoHandler(
        f"component `{component_id}` exports no HTTP handler: expected one of {_quoted(_HANDLERS)}",
        hints=(
            f"it exports {exported}",
            "it may be meant for another trigger, or for the executor `wagi`",
        ),
    )


def _quoted(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)
