"""What validation asks of types again and again, found once for each.

A type's facts follow from those of its parts, which are there already: every type is built of
types that were defined before it. So nothing here walks a whole type, however large it would be
written out in full.

Spec: CanonicalABI.md#alignment, #element-size, #flattening, for 64-bit memories.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from spindle.wasm.problems import ValidationError
from spindle.wasm.substitution import FreeResources
from spindle.wasm.types import (
    BorrowType,
    ComponentType,
    DefType,
    EnumType,
    ExternType,
    FlagsType,
    FuncType,
    FutureType,
    InstanceType,
    ListType,
    MapType,
    ModuleType,
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
    ValueType,
    VariantType,
)

AnyType: TypeAlias = DefType | ExternType

MAX_DEPTH = 100
"""How deep a type may be: what walks types recursively relies on it."""
MAX_PARTS = 1_000_000
"""How many types a type may be made of, written out in full."""
MAX_VALUE_PARTS = 10_000
"""How many a value type may be made of: what compares and compiles them goes through them all."""
MAX_STEPS = 100_000
"""How many types and definitions a component may come to, counted again in each instance."""
MAX_BYTE_SIZE = 1 << 28
"""A value takes less than this in memory."""


class Facts(NamedTuple):
    """What is known of a type."""

    parts: int = 1
    """How many types it is made of, itself included, written out in full."""
    depth: int = 1
    flat: int = 1
    """How many core values it flattens to."""
    byte_size: int = 4
    """The size of a value in a 64-bit memory; at least what it is in a 32-bit one."""
    alignment: int = 4
    has_borrow: bool = False
    uses_memory: bool = False
    """Whether a value is partly behind a pointer."""


HANDLE = Facts()
POINTED = Facts(flat=2, byte_size=16, alignment=8, uses_memory=True)

PRIMITIVES = {
    PrimValType.STRING: POINTED,
    PrimValType.ERROR_CONTEXT: HANDLE,
    **{
        PrimValType(name): Facts(byte_size=size, alignment=size)
        for size, names in {
            1: ("bool", "s8", "u8"),
            2: ("s16", "u16"),
            4: ("s32", "u32", "f32", "char"),
            8: ("s64", "u64", "f64"),
        }.items()
        for name in names
    },
}


class FactBook:
    """The facts of types, each found once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[AnyType, Facts]] = {}
        self._steps = 0
        self.free_resources = FreeResources()

    def spend(self, steps: int) -> None:
        """Count what takes time; raises `ValidationError` when that is too much for one file."""
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise ValidationError(f"the component comes to more than {MAX_STEPS} definitions")

    def of(self, type: AnyType) -> Facts:
        """A type's facts; raises `ValidationError` if it is too deep or too large."""
        if isinstance(type, PrimValType):
            return PRIMITIVES[type]
        known = self._known.get(id(type))
        if known is None:
            # The type is kept beside its id, so that no other object takes the id.
            self.spend(1)
            most = MAX_PARTS if isinstance(type, NO_VALUES) else MAX_VALUE_PARTS
            known = self._known[id(type)] = (type, checked(self._find(type), most))
        return known[1]

    def of_optional(self, type: ValType | None) -> Facts | None:
        """A type's facts, if there is one."""
        return None if type is None else self.of(type)

    def _find(self, type: AnyType) -> Facts:
        match type:
            case ListType(element, length):
                facts = self.of(element)
                return within(POINTED, [facts]) if length is None else repeated(facts, length)
            case MapType(key, value):
                return within(POINTED, [product([self.of(key), self.of(value)])])
            case StreamType(element) | FutureType(element):
                return within(HANDLE, present([self.of_optional(element)]))
            case RecordType(fields):
                return product([self.of(field.type) for field in fields])
            case TupleType(types):
                return product([self.of(item) for item in types])
            case VariantType(cases):
                return choice([self.of_optional(case.type) for case in cases])
            case EnumType(labels):
                return choice([None] * len(labels))
            case OptionType(inner):
                return choice([None, self.of(inner)])
            case ResultType(ok, error):
                return choice([self.of_optional(ok), self.of_optional(error)])
            case FlagsType(labels):
                size = 1 if len(labels) <= 8 else 2 if len(labels) <= 16 else 4
                return Facts(byte_size=size, alignment=size)
            case BorrowType():
                return HANDLE._replace(has_borrow=True)
            case PrimValType():
                return PRIMITIVES[type]
            case OwnType() | ResourceType() | SubResource() | ModuleType():
                return HANDLE
            case TypeEq(inner) | ValueType(inner):
                return within(HANDLE, [self.of(inner)])
            case FuncType(params, result):
                taken = [self.of(param.type) for param in params]
                return within(HANDLE, [*taken, *present([self.of_optional(result)])])
            case InstanceType(exports):
                return within(HANDLE, [self.of(export) for export in exports.values()])
            case ComponentType(imports, exports):
                externs = (*imports.values(), *exports.values())
                return within(HANDLE, [self.of(extern) for extern in externs])


NO_VALUES = (FuncType, InstanceType, ComponentType, ModuleType)


def checked(facts: Facts, most: int) -> Facts:
    """Facts that are within bounds."""
    if facts.depth > MAX_DEPTH:
        raise ValidationError(f"types nest more than {MAX_DEPTH} deep")
    if facts.parts > most:
        raise ValidationError(f"a type is made of more than {most} types")
    if facts.byte_size >= MAX_BYTE_SIZE:
        raise ValidationError("a value of this type takes 2^28 bytes or more")
    return facts


def present(facts: Iterable[Facts | None]) -> list[Facts]:
    """Those that are there."""
    return [one for one in facts if one is not None]


def within(whole: Facts, parts: list[Facts]) -> Facts:
    """The facts of a type whose own size is known, and of which these are parts."""
    if not parts:
        return whole
    return whole._replace(
        parts=1 + sum([part.parts for part in parts]),
        depth=1 + max([part.depth for part in parts]),
        has_borrow=any(part.has_borrow for part in parts),
    )


def repeated(element: Facts, length: int) -> Facts:
    """The facts of a list of a fixed length."""
    return element._replace(
        parts=1 + element.parts,
        depth=1 + element.depth,
        flat=length * element.flat,
        byte_size=length * element.byte_size,
    )


def product(parts: list[Facts]) -> Facts:
    """The facts of a record of these parts, one after the other."""
    alignment = max([part.alignment for part in parts])
    size = 0
    for part in parts:
        size = align_to(size, part.alignment) + part.byte_size
    whole = Facts(
        flat=sum([part.flat for part in parts]),
        byte_size=align_to(size, alignment),
        alignment=alignment,
        uses_memory=any(part.uses_memory for part in parts),
    )
    return within(whole, parts)


def choice(cases: list[Facts | None]) -> Facts:
    """The facts of a variant of these cases, some without a payload."""
    discriminant = 1 if len(cases) <= 1 << 8 else 2 if len(cases) <= 1 << 16 else 4
    payloads = present(cases)
    if not payloads:
        return Facts(byte_size=discriminant, alignment=discriminant)
    payload_alignment = max([part.alignment for part in payloads])
    alignment = max(discriminant, payload_alignment)
    size = align_to(discriminant, payload_alignment) + max([part.byte_size for part in payloads])
    whole = Facts(
        flat=1 + max([part.flat for part in payloads]),
        byte_size=align_to(size, alignment),
        alignment=alignment,
        uses_memory=any(part.uses_memory for part in payloads),
    )
    return within(whole, payloads)


def align_to(offset: int, alignment: int) -> int:
    """The next multiple of an alignment."""
    return (offset + alignment - 1) & -alignment
