"""Component values as scripts spell them: `(tuple.const (u8.const 1))` and the like."""

from __future__ import annotations

import math
import struct
from typing import Any

from spindle.component.values import Err, Ok, Some, Variant, record_class
from spindle.component.wast.forms import Form, FormError, Item
from spindle.wasm.types import (
    EnumType,
    FlagsType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

_FLOATS = (PrimValType.F32, PrimValType.F64)


def value_of(form: Form, type: ValType) -> Any:
    """The Python value of a literal; `FormError` if it spells no value of the type."""
    try:
        return _value(form.items, type)
    except (ValueError, IndexError, KeyError, AttributeError) as error:
        problem = f"line {form.line}: `{form.text}` is no value of the expected type"
        raise FormError(problem) from error


def same(expected: Any, actual: Any) -> bool:
    """Whether two values are equal; any NaN is as good as another, zeros differ by their sign."""
    if isinstance(expected, float) and isinstance(actual, float):
        if math.isnan(expected) or math.isnan(actual):
            return math.isnan(expected) and math.isnan(actual)
        return expected == actual and math.copysign(1, expected) == math.copysign(1, actual)
    if isinstance(expected, (list, tuple, bytes)) and isinstance(actual, (list, tuple, bytes)):
        kinds = {type(expected), type(actual)} & {Ok, Err, Some}
        return (
            len(kinds) < 2
            and len(expected) == len(actual)
            and all(same(e, a) for e, a in zip(expected, actual, strict=True))
        )
    return bool(expected == actual)


def _value(items: tuple[Item, ...], type: ValType) -> Any:
    head, rest = str(items[0]), items[1:]
    match type:
        case PrimValType():
            return _primitive(rest[0], type)
        case ListType(element):
            values = [_nested(item, element) for item in rest]
            return bytes(values) if element is PrimValType.U8 else values
        case TupleType(types):
            return tuple(_nested(item, t) for item, t in zip(rest, types, strict=True))
        case MapType(key, value):
            pairs = [_nested(item, TupleType((key, value))) for item in rest]
            return dict(pairs) if len(dict(pairs)) == len(pairs) else pairs
        case RecordType(fields):
            values = [
                _field(item, field.label, field.type)
                for item, field in zip(rest, fields, strict=True)
            ]
            return record_class(type)(*values)
        case VariantType(cases):
            types_by_label = {case.label: case.type for case in cases}
            label = _text(rest[0])
            return Variant(label, _payload(rest[1:], types_by_label[label]))
        case EnumType():
            return _text(rest[0])
        case FlagsType():
            return frozenset(map(_text, rest))
        case OptionType(of):
            if head == "option.none":
                return None
            payload = _payload(rest, of)
            return Some(payload) if isinstance(of, OptionType) else payload
        case ResultType(ok, error):
            return Ok(_payload(rest, ok)) if head == "result.ok" else Err(_payload(rest, error))
    raise ValueError(type)


def _payload(items: tuple[Item, ...], type: ValType | None) -> Any:
    """A value that may be missing, and may stand without parentheses of its own."""
    if type is None:
        return None
    return _nested(items[0], type) if isinstance(items[0], Form) else _value(items, type)


def _nested(item: Item, type: ValType) -> Any:
    if not isinstance(item, Form):
        raise ValueError(item)
    return _value(item.items, type)


def _field(item: Item, label: str, type: ValType) -> Any:
    if not isinstance(item, Form) or _text(item.items[1]) != label:
        raise ValueError(item)
    return _payload(item.items[2:], type)


def _primitive(item: Item, type: PrimValType) -> Any:
    if type in (PrimValType.STRING, PrimValType.CHAR):
        return _text(item)
    text = str(item).replace("_", "")
    if type is PrimValType.BOOL:
        return {"true": True, "false": False}[text]
    if type not in _FLOATS:
        return int(text, 0)
    value = _float(text)
    return struct.unpack("<f", struct.pack("<f", value))[0] if type is _FLOATS[0] else value


def _float(text: str) -> float:
    if "nan" in text:
        return math.nan
    return float.fromhex(text) if "0x" in text else float(text)


def _text(item: Item) -> str:
    return item.decode()  # type: ignore[union-attr]  # what has no `decode` is refused above
