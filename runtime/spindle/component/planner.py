"""From a resolved component to its plan: instantiation, interpreted once and ahead of time.

Think of a component as a function: its imports are parameters, its definitions are the body's
statements in order, its exports are what it returns. Instantiating a nested component is a call,
for which there is a `Frame` with index spaces of its own. This interpreter runs the root's body
with symbolic imports. Whatever merely moves things around (aliases, inline exports, nested
instances) happens here and now; whatever must happen at run time is written down in the plan.

Types were resolved before, in each instantiation's scope; of the index spaces only those of what
exists at run time are kept here: core functions, memories and the like (as slots), core instances,
functions and instances. An index or a name that leads nowhere is a bug of ours.

Spec: Explainer.md, Binary.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from spindle.component.canon.builtins import BUILTINS
from spindle.component.canon.flatten import flatten_functype
from spindle.component.plan import (
    Builtin,
    ExportedFunc,
    ExportedInstance,
    ExportPlan,
    FuncPlan,
    GuestResource,
    HostResource,
    ImportedFunc,
    InstanceNumber,
    LiftedFunc,
    Lowering,
    OptionsPlan,
    Plan,
    Slot,
)
from spindle.component.plan_builder import PlanBuilder
from spindle.component.plan_builtins import builtin_type
from spindle.component.plan_checks import check_func, check_lift, check_sort, pointer_type
from spindle.errors import ComponentError
from spindle.wasm.canonical import NO_OPTIONS, CanonBuiltin, CanonLift, CanonLower, CanonOptions
from spindle.wasm.decoder import Buffer
from spindle.wasm.definitions import (
    AliasCoreExport,
    AliasExport,
    AliasOuter,
    Component,
    CoreInlineExports,
    CoreInstantiate,
    CoreModule,
    CoreTypeDef,
    CustomSection,
    Definition,
    Export,
    ImportDecl,
    InlineExports,
    Instantiate,
    ModuleTypeDef,
    Sort,
    SortIndex,
    Start,
    TypeDef,
    ValueDef,
)
from spindle.wasm.scopes import ValidationError
from spindle.wasm.types import CoreFuncType, ExternType, FuncType, InstanceType, SubResource, TypeEq
from spindle.wasm.validator import ResolvedComponent


class UnsupportedError(ComponentError):
    """A component uses a feature that cannot be run here."""

    code = "unsupported-component"


def plan_component(data: Buffer, resolved: ResolvedComponent) -> Plan:
    """The plan of a component, whose bytes are `data`.

    Raises `UnsupportedError` for imported modules and components, and for values.
    """
    builder = PlanBuilder(data, resolved)
    exports = Frame(builder, resolved, None, None).run()
    return builder.finish({name: export_plan(builder, item) for name, item in exports.items()})


Instance: TypeAlias = Mapping[str, "Item"]
"""What an instance exports, functions and instances alone."""

Item: TypeAlias = FuncPlan | Mapping[str, Any]
"""A definition that exists at run time; a mapping is an instance."""

RUN_TIME_SORTS = (Sort.FUNC, Sort.INSTANCE)
"""The sorts of definitions passed between components of which something is left at run time."""


def export_plan(builder: PlanBuilder, item: Item) -> ExportPlan:
    """A root export as the plan has it."""
    if isinstance(item, ImportedFunc | LiftedFunc):
        return ExportedFunc(builder.func(item), item.type)
    return ExportedInstance({name: export_plan(builder, of) for name, of in item.items()})


class Frame:
    """One instantiation of a component while it is interpreted: its index spaces so far."""

    __slots__ = ("args", "builder", "exports", "inst", "resolved", "scope", "spaces")

    def __init__(
        self,
        builder: PlanBuilder,
        resolved: ResolvedComponent,
        args: Instance | None,
        parent: InstanceNumber | None,
    ) -> None:
        self.builder = builder
        self.resolved = resolved
        self.scope = resolved.scope
        """Its index spaces of types and modules, complete."""
        self.args = args
        """None for the root, whose imports are symbolic."""
        self.inst = builder.instance(parent)
        self.spaces: dict[Sort, list[Any]] = {sort: [] for sort in Sort}
        self.exports: dict[str, Item] = {}

    def run(self) -> Instance:
        """What the instance exports, once all definitions are interpreted."""
        for definition in self.resolved.component.definitions:
            INTERPRET[definition.__class__](self, definition)
        for resource, defined in self.resolved.resources.items():
            dtor = self.slot(Sort.CORE_FUNC, defined.dtor)
            check_func(self.builder, dtor, CoreFuncType(("i32",), ()), "a destructor")
            self.builder.guest_resources.append(GuestResource(resource, self.inst, dtor))
        return self.exports

    def append(self, sort: Sort, item: Any) -> None:
        """Append a definition to the space of its sort."""
        self.spaces[sort].append(item)

    def at(self, target: SortIndex) -> Any:
        """The definition of a sort at an index."""
        return self.spaces[target.sort][target.index]

    def slot(self, sort: Sort, index: int | None) -> Slot | None:
        """The slot of an optional core definition."""
        return None if index is None else self.spaces[sort][index]

    def named(self, definitions: tuple[tuple[str, SortIndex], ...]) -> Instance:
        """Named definitions, those that exist at run time."""
        return {name: self.at(of) for name, of in definitions if of.sort in RUN_TIME_SORTS}


# Core instances.


def core_instantiate(frame: Frame, definition: CoreInstantiate) -> None:
    """A core instantiation goes into the plan."""
    instances = frame.spaces[Sort.CORE_INSTANCE]
    module = frame.scope.core_modules[definition.module]
    if not isinstance(module, CoreModule):
        raise UnsupportedError("instantiating an imported core module is not supported")
    args = {name: instances[index] for name, index in definition.args}
    instances.append(frame.builder.instantiate(module, frame.inst, args))


def core_inline_exports(frame: Frame, definition: CoreInlineExports) -> None:
    """Names for slots."""
    exports = {name: frame.at(target) for name, target in definition.exports}
    frame.append(Sort.CORE_INSTANCE, exports)


# Instances.


def instantiate(frame: Frame, definition: Instantiate) -> None:
    """Interpret a nested component now."""
    instances = frame.spaces[Sort.INSTANCE]
    child = frame.resolved.children.get(len(instances))
    if child is None:
        raise UnsupportedError("instantiating an imported component is not supported")
    args = frame.named(definition.args)
    instances.append(Frame(frame.builder, child, args, frame.inst).run())


def inline_exports(frame: Frame, definition: InlineExports) -> None:
    """Names for definitions."""
    frame.append(Sort.INSTANCE, frame.named(definition.exports))


# Aliases.


def alias_export(frame: Frame, definition: AliasExport) -> None:
    """An export of an instance."""
    if definition.sort in RUN_TIME_SORTS:
        instance = frame.spaces[Sort.INSTANCE][definition.instance]
        frame.append(definition.sort, instance[definition.name])


def alias_core_export(frame: Frame, definition: AliasCoreExport) -> None:
    """An export of a core instance, which gets a slot unless it has one."""
    instance = frame.spaces[Sort.CORE_INSTANCE][definition.instance]
    try:
        slot = instance[definition.name]
    except KeyError:
        problem = f"core instance {definition.instance} has no export `{definition.name}`"
        raise ValidationError(problem) from None
    check_sort(frame.builder.slot_types[slot], definition)
    frame.append(definition.sort, slot)


# Canonical definitions.


def options_plan(frame: Frame, options: CanonOptions) -> OptionsPlan:
    """Canonical options with slots in place of indices."""
    memory = frame.slot(Sort.CORE_MEMORY, options.memory)
    realloc = frame.slot(Sort.CORE_FUNC, options.realloc)
    ptr_type = pointer_type(frame.builder, memory)
    check_func(frame.builder, realloc, CoreFuncType((ptr_type,) * 4, (ptr_type,)), "`realloc`")
    return OptionsPlan(
        frame.inst,
        options.string_encoding,
        memory,
        realloc,
        frame.slot(Sort.CORE_FUNC, options.post_return),
        options.is_async,
        frame.slot(Sort.CORE_FUNC, options.callback),
        ptr_type,
    )


def canon_lift(frame: Frame, definition: CanonLift) -> None:
    """A component function with a core function behind it."""
    builder = frame.builder
    core_func: Slot = frame.spaces[Sort.CORE_FUNC][definition.core_func]
    ft = frame.scope.func_type(definition.type)
    # `task.return` compares its type with this one at each call: make them the same object.
    ft = ft._replace(result=builder.intern(ft.result))
    options = options_plan(frame, definition.options)
    check_lift(builder, core_func, ft, options)
    lifted = LiftedFunc(frame.inst, core_func, ft, builder.options(options))
    frame.append(Sort.FUNC, lifted)


def canon_lower(frame: Frame, definition: CanonLower) -> None:
    """A trampoline to a component function."""
    func: FuncPlan = frame.spaces[Sort.FUNC][definition.func]
    builder = frame.builder
    options = options_plan(frame, definition.options)
    flat = flatten_functype(func.type, options.is_async, "lower", ptr_type=options.ptr_type)
    core_type = builder.intern(CoreFuncType(flat.params, flat.results))
    key = (frame.inst, builder.func(func), builder.options(options))
    slot = builder.trampoline(key, Lowering(*key, core_type), core_type)
    frame.append(Sort.CORE_FUNC, slot)


def canon_builtin(frame: Frame, definition: CanonBuiltin) -> None:
    """A trampoline to a built-in."""
    if definition.name not in BUILTINS:
        raise UnsupportedError(f"`{definition.name}` is not supported")
    builder = frame.builder
    plan = options_plan(frame, definition.options)
    bare = builder.intern(
        definition._replace(type=None, result=None, core_type=None, table=None, options=NO_OPTIONS)
    )
    operands = operands_of(frame, definition)
    trampoline = Builtin(frame.inst, bare, operands, builder.options(plan))
    core_type = builder.intern(builtin_type(definition, operands, plan.ptr_type))
    slot = builder.trampoline((frame.inst, definition), trampoline, core_type)
    frame.append(Sort.CORE_FUNC, slot)


def operands_of(frame: Frame, definition: CanonBuiltin) -> Mapping[str, Any]:
    """The immediates that are indices, resolved."""
    found: dict[str, Any] = {}
    if definition.type is not None:
        family = definition.name.partition(".")[0]
        found[TYPE_OPERANDS[family]] = frame.scope.types[definition.type]
    if definition.name == "task.return":
        result = frame.resolved.results[len(frame.spaces[Sort.CORE_FUNC])]
        found["result"] = frame.builder.intern(result)
    if definition.core_type is not None:
        found["core_type"] = frame.scope.core_types[definition.core_type]
    if definition.table is not None:
        found["table"] = frame.spaces[Sort.CORE_TABLE][definition.table]
    return found


TYPE_OPERANDS = {"resource": "resource", "stream": "stream_type", "future": "future_type"}
"""What the type that a family of built-ins is about is called."""


# Imports and exports.


def import_declaration(frame: Frame, declaration: ImportDecl) -> None:
    """An argument of this instantiation; at the root, something the host will provide."""
    name, sort = declaration.name, declaration.type.sort
    if frame.args is None:
        item = root_import(frame.builder, name, sort, frame.resolved.imports[name])
        if item is not None:
            frame.append(sort, item)
    elif sort in RUN_TIME_SORTS:
        frame.append(sort, frame.args[name])


def root_import(builder: PlanBuilder, name: str, sort: Sort, extern: ExternType) -> Item | None:
    """An import of the whole component."""
    if sort not in (Sort.FUNC, Sort.INSTANCE, Sort.TYPE):
        raise UnsupportedError(f"import `{name}` is a {sort.value}, which no host can provide")
    if isinstance(extern, InstanceType):
        return imported_instance(builder, name, extern)
    return imported_item(builder, None, name, extern)


def imported_instance(builder: PlanBuilder, interface: str, type: InstanceType) -> Instance:
    """An imported interface."""
    items = {n: imported_item(builder, interface, n, of) for n, of in type.exports.items()}
    return {name: item for name, item in items.items() if item is not None}


def imported_item(
    builder: PlanBuilder, interface: str | None, name: str, extern: ExternType
) -> Item | None:
    """A definition that the host provides; None if it is a type."""
    match extern:
        case FuncType():
            return ImportedFunc(interface, name, extern)
        case SubResource(resource):
            builder.host_resources.append(HostResource(resource, interface, name))
        case InstanceType():
            return imported_instance(builder, f"{interface}/{name}", extern)
        case TypeEq():
            pass
        case _:
            raise UnsupportedError(f"`{name}` of import `{interface}` cannot be provided by a host")
    return None


def export(frame: Frame, definition: Export) -> None:
    """An export, which is also a definition of its own from here on.

    A host has no use for the modules and components that a root exports.
    """
    sort = definition.target.sort
    if sort in RUN_TIME_SORTS:
        item = frame.at(definition.target)
        frame.append(sort, item)
        frame.exports[definition.name] = item


# The rest.


def refuse(_frame: Frame, definition: Start | ValueDef) -> None:
    """Values have no encoding that tools agree on yet."""
    what = "start functions" if isinstance(definition, Start) else "values"
    raise UnsupportedError(f"component {what} are not supported")


def skip(_frame: Frame, _definition: Definition) -> None:
    """Nothing of it is left at run time, or nothing before it is instantiated."""


INTERPRET: dict[type[Definition], Callable[[Frame, Any], None]] = {
    CustomSection: skip,
    CoreModule: skip,
    CoreInstantiate: core_instantiate,
    CoreInlineExports: core_inline_exports,
    CoreTypeDef: skip,
    ModuleTypeDef: skip,
    Component: skip,
    Instantiate: instantiate,
    InlineExports: inline_exports,
    AliasExport: alias_export,
    AliasCoreExport: alias_core_export,
    AliasOuter: skip,
    TypeDef: skip,
    CanonLift: canon_lift,
    CanonLower: canon_lower,
    CanonBuiltin: canon_builtin,
    Start: refuse,
    ImportDecl: import_declaration,
    Export: export,
    ValueDef: refuse,
}
