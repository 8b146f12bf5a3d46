"""What a core module's imports are made of: component functions lowered, and built-ins.

Spec: Explainer.md#canonical-definitions; wit-component's names for core modules (`names`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from spindle.componentize.names import (
    OWN,
    ROOT,
    Function,
    Meaning,
    Payload,
    Resource,
    read_name,
)
from spindle.componentize.payloads import payloads_of
from spindle.componentize.worlds import Wanted
from spindle.errors import ComponentError
from spindle.text import nearest_name
from spindle.wasm import preview1
from spindle.wasm.canon_options import (
    MAX_FLAT_ASYNC_PARAMS,
    MAX_FLAT_PARAMS,
    MAX_FLAT_RESULTS,
    flat_count,
    result_types,
    uses_memory,
)
from spindle.wasm.canonical import CanonBuiltin
from spindle.wasm.facts import FactBook
from spindle.wasm.subtyping import bound_type
from spindle.wasm.types import (
    CoreImportDecl,
    ExternType,
    FuncType,
    InstanceType,
    ResourceType,
    SubResource,
    TypeEq,
    ValType,
)


class ComponentizeError(ComponentError):
    """A core module cannot be made a component."""

    code = "componentize"


class Needs(NamedTuple):
    """What of a module its import can't be made without."""

    memory: bool = False
    realloc: bool = False


class CoreImport(NamedTuple):
    """One function that a module imports."""

    declared: CoreImportDecl
    interface: str
    """What the module calls the interface, without the mark of its own."""
    meaning: Meaning
    needs: Needs
    type: FuncType | None = None
    """Of the function that it is, or that it is about."""
    subject: ResourceType | ValType | None = None
    """The resource, stream or future type that a built-in is about."""

    @property
    def is_preview1(self) -> bool:
        """Whether it is a function of WASI preview 1."""
        return self.declared.module in preview1.MODULES


class ImportReader:
    """Finds what a module's imports mean in its world."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._book = FactBook()

    def read(self, declared: CoreImportDecl) -> CoreImport:
        """What one import is; raises `ComponentizeError` if it is nothing."""
        if declared.module in preview1.MODULES:
            return _preview1(declared)
        interface = declared.module.removeprefix(OWN)
        meaning = read_name(declared.name)
        if isinstance(meaning, CanonBuiltin):
            return CoreImport(declared, interface, meaning, _needs_of_builtin(meaning))
        items = self._items(declared)
        if isinstance(meaning, Resource):
            resource = _resource(declared, items.get(meaning.name))
            return CoreImport(declared, interface, meaning, Needs(), None, resource)
        type = items.get(meaning.name)
        if not isinstance(type, FuncType):
            raise _unknown(declared, meaning.name, items)
        if isinstance(meaning, Payload):
            return self._payload(declared, interface, meaning, type)
        needs = (
            self._lowered(meaning, type) if isinstance(meaning, Function) else self._returned(type)
        )
        return CoreImport(declared, interface, meaning, needs, type)

    def _items(self, declared: CoreImportDecl) -> Mapping[str, ExternType]:
        """What the interface of an import has."""
        module = declared.module
        if module == ROOT:
            return {root.name: root.extern for root in self._wanted.roots}
        if module == OWN + ROOT:
            return self._wanted.exports
        if module.startswith(OWN):
            extern = self._wanted.exports.get(module.removeprefix(OWN))
        else:
            root = self._wanted.find(module)
            extern = None if root is None else root.extern
        if not isinstance(extern, InstanceType):
            raise ComponentizeError(
                f"the module imports `{module}#{declared.name}`, but its world has no `{module}`",
                hints=("build it with one version of the bindings generator and its tools",),
            )
        return extern.exports

    def _payload(
        self, declared: CoreImportDecl, interface: str, meaning: Payload, type: FuncType
    ) -> CoreImport:
        found = payloads_of(type)
        subject = found[meaning.number] if meaning.number < len(found) else None
        if subject is None or not subject.__class__.__name__.lower().startswith(meaning.kind):
            raise ComponentizeError(
                f"the module imports `{declared.module}#{declared.name}`, but the function has no "
                f"such {meaning.kind}"
            )
        copies = meaning.builtin.endswith((".read", ".write")) and subject.element is not None
        pointed = subject.element is not None and uses_memory(self._book, [subject.element])
        needs = Needs(copies, pointed and meaning.builtin.endswith(".read"))
        return CoreImport(declared, interface, meaning, needs, type, subject)

    def _lowered(self, meaning: Function, type: FuncType) -> Needs:
        params, results = [param.type for param in type.params], result_types(type)
        limit = MAX_FLAT_ASYNC_PARAMS if meaning.is_async else MAX_FLAT_PARAMS
        spilled = flat_count(self._book, params) > limit
        returned = flat_count(self._book, results) > (0 if meaning.is_async else MAX_FLAT_RESULTS)
        pointed = uses_memory(self._book, results)
        return Needs(spilled or returned or pointed or uses_memory(self._book, params), pointed)

    def _returned(self, type: FuncType) -> Needs:
        results = result_types(type)
        spilled = flat_count(self._book, results) > MAX_FLAT_PARAMS
        return Needs(spilled or uses_memory(self._book, results))


def _preview1(declared: CoreImportDecl) -> CoreImport:
    known = preview1.FUNCTIONS.get(declared.name)
    if known is None or known != declared.type:
        near = nearest_name(declared.name, preview1.FUNCTIONS) if known is None else None
        problem = "which is not in it" if known is None else "by another type than it has"
        raise ComponentizeError(
            f"the module imports `{declared.name}` of WASI preview 1, {problem}",
            hints=(f"did you mean `{near}`?",) if near else (),
        )
    meaning = Function(preview1.component_name(declared.name), False)
    type = preview1.component_type(known)
    return CoreImport(declared, preview1.INTERFACE, meaning, Needs(memory=True), type)


def _needs_of_builtin(builtin: CanonBuiltin) -> Needs:
    name = builtin.name
    if name.startswith("error-context.") and not name.endswith(".drop"):
        return Needs(True, name.endswith(".debug-message"))
    return Needs(name in ("waitable-set.wait", "waitable-set.poll"))


def _resource(declared: CoreImportDecl, extern: ExternType | None) -> ResourceType:
    if isinstance(extern, TypeEq | SubResource):
        bound = bound_type(extern)
        if isinstance(bound, ResourceType):
            return bound
    problem = "but its world has no such resource"
    raise ComponentizeError(f"the module imports `{declared.module}#{declared.name}`, {problem}")


def _unknown(
    declared: CoreImportDecl, name: str, items: Mapping[str, ExternType]
) -> ComponentizeError:
    near = nearest_name(name, items)
    label = f"{declared.module}#{declared.name}"
    return ComponentizeError(
        f"the module imports `{label}`, but its world has no such function",
        hints=(f"the nearest it has is `{near}`",) if near else (),
    )
