"""Extern types as written, resolved in a scope; component, instance and module types.

Spec: Binary.md#type-definitions, #import-and-export-definitions.
"""

from __future__ import annotations

from collections.abc import Sequence

from spindle.wasm.definitions import (
    AliasCoreExport,
    AliasExport,
    AliasOuter,
    Attributes,
    ComponentDecl,
    ComponentTypeDef,
    CoreExportItem,
    CoreExternDecl,
    CoreFuncDecl,
    CoreImportItem,
    CoreTagDecl,
    CoreTypeDef,
    ExportDecl,
    ExternTypeRef,
    FuncDef,
    ImportDecl,
    InstanceDecl,
    InstanceTypeDef,
    ModuleTypeDef,
    ResourceDef,
    Sort,
    SubResourceDecl,
    TypeDef,
    ValueEqDecl,
)
from spindle.wasm.names import (
    InterfaceName,
    PlainName,
    is_interface_name,
    is_version_split,
    parse_extern_name,
    unique_key,
)
from spindle.wasm.problems import ValidationError
from spindle.wasm.scopes import Scope, element
from spindle.wasm.substitution import freshen
from spindle.wasm.subtyping import bound_type
from spindle.wasm.type_resolver import resolve_defvaltype, resolve_functype, resolve_valtype
from spindle.wasm.types import (
    BorrowType,
    ComponentType,
    CoreExportDecl,
    CoreExternType,
    CoreFuncType,
    CoreImportDecl,
    CoreMemoryType,
    CoreTagType,
    DefType,
    ExternType,
    FieldType,
    FuncType,
    InstanceType,
    ModuleType,
    OwnType,
    ResourceType,
    ResultType,
    SubResource,
    TypeEq,
    ValueType,
)
from spindle.wasm.visibility import Visibility


class Externs:
    """Imports or exports by name, their names checked as they come."""

    def __init__(self, what: str, visibility: Visibility | None = None) -> None:
        self.what = what
        """`import` or `export`."""
        self.visibility = visibility
        """None where types may be used that have no name."""
        self.types: dict[str, ExternType] = {}
        self._keys: dict[str, str] = {}

    def copy(self) -> Externs:
        """The same names, to be followed by others, whose types are not looked into."""
        other = Externs(self.what)
        other.types, other._keys = {**self.types}, {**self._keys}
        return other

    def add(self, name: str, extern: ExternType, attributes: Attributes) -> None:
        """Add one, whose name must follow the grammar and be strongly unique."""
        parsed = parse_extern_name(name)
        if parsed is None:
            raise ValidationError(f"`{name}` is not a valid {self.what} name")
        earlier = self._keys.setdefault(unique_key(name), name)
        if name in self.types or earlier != name:
            raise ValidationError(f"{self.what} name `{name}` conflicts with `{earlier}`")
        check_attributes(parsed, extern, attributes)
        if isinstance(parsed, PlainName) and parsed.resource is not None:
            self._check_resource_function(parsed, parsed.resource, extern)
        if self.visibility is not None:
            self.visibility.add(self.what, extern)
        self.types[name] = extern

    def _check_resource_function(
        self, name: PlainName, resource_name: str, extern: ExternType
    ) -> None:
        if not isinstance(extern, FuncType):
            raise ValidationError(f"a {name.kind} must be a function")
        bound = self.types.get(resource_name)
        resource = bound_type(bound) if isinstance(bound, SubResource | TypeEq) else None
        if not isinstance(resource, ResourceType):
            raise ValidationError(f"no resource `{resource_name}` is {self.what}ed before this")
        if name.kind == "method" and not is_method(extern, resource):
            raise ValidationError(f"a method takes `self: borrow<{resource_name}>` first")
        if name.kind == "constructor" and not is_constructor(extern, resource):
            raise ValidationError(
                f"a constructor returns `{resource_name}` or a result of `{resource_name}`"
            )


def is_method(func: FuncType, resource: ResourceType) -> bool:
    """Whether a function's first parameter is a borrowed `self`."""
    return bool(func.params) and func.params[0] == FieldType("self", BorrowType(resource))


def is_constructor(func: FuncType, resource: ResourceType) -> bool:
    """Whether a function returns an owned resource, or fails to."""
    made = func.result.ok if isinstance(func.result, ResultType) else func.result
    return made == OwnType(resource)


def check_attributes(
    name: PlainName | InterfaceName, extern: ExternType, attributes: Attributes
) -> None:
    """Check the annotations of a name."""
    implements, suffix = attributes.implements, attributes.version_suffix
    if implements is not None:
        if not is_interface_name(implements):
            raise ValidationError(f"`{implements}` is not a valid interface name")
        if not isinstance(extern, InstanceType):
            raise ValidationError("only an instance can have the attribute `implements`")
        if not isinstance(name, PlainName):
            raise ValidationError("only a plain name can have the attribute `implements`")
    if suffix is not None:
        version = name.version if isinstance(name, InterfaceName) else None
        if version is None or not is_version_split(version, suffix):
            raise ValidationError(f"version suffix `{suffix}` does not complete a version")


