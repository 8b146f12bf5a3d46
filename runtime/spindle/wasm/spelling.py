"""Types spelled as in WIT, for the WIT printer and for messages.

Spec: WIT.md#types.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from spindle.wasm.types import (
    BorrowType,
    DefType,
    EnumType,
    FlagsType,
    FuncType,
    FutureType,
    ListType,
    MapType,
    OptionType,
    OwnType,
    PrimValType,
    RecordType,
    ResourceType,
    ResultType,
    StreamType,
    TupleType,
    ValType,
    VariantType,
)

Nominal: TypeAlias = RecordType | VariantType | EnumType | FlagsType
"""The value types that people always name."""


class Names:
    """What types are called; two types of one structure may have two names."""

    def __init__(self) -> None:
        self._by_id: dict[int, str] = {}
        self._by_structure: dict[Nominal | OwnType, str] = {}

    def add(self, type: DefType, name: str) -> None:
        """Call a type by a name, unless it has one or is a primitive."""
        if isinstance(type, PrimValType):
            return
        self._by_id.setdefault(id(type), name)
        if isinstance(type, Nominal | OwnType):
            self._by_structure.setdefault(type, name)

    def find(self, type: DefType) -> str | None:
        """The name of this very type, else of one that does not differ from it."""
        found = self._by_id.get(id(type))
        if found is None and isinstance(type, Nominal):
            found = self._by_structure.get(type)
        return found

    def find_handle(self, type: OwnType) -> str | None:
        """The name of a handle whose resource has none here."""
        return None if self.find(type.resource) else self._by_structure.get(type)


NO_NAMES = Names()

KEYWORDS = frozenset(
    {
        *("as", "async", "bool", "borrow", "char", "constructor", "enum", "error-context"),
        *("export", "f32", "f64", "flags", "from", "func", "future", "import", "include"),
        *("interface", "list", "map", "option", "own", "package", "record", "resource", "result"),
        *("s16", "s32", "s64", "s8", "static", "stream", "string", "tuple", "type", "u16", "u32"),
        *("u64", "u8", "use", "variant", "with", "world"),
    }
)


def spell_name(label: str) -> str:
    """A label as a WIT identifier."""
    return f"%{label}" if label in KEYWORDS else label


def spell(type: ValType, names: Names = NO_NAMES) -> str:
    """A value type: by its name if it has one, else written out."""
    name = names.find(type)
    return spell_name(name) if name is not None else spell_out(type, names)


def spell_out(type: ValType, names: Names) -> str:
    """A value type written out, what is in it by name where it has one."""
    match type:
        case PrimValType():
            return type.value
        case ListType(element, None):
            return f"list<{spell(element, names)}>"
        case ListType(element, length):
            return f"list<{spell(element, names)}, {length}>"
        case MapType(key, value):
            return f"map<{spell(key, names)}, {spell(value, names)}>"
        case TupleType(types):
            return f"tuple<{', '.join(spell(t, names) for t in types)}>"
        case OptionType(inner):
            return f"option<{spell(inner, names)}>"
        case ResultType(ok, error):
            return f"result{_result_arguments(ok, error, names)}"
        case OwnType(resource):
            handle = names.find_handle(type)
            return spell_resource(resource, names) if handle is None else spell_name(handle)
        case BorrowType(resource):
            return f"borrow<{spell_resource(resource, names)}>"
        case StreamType(element_or_none):
            return _applied("stream", element_or_none, names)
        case FutureType(element_or_none):
            return _applied("future", element_or_none, names)
        case RecordType(fields):
            return _braced(
                "record", [f"{spell_name(f.label)}: {spell(f.type, names)}" for f in fields]
            )
        case VariantType(cases):
            return _braced("variant", [_case(c.label, c.type, names) for c in cases])
        case EnumType(labels):
            return _braced("enum", map(spell_name, labels))
        case FlagsType(labels):
            return _braced("flags", map(spell_name, labels))


def spell_resource(resource: ResourceType, names: Names) -> str:
    """A resource by its name here, or by what it calls itself."""
    return spell_name(names.find(resource) or resource.name or "resource")


def spell_func(type: FuncType, names: Names = NO_NAMES) -> str:
    """A function type, without the leading name."""
    params = ", ".join(f"{spell_name(p.label)}: {spell(p.type, names)}" for p in type.params)
    result = "" if type.result is None else f" -> {spell(type.result, names)}"
    return f"{'async ' if type.is_async else ''}func({params}){result}"


def _applied(name: str, argument: ValType | None, names: Names) -> str:
    return name if argument is None else f"{name}<{spell(argument, names)}>"


def _result_arguments(ok: ValType | None, error: ValType | None, names: Names) -> str:
    if error is None:
        return "" if ok is None else f"<{spell(ok, names)}>"
    return f"<{'_' if ok is None else spell(ok, names)}, {spell(error, names)}>"


def _case(label: str, type: ValType | None, names: Names) -> str:
    return spell_name(label) + ("" if type is None else f"({spell(type, names)})")


def _braced(kind: str, items: Iterable[str]) -> str:
    return f"{kind} {{ {', '.join(items)} }}"
