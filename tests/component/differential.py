"""Components over any type, in text form, and wasmtime's own component API to run them with.

`echo` passes a value from the host through two guests of different string encodings to the host and
back again; `confused` hands the host memory and core values that mean nothing in particular.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import wasmtime
import wasmtime.component as native

from spindle.component.canon.codec import codec
from spindle.component.canon.despecialize import AnyVariant, cases, children
from spindle.component.canon.flatten import flatten_functype
from spindle.component.component import Compiler, Component
from spindle.component.core import Engine
from spindle.component.host import HostInterface
from spindle.component.imports import Imports
from spindle.component.trap import Trap
from spindle.component.values import Err, Ok, Some, Variant, record_class
from spindle.wasm.types import (
    EnumType,
    FieldType,
    FlagsType,
    FuncType,
    ListType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

RESULT_AREA = 256


@dataclass(slots=True)
class TypeText:
    """The definitions a type needs in a component: records and their like must have names."""

    lines: list[str] = field(default_factory=list)
    names: dict[ValType, str] = field(default_factory=dict)

    def of(self, t: ValType) -> str:
        """The text of a type, where one is used."""
        match t:
            case PrimValType():
                return t.value
            case ListType(element, None):
                return f"(list {self.of(element)})"
            case TupleType(types):
                return f"(tuple {' '.join(map(self.of, types))})"
            case OptionType(inner):
                return f"(option {self.of(inner)})"
            case ResultType(ok, error):
                parts = [self.of(ok)] if ok is not None else []
                parts += [f"(error {self.of(error)})"] if error is not None else []
                return f"(result {' '.join(parts)})"
            case _:
                return self.names.get(t) or self._named(t)

    def _named(self, t: ValType) -> str:
        match t:
            case RecordType(fields):
                parts = [f'(field "{f.label}" {self.of(f.type)})' for f in fields]
                body = f"(record {' '.join(parts)})"
            case VariantType():
                parts = [
                    f'(case "{c.label}"{f" {self.of(c.type)}" if c.type is not None else ""})'
                    for c in cases(t)
                ]
                body = f"(variant {' '.join(parts)})"
            case EnumType(labels):
                body = f"(enum {' '.join(map(_quoted, labels))})"
            case FlagsType(labels):
                body = f"(flags {' '.join(map(_quoted, labels))})"
            case _:
                raise AssertionError(f"{t} is not in these tests")
        name = self.names[t] = f"$t{len(self.names)}"
        self.lines.append(f"(type {name}-anonymous {body})")
        self.lines.append(f'(import "{name[1:]}" (type {name} (eq {name}-anonymous)))')
        return name

    def definitions(self) -> str:
        """All definitions, in order."""
        return "\n".join(self.lines)

    def arguments(self) -> str:
        """What passes the types on to a nested component with the same definitions."""
        return " ".join(f'(with "{name[1:]}" (type {name}))' for name in self.names.values())


def _quoted(label: str) -> str:
    return f'"{label}"'


ALLOCATOR = """
(core module $Memory
  (memory (export "memory") 8)
  (global $next (mut i32) (i32.const {start}))
  (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32)
      (param $size i32) (result i32) (local $ptr i32)
    (local.set $ptr (i32.and
      (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $ptr) (local.get $size)))
    (memory.copy (local.get $ptr) (local.get $old)
      (select (local.get $size) (local.get $old-size)
        (i32.lt_u (local.get $size) (local.get $old-size))))
    (local.get $ptr)))
(core instance $memory (instantiate $Memory))
(alias core export $memory "memory" (core memory $memory))
(alias core export $memory "realloc" (core func $realloc))
"""

OPTIONS = "(memory $memory) (realloc $realloc) string-encoding={encoding}"


def echo(t: ValType, outer: str, inner: str) -> str:
    """host → guest in encoding `outer` → guest in encoding `inner` → host's `echo`, and back."""
    types = TypeText()
    text = types.of(t)
    return f"""(component
      {types.definitions()}
      (import "echo" (func $host (param "x" {text}) (result {text})))
      {_forwarder("$Outer", t, outer)}
      {_forwarder("$Inner", t, inner)}
      (instance $inner (instantiate $Inner {types.arguments()} (with "echo" (func $host))))
      (alias export $inner "run" (func $inner-run))
      (instance $outer (instantiate $Outer {types.arguments()} (with "echo" (func $inner-run))))
      (alias export $outer "run" (func $outer-run))
      (export "run" (func $outer-run)))"""


