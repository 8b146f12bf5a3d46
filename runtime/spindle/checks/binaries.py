"""What the components of an application are on disk, read once for each change of a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from spindle.callers import COMMAND, callers_of
from spindle.checks.stamps import Stamp, stamp_of
from spindle.interfaces import Import, needed_imports

if TYPE_CHECKING:
    from spindle.wasm.outline import Outline

_IMPORTS_ALL = ("componentize-py", "component-init-transform")
"""Tools whose components import all of a world, whatever the code in them calls."""
_IMPORTS_HTTP = ("ComponentizeJS",)
"""Tools whose components import HTTP even if nothing in them calls it."""
_BY_LIBRARIES = ("wasi:sockets",)
"""Packages that the standard libraries of languages import, whatever is called."""
_HTTP = ("wasi:http",)


@dataclass(frozen=True)
class Binary:
    """A component or core module in a file; what follows from it is found once."""

    is_component: bool
    imports: tuple[str, ...]
    """By full name, those of the component that a core module is made into; a command has none."""
    exports: tuple[str, ...]
    tools: tuple[str, ...]
    """What processed it, as it says itself."""

    def called_by(self, trigger: str) -> tuple[str, ...]:
        """The exports a trigger (`trigger.http`) or executor (`executor wagi`) can call."""
        return self._callers.get(trigger, ())

    @cached_property
    def _callers(self) -> dict[str, tuple[str, ...]]:
        called: dict[str, tuple[str, ...]] = {}
        for name in self.exports:
            for caller in callers_of(name):
                called[caller] = (*called.get(caller, ()), name)
        return called

    @cached_property
    def used_grants(self) -> frozenset[str | None]:
        """The keys of a component that something is imported for."""
        return frozenset(item.grant for item in needed_imports(self.imports))

    @cached_property
    def unknown_imports(self) -> tuple[Import, ...]:
        """Those that the host doesn't have."""
        return tuple(
            item
            for item in needed_imports(self.imports)
            if item.interface is None and ":" in item.name
        )

    @cached_property
    def called_imports(self) -> tuple[Import, ...]:
        """Those whose functions the code may well call, and that something must be granted for."""
        return tuple(item for item in needed_imports(self._evidence) if item.grant is not None)

    @property
    def _evidence(self) -> tuple[str, ...]:
        """The imports that show that the code may well call what is imported."""
        if any(tool in self.tools for tool in _IMPORTS_ALL):
            return ()
        silent: tuple[str, ...] = _BY_LIBRARIES
        if any(tool in self.tools for tool in _IMPORTS_HTTP):
            silent += _HTTP
        return tuple(name for name in self.imports if name.partition("/")[0] not in silent)


class Binaries:
    """The files that one manifest names; each is asked for once."""

    def __init__(self, root: Path, *, wanted: bool = True) -> None:
        self._root = str(root)
        self._wanted = wanted
        self._known: dict[str, Binary | None] = {}

    def of(self, source: object) -> Binary | None:
        """What a source is; None if it is elsewhere, not built, not readable or not wanted."""
        if not self._wanted or not isinstance(source, str):
            return None
        if source not in self._known:
            self._known[source] = binary_at(f"{self._root}/{source}")
        return self._known[source]


NO_BINARIES = Binaries(Path(), wanted=False)


def binary_at(path: str) -> Binary | None:
    """What a file is; None when it is not there or no wasm that can be read."""
    stamp = stamp_of(path)
    return None if stamp is None else _binary(path, stamp)


@lru_cache(maxsize=1024)
def _binary(path: str, _stamp: Stamp) -> Binary | None:
    from spindle.wasm import look_at
    from spindle.wasm.decoder import Kind

    file = look_at(Path(path))
    if file is None:
        return None
    if file.outline.kind is Kind.MODULE:
        return _module(path)
    return _component(file.outline, is_component=True)


def _component(outline: Outline, *, is_component: bool) -> Binary:
    tools = dict.fromkeys(
        name
        for part in outline.walk()
        for field, name, _ in part.producers
        if field == "processed-by"
    )
    return Binary(is_component, tuple(outline.imports), tuple(outline.exports), tuple(tools))


def _module(path: str) -> Binary | None:
    """A core module, as the component it is made into; None for one of no known kind."""
    from spindle.componentize import component_around
    from spindle.errors import ComponentError
    from spindle.wasm.modules import read_module
    from spindle.wasm.outline import read_outline

    try:
        data = Path(path).read_bytes()
        try:
            return _component(read_outline(component_around(data)), is_component=False)
        except ComponentError:
            is_command = any(item.name == COMMAND for item in read_module(data).exports)
            return Binary(False, (), (COMMAND,), ()) if is_command else None
    except (OSError, ValueError, ComponentError):
        return None
