"""Python classes of the types that WIT names: records, variants, enums and flags.

| WIT | Python |
|---|---|
| `record point { x: s32 }` | a named tuple `Point(x=1)` |
| `variant shape { circle(f64), empty }` | a class `Shape` with one for each case in it |
| `enum color { red }` | a `StrEnum`: `Color.RED == "red"` |
| `flags access { read }` | a `Flag`: `Access.READ` |
"""

from __future__ import annotations

import enum
from typing import Any, ClassVar, TypeAlias

from spindle.component.values import Variant, attribute, record_class
from spindle.typed.naming import class_name, member_name
from spindle.wasm.spelling import Names, spell_out
from spindle.wasm.types import (
    EnumType,
    FlagsType,
    RecordType,
    ValType,
    VariantType,
)

Nominal: TypeAlias = RecordType | VariantType | EnumType | FlagsType
NOMINAL = (RecordType, VariantType, EnumType, FlagsType)


class Case:
    """A value of a variant: `case` is its label, `value` its payload, None if it has none."""

    __slots__ = ("value",)

    case: ClassVar[str]
    has_payload: ClassVar[bool]
    value: Any

    def __init__(self, *values: Any, **named: Any) -> None:
        if type(self)._wrong(values, named):
            expected = "a value" if self.has_payload else "no value"
            raise TypeError(f"`{type(self).__qualname__}` takes {expected}")
        self.value = values[0] if values else named.get("value")

    @classmethod
    def _wrong(cls, values: tuple[Any, ...], named: dict[str, Any]) -> bool:
        given = len(values) + len(named)
        return given != cls.has_payload or not named.keys() <= {"value"}

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "value" and not hasattr(self, "value"):
            object.__setattr__(self, name, value)
            return
        raise AttributeError(f"a `{type(self).__qualname__}` cannot be changed")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Case):
            return NotImplemented
        return type(self) is type(other) and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash((self.case, self.value))

    def __repr__(self) -> str:
        payload = repr(self.value) if self.has_payload else ""
        return f"{type(self).__qualname__}({payload})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Variant, (self.case, self.value)  # its class is made anew for each component


class Classes:
    """The classes of one component's types, each made once."""

    def __init__(self) -> None:
        self._names = Names()
        self._by_id: dict[int, tuple[ValType, type]] = {}
        """Types are kept as well, so that no other gets their address."""
        self._by_structure: dict[Nominal, type] = {}

    def add(self, t: Nominal, label: str) -> type:
        """The class of a type with a name; of one that has a name already, the same."""
        found = self._by_id.get(id(t))
        if found is not None:
            return found[1]
        self._names.add(t, label)
        made = _make(t, class_name(label), self._doc(t, label))
        self._by_id[id(t)] = t, made
        self._by_structure.setdefault(t, made)
        return made

    def of(self, t: Nominal) -> type:
        """The class of a type, be it named or not."""
        found = self._by_id.get(id(t))
        if found is not None:
            return found[1]
        return self._by_structure.get(t) or self.add(t, type(t).__name__.removesuffix("Type"))

    def _doc(self, t: Nominal, label: str) -> str:
        kind, _, body = spell_out(t, self._names).partition(" ")
        return f"{kind} {label} {body}"


def _make(t: Nominal, name: str, doc: str) -> type:
    made: type
    match t:
        case RecordType():
            made = type(name, (record_class(t),), {"__slots__": ()})
        case VariantType():
            made = _variant_class(t, name)
        case EnumType(labels):
            made = _enumeration(enum.StrEnum, name, dict(zip(labels, labels, strict=True)))
        case FlagsType():
            made = _enumeration(enum.Flag, name, {label: bit for bit, label in flag_labels(t)})
    made.__doc__ = doc
    made.__module__ = "spindle.typed"
    return made


def _enumeration(base: Any, name: str, members: dict[str, Any]) -> type:
    made: type = base(name, [(member_name(label), value) for label, value in members.items()])
    return made


def _variant_class(t: VariantType, name: str) -> type:
    """A class whose attributes are those of its cases."""
    base = type(name, (Case,), {"__slots__": ()})
    for case in t.cases:
        label = class_name(case.label)
        members = {
            "__slots__": (),
            "__match_args__": ("value",) if case.type is not None else (),
            "__qualname__": f"{name}.{label}",
            "__module__": "spindle.typed",
            "case": case.label,
            "has_payload": case.type is not None,
        }
        setattr(base, label, type(label, (base,), members))
    return base


def case_classes(variant: type, t: VariantType) -> dict[str, type[Case]]:
    """The classes of a variant's cases, by their labels."""
    return {case.label: getattr(variant, class_name(case.label)) for case in t.cases}


def flag_labels(t: FlagsType) -> tuple[tuple[int, str], ...]:
    """The bit of each label."""
    return tuple((1 << i, label) for i, label in enumerate(t.labels))


def record_attributes(t: RecordType) -> tuple[tuple[str, str], ...]:
    """The attribute and label of each field."""
    return tuple((attribute(field.label), field.label) for field in t.fields)