def _forwarder(name: str, t: ValType, encoding: str) -> str:
    """A component whose `run` calls the `echo` it imports with the very core values it got."""
    types = TypeText()
    text = types.of(t)
    ft = FuncType((FieldType("x", t),), t)
    lifted, lowered = flatten_functype(ft, False, "lift"), flatten_functype(ft, False, "lower")
    arguments = " ".join(f"(local.get {i})" for i in range(len(lifted.params)))
    call = f"(call $next {arguments})"
    if len(lowered.params) > len(lifted.params):
        call = f"(call $next {arguments} (i32.const {RESULT_AREA})) (i32.const {RESULT_AREA})"
    options = OPTIONS.format(encoding=encoding)
    return f"""(component {name}
      {types.definitions()}
      (import "echo" (func $next (param "x" {text}) (result {text})))
      {ALLOCATOR.format(start=RESULT_AREA + codec(t).size)}
      (core func $next (canon lower (func $next) {options}))
      (core module $Run
        (import "" "next" (func $next {_signature(lowered.params, lowered.results)}))
        (func (export "run") {_signature(lifted.params, lifted.results)} {call}))
      (core instance $run (instantiate $Run (with "" (instance (export "next" (func $next))))))
      (alias core export $run "run" (core func $run))
      (func (export "run") (param "x" {text}) (result {text})
        (canon lift (core func $run) {options})))"""


def _signature(params: tuple[str, ...], results: tuple[str, ...]) -> str:
    return " ".join([f"(param {t})" for t in params] + [f"(result {t})" for t in results])


def confused(t: ValType, data: bytes, numbers: list[int], encoding: str) -> str:
    """`give` returns what a memory of `data` may mean; `take` gives the host such core values."""
    types = TypeText()
    text = types.of(t)
    given = flatten_functype(FuncType((), t), False, "lift")
    taken = flatten_functype(FuncType((FieldType("x", t),), None), False, "lower")
    content = "".join(f"\\{byte:02x}" for byte in data)
    constants = " ".join(map(_constant, taken.params, numbers))
    result = given.results[0]
    pointer = codec(t).flat != given.results
    give = "(i32.const 0)" if pointer else _constant(result, numbers[0])
    options = f"(memory $memory) string-encoding={encoding}"
    return f"""(component
      {types.definitions()}
      (import "take" (func $take (param "x" {text})))
      (core module $Memory (memory (export "memory") 1) (data (i32.const 0) "{content}"))
      (core instance $memory (instantiate $Memory))
      (alias core export $memory "memory" (core memory $memory))
      (core func $take (canon lower (func $take) {options}))
      (core module $Run
        (import "" "take" (func $take {_signature(taken.params, ())}))
        (func (export "take") (call $take {constants}))
        (func (export "give") (result {result}) {give}))
      (core instance $run (instantiate $Run (with "" (instance (export "take" (func $take))))))
      (alias core export $run "take" (core func $run-take))
      (alias core export $run "give" (core func $run-give))
      (func (export "take") (canon lift (core func $run-take)))
      (func (export "give") (result {text}) (canon lift (core func $run-give) {options})))"""


def _constant(core_type: str, number: int) -> str:
    if core_type in ("i32", "i64"):
        return f"({core_type}.const {number % (1 << int(core_type[1:]))})"
    return f"({core_type}.const {number % 1000}.5)"


# wasmtime's own.


@dataclass(frozen=True, slots=True)
class Native:
    """A component in wasmtime's hands; `functions` are the host's, by name."""

    binary: bytes
    t: ValType
    functions: dict[str, Callable[[Any], Any]]

    def call(self, name: str, *args: Any) -> Any:
        """Call an export on a new instance; raises `wasmtime.WasmtimeError` for a trap."""
        engine = _engine()
        linker = native.Linker(engine)
        with linker.root() as root:
            for label, function in self.functions.items():
                root.add_func(label, self._host(function))
        store = wasmtime.Store(engine)
        instance = linker.instantiate(store, native.Component(engine, self.binary))
        export = instance.get_func(store, name)
        assert export is not None
        result = export(store, *(to_native(self.t, value) for value in args))
        return from_native(self.t, result) if export.type(store).result else None

    def _host(self, function: Callable[[Any], Any]) -> Callable[..., Any]:
        def host(_store: object, value: Any) -> Any:
            result = function(from_native(self.t, value))
            return None if result is None else to_native(self.t, result[0])

        return host


@cache
def _engine() -> wasmtime.Engine:
    return wasmtime.Engine()


def _classes(t: ValType) -> set[type]:
    """The Python classes the native API tells untagged cases apart by."""
    match t:
        case PrimValType.BOOL:
            return {bool}
        case PrimValType.F32 | PrimValType.F64:
            return {float}
        case PrimValType.STRING | PrimValType.CHAR | EnumType():
            return {str}
        case PrimValType():
            return {int}
        case ListType(PrimValType.U8):
            return {bytes}
        case ListType():
            return {list}
        case RecordType():
            return {native.Record}
        case TupleType():
            return {tuple}
        case FlagsType():
            return {set}
        case VariantType() | OptionType() | ResultType():
            if _is_tagged(t):
                return {native.Variant}
            return set().union(*map(_case_classes, cases(t)))
        case _:
            raise AssertionError(f"{t} is not in these tests")


def _case_classes(case: Any) -> set[type]:
    return {object} if case.type is None else _classes(case.type)


