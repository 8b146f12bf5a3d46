"""A component around a core module: its imports lowered, its exports lifted.

Spec: Explainer.md#instance-definitions; wit-component's names for core modules (`names`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from spindle.componentize import names
from spindle.componentize.encoding import CORE_KINDS
from spindle.componentize.imports import ComponentizeError, CoreImport
from spindle.componentize.names import Function, Payload, Resource, TaskReturn
from spindle.componentize.shims import START, TABLE, filler, shim
from spindle.componentize.worlds import Wanted
from spindle.composition.encoder import CoreNested, encode_component
from spindle.composition.type_writer import TypeWriter
from spindle.wasm import preview1
from spindle.wasm.canonical import CanonBuiltin, CanonLift, CanonLower, CanonOptions, StringEncoding
from spindle.wasm.definitions import (
    AliasCoreExport,
    AliasExport,
    CoreInlineExports,
    CoreInstantiate,
    Export,
    Index,
    InlineExports,
    Sort,
    SortIndex,
)
from spindle.wasm.types import (
    CoreExternType,
    CoreFuncType,
    ExternType,
    FuncType,
    InstanceType,
    ResourceType,
    SubResource,
    TypeEq,
)

_MAIN, _SHIM, _FILLER = 0, 1, 2
"""The core modules, by index."""


class Assembly:
    """The component as it is written."""

    def __init__(
        self,
        data: bytes,
        exports: Mapping[str, CoreExternType],
        wanted: Wanted,
        imports: Sequence[CoreImport],
        encoding: StringEncoding,
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        """`renamed` has the names of those exports that have others than they should."""
        self._data = data
        self._core_exports = exports
        self._wanted = wanted
        self._imports = imports
        self._encoding = encoding
        self._renamed = renamed or {}
        self._writer = TypeWriter()
        self._roots: dict[str, Index] = {}
        """The index of each of the component's imports."""
        self._aliases: dict[tuple[Sort, Index, str], Index] = {}
        self._shimmed = [one for one in imports if one.needs.memory]

    def write(self) -> bytes:
        """The component's bytes; raises `ComponentizeError`."""
        for name, extern in self._wanted.exports.items():
            if isinstance(extern, InstanceType):
                _check_items(name, extern.exports)
        for root in self._wanted.roots:
            index = self._writer.import_(root.name, root.extern, root.attributes)
            self._roots[root.name] = index
        self._import_preview1()
        types = [_core_type(one) for one in self._shimmed]
        start = names.INITIALIZE in self._core_exports
        named = [(one.declared.module, one.declared.name) for one in self._shimmed]
        for module in (self._data, shim(types), filler(named, types, start)):
            self._writer.append(Sort.CORE_MODULE, CoreNested(module))
        self._shim = self._instantiate(_SHIM, {})
        self._main = self._instantiate(_MAIN, self._arguments())
        self._fill(start)
        for name, extern in self._wanted.exports.items():
            self._export(name, extern)
        return b"".join(encode_component(self._writer.definitions, CORE_KINDS))

    # The module's imports.

    def _import_preview1(self) -> None:
        functions: dict[str, ExternType] = {
            i.meaning.name: i.type
            for i in self._imports
            if i.is_preview1 and isinstance(i.meaning, Function) and i.type is not None
        }
        if functions:
            index = self._writer.import_(preview1.INTERFACE, InstanceType(functions))
            self._roots[preview1.INTERFACE] = index

    def _instantiate(self, module: Index, args: Mapping[str, Index]) -> Index:
        definition = CoreInstantiate(module, tuple(args.items()))
        return self._writer.append(Sort.CORE_INSTANCE, definition)

    def _core_instance(self, exports: Mapping[str, SortIndex]) -> Index:
        definition = CoreInlineExports(tuple(exports.items()))
        return self._writer.append(Sort.CORE_INSTANCE, definition)

    def _arguments(self) -> dict[str, Index]:
        """An instance for each module that the module imports from."""

        def at(one: CoreImport) -> Index:
            return self._shimmed_at(one) if one.needs.memory else self._made(one, CanonOptions())

        return self._instances(self._imports, at)

    def _instances(
        self, imports: Iterable[CoreImport], at: Callable[[CoreImport], Index]
    ) -> dict[str, Index]:
        """An instance for each module that something is imported from, of functions."""
        given: dict[str, dict[str, SortIndex]] = defaultdict(dict)
        for one in imports:
            given[one.declared.module][one.declared.name] = SortIndex(Sort.CORE_FUNC, at(one))
        return {module: self._core_instance(exports) for module, exports in given.items()}

    def _shimmed_at(self, one: CoreImport) -> Index:
        return self._core_alias(self._shim, Sort.CORE_FUNC, str(self._shimmed.index(one)))

    def _fill(self, start: bool) -> None:
        """Let the shim call what it stands for, and initialize the module."""
        own = {TABLE: SortIndex(Sort.CORE_TABLE, self._shim_table())}
        if start:
            initialize = self._of_main(names.INITIALIZE, Sort.CORE_FUNC)
            own[START] = SortIndex(Sort.CORE_FUNC, initialize)
        given = self._instances(self._shimmed, self._real)
        self._instantiate(_FILLER, {**given, "": self._core_instance(own)})

    def _shim_table(self) -> Index:
        return self._core_alias(self._shim, Sort.CORE_TABLE, TABLE)

    def _real(self, one: CoreImport) -> Index:
        realloc = self._realloc(one) if one.needs.realloc else None
        memory = self._of_main(names.MEMORY, Sort.CORE_MEMORY)
        return self._made(one, CanonOptions(self._encoding, memory, realloc))

    def _realloc(self, one: CoreImport) -> Index:
        name = self._realloc_name()
        if name is None:
            label = f"{one.declared.module}#{one.declared.name}"
            raise ComponentizeError(
                f"the module imports `{label}`, whose result needs memory, but exports no "
                f"`{names.REALLOCS[0]}`"
            )
        return self._of_main(name, Sort.CORE_FUNC)

    def _realloc_name(self) -> str | None:
        return next((name for name in names.REALLOCS if name in self._core_exports), None)

    def _made(self, one: CoreImport, options: CanonOptions) -> Index:
        """The core function that an import is."""
        writer, meaning = self._writer, one.meaning
        match meaning:
            case Function(is_async=is_async):
                func = self._function(one.interface, meaning.name)
                lower = CanonLower(func, options._replace(is_async=is_async))
                return writer.append(Sort.CORE_FUNC, lower)
            case Resource(builtin):
                assert isinstance(one.subject, ResourceType)
                made = CanonBuiltin(builtin, type=writer.index_of(one.subject))
            case Payload(builtin, is_async=is_async):
                assert one.subject is not None
                options = options._replace(is_async=is_async)
                made = CanonBuiltin(builtin, type=writer.index_of(one.subject), options=options)
            case TaskReturn():
                assert one.type is not None
                result = None if one.type.result is None else writer.ref_of(one.type.result)
                made = CanonBuiltin("task.return", result=result, options=options)
            case _:
                waits = meaning.options._replace(memory=options.memory, realloc=options.realloc)
                made = meaning._replace(options=waits)
        return writer.append(Sort.CORE_FUNC, made)

    def _function(self, interface: str, name: str) -> Index:
        """An imported component function."""
        if interface == names.ROOT:
            return self._roots[name]
        root = self._wanted.find(interface)
        instance = self._roots[interface if root is None else root.name]
        key = (Sort.FUNC, instance, name)
        if key not in self._aliases:
            alias = AliasExport(Sort.FUNC, instance, name)
            self._aliases[key] = self._writer.append(Sort.FUNC, alias)
        return self._aliases[key]

    # The module's exports.

    def _of_main(self, name: str, sort: Sort) -> Index:
        if name not in self._core_exports:
            raise ComponentizeError(f"the module exports no `{name}`, which its imports need")
        return self._core_alias(self._main, sort, name)

    def _core_alias(self, instance: Index, sort: Sort, name: str) -> Index:
        key = (sort, -1 - instance, name)
        if key not in self._aliases:
            alias = AliasCoreExport(sort, instance, name)
            self._aliases[key] = self._writer.append(sort, alias)
        return self._aliases[key]

    def _export(self, name: str, extern: ExternType) -> None:
        match extern:
            case FuncType():
                target = SortIndex(Sort.FUNC, self._lift(name, extern))
            case InstanceType(exports):
                items = InlineExports(tuple(self._items(name, exports)))
                target = SortIndex(Sort.INSTANCE, self._writer.append(Sort.INSTANCE, items))
            case TypeEq(type):
                target = SortIndex(Sort.TYPE, self._writer.index_of(type))
            case _:
                raise ComponentizeError(f"the module's world exports `{name}`, which no module can")
        self._writer.append(target.sort, Export(name, target))

    def _items(
        self, interface: str, exports: Mapping[str, ExternType]
    ) -> Iterator[tuple[str, SortIndex]]:
        for name, extern in exports.items():
            match extern:
                case FuncType():
                    yield name, SortIndex(Sort.FUNC, self._lift(f"{interface}#{name}", extern))
                case TypeEq(type):
                    yield name, SortIndex(Sort.TYPE, self._writer.index_of(type))

    def _lift(self, name: str, type: FuncType) -> Index:
        """A function that the module exports under a name, or one that says it is asynchronous."""
        exports = self._core_exports
        name = self._renamed.get(name, name)
        found = [prefix + name for prefix in ("", names.LIFTED, names.STACKFUL)]
        core_name = next((one for one in found if one in exports), None)
        if core_name is None:
            raise ComponentizeError(
                f"the module exports no `{name}`, which its world says it exports",
                hints=("build it with one version of the bindings generator and its tools",),
            )
        options = self._lift_options(core_name)
        core_func = self._of_main(core_name, Sort.CORE_FUNC)
        lift = CanonLift(core_func, options, self._writer.index_of(type))
        return self._writer.append(Sort.FUNC, lift)

    def _lift_options(self, name: str) -> CanonOptions:
        realloc = self._realloc_name()
        has_memory = names.MEMORY in self._core_exports
        return CanonOptions(
            self._encoding,
            self._of_main(names.MEMORY, Sort.CORE_MEMORY) if has_memory else None,
            self._of_main(realloc, Sort.CORE_FUNC) if has_memory and realloc else None,
            self._optional(names.POST_RETURN + name),
            name.startswith((names.LIFTED, names.STACKFUL)),
            self._optional(names.CALLBACK + name),
        )

    def _optional(self, name: str) -> Index | None:
        return self._of_main(name, Sort.CORE_FUNC) if name in self._core_exports else None


def _core_type(one: CoreImport) -> CoreFuncType:
    assert isinstance(one.declared.type, CoreFuncType)
    return one.declared.type


def _check_items(interface: str, exports: Mapping[str, ExternType]) -> None:
    """Refuse resources: the instance that exports them would have to be a component's own."""
    for name, extern in exports.items():
        if isinstance(extern, SubResource):
            raise ComponentizeError(
                f"the module exports the resource `{name}` of `{interface}`, which only a "
                "component can",
                hints=("make it a component with its own tools: `wasm32-wasip2` for Rust",),
            )
