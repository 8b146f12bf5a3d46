"""The types of the host's functions as values, read from how `signatures.txt` spells them.

What a function's own package does not name is a resource of another one.

Spec: WIT.md#types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from spindle.component.plan_signatures import bare, known_packages, package_of
from spindle.wasm.names import track_of
from spindle.wasm.types import (
    BorrowType,
    CaseType,
    EnumType,
    FieldType,
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

_TOKEN = re.compile(r"->|[<>{}(),]|:(?=\s)|[^\s<>{}(),]+?(?=:\s|[\s<>{}(),]|$)")


def signature_of(interface: str, function: str) -> str | None:
    """The type of one of the host's functions as WIT has it: `func(u64) -> list<u8>`."""
    track = track_of(interface)
    package = known_packages().get(package_of(track))
    return None if package is None else package.functions.get(f"{bare(track)}#{function}")


def known_type(interface: str, function: str) -> FuncType | None:
    """The type of one of the host's functions; its parameters have no names."""
    text = signature_of(interface, function)
    if text is None:
        return None
    package = known_packages()[package_of(track_of(interface))]
    return _Reader(text, {name: spelled for spelled, name in package.types.items()}).function()


def read_type(text: str, names: Mapping[str, str]) -> ValType:
    """A type that stands in the table; `names` are of those that stand elsewhere in it."""
    return _there(_Reader(text, names).type())


class _Reader:
    """Reads one type from the left."""

    def __init__(self, text: str, names: Mapping[str, str]) -> None:
        self._tokens: list[str] = _TOKEN.findall(text)[::-1]
        self._names = names

    def function(self) -> FuncType:
        self._take()
        params = tuple(FieldType("", each) for each in self._some("(", ")") if each is not None)
        result = None
        if self._next() == "->":
            self._take()
            result = self.type()
        return FuncType(params, result)

    def type(self) -> ValType | None:
        """The next type; None for `_`."""
        word = self._take()
        match word:
            case "_":
                return None
            case "list":
                element, *length = self._some("<", ">")
                return ListType(_there(element), *(int(str(each)) for each in length))
            case "map":
                key, value = self._some("<", ">")
                return MapType(_there(key), _there(value))
            case "option":
                return OptionType(_there(*self._some("<", ">")))
            case "tuple":
                return TupleType(tuple(map(_there, self._some("<", ">"))))
            case "result":
                ok, error = (*self._some("<", ">"), None, None)[:2]
                return ResultType(ok, error)
            case "stream":
                return StreamType(*(self._some("<", ">") or [None]))
            case "future":
                return FutureType(*(self._some("<", ">") or [None]))
            case "borrow" | "own":
                self._take()
                resource = ResourceType(self._take())
                self._take()
                return BorrowType(resource) if word == "borrow" else OwnType(resource)
            case "record":
                return RecordType(tuple(FieldType(n, _there(t)) for n, t in self._members()))
            case "variant":
                return VariantType(tuple(CaseType(n, t) for n, t in self._members()))
            case "enum":
                return EnumType(tuple(name for name, _ in self._members()))
            case "flags":
                return FlagsType(tuple(name for name, _ in self._members()))
        return self._named(word)

    def _named(self, word: str) -> ValType:
        if word in _PRIMITIVES:
            return _PRIMITIVES[word]
        if (spelled := self._names.get(word)) is not None:
            return read_type(spelled, self._names)
        return OwnType(ResourceType(word))

    def _some(self, opening: str, closing: str) -> list[ValType | None]:
        """Types between brackets; none without brackets."""
        found: list[ValType | None] = []
        if self._next() != opening:
            return found
        while self._take() != closing:
            if self._next() != closing:
                found.append(self.type())
        return found

    def _members(self) -> list[tuple[str, ValType | None]]:
        """Fields, cases or labels between braces."""
        found: list[tuple[str, ValType | None]] = []
        while self._take() != "}":
            name, type_ = self._take(), None
            if self._next() == ":":
                self._take()
                type_ = self.type()
            elif self._next() == "(":
                [type_] = self._some("(", ")")
            found.append((name, type_))
        return found

    def _next(self) -> str:
        return self._tokens[-1] if self._tokens else ""

    def _take(self) -> str:
        return self._tokens.pop()


def _there(type_: ValType | None) -> ValType:
    assert type_ is not None, "`_` stands in results only"
    return type_


_PRIMITIVES = {primitive.value: primitive for primitive in PrimValType}