def _is_tagged(t: AnyVariant) -> bool:
    """Whether the native API wraps payloads, as it does where classes are not distinct."""
    seen: set[type] = set()
    for case in cases(t):
        found = _case_classes(case)
        if found & seen:
            return True
        seen |= found
    return False


def is_native(t: ValType) -> bool:
    """Whether the native API can take every value of a type for what it is."""
    if isinstance(t, VariantType | OptionType | ResultType) and not _is_tagged(t):
        payloads = [_classes(case.type) for case in cases(t) if case.type is not None]
        found: set[type] = set().union(*payloads)
        if {bool, int} <= found or object in found:
            return False
    return all(map(is_native, children(t)))


def to_native(t: ValType, value: Any) -> Any:
    """A value as the native API takes it."""
    match t:
        case PrimValType() | EnumType():
            return value
        case ListType(PrimValType.U8):
            return bytes(value)
        case ListType(element):
            return [to_native(element, item) for item in value]
        case TupleType(types):
            return tuple(map(to_native, types, value))
        case FlagsType():
            return set(value)
        case RecordType(fields):
            record = native.Record()
            for f, item in zip(fields, value, strict=True):
                setattr(record, f.label, to_native(f.type, item))
            return record
        case VariantType() | OptionType() | ResultType():
            label, payload = _taken_apart(t, value)
            [case] = [case for case in cases(t) if case.label == label]
            if case.type is not None:
                payload = to_native(case.type, payload)
            return native.Variant(_native_label(t, label), payload) if _is_tagged(t) else payload
        case _:
            raise AssertionError(f"{t} is not in these tests")


def from_native(t: ValType, value: Any) -> Any:
    """A value of the native API as ours."""
    match t:
        case PrimValType() | EnumType() | ListType(PrimValType.U8):
            return value
        case ListType(element):
            return [from_native(element, item) for item in value]
        case TupleType(types):
            return tuple(map(from_native, types, value))
        case FlagsType():
            return frozenset(value)
        case RecordType(fields):
            return record_class(t)(*(from_native(f.type, getattr(value, f.label)) for f in fields))
        case VariantType() | OptionType() | ResultType():
            label, payload = _case_of(t, value)
            [case] = [case for case in cases(t) if case.label == label]
            if case.type is not None:
                payload = from_native(case.type, payload)
            return _put_together(t, label, payload)
        case _:
            raise AssertionError(f"{t} is not in these tests")


def _native_label(t: AnyVariant, label: str) -> str:
    return "err" if isinstance(t, ResultType) and label == "error" else label


def _case_of(t: AnyVariant, value: Any) -> tuple[str, Any]:
    """The label and payload of a native variant."""
    if _is_tagged(t):
        label = "error" if isinstance(t, ResultType) and value.tag == "err" else value.tag
        return label, value.payload
    for case in cases(t):
        fits = value is None if case.type is None else isinstance(value, tuple(_case_classes(case)))
        if fits:
            return case.label, value
    raise AssertionError(f"{value!r} is no case of {t}")


def _taken_apart(t: AnyVariant, value: Any) -> tuple[str, Any]:
    match t:
        case VariantType():
            return value.case, value.value
        case ResultType():
            return "ok" if isinstance(value, Ok) else "error", value.value
        case OptionType(OptionType()):
            return ("none", None) if value is None else ("some", value.value)
        case _:
            return ("none", None) if value is None else ("some", value)


def _put_together(t: AnyVariant, label: str, payload: Any) -> Any:
    match t:
        case VariantType():
            return Variant(label, payload)
        case ResultType():
            return Ok(payload) if label == "ok" else Err(payload)
        case OptionType(OptionType()) if label == "some":
            return Some(payload)
        case _:
            return payload


# Ours, and both.


@cache
def _compiler() -> Compiler:
    return Compiler(Engine(), None)


def ours(binary: bytes, name: str, *args: Any, **functions: Callable[[Any], Any]) -> Any:
    """Call an export on a new instance of ours; host functions are as the native side's."""

    def host(function: Callable[[Any], Any]) -> Callable[..., Any]:
        def called(_task: object, value: Any) -> Any:
            result = function(value)
            return None if result is None else result[0]

        return called

    imports = Imports({"": HostInterface({k: host(f) for k, f in functions.items()})})
    instance = Component.load(binary, _compiler()).instantiate(imports)
    try:
        return instance.func(name).call(*args)
    finally:
        instance.close()


def attempts(binary: bytes, t: ValType, name: str) -> tuple[Any, Any]:
    """What an export gives, or gives the host, each as a list; None for a trap."""
    return (
        _outcome(lambda take: Native(binary, t, {"take": take}).call(name)),
        _outcome(lambda take: ours(binary, name, take=take)),
    )


def _outcome(call: Callable[[Callable[[Any], Any]], Any]) -> list[Any] | None:
    seen: list[Any] = []
    try:
        return [call(seen.append), *seen]
    except (wasmtime.WasmtimeError, wasmtime.Trap, Trap):
        return None


def equal(a: Any, b: Any) -> bool:
    """Equality, where NaN equals NaN."""
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    return bool(a == b)
