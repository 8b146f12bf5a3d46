"""Values, attributes, times and ids of `wasi:otel` as OTLP's messages.

Only what exports telemetry imports this: the messages take long to load.
Spec: https://github.com/open-telemetry/opentelemetry-proto
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    InstrumentationScope,
    KeyValue,
    KeyValueList,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from spindle.component.trap import trap_if

BYTES = "data:application/octet-stream;base64,"
MOST_NANOSECONDS = (1 << 64) - 1
INTEGERS = range(-(1 << 63), 1 << 63)


def any_value(text: str) -> AnyValue:
    """A value, which is JSON; what is no JSON is text."""
    try:
        return _converted(json.loads(text))
    except (ValueError, RecursionError):
        return AnyValue(string_value=text)


def _converted(value: Any) -> AnyValue:
    match value:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=value)
        case int() if value in INTEGERS:
            return AnyValue(int_value=value)
        case int() | float():
            return AnyValue(double_value=float(value))
        case str():
            return _text_or_bytes(value.encode("utf-8", "replace").decode())
        case list():
            return AnyValue(array_value=ArrayValue(values=map(_converted, value)))
    pairs = [KeyValue(key=key, value=_converted(item)) for key, item in value.items()]
    return AnyValue(kvlist_value=KeyValueList(values=pairs))


def _text_or_bytes(text: str) -> AnyValue:
    if text.startswith(BYTES):
        try:
            return AnyValue(bytes_value=base64.b64decode(text[len(BYTES) :], validate=True))
        except binascii.Error:
            pass
    return AnyValue(string_value=text)


def attributes(pairs: Iterable[Any]) -> list[KeyValue]:
    """A list of `key-value`s."""
    return [KeyValue(key=each.key, value=any_value(each.value)) for each in pairs]


def scope(value: Any) -> InstrumentationScope:
    """An `instrumentation-scope`."""
    return InstrumentationScope(
        name=value.name, version=value.version or "", attributes=attributes(value.attributes)
    )


def resource(texts: dict[str, str]) -> Resource:
    """A resource of texts."""
    pairs = [KeyValue(key=key, value=AnyValue(string_value=text)) for key, text in texts.items()]
    return Resource(attributes=pairs)


def nanoseconds(moment: Any) -> int:
    """A `datetime`, or none, since 1970."""
    if moment is None:
        return 0
    whole: int = moment.seconds * 1_000_000_000 + moment.nanoseconds
    return min(whole, MOST_NANOSECONDS)


def hex_id(text: str, size: int) -> bytes:
    """An id of that many bytes, written in hexadecimal; an empty one is none."""
    if not text or not text.strip("0"):
        return b""
    trap_if(
        len(text) != 2 * size or not all(digit in "0123456789abcdefABCDEF" for digit in text),
        f"gave `{text[:64]}` for an id of {size} bytes in hexadecimal",
    )
    return bytes.fromhex(text)
