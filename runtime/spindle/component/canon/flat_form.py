"""Values as core values.

Spec: CanonicalABI.md#flat-lifting, CanonicalABI.md#flat-lowering.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from spindle.component.canon import lists, scalars, variants
from spindle.component.canon.cache import MAX_SIZE
from spindle.component.canon.despecialize import AnyVariant
from spindle.component.canon.flatten import MAX_FLAT_PARAMS, Flat, flatten_type
from spindle.component.canon.form import Form, LateFunctions
from spindle.component.canon.layout import layout
from spindle.component.canon.memory_form import memory_form
from spindle.component.canon.source import Source, tuple_of
from spindle.wasm.types import (
    EnumType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    ResultType,
    ValType,
    VariantType,
)

_MASKS = {
    PrimValType.U8: 0xFF,
    PrimValType.S8: 0xFF,
    PrimValType.U16: 0xFFFF,
    PrimValType.S16: 0xFFFF,
}
_SIGNS = {
    PrimValType.S8: 1 << 7,
    PrimValType.S16: 1 << 15,
    PrimValType.S32: 1 << 31,
    PrimValType.S64: 1 << 63,
}


class FlatForm(Form):
    """A value's slots are core values; integers are unsigned."""

    def flat(self, t: ValType) -> Flat:
        """The core types of a value, which must be few enough to be passed flat."""
        flat = flatten_type(t, self.ptr_type)
        assert len(flat) <= MAX_FLAT_PARAMS, f"{t} is never passed flat"
        return flat

    def zeros(self, t: ValType) -> Sequence[str]:
        """Zero for each core value."""
        return ["0"] * len(self.flat(t))

    def lift_scalar(self, t: PrimValType, slot: str) -> str:
        """Narrow a core integer, and give it its sign."""
        value = f"({slot} & {_MASKS[t]})" if t in _MASKS else slot
        return f"(({value} ^ {_SIGNS[t]}) - {_SIGNS[t]})" if t in _SIGNS else value

    def lower_scalar(self, src: Source, t: PrimValType, value: str) -> str:
        """Check a number, and take its sign away."""
        if t is PrimValType.F64:
            to_f64 = src.bind("to_f64", scalars.to_f64)
            return f"({value} if {value}.__class__ is float else {to_f64}({value}))"
        if t is PrimValType.F32:
            to_f32 = src.bind("to_f32", scalars.to_f32)
            limit = src.bind("F32_LIMIT", scalars.F32_LIMIT)
            plain = f"{value}.__class__ is float and -{limit} < {value} < {limit}"
            return f"({value} if {plain} else {to_f32}({value}))"
        low, high = scalars.RANGES[t]
        to_int = src.bind("to_int", scalars.to_int)
        plain = f"{value}.__class__ is int and {low} <= {value} <= {high}"
        number = f"({value} if {plain} else {to_int}({value}, {low}, {high}))"
        if low == 0:
            return number
        return f"({number} & {0xFFFF_FFFF_FFFF_FFFF if t is PrimValType.S64 else 0xFFFF_FFFF})"

    def split_functions(self, t: ValType) -> LateFunctions | None:
        """Deep types, fixed-length lists, and variants with several payloads."""
        if layout(t, self.ptr_type).is_embedded:
            return _split_functions(self.ptr_type, t)
        if isinstance(t, VariantType | EnumType | OptionType | ResultType) and variants.is_union(t):
            return _union_functions(self.ptr_type, t)
        return None

    def list_functions(self, t: ListType | MapType) -> LateFunctions:
        """Elements lie in memory here too."""
        return memory_form(self.ptr_type).list_functions(t)

    def open_case(
        self, src: Source, t: AnyVariant, payload: ValType, slots: list[str]
    ) -> list[str]:
        """Turn core values of the joined types into those of the payload."""
        joined = self.flat(t)[1:]
        return [
            _coerce_lift(src, *types)
            for types in zip(joined, self.flat(payload), slots, strict=False)
        ]

    def close_case(
        self, src: Source, t: AnyVariant, payload: ValType, slots: list[str]
    ) -> list[str]:
        """Turn core values of the payload into those of the joined types."""
        joined = self.flat(t)[1:]
        coerced = [
            _coerce_lower(src, *types)
            for types in zip(joined, self.flat(payload), slots, strict=False)
        ]
        return coerced + ["0"] * (len(joined) - len(coerced))


@functools.cache
def flat_form(ptr_type: str) -> FlatForm:
    """The form for memories with such addresses."""
    return FlatForm(ptr_type)


def _coerce_lift(src: Source, have: str, want: str, slot: str) -> str:
    match have, want:
        case "i64", "i32":
            return f"({slot} & 0xFFFFFFFF)"
        case "i32", "f32":
            return f"{src.bind('decode_i32_as_float', scalars.decode_i32_as_float)}({slot})"
        case "i64", "f32":
            name = src.bind("decode_i32_as_float", scalars.decode_i32_as_float)
            return f"{name}({slot} & 0xFFFFFFFF)"
        case "i64", "f64":
            return f"{src.bind('decode_i64_as_float', scalars.decode_i64_as_float)}({slot})"
        case _:
            return slot


def _coerce_lower(src: Source, want: str, have: str, slot: str) -> str:
    match have, want:
        case "f32", "i32" | "i64":
            return f"{src.bind('encode_float_as_i32', scalars.encode_float_as_i32)}({slot})"
        case "f64", "i64":
            return f"{src.bind('encode_float_as_i64', scalars.encode_float_as_i64)}({slot})"
        case _:
            return slot


_cached = functools.lru_cache(maxsize=MAX_SIZE)


@_cached
def _union_functions(ptr_type: str, t: AnyVariant) -> LateFunctions:
    form = flat_form(ptr_type)
    zeros = list(form.zeros(t)[1:])
    return LateFunctions(
        lambda: variants.union_lifter(form, t, len(zeros)),
        lambda: variants.union_lowerer(form, t, zeros),
    )


@_cached
def _split_functions(ptr_type: str, t: ValType) -> LateFunctions:
    form = flat_form(ptr_type)
    return LateFunctions(lambda: _split_lifter(form, t), lambda: _split_lowerer(form, t))


def _split_lifter(form: FlatForm, t: ValType) -> Callable[..., Any]:
    """A function of a type's slots."""
    slots = [f"p{i}" for i in range(len(form.zeros(t)))]
    src = Source("lift_flat", "cx", *slots)
    if isinstance(t, ListType) and t.length is not None:
        items = form.lift_all(src, [t.element] * t.length, slots)
        src.line(f"return {'bytes' if t.element is PrimValType.U8 else 'list'}({items})")
    else:
        src.line(f"return {form.lift_in_place(src, t, slots)}")
    return src.compile()


def _split_lowerer(form: FlatForm, t: ValType) -> Callable[..., Any]:
    """A function that gives a type's slots; a single one by itself."""
    src = Source("lower_flat", "cx", "value")
    if isinstance(t, ListType) and t.length is not None:
        src.line(f"value = {src.bind('sized', lists.sized(t))}(value)")
        slots = form.lower_all(src, [t.element] * t.length, "value")
    else:
        slots = form.lower_in_place(src, t, "value")
    src.line(f"return {tuple_of(slots) if len(slots) > 1 else slots[0]}")
    return src.compile()
