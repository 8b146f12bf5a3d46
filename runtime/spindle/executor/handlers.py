"""Which of a component's exports a trigger calls; a good component has exactly one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.callers import CALLERS, FUNCTIONS, callers_of
from spindle.errors import ComponentError
from spindle.factors.wasi.http.handlers import Handler, handlers_of
from spindle.interfaces import INTERFACES, nearest_interface
from spindle.text import quoted_list

if TYPE_CHECKING:
    from spindle.component.component import Component
    from spindle.component.store import Store

_HTTP = (
    "wasi:http/incoming-handler@0.2.*",
    "wasi:http/handler@0.3.*",
    "wasi:http/incoming-handler@0.2.0-rc-2023-10-18",
    "wasi:http/incoming-handler@0.2.0-rc-2023-11-10",
    "wasi:http/handler@0.3.0-rc-2026-03-15",
    "fermyon:spin/inbound-http",
)
_MESSAGE = "handle-message"
"""The function of every interface that triggers other than HTTP call."""
_EXPORTED = frozenset(interface.name for interface in INTERFACES if interface.exported)


class NoHandler(ComponentError):
    """A component exports nothing, or too much, that its trigger could call."""

    code = "no-handler"


class HandlingEvent:
    """One call of a handler that answers with a `result`."""

    __slots__ = ("_answer", "arguments")

    def __init__(self, arguments: tuple[Any, ...], answer: Callable[[Any], None]) -> None:
        self.arguments = list(arguments)
        self._answer = answer

    def returned(self, _store: Store, result: Any) -> None:
        """Answer with what the guest returned."""
        self._answer(result)


class EventHandler(NamedTuple):
    """How a component handles the events of triggers other than HTTP: an instance for each."""

    path: tuple[str, ...]
    is_async: bool = False
    methods: frozenset[str] | None = None
    takes_whole: bool = False
    handling: type[HandlingEvent] = HandlingEvent


def http_handler(component_id: str, component: Component) -> Handler:
    """The one HTTP handler a component exports; raises `NoHandler`."""
    handlers = handlers_of(component.exports)
    expected = f"expected one of {quoted_list(_HTTP)}"
    name = _only([h.export for h in handlers], component_id, component, "trigger.http", expected)
    return next(handler for handler in handlers if handler.export == name)


def event_handler(component_id: str, component: Component, trigger: str) -> EventHandler:
    """The one handler a component exports for a type of trigger; raises `NoHandler`."""
    caller = f"trigger.{trigger}"
    names = [name for name in component.exports if caller in callers_of(name)]
    expected = f"expected {CALLERS[caller].expected}"
    name = _only(names, component_id, component, caller, expected)
    return EventHandler((name,) if name in FUNCTIONS else (name, _MESSAGE))


def _only(
    names: list[str], component_id: str, component: Component, caller: str, expected: str
) -> str:
    if len(names) == 1:
        component.check_callable(names[0])
        return names[0]
    if names:
        raise NoHandler(
            f"component `{component_id}` exports multiple different handlers but it's expected to "
            "export only one",
            hints=(f"it exports {quoted_list(names)}",),
        )
    raise NoHandler(
        f"component `{component_id}` exports no {CALLERS[caller].handler}: {expected}",
        hints=(
            f"it exports {quoted_list(component.exports) or 'nothing'}",
            *(_hints_on(component.exports) or [_MAYBE]),
        ),
    )


_MAYBE = "it may be meant for another trigger"


def _hints_on(exports: Iterable[str]) -> list[str]:
    """What exports that are no such handlers are for, or should perhaps have been."""
    found = []
    for name in exports:
        if callers := callers_of(name):
            found.append(f"`{name}` {CALLERS[callers[0]].advice}")
        elif (near := nearest_interface(name)) and near.partition("@")[0] in _EXPORTED:
            found.append(f"`{name}` is not hosted; the nearest is `{near}`")
    return found
