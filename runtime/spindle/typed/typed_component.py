"""A component as an object: what it exports are attributes, typed as its WIT says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeAlias

from spindle.component.component import Component
from spindle.component.content import as_component, read
from spindle.component.imports import Imports
from spindle.component.plan import ExportedInstance, ImportedFunc
from spindle.component.values import attribute
from spindle.composition import Dependency, Part, assemble, read_part
from spindle.errors import ComponentError
from spindle.factors import InstanceState
from spindle.factors.wasi import wasi_interfaces
from spindle.limits import DEFAULT, Limits
from spindle.text import printable
from spindle.typed.exports import Exporter, Namespace, unknown
from spindle.typed.home import Home
from spindle.typed.mocks import Importer, Mock
from spindle.typed.naming import safe
from spindle.typed.tree import drawn, members, world_tree
from spindle.wasm.names import InterfaceName, parse_extern_name
from spindle.wasm.types import ExternType, InstanceType

Source: TypeAlias = str | Path | bytes
"""A file, or the bytes of a component; either may be text in WAT."""
Given: TypeAlias = Mapping[str, Any]
"""By interface, functions by name; or functions by name, of those imported by themselves."""


def component(
    source: Source,
    *,
    imports: Given | None = None,
    dependencies: Mapping[str, Source] | None = None,
    limits: Limits = DEFAULT,
) -> TypedComponent:
    """A component to call from Python: `component("lib.wasm").math.add(2, 3)`.

    It gets WASI without files, environment or network; `imports` answers whatever else it asks
    for, `{"a:b/c": {"f": function}}`, and `dependencies` composes it with other components first.
    Raises `UserError` for a file that cannot be read and `ComponentError` for one that is none.
    """
    name = "component" if isinstance(source, bytes) else Path(source).name
    if dependencies:
        source = _composed(name, source, dependencies)
    return TypedComponent(name, Component.load(_binary(source)), imports or {}, limits)


def _binary(source: Source) -> Path | bytes:
    """A source that is no text; a file stays one, for what is known of it need not be read."""
    if isinstance(source, bytes):
        return _from_text(source) if _is_text(source) else source
    path = Path(source).expanduser()
    if path.suffix in (".wat", ".wast"):
        return _from_text(read(path))
    return path


def _is_text(data: bytes) -> bool:
    return data.lstrip()[:1] in (b"(", b";")


def _from_text(data: bytes) -> bytes:
    from spindle.component.core import CoreError, wat_to_wasm

    try:
        return wat_to_wasm(data.decode("utf-8", "replace"))
    except CoreError as error:
        raise ComponentError(f"the text is no component: {error}") from None


def _composed(name: str, source: Source, dependencies: Mapping[str, Source]) -> bytes:
    needed = [Dependency(wanted, _part(wanted, one)) for wanted, one in dependencies.items()]
    return bytes(assemble(_part(name, source), needed))


def _part(name: str, source: Source) -> Part:
    binary = _binary(source)
    data = binary if isinstance(binary, bytes) else read(binary)
    return read_part(name, as_component(data))


class TypedComponent:
    """A component; the interfaces and functions it exports are its attributes.

    `aio` has the same with results to await. An instance is made at the first call, and a new one
    after a trap. Use it from any thread; close it, or use it as a context manager.
    """

    def __init__(self, name: str, loaded: Component, imports: Given, limits: Limits) -> None:
        plan = loaded.plan
        real = Imports(wasi_interfaces(), lenient=True)
        home = Home(loaded, real, _state, limits)
        exporter = Exporter(home)
        for extern in plan.import_types.values():
            if isinstance(extern, InstanceType):
                exporter.learn(extern.exports, own=False)
        functions = [func for func in plan.funcs if isinstance(func, ImportedFunc)]
        self._importer = Importer(functions, real, exporter.conversions)
        home.imports = self._importer.imports()
        self._name = printable(name)
        self._loaded = loaded
        self._home = home
        self._exporter = exporter
        self._interfaces = _interface_names(plan.export_types)
        """Interfaces by the attribute they are reached by."""
        self._attributes: dict[str, Any] = {}
        self._makers = self._root(awaited=False)
        self._provide(imports)

    def _provide(self, imports: Given) -> None:
        for name, given in imports.items():
            if isinstance(given, Mapping):
                self._importer.add(self._importer.found(name, given))
            else:
                self._importer.add(self._importer.found("", {name: given}))

    def _root(self, *, awaited: bool) -> dict[str, Callable[[], Any]]:
        plan = self._loaded.plan
        makers: dict[str, Callable[[], Any]] = {}
        for name, label in self._interfaces.items():
            makers[name] = partial(self._interface, label, awaited=awaited)
        own = self._exporter.members((), plan.export_types, plan.exports, awaited=awaited)
        return makers | {safe(name, _OWN): make for name, make in own.items()}

    def _interface(self, label: str, *, awaited: bool) -> Namespace:
        plan = self._loaded.plan
        extern, exported = plan.export_types[label], plan.exports.get(label)
        assert isinstance(extern, InstanceType)
        plans = exported.exports if isinstance(exported, ExportedInstance) else {}
        makers = self._exporter.members((label,), extern.exports, plans, awaited=awaited)
        text = drawn(printable(label), members(extern.exports))
        return Namespace(f"`{printable(label)}`", makers, text)

    @property
    def aio(self) -> Namespace:
        """The same exports, with results to await."""
        if "aio" not in self._attributes:
            what = f"`{self._name}`"
            self._attributes["aio"] = Namespace(what, self._root(awaited=True), repr(self))
        made: Namespace = self._attributes["aio"]
        return made

    @property
    def imports(self) -> tuple[str, ...]:
        """The interfaces and functions it imports."""
        return tuple(self._loaded.imports)

    @property
    def exports(self) -> tuple[str, ...]:
        """The interfaces and functions it exports."""
        return tuple(self._loaded.exports)

    def mock(self, interface: str, **functions: Any) -> Mock:
        """Answer imports by Python functions for a block; `""` is for those without an interface.

        with c.mock("wasi:clocks/wall-clock", now=lambda: (0, 0)) as clock:
            c.run()
        clock.assert_called("now")
        """
        return Mock(self._importer, interface, functions)

    def reset(self) -> None:
        """Have a new instance at the next call; resources of the one there is are gone."""
        self._home.reset()

    def close(self) -> None:
        """Free everything; nothing can be called any more."""
        self._home.close()

    def __getitem__(self, name: str) -> Any:
        """An interface or function by its name in WIT."""
        for attribute_, label in self._interfaces.items():
            if name in (label, label.partition("@")[0]):
                return getattr(self, attribute_)
        return getattr(self, safe(attribute(name), _OWN))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "_makers" not in self.__dict__:
            raise AttributeError(name)
        if name not in self._makers:
            raise unknown(f"`{self._name}`", name, self._makers)
        made = self.__dict__[name] = self._makers[name]()
        return made

    def __dir__(self) -> Iterable[str]:
        return sorted({*self._makers, *_OWN})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        plan = self._loaded.plan
        return drawn(self._name, world_tree(plan.import_types, plan.export_types))


_OWN = ("aio", "close", "exports", "imports", "mock", "reset")


def _interface_names(exports: Mapping[str, ExternType]) -> dict[str, str]:
    """Attributes of interfaces: the last part of their names, or all of it where two have that."""
    made: dict[str, str] = {}
    for label, extern in exports.items():
        if not isinstance(extern, InstanceType):
            continue
        parsed = parse_extern_name(label)
        short = parsed.interface if isinstance(parsed, InterfaceName) else label
        name = safe(attribute(short), _OWN)
        if name in made:
            name = "".join(c if c.isalnum() else "_" for c in label)
        made[name] = label
    return made


def _state() -> InstanceState:
    """What an instance may do: nothing but print."""
    return InstanceState(stdout=partial(_print, "stdout"), stderr=partial(_print, "stderr"))


def _print(stream: str, data: bytes) -> None:
    getattr(sys, stream).write(data.decode("utf-8", "replace"))
