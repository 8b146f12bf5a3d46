"""Index spaces rebuilt and types resolved: the pass between the tree and everything that uses it.

A component is resolved as one instantiation of it would be: resource types get identity, and a
nested component is resolved anew at each place that instantiates it, with the actual types of its
arguments. Each component is also resolved once by itself with abstract imports and instances that
are what they are declared to be, for the type it has whether or not anyone instantiates it. A root
is so to begin with: its two passes part where the first instance is made.

Spec: Binary.md (the notes on validation), Explainer.md#type-checking.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from spindle.wasm.canon_options import (
    check_builtin,
    check_lift,
    check_lower,
    check_start_type,
)
from spindle.wasm.canonical import CanonBuiltin, CanonLift, CanonLower, CanonOptions
from spindle.wasm.declarations import (
    Externs,
    alias_export,
    alias_outer,
    define_core_type,
    define_type,
    extern_type,
    introduce,
)
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
    Export,
    ImportDecl,
    InlineExports,
    Instantiate,
    ModuleTypeDef,
    ResourceDef,
    Sort,
    SortIndex,
    Start,
    TypeDef,
    ValueDef,
)
from spindle.wasm.descriptions import describe
from spindle.wasm.modules import read_module
from spindle.wasm.names import is_resource_function
from spindle.wasm.problems import ValidationError
from spindle.wasm.reader import DecodeError
from spindle.wasm.scopes import Closure, Scope, element
from spindle.wasm.substitution import Binding, Substitution, freshen
from spindle.wasm.subtyping import Mismatch, check
from spindle.wasm.type_resolver import resolve_optional, resolve_valtype
from spindle.wasm.types import (
    ComponentType,
    CoreExternType,
    CoreValType,
    ExternType,
    FutureType,
    InstanceType,
    ModuleType,
    ResourceType,
    StreamType,
    SubResource,
    TypeEq,
    ValType,
    ValueType,
)
from spindle.wasm.unnamed import UnnamedIndices
from spindle.wasm.visibility import Visibility

MAX_INSTANCES = 10_000
"""How many component instances one component may come to, nested ones included."""
MAX_INSTANCE_DEPTH = 100
"""How deep component instances may nest."""


@dataclass(slots=True, eq=False)
class ResolvedComponent:
    """One instantiation of a component with every type resolved.

    `scope` holds its index spaces, complete: any index in `component` can be looked up there.
    """

    component: Component
    scope: Scope
    imports: dict[str, ExternType]
    exports: dict[str, ExternType]
    resources: dict[ResourceType, ResourceDef] = field(default_factory=dict)
    """The resource types this instance defines."""
    children: dict[int, ResolvedComponent] = field(default_factory=dict)
    """The component each `Instantiate` makes, by instance index; not there if it is imported."""
    results: dict[int, ValType | None] = field(default_factory=dict)
    """What each `task.return` takes, by core function index."""


def resolve(component: Component, data: Buffer | None = None) -> ResolvedComponent:
    """A component with its imports as they are declared, and its nested ones with actual types.

    `data` is the file it was decoded from, needed only if core modules are passed between
    components. Raises `ValidationError`.
    """
    declared = _ComponentPass(_Resolution(data), component, None, None, concrete=False)
    declared.run(until=parting(component))
    actual = declared.concretely()
    # Validity is a matter of what components are declared to be, whatever they are made of.
    declared.run()
    return actual.run()


def parting(component: Component) -> int:
    """How many definitions mean the same whether instances are known or only declared."""
    for number, definition in enumerate(component.definitions):
        if isinstance(definition, Instantiate | Export):
            return number
    return len(component.definitions)


def component_type(component: Component, data: Buffer | None = None) -> ComponentType:
    """What a component imports and exports, by its declarations alone; raises `ValidationError`.

    Each call gives it resources of their own.
    """
    return _ComponentPass(_Resolution(data), component, None, None, concrete=False).type_of_it()


class _Resolution:
    """What the passes over a component and its nested ones share."""

    def __init__(self, data: Buffer | None) -> None:
        self.data = data
        self._instances = self._depth = 1
        # A component may not refer to resources of the scopes around it, so one type serves all its
        # instantiations; but to modules, so each has its own closure. Keys are ids of objects the
        # values keep alive.
        self._component_types: dict[int, tuple[Component, ComponentType]] = {}
        self._closures: dict[int, tuple[ComponentType, Closure]] = {}
        self._module_types: dict[CoreModule, ModuleType] = {}
        self._modules: dict[int, CoreModule] = {}

    def instantiate(
        self, closure: Closure, arguments: Mapping[str, ExternType]
    ) -> ResolvedComponent:
        """One instantiation of a nested component."""
        self._instances += 1
        if self._instances > MAX_INSTANCES:
            raise ValidationError(f"the component comes to more than {MAX_INSTANCES} instances")
        if self._depth >= MAX_INSTANCE_DEPTH:
            raise ValidationError(f"instances nest more than {MAX_INSTANCE_DEPTH} deep")
        self._depth += 1
        nested = _ComponentPass(self, closure.component, closure.scope, arguments, concrete=True)
        resolved = nested.run()
        self._depth -= 1
        return resolved

    def component_type(self, component: Component, outer: Scope) -> ComponentType:
        """The type of a nested component."""
        known = self._component_types.get(id(component))
        if known is None:
            type = _ComponentPass(self, component, outer, None, concrete=False).type_of_it()
            outer.facts.of(type)
            known = self._component_types[id(component)] = (component, type)
        return known[1]

    def captured(self, type: ComponentType, component: Component, outer: Scope) -> ComponentType:
        """A nested component's type as one of its own, with the definition behind it."""
        own = ComponentType(*type)
        self._closures[id(own)] = (own, Closure(component, outer))
        return own

    def closure(self, type: ComponentType) -> Closure | None:
        """The definition behind a component's type, if it is known."""
        known = self._closures.get(id(type))
        return None if known is None else known[1]

    def module_type(self, module: CoreModule | ModuleType) -> ModuleType:
        """The type of a core module."""
        if isinstance(module, ModuleType):
            return module
        known = self._module_types.get(module)
        if known is None:
            known = self._module_types[module] = self._read_module_type(module)
            self._modules[id(known)] = module
        return known

    def _read_module_type(self, module: CoreModule) -> ModuleType:
        if self.data is None:
            return ModuleType((), ())
        try:
            return read_module(self.data, module).type
        except DecodeError as error:
            raise ValidationError(error.problem, error.offset, error.context) from None

    def module(self, type: ModuleType) -> CoreModule | ModuleType:
        """The core module behind a module's type, if it is known."""
        return self._modules.get(id(type), type)


