"""When one extern type may stand for another.

Spec: Explainer.md#type-checking.
"""

from __future__ import annotations

from spindle.wasm.spelling import spell, spell_func
from spindle.wasm.substitution import Binding, Substitution
from spindle.wasm.types import (
    ComponentType,
    CoreExternType,
    CoreFuncType,
    CoreGlobalType,
    CoreMemoryType,
    CoreTableType,
    CoreTagType,
    DefType,
    ExternType,
    FuncType,
    InstanceType,
    Limits,
    ModuleType,
    OpaqueCoreType,
    ResourceType,
    SubResource,
    TypeEq,
    ValueType,
)


class Mismatch(Exception):
    """An actual type cannot stand for a declared one; the text says where and why."""

    def within(self, place: str) -> Mismatch:
        """The same, one place further out."""
        return Mismatch(f"{place}: {self}")


def bind(actual: ExternType, declared: ExternType, binding: Binding) -> None:
    """Let the resources a declared type introduces be those of an actual one.

    What does not match is passed over: `check` reports it.
    """
    match declared, actual:
        case SubResource(abstract), SubResource(resource):
            binding[abstract] = resource
        case SubResource(abstract), TypeEq(ResourceType() as resource):
            binding[abstract] = resource
        case InstanceType(), InstanceType():
            for name, export in declared.exports.items():
                if name in actual.exports:
                    bind(actual.exports[name], export, binding)


def check(actual: ExternType, declared: ExternType, binding: Binding) -> None:
    """Raise `Mismatch` unless an actual type can stand for a declared one.

    `binding` says what the resources of enclosing declarations are; those this declaration
    introduces are added to it.
    """
    bind(actual, declared, binding)
    _check(actual, Substitution(binding)(declared))


def _check(actual: ExternType, declared: ExternType) -> None:
    match declared, actual:
        case FuncType(), FuncType():
            _check_func(actual, declared)
        case InstanceType(), InstanceType():
            _check_exports(actual.exports, declared.exports)
        case ComponentType(), ComponentType():
            _check_component(actual, declared)
        case ModuleType(), ModuleType():
            _check_module(actual, declared)
        case ValueType(), ValueType():
            _check_equal(actual.type, declared.type)
        case ((SubResource() | TypeEq()), (SubResource() | TypeEq())):
            _check_equal(bound_type(actual), bound_type(declared))
        case _:
            raise Mismatch(f"expected {kind_name(declared)}, found {kind_name(actual)}")


def bound_type(bound: TypeEq | SubResource) -> DefType:
    """The type that a type import or export introduces."""
    return bound.type if isinstance(bound, TypeEq) else bound.resource


def kind_name(extern: ExternType) -> str:
    """What an import or export is, with an article."""
    return KIND_NAMES[type(extern)]


KIND_NAMES: dict[type, str] = {
    FuncType: "a function",
    InstanceType: "an instance",
    ComponentType: "a component",
    ModuleType: "a core module",
    ValueType: "a value",
    TypeEq: "a type",
    SubResource: "a resource type",
}


def _check_equal(actual: DefType, declared: DefType) -> None:
    if actual == declared:
        return
    raise Mismatch(f"expected {_describe(declared)}, found {_describe(actual)}")


def brief(text: str, limit: int = 120) -> str:
    """A type's text, cut where a reader would stop."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def _describe(type: DefType) -> str:
    match type:
        case ResourceType():
            return f"resource `{type.name}`" if type.name else "another resource"
        case FuncType():
            return f"`{brief(spell_func(type))}`"
        case InstanceType():
            return "an instance type"
        case ComponentType():
            return "a component type"
        case _:
            return f"`{brief(spell(type))}`"


def _check_func(actual: FuncType, declared: FuncType) -> None:
    if actual == declared:
        return
    expected, found = spell_func(declared), spell_func(actual)
    same = " of another resource or named type" if expected == found else ""
    raise Mismatch(f"expected `{brief(expected)}`, found `{brief(found)}`{same}")


def _check_exports(actual: dict[str, ExternType], declared: dict[str, ExternType]) -> None:
    for name, export in declared.items():
        found = actual.get(name)
        if found is None:
            raise Mismatch(f"export `{name}` is missing")
        try:
            _check(found, export)
        except Mismatch as mismatch:
            raise mismatch.within(f"export `{name}`") from None


def _check_component(actual: ComponentType, declared: ComponentType) -> None:
    binding: Binding = {}
    for name, wanted in actual.imports.items():
        given = declared.imports.get(name)
        if given is None:
            raise Mismatch(f"it imports `{name}`, which is not expected")
        try:
            check(given, wanted, binding)
        except Mismatch as mismatch:
            raise mismatch.within(f"import `{name}`") from None
    exports = Substitution(binding)(actual.exports)
    check(InstanceType(exports), InstanceType(declared.exports), {})


def _check_module(actual: ModuleType, declared: ModuleType) -> None:
    given = {(i.module, i.name): i.type for i in declared.imports}
    for item in actual.imports:
        name = f"`{item.module}` `{item.name}`"
        offered = given.get((item.module, item.name))
        if offered is None:
            raise Mismatch(f"it imports {name}, which is not expected")
        check_core(offered, item.type, f"import {name}")
    exports = {e.name: e.type for e in actual.exports}
    for export in declared.exports:
        found = exports.get(export.name)
        if found is None:
            raise Mismatch(f"export `{export.name}` is missing")
        check_core(found, export.type, f"export `{export.name}`")


def check_core(actual: CoreExternType, declared: CoreExternType, place: str) -> None:
    """Raise `Mismatch` unless a core definition of an actual type can stand for a declared one."""
    match declared, actual:
        case CoreMemoryType(), CoreMemoryType():
            same = declared.page_size_log2 == actual.page_size_log2
            fits = same and limits_fit(actual.limits, declared.limits)
        case CoreTableType(), CoreTableType():
            same = declared.element == actual.element
            fits = same and limits_fit(actual.limits, declared.limits)
        case _:
            fits = actual == declared
    if not fits:
        raise Mismatch(f"{place}: expected {core_text(declared)}, found {core_text(actual)}")


def core_text(type: CoreExternType) -> str:
    """A core type for people."""
    match type:
        case CoreFuncType(params, results):
            return f"`({' '.join(params)}) -> ({' '.join(results)})`"
        case CoreGlobalType(of, mutable):
            return f"a global of {'mutable ' if mutable else ''}`{of}`"
        case CoreTableType(element, limits):
            return f"a table of {size_text(limits)} `{element}`"
        case CoreMemoryType(limits):
            return f"a memory of {size_text(limits)} pages"
        case CoreTagType(of):
            return f"a tag of {core_text(of)}"
        case OpaqueCoreType(text):
            return f"`{text}`"


def size_text(limits: Limits) -> str:
    """A size range for people."""
    most = "any number of" if limits.maximum is None else str(limits.maximum)
    kinds = [word for word, is_so in (("shared", limits.shared), ("64-bit", limits.is_64)) if is_so]
    return " ".join([str(limits.minimum), "to", most, *kinds])


def limits_fit(actual: Limits, declared: Limits) -> bool:
    """Whether a memory or table of actual limits keeps within declared ones."""
    if (actual.shared, actual.is_64) != (declared.shared, declared.is_64):
        return False
    if actual.minimum < declared.minimum:
        return False
    if declared.maximum is None:
        return True
    return actual.maximum is not None and actual.maximum <= declared.maximum