def define_type(scope: Scope, definition: TypeDef) -> None:
    """Append a type to a scope's type space."""
    resolved = resolve_type(scope, definition)
    scope.facts.of(resolved)
    scope.types.append(resolved)


def resolve_type(scope: Scope, definition: TypeDef) -> DefType:
    """The type a definition means in a scope."""
    match definition.type:
        case FuncDef() as func:
            return resolve_functype(scope, func)
        case InstanceTypeDef(declarations):
            return _instance_type(scope, declarations)
        case ComponentTypeDef(declarations):
            return _component_type(scope, declarations)
        case ResourceDef():
            raise ValidationError(f"a resource type cannot be defined in {scope.article}")
        case value:
            return resolve_defvaltype(scope, value)


def define_core_type(scope: Scope, definition: CoreTypeDef | ModuleTypeDef) -> None:
    """Append a core type to a scope's core type space."""
    if isinstance(definition, ModuleTypeDef):
        scope.core_types.append(module_type(scope, definition))
    else:
        scope.core_types.append(definition.type)


def _instance_type(outer: Scope, declarations: Sequence[InstanceDecl]) -> InstanceType:
    scope = outer.inner("instance type")
    exports = Externs("export")
    resources: list[ResourceType] = []
    for declaration in declarations:
        _declare(scope, declaration, Externs("import"), exports, [], resources)
    return InstanceType(exports.types, tuple(resources))


def _component_type(outer: Scope, declarations: Sequence[ComponentDecl]) -> ComponentType:
    scope = outer.inner("component type")
    visibility = Visibility()
    imports, exports = Externs("import", visibility), Externs("export", visibility)
    imported: list[ResourceType] = []
    defined: list[ResourceType] = []
    for declaration in declarations:
        _declare(scope, declaration, imports, exports, imported, defined)
    return ComponentType(imports.types, exports.types, tuple(imported), tuple(defined))


def _declare(
    scope: Scope,
    declaration: ComponentDecl,
    imports: Externs,
    exports: Externs,
    imported: list[ResourceType],
    defined: list[ResourceType],
) -> None:
    match declaration:
        case TypeDef():
            define_type(scope, declaration)
        case CoreTypeDef() | ModuleTypeDef():
            define_core_type(scope, declaration)
        case AliasExport():
            alias_export(scope, declaration)
        case AliasOuter():
            alias_outer(scope, declaration)
        case AliasCoreExport():
            raise ValidationError(f"a core export cannot be aliased in {scope.article}")
        case ImportDecl() | ExportDecl():
            declared = extern_type(scope, declaration.type, declaration.name)
            extern, fresh = freshen(declared)
            scope.facts.of(extern)
            is_import = isinstance(declaration, ImportDecl)
            (imported if is_import else defined).extend(fresh)
            named = imports if is_import else exports
            named.add(declaration.name, extern, declaration.attributes)
            introduce(scope, extern)


def extern_type(scope: Scope, ref: ExternTypeRef, name: str) -> ExternType:
    """The type of an import or export called `name`."""
    if isinstance(ref, SubResourceDecl):
        return SubResource(ResourceType(name))
    if isinstance(ref, ValueEqDecl):
        return ValueType(element(scope.values, ref.value, "value"))
    if ref.sort is Sort.VALUE:
        return ValueType(resolve_valtype(scope, ref.type))
    assert isinstance(ref.type, int)
    if ref.sort is Sort.CORE_MODULE:
        core = element(scope.core_types, ref.type, "core type")
        if not isinstance(core, ModuleType):
            raise ValidationError(f"core type {ref.type} is not a module type")
        return core
    found = element(scope.types, ref.type, "type")
    if ref.sort is Sort.TYPE:
        return TypeEq(found)
    kind, what = KINDS[ref.sort]
    if not isinstance(found, kind):
        raise ValidationError(f"type {ref.type} is not {what} type")
    return found


KINDS: dict[Sort, tuple[type[FuncType | ComponentType | InstanceType], str]] = {
    Sort.FUNC: (FuncType, "a function"),
    Sort.COMPONENT: (ComponentType, "a component"),
    Sort.INSTANCE: (InstanceType, "an instance"),
}


def introduce(scope: Scope, extern: ExternType) -> None:
    """Append what an import, export or alias is to the space of its sort."""
    match extern:
        case FuncType():
            scope.funcs.append(extern)
        case InstanceType():
            scope.instances.append(extern)
        case ComponentType():
            scope.components.append(extern)
        case ModuleType():
            scope.core_modules.append(extern)
        case ValueType():
            scope.values.append(extern.type)
        case TypeEq() | SubResource():
            scope.types.append(bound_type(extern))