class _ComponentPass:
    """One pass over the definitions of one component."""

    def __init__(
        self,
        shared: _Resolution,
        component: Component,
        outer: Scope | None,
        arguments: Mapping[str, ExternType] | None,
        *,
        concrete: bool,
    ) -> None:
        self.shared = shared
        self.component = component
        self.scope = outer.inner("component") if outer else Scope("component")
        self.arguments = arguments
        self.concrete = concrete
        visibility = None if concrete else Visibility()
        self.imports = Externs("import", visibility)
        self.exports = Externs("export", visibility)
        self.unnamed = UnnamedIndices()
        self.imported: list[ResourceType] = []
        self.defined: list[ResourceType] = []
        self.resolved = ResolvedComponent(
            component, self.scope, self.imports.types, self.exports.types
        )
        self.context_type: CoreValType | None = None
        """What `context.*` holds, once one of them says so."""
        self._exported: set[ResourceType] = set()
        self._done = 0

    def run(self, until: int | None = None) -> ResolvedComponent:
        """Resolve the definitions that are left, in order, all of them or as many as `until`."""
        todo = slice(self._done, until)
        definitions = self.component.definitions[todo]
        self._done += len(definitions)
        self.scope.facts.spend(len(definitions))
        for definition, offset in zip(definitions, self.component.offsets[todo], strict=True):
            try:
                DEFINE[definition.__class__](self, definition)
            except ValidationError as error:
                raise error.within(describe(definition), offset) from None
        return self.resolved

    def concretely(self) -> _ComponentPass:
        """A pass to go on from here with instances that are what they are, before there are any."""
        other = copy(self)
        other.concrete = True
        other.scope = self.scope.copy()
        other.imports, other.imported = self.imports.copy(), [*self.imported]
        other.exports, other.defined = Externs("export"), [*self.defined]
        resources, results = {**self.resolved.resources}, {**self.resolved.results}
        other.resolved = ResolvedComponent(
            self.component,
            other.scope,
            other.imports.types,
            other.exports.types,
            resources,
            {},
            results,
        )
        other._exported = set()
        return other

    def type_of_it(self) -> ComponentType:
        """The component's own type, by a pass with abstract imports."""
        self.run()
        imports, exports = self.imports.types, self.exports.types
        return ComponentType(imports, exports, tuple(self.imported), tuple(self.defined))

    # Modules and components.

    def custom(self, definition: CustomSection) -> None:
        """Custom sections define nothing."""

    def core_module(self, module: CoreModule) -> None:
        self.scope.core_modules.append(module)

    def nested(self, component: Component) -> None:
        type = self.shared.component_type(component, self.scope)
        self.scope.components.append(self.shared.captured(type, component, self.scope))

    # Core instances.

    def core_instantiate(self, definition: CoreInstantiate) -> None:
        element(self.scope.core_modules, definition.module, "core module")
        seen: set[str] = set()
        for name, index in definition.args:
            if name in seen:
                raise ValidationError(f"argument `{name}` is given twice")
            seen.add(name)
            element(self.scope.core_instances, index, "core instance")
        self.scope.core_instances.append(None)

    def core_inline(self, definition: CoreInlineExports) -> None:
        exports: dict[str, tuple[Sort, CoreExternType | None]] = {}
        for name, target in definition.exports:
            if name in exports:
                raise ValidationError(f"export `{name}` is given twice")
            if target.sort not in CORE_EXPORT_SORTS:
                raise ValidationError(f"a core instance cannot export a {target.sort.value}")
            exports[name] = (target.sort, self.scope.at(target.sort, target.index))
        self.scope.core_instances.append(exports)

    # Instances.

    def instantiate(self, definition: Instantiate) -> None:
        type = element(self.scope.components, definition.component, "component")
        arguments: dict[str, ExternType] = {}
        for name, target in definition.args:
            if name in arguments:
                raise ValidationError(f"argument `{name}` is given twice")
            arguments[name] = self.extern(target)
        closure = self.shared.closure(type) if self.concrete else None
        if closure is None:
            self.add_instance(self._instantiate_type(type, arguments))
            return
        child = self.shared.instantiate(closure, arguments)
        self.resolved.children[len(self.scope.instances)] = child
        self.add_instance(InstanceType(child.exports))

    def _instantiate_type(
        self, type: ComponentType, arguments: Mapping[str, ExternType]
    ) -> InstanceType:
        binding: Binding = {}
        for name, declared in type.imports.items():
            check_argument(name, arguments.get(name), declared, binding)
        fresh = {old: ResourceType(old.name) for old in type.defined}
        self.defined.extend(fresh.values())
        return InstanceType(Substitution(binding | fresh)(type.exports))

    def inline(self, definition: InlineExports) -> None:
        exports = Externs("export")
        for (name, target), attributes in zip(
            definition.exports, definition.attributes, strict=True
        ):
            if is_resource_function(name):
                raise ValidationError(f"`{name}`: a resource has no name in an inline instance")
            exports.add(name, self.extern(target), attributes)
        self.add_instance(InstanceType(exports.types))

    def add_instance(self, type: InstanceType) -> None:
        """Append an instance, whose type is built of other types and so may grow with each."""
        self.scope.facts.of(type)
        self.scope.instances.append(type)

    def extern(self, target: SortIndex) -> ExternType:
        """The extern type of a definition."""
        found = self.scope.at(target.sort, target.index)
        match target.sort:
            case Sort.FUNC | Sort.INSTANCE | Sort.COMPONENT:
                extern: ExternType = found
                return extern
            case Sort.CORE_MODULE:
                return self.shared.module_type(found)
            case Sort.VALUE:
                return ValueType(found)
            case Sort.TYPE:
                return SubResource(found) if isinstance(found, ResourceType) else TypeEq(found)
        raise ValidationError(f"a {target.sort.value} cannot be passed between components")

    def introduce(self, extern: ExternType) -> None:
        """Append an extern to its space; a core module whose bytes are known as those."""
        if isinstance(extern, ModuleType):
            self.scope.core_modules.append(self.shared.module(extern))
        else:
            introduce(self.scope, extern)

    # Aliases.

    def alias_export(self, definition: AliasExport) -> None:
        alias_export(self.scope, definition)
        if definition.sort is Sort.CORE_MODULE:
            module = self.scope.core_modules.pop()
            assert isinstance(module, ModuleType)
            self.introduce(module)

    def alias_core_export(self, definition: AliasCoreExport) -> None:
        if definition.sort not in CORE_EXPORT_SORTS:
            raise ValidationError(f"a core instance exports no {definition.sort.value}")
        exports = element(self.scope.core_instances, definition.instance, "core instance")
        type: CoreExternType | None = None
        if exports is not None:
            if definition.name not in exports:
                raise ValidationError(
                    f"core instance {definition.instance} has no export `{definition.name}`"
                )
            sort, type = exports[definition.name]
            if sort is not definition.sort:
                raise ValidationError(
                    f"export `{definition.name}` is a {sort.value}, not a {definition.sort.value}"
                )
        self.scope.space(definition.sort).append(type)

    def alias_outer(self, definition: AliasOuter) -> None:
        alias_outer(self.scope, definition)

    # Types.

    def type(self, definition: TypeDef) -> None:
        self.unnamed.define(len(self.scope.types), definition)
        if isinstance(definition.type, ResourceDef):
            self.resource(definition.type)
        else:
            define_type(self.scope, definition)

    def resource(self, definition: ResourceDef) -> None:
        if definition.rep not in ("i32", "i64"):
            raise ValidationError("a resource is represented by an `i32` or `i64`")
        if definition.dtor is not None:
            element(self.scope.core_funcs, definition.dtor, "core function")
        resource = ResourceType()
        self.defined.append(resource)
        self.resolved.resources[resource] = definition
        self.scope.types.append(resource)

    def core_type(self, definition: CoreTypeDef | ModuleTypeDef) -> None:
        define_core_type(self.scope, definition)

    # Canonical definitions.

    def lift(self, definition: CanonLift) -> None:
        element(self.scope.core_funcs, definition.core_func, "core function")
        type = self.scope.func_type(definition.type)
        self.options(definition.options)
        check_lift(self.scope.facts, definition.options, type)
        self.unnamed.lift(len(self.scope.funcs), definition.type)
        self.scope.funcs.append(type)

    def lower(self, definition: CanonLower) -> None:
        type = element(self.scope.funcs, definition.func, "function")
        self.options(definition.options)
        check_lower(self.scope.facts, definition.options, type)
        self.scope.core_funcs.append(None)

    def builtin(self, definition: CanonBuiltin) -> None:
        self.options(definition.options)
        copied = None
        if definition.type is not None:
            copied = self.builtin_type(definition.name, definition.type)
        if definition.core_type is not None:
            check_start_type(element(self.scope.core_types, definition.core_type, "core type"))
        if definition.table is not None:
            element(self.scope.core_tables, definition.table, "core table")
        if definition.name == "task.return":
            copied = resolve_optional(self.scope, definition.result)
            self.resolved.results[len(self.scope.core_funcs)] = copied
        check_builtin(self.scope.facts, definition, copied)
        if definition.valtype is not None:
            self.context_type = self.context_type or definition.valtype
            if definition.valtype != self.context_type:
                raise ValidationError("a component's contexts are all `i32` or all `i64`")
        self.scope.core_funcs.append(None)

    def builtin_type(self, name: str, index: int) -> ValType | None:
        """Check a built-in's type; what a stream or future is of."""
        family, _, verb = name.partition(".")
        if family == "resource":
            resource = self.scope.resource(index)
            if verb != "drop" and resource not in self.resolved.resources:
                raise ValidationError(f"type {index} is not a resource defined by this component")
            return None
        found = element(self.scope.types, index, "type")
        if not isinstance(found, StreamType if family == "stream" else FutureType):
            raise ValidationError(f"type {index} is not a {family} type")
        return found.element

    def options(self, options: CanonOptions) -> None:
        """Check the indices of canonical options."""
        if options.memory is not None:
            element(self.scope.core_memories, options.memory, "core memory")
        for func in (options.realloc, options.post_return, options.callback):
            if func is not None:
                element(self.scope.core_funcs, func, "core function")

    # Start, imports, exports, values.

    def start(self, definition: Start) -> None:
        func = element(self.scope.funcs, definition.func, "function")
        for value in definition.args:
            element(self.scope.values, value, "value")
        results = () if func.result is None else (func.result,)
        if definition.results != len(results):
            raise ValidationError(f"the function returns {len(results)} results")
        self.scope.values.extend(results)

    def import_(self, definition: ImportDecl) -> None:
        name = definition.name
        extern = extern_type(self.scope, definition.type, name)
        if self.arguments is None:
            extern, fresh = freshen(extern)
            self.scope.facts.of(extern)
            self.imported.extend(fresh)
        else:
            extern = check_argument(name, self.arguments.get(name), extern, {})
        self.imports.add(name, extern, definition.attributes)
        self.unnamed.check_declared(definition.type)
        self.introduce(extern)

    def export(self, definition: Export) -> None:
        extern = self.extern(definition.target)
        if isinstance(extern, SubResource):
            # A second export of a resource is known to be the same as the first.
            if extern.resource in self._exported or extern.resource in self.imported:
                extern = TypeEq(extern.resource)
            else:
                self._exported.add(extern.resource)
        if definition.type is not None:
            extern = self.ascribe(extern, definition)
        self.exports.add(definition.name, extern, definition.attributes)
        self.unnamed.check_export(definition)
        self.introduce(extern)

    def ascribe(self, extern: ExternType, definition: Export) -> ExternType:
        """What an export is seen as; by itself a component sees no more than the ascription."""
        assert definition.type is not None
        declared = extern_type(self.scope, definition.type, definition.name)
        try:
            check(extern, declared, {})
        except Mismatch as mismatch:
            raise ValidationError(f"the type given does not fit: {mismatch}") from None
        if self.concrete:
            return extern
        declared, fresh = freshen(declared)
        self.defined.extend(fresh)
        return declared

    def value(self, definition: ValueDef) -> None:
        self.scope.values.append(resolve_valtype(self.scope, definition.type))


