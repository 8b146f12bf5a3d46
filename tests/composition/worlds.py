"""Random worlds: interfaces with resources, named types and functions, using each other's."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from spindle.composition.encoder import encode_component
from spindle.composition.type_writer import TypeWriter
from spindle.wasm.types import (
    BorrowType,
    CaseType,
    EnumType,
    ExternType,
    FieldType,
    FlagsType,
    FuncType,
    FutureType,
    InstanceType,
    ListType,
    MapType,
    OptionType,
    OwnType,
    PrimValType,
    RecordType,
    ResourceType,
    ResultType,
    StreamType,
    SubResource,
    TupleType,
    TypeEq,
    ValType,
    VariantType,
)

SYNC_PRIMITIVES = [t for t in PrimValType if t is not PrimValType.ERROR_CONTEXT]
KEYS = [PrimValType.U32, PrimValType.STRING, PrimValType.CHAR]

World = dict[str, ExternType]


@st.composite
def worlds(draw: DrawFn, *, gated: bool = True) -> World:
    """Imports in an order that is valid; `gated` ones use what engines have behind a flag."""
    world: World = {}
    known: list[tuple[str, ValType | ResourceType]] = []
    for number in range(draw(st.integers(1, 4))):
        exports = draw(interfaces(known, gated=gated))
        resources = tuple(e.resource for e in exports.values() if isinstance(e, SubResource))
        world[f"test:world/i{number}@0.{number + 1}.1"] = InstanceType(exports, resources)
        known += [
            (name, of.resource if isinstance(of, SubResource) else of.type)  # type: ignore[misc]
            for name, of in exports.items()
            if isinstance(of, SubResource | TypeEq)
        ]
    return world


@st.composite
def interfaces(
    draw: DrawFn, known: list[tuple[str, ValType | ResourceType]], *, gated: bool
) -> dict[str, ExternType]:
    """What an interface exports: types of earlier ones, types of its own, functions."""
    exports: dict[str, ExternType] = {}
    types: list[ValType] = []
    resources: dict[str, ResourceType] = {}
    used = draw(st.lists(st.sampled_from(known), max_size=3)) if known else []
    for number, (_, of) in enumerate(used):
        exports[f"used{number}"] = TypeEq(of)
        if isinstance(of, ResourceType):
            resources[f"used{number}"] = of
        else:
            types.append(of)
    for number in range(draw(st.integers(0, 2))):
        resource = ResourceType(f"r{number}")
        resources[f"r{number}"] = resource
        exports[f"r{number}"] = SubResource(resource)
        if draw(st.booleans()):
            exports[f"s{number}"] = TypeEq(resource)
        made = FuncType((), OwnType(resource))
        exports[f"[constructor]r{number}"] = made
        method = FuncType((FieldType("self", BorrowType(resource)),), None)
        exports[f"[method]r{number}.m"] = method
    handles = list(resources.values())
    for number in range(draw(st.integers(0, 4))):
        named = draw(named_types(types, handles, gated=gated))
        exports[f"t{number}"] = TypeEq(named)
        types.append(named)
    for number in range(draw(st.integers(0, 4))):
        exports[f"f{number}"] = draw(functions(types, handles, gated=gated))
    return exports


def val_types(
    types: list[ValType], resources: list[ResourceType], *, gated: bool, borrow: bool = False
) -> SearchStrategy[ValType]:
    """Value types without a name of their own, over given ones."""
    leaves: list[SearchStrategy[Any]] = [
        st.sampled_from(list(PrimValType) if gated else SYNC_PRIMITIVES)
    ]
    if types:
        leaves.append(st.sampled_from(types))
    if resources:
        leaves.append(st.sampled_from(resources).map(OwnType))
        if borrow:
            leaves.append(st.sampled_from(resources).map(BorrowType))
    return st.recursive(
        st.one_of(leaves), lambda inner: compounds(inner, gated, borrow), max_leaves=4
    )


def compounds(inner: SearchStrategy[ValType], gated: bool, borrow: bool) -> SearchStrategy[ValType]:
    """Types that need no name."""
    kinds: list[SearchStrategy[Any]] = [
        inner.map(ListType),
        inner.map(OptionType),
        st.lists(inner, min_size=1, max_size=3).map(lambda of: TupleType(tuple(of))),
        st.builds(ResultType, st.none() | inner, st.none() | inner),
    ]
    if gated:
        kinds.append(st.builds(ListType, inner, st.integers(1, 5)))
        kinds.append(st.builds(MapType, st.sampled_from(KEYS), inner))
        if not borrow:
            flowing = st.none() | inner.filter(lambda of: of is not PrimValType.CHAR)
            kinds.append(st.builds(StreamType, flowing))
            kinds.append(st.builds(FutureType, st.none() | inner))
    return st.one_of(kinds)


def named_types(
    types: list[ValType], resources: list[ResourceType], *, gated: bool
) -> SearchStrategy[ValType]:
    """Records and their like, and aliases."""
    part = val_types(types, resources, gated=gated)
    labels = st.sampled_from([("a",), ("b", "c-d"), ("x", "y", "z")])
    return st.one_of(
        labels.map(EnumType),
        labels.map(FlagsType),
        labels.flatmap(
            lambda names: st.tuples(*(part for _ in names)).map(
                lambda of: RecordType(tuple(map(FieldType, names, of)))
            )
        ),
        labels.flatmap(
            lambda names: st.tuples(*(st.none() | part for _ in names)).map(
                lambda of: VariantType(tuple(map(CaseType, names, of)))
            )
        ),
        part,
    )


def functions(
    types: list[ValType], resources: list[ResourceType], *, gated: bool
) -> SearchStrategy[FuncType]:
    """Functions over given types."""
    params = st.lists(val_types(types, resources, gated=gated, borrow=True), max_size=3)
    return st.builds(
        FuncType,
        params.map(lambda of: tuple(FieldType(f"p{n}", t) for n, t in enumerate(of))),
        st.none() | val_types(types, resources, gated=gated),
        st.booleans() if gated else st.just(False),
    )


def encoded(world: World) -> bytes:
    """A component that imports a world and nothing else."""
    writer = TypeWriter()
    for name, extern in world.items():
        writer.import_(name, extern)
    return b"".join(encode_component(writer.definitions))
