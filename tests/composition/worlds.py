"""Random worlds: interfaces with resources, named types and functions, using each other's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

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
        exports = interfaces(draw, known, gated=gated)
        resources = tuple(e.resource for e in exports.values() if isinstance(e, SubResource))
        world[f"test:world/i{number}@0.{number + 1}.1"] = InstanceType(exports, resources)
        known += [
            (name, of.resource if isinstance(of, SubResource) else of.type)  # type: ignore[misc]
            for name, of in exports.items()
            if isinstance(of, SubResource | TypeEq)
        ]
    return world


def interfaces(
    draw: DrawFn, known: list[tuple[str, ValType | ResourceType]], *, gated: bool
) -> dict[str, ExternType]:
    """What an interface exports: types of earlier ones, types of its own, functions."""
    exports: dict[str, ExternType] = {}
    types = Types(draw, gated=gated)
    for number in range(draw(st.integers(0, 3)) if known else 0):
        _, used = draw(st.sampled_from(known))
        exports[f"used{number}"] = TypeEq(used)
        types.add(used)
    for number in range(draw(st.integers(0, 2))):
        resource = ResourceType(f"r{number}")
        exports[f"r{number}"] = SubResource(resource)
        if draw(st.booleans()):
            exports[f"s{number}"] = TypeEq(resource)
        exports[f"[constructor]r{number}"] = FuncType((), OwnType(resource))
        method = FuncType((FieldType("self", BorrowType(resource)),), None)
        exports[f"[method]r{number}.m"] = method
        types.add(resource)
    for number in range(draw(st.integers(0, 4))):
        named = types.named()
        exports[f"t{number}"] = TypeEq(named)
        types.add(named)
    for number in range(draw(st.integers(0, 4))):
        exports[f"f{number}"] = types.function()
    return exports


LABELS = [("a",), ("b", "c-d"), ("x", "y", "z")]


class Types:
    """Types over those an interface knows, drawn one after another."""

    def __init__(self, draw: DrawFn, *, gated: bool) -> None:
        self._draw = draw
        self._gated = gated
        self._types: list[ValType] = []
        self._resources: list[ResourceType] = []

    def add(self, type: ValType | ResourceType) -> None:
        """Let others use a type."""
        if isinstance(type, ResourceType):
            self._resources.append(type)
        else:
            self._types.append(type)

    def any(self, depth: int = 2, *, borrow: bool = False) -> ValType:
        """A type that needs no name of its own."""
        draw, gated = self._draw, self._gated
        kind = draw(st.integers(0, (11 if gated else 7) if depth else 3))
        of = partial(self.any, depth - 1, borrow=borrow)
        match kind:
            case 1 if self._types:
                return draw(st.sampled_from(self._types))
            case 2 if self._resources:
                return OwnType(draw(st.sampled_from(self._resources)))
            case 3 if self._resources and borrow:
                return BorrowType(draw(st.sampled_from(self._resources)))
            case 4:
                return ListType(of())
            case 5:
                return OptionType(of())
            case 6:
                return TupleType(tuple(of() for _ in range(draw(st.integers(1, 3)))))
            case 7:
                return ResultType(self._optional(of), self._optional(of))
            case 8:
                return ListType(of(), draw(st.integers(1, 5)))
            case 9:
                return MapType(draw(st.sampled_from(KEYS)), of())
            case 10:
                return FutureType(self._optional(partial(self.any, depth - 1)))
            case 11:
                element = self._optional(partial(self.any, depth - 1))
                return StreamType(None if element is PrimValType.CHAR else element)
        return draw(st.sampled_from(list(PrimValType) if gated else SYNC_PRIMITIVES))

    def _optional(self, of: Callable[[], ValType]) -> ValType | None:
        return of() if self._draw(st.booleans()) else None

    def named(self) -> ValType:
        """A record or one of its like, or an alias."""
        labels = self._draw(st.sampled_from(LABELS))
        match self._draw(st.integers(0, 4)):
            case 0:
                return EnumType(labels)
            case 1:
                return FlagsType(labels)
            case 2:
                return RecordType(tuple(FieldType(label, self.any()) for label in labels))
            case 3:
                cases = (CaseType(label, self._optional(self.any)) for label in labels)
                return VariantType(tuple(cases))
        return self.any()

    def function(self) -> FuncType:
        """A function."""
        count = self._draw(st.integers(0, 3))
        params = tuple(FieldType(f"p{n}", self.any(borrow=True)) for n in range(count))
        is_async = self._gated and self._draw(st.booleans())
        return FuncType(params, self._optional(self.any), is_async)


def encoded(world: World) -> bytes:
    """A component that imports a world and nothing else."""
    writer = TypeWriter()
    for name, extern in world.items():
        writer.import_(name, extern)
    return b"".join(encode_component(writer.definitions))