def check_argument(
    name: str, actual: ExternType | None, declared: ExternType, binding: Binding
) -> ExternType:
    """The actual type of an import, which must be there and fit."""
    if actual is None:
        raise ValidationError(f"no argument is given for import `{name}`")
    try:
        check(actual, declared, binding)
    except Mismatch as mismatch:
        raise ValidationError(f"argument `{name}` does not fit: {mismatch}") from None
    return actual


CORE_EXPORT_SORTS = (
    Sort.CORE_FUNC,
    Sort.CORE_TABLE,
    Sort.CORE_MEMORY,
    Sort.CORE_GLOBAL,
    Sort.CORE_TAG,
)

DEFINE: dict[type, Callable[[_ComponentPass, Any], None]] = {
    CustomSection: _ComponentPass.custom,
    CoreModule: _ComponentPass.core_module,
    Component: _ComponentPass.nested,
    CoreInstantiate: _ComponentPass.core_instantiate,
    CoreInlineExports: _ComponentPass.core_inline,
    Instantiate: _ComponentPass.instantiate,
    InlineExports: _ComponentPass.inline,
    AliasExport: _ComponentPass.alias_export,
    AliasCoreExport: _ComponentPass.alias_core_export,
    AliasOuter: _ComponentPass.alias_outer,
    TypeDef: _ComponentPass.type,
    CoreTypeDef: _ComponentPass.core_type,
    ModuleTypeDef: _ComponentPass.core_type,
    CanonLift: _ComponentPass.lift,
    CanonLower: _ComponentPass.lower,
    CanonBuiltin: _ComponentPass.builtin,
    Start: _ComponentPass.start,
    ImportDecl: _ComponentPass.import_,
    Export: _ComponentPass.export,
    ValueDef: _ComponentPass.value,
}