def sort_of(extern: ExternType) -> Sort:
    """The index space an extern type's definition is in."""
    return SORT_OF[type(extern)]


SORT_OF: dict[type, Sort] = {
    FuncType: Sort.FUNC,
    InstanceType: Sort.INSTANCE,
    ComponentType: Sort.COMPONENT,
    ModuleType: Sort.CORE_MODULE,
    ValueType: Sort.VALUE,
    TypeEq: Sort.TYPE,
    SubResource: Sort.TYPE,
}


def alias_export(scope: Scope, alias: AliasExport) -> None:
    """Append an instance's export to the space of its sort."""
    if scope.is_type and alias.sort not in (Sort.TYPE, Sort.INSTANCE):
        raise ValidationError(f"only a type or an instance can be aliased in {scope.article}")
    instance = element(scope.instances, alias.instance, "instance")
    export = instance.exports.get(alias.name)
    if export is None:
        raise ValidationError(f"instance {alias.instance} has no export `{alias.name}`")
    if sort_of(export) is not alias.sort:
        found = sort_of(export).value
        raise ValidationError(f"export `{alias.name}` is a {found}, not a {alias.sort.value}")
    introduce(scope, export)


OUTER_SORTS = (Sort.TYPE, Sort.CORE_TYPE, Sort.CORE_MODULE, Sort.COMPONENT)


def alias_outer(scope: Scope, alias: AliasOuter) -> None:
    """Append a definition of an enclosing scope to the space of its sort."""
    allowed = OUTER_SORTS[:2] if scope.is_type else OUTER_SORTS
    if alias.sort not in allowed:
        raise ValidationError(f"a {alias.sort.value} of an outer scope cannot be aliased here")
    found = scope.outer(alias.count).at(alias.sort, alias.index)
    crosses = any(scope.outer(n).kind == "component" for n in range(alias.count))
    if crosses and alias.sort is Sort.TYPE and scope.facts.free_resources(found):
        raise ValidationError("a type that refers to a resource cannot be aliased by a component")
    scope.space(alias.sort).append(found)


# Core module types.


def module_type(outer: Scope, definition: ModuleTypeDef) -> ModuleType:
    """The module type a definition means in a scope."""
    scope = outer.inner("module type")
    imports: list[CoreImportDecl] = []
    exports: list[CoreExportDecl] = []
    for declaration in definition.declarations:
        match declaration:
            case CoreTypeDef():
                scope.core_types.append(declaration.type)
            case AliasOuter():
                found = scope.outer(declaration.count).at(declaration.sort, declaration.index)
                if isinstance(found, ModuleType):
                    raise ValidationError("a module type cannot be aliased in a module type")
                scope.core_types.append(found)
            case CoreImportItem(module, name, ref):
                imports.append(CoreImportDecl(module, name, core_extern_type(scope, ref)))
            case CoreExportItem(name, ref):
                if any(export.name == name for export in exports):
                    raise ValidationError(f"export `{name}` is declared twice")
                exports.append(CoreExportDecl(name, core_extern_type(scope, ref)))
    check_import_names(imports)
    return ModuleType(tuple(imports), tuple(exports))


def check_import_names(imports: Sequence[CoreImportDecl]) -> None:
    """Check that no two imports of a core module have the same names."""
    seen: set[tuple[str, str]] = set()
    for declared in imports:
        names = (declared.module, declared.name)
        if names in seen:
            raise ValidationError(
                f"core import `{declared.module}` `{declared.name}` is there twice"
            )
        seen.add(names)


def check_memory_limits(type: CoreMemoryType) -> None:
    """Check that a memory is not larger than its addresses reach."""
    limits = type.limits
    most = 1 << ((64 if limits.is_64 else 32) - type.page_size_log2)
    if limits.minimum > most or (limits.maximum or 0) > most:
        raise ValidationError(f"a core memory cannot have more than {most} pages")
    if limits.shared and limits.maximum is None:
        raise ValidationError("a shared memory needs a maximum size")


def core_extern_type(scope: Scope, ref: CoreExternDecl) -> CoreExternType:
    """The core extern type a reference means in a module type."""
    if isinstance(ref, CoreMemoryType):
        check_memory_limits(ref)
    if not isinstance(ref, CoreFuncDecl | CoreTagDecl):
        return ref
    found = element(scope.core_types, ref.type, "core type")
    if not isinstance(found, CoreFuncType):
        raise ValidationError(f"core type {ref.type} is not a function type")
    return found if isinstance(ref, CoreFuncDecl) else CoreTagType(found)
