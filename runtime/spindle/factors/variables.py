"""Variables for guests: Spin's own interfaces, old and new, and `wasi:config`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from spindle.app import App, AppComponent
from spindle.component.host import HostInterface
from spindle.component.values import Err, Ok
from spindle.exchange import Secret
from spindle.factors.factor import Factor
from spindle.factors.recording import note
from spindle.factors.state import InstanceState
from spindle.variables import Resolver, VariableError

_OLD_CASES = {"undefined": "provider", "invalid-name": "invalid-key", "provider": "other"}
"""The words of `fermyon:spin/config` where they differ."""
_CONFIG = "wasi:config/store"


def _hidden(task: Any, name: str, value: str) -> object:
    """The value as it may be recorded."""
    state = task.inst.state
    secret = state.factors["variables"].secret(state.component_id, name)
    return Secret(secret) if secret is not None else value


async def _resolve(task: Any, interface: str, name: str) -> str:
    """A component's variable, noted on the invocation; raises `VariableError`."""
    state, began = task.inst.state, time.perf_counter_ns()
    state.touched = True
    try:
        value: str = await state.factors["variables"].resolve(state.component_id, name)
    except VariableError as error:
        note(task, interface, "get", (name,), {"error": str(error)}, began)
        raise
    note(task, interface, "get", (name,), _hidden(task, name, value), began)
    return value


def _get(interface: str, cases: Mapping[str, str]) -> Any:
    async def get(task: Any, name: str) -> Ok | Err:
        try:
            return Ok(await _resolve(task, interface, name))
        except VariableError as error:
            return Err((cases.get(error.reason, error.reason), str(error)))

    return get


async def _config_get(task: Any, name: str) -> Ok | Err:
    try:
        return Ok(await _resolve(task, _CONFIG, name))
    except VariableError as error:
        missing = error.reason in ("undefined", "invalid-name")
        return Ok(None) if missing else Err(_config_error(error))


async def _config_get_all(task: Any) -> Ok | Err:
    state, began = task.inst.state, time.perf_counter_ns()
    state.touched = True
    try:
        found = await state.factors["variables"].resolve_all(state.component_id)
    except VariableError as error:
        note(task, _CONFIG, "get-all", (), {"error": str(error)}, began)
        return Err(_config_error(error))
    shown = {name: _hidden(task, name, value) for name, value in found.items()}
    note(task, _CONFIG, "get-all", (), shown, began)
    return Ok(list(found.items()))


def _config_error(error: VariableError) -> tuple[str, str]:
    return "upstream" if error.reason == "provider" else "io", str(error)


def _only_get(interface: str, cases: Mapping[str, str] | None = None) -> HostInterface:
    return HostInterface({"get": _get(interface, cases or {})})


INTERFACES = {
    "fermyon:spin/variables@2.0.0": _only_get("fermyon:spin/variables"),
    "spin:variables/variables@3.0.0": _only_get("spin:variables/variables"),
    "fermyon:spin/config": HostInterface({"get-config": _get("fermyon:spin/config", _OLD_CASES)}),
    "wasi:config/store@0.2.0-draft-2024-09-27": HostInterface(
        {"get": _config_get, "get-all": _config_get_all}
    ),
}


class VariablesFactor(Factor):
    """Variables of an application's components."""

    def __init__(self, resolver: Callable[[], Resolver]) -> None:
        """`resolver` gives that of the application there is now."""
        self._resolver = resolver

    def init(self) -> Mapping[str, HostInterface]:
        """All interfaces variables are read by."""
        return INTERFACES

    def configure_app(self, app: App) -> None:
        """Whether all are resolved is asked before the application starts, not here."""

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """The resolver, which has nothing for a component without variables."""
        resolver = self._resolver()
        if not component.variables:
            resolver = replace(resolver, components={component.id: {}})
        state.factors["variables"] = resolver
