"""Values of results: from PostgreSQL's binary formats to payloads of `db-value`, by columns.

Which case a type's values are of is as in Spin; types that have none are `unsupported`, with their
binary format.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, NamedTuple

from spindle.factors.postgres import oids
from spindle.factors.postgres.calendar import date_of
from spindle.factors.postgres.failures import query_failed
from spindle.factors.postgres.numeric import numeric_text

Raw = list[bytes | None]
Decode = Callable[[Raw], Sequence[Any]]

_INT4, _INT8, _INTERVAL = Struct(">i"), Struct(">q"), Struct(">qii")
_DAY = 86_400_000_000
"""Microseconds."""
_LAST_DAY, _LAST_INSTANT = (1 << 31) - 1, (1 << 63) - 1
_EMPTY, _LOWER_INCLUSIVE, _UPPER_INCLUSIVE, _NO_LOWER, _NO_UPPER = 1, 2, 4, 8, 16
_HAS_SIGN = {-_LAST_DAY - 1: "-", -_LAST_INSTANT - 1: "-"}
UNSUPPORTED = "unsupported"


class Kind(NamedTuple):
    """How a type's values are given to guests."""

    label: str
    """The case of `db-value`, which is also that of `db-data-type` but for `unsupported`."""
    decode: Decode


def each(function: Callable[[bytes], Any]) -> Decode:
    """Decode values one by one."""
    return lambda values: [None if value is None else function(value) for value in values]


def as_they_are(values: Raw) -> Raw:
    """Bytes."""
    return values


def texts(values: Raw) -> Raw:
    """Text stays encoded, but must be UTF-8: a database may be in any encoding, or in none."""
    try:
        b"\0".join([value for value in values if value is not None]).decode()
    except UnicodeDecodeError:
        raise query_failed("a text is not valid UTF-8") from None
    return values


def _numbers(code: str) -> Decode:
    unpack = Struct(f">{code}").unpack

    def numbers(values: Raw) -> Sequence[Any]:
        if None in values:
            return [None if value is None else unpack(value)[0] for value in values]
        found = array(code, b"".join(values))  # type: ignore[arg-type]  # none is None
        if sys.byteorder == "little":
            found.byteswap()
        return found

    return numbers


def _date(raw: bytes) -> Any:
    (days,) = _INT4.unpack(raw)
    if not -_LAST_DAY <= days < _LAST_DAY:
        raise _infinite("date", days)
    return date_of(days)


def _time(raw: bytes) -> Any:
    seconds, micros = divmod(_INT8.unpack(raw)[0] % _DAY, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    return (*divmod(minutes, 60), seconds, micros * 1000)


_instants = _numbers("q")


def _datetimes(values: Raw) -> list[Any]:
    return [None if micros is None else _datetime(micros) for micros in _instants(values)]


def _datetime(micros: int) -> Any:
    if not -_LAST_INSTANT <= micros < _LAST_INSTANT:
        raise _infinite("timestamp", micros)
    days, micros = divmod(micros, _DAY)
    seconds, micros = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return (*date_of(days), hours, minutes, seconds, micros * 1000)


def _infinite(what: str, value: int) -> Exception:
    sign = _HAS_SIGN.get(value, "")
    return query_failed(f"the {what} `{sign}infinity` has no value in this interface")


def _uuid(raw: bytes) -> str:
    digits = raw.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _jsonb(raw: bytes) -> bytes:
    if raw[:1] != b"\1":
        raise query_failed("a jsonb is of a version that is not known")
    return raw[1:]


def _range(bound: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def decode(raw: bytes) -> Any:
        flags, at = raw[0], 1
        bounds: list[Any] = []
        for absent, inclusive in ((_NO_LOWER, _LOWER_INCLUSIVE), (_NO_UPPER, _UPPER_INCLUSIVE)):
            if flags & (_EMPTY | absent):
                bounds.append(None)
                continue
            start = at + 4
            at = start + _INT4.unpack_from(raw, at)[0]
            bounds.append((bound(raw[start:at]), "inclusive" if flags & inclusive else "exclusive"))
        return tuple(bounds)

    return decode


def _array(item: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def decode(raw: bytes) -> list[Any]:
        (dimensions,) = _INT4.unpack_from(raw)
        if not dimensions:
            return []
        if dimensions > 1:
            raise query_failed("an array has more than one dimension")
        items: list[Any] = []
        at = 20
        for _ in range(_INT4.unpack_from(raw, 12)[0]):
            (size,) = _INT4.unpack_from(raw, at)
            at += 4
            items.append(None if size < 0 else item(raw[at : at + size]))
            at += max(size, 0)
        return items

    return decode


def _int4(raw: bytes) -> int:
    return int(_INT4.unpack(raw)[0])


def _int8(raw: bytes) -> int:
    return int(_INT8.unpack(raw)[0])


def _text(raw: bytes) -> str:
    texts([raw])
    return raw.decode()


_TEXT = Kind("str", texts)
_DATETIME = Kind("datetime", _datetimes)
_TEXTS = Kind("array-str", each(_array(_text)))

KINDS: dict[int, Kind] = {
    oids.BOOL: Kind("boolean", each(lambda raw: raw == b"\1")),
    oids.BYTEA: Kind("binary", as_they_are),
    oids.INT2: Kind("int16", _numbers("h")),
    oids.INT4: Kind("int32", _numbers("i")),
    oids.INT8: Kind("int64", _numbers("q")),
    oids.FLOAT4: Kind("floating32", _numbers("f")),
    oids.FLOAT8: Kind("floating64", _numbers("d")),
    oids.TEXT: _TEXT,
    oids.VARCHAR: _TEXT,
    oids.BPCHAR: _TEXT,
    oids.DATE: Kind("date", each(_date)),
    oids.TIME: Kind("time", each(_time)),
    oids.TIMESTAMP: _DATETIME,
    oids.TIMESTAMPTZ: _DATETIME,
    oids.UUID: Kind("uuid", each(_uuid)),
    oids.JSONB: Kind("jsonb", each(_jsonb)),
    oids.NUMERIC: Kind("decimal", each(numeric_text)),
    oids.INT4_RANGE: Kind("range-int32", each(_range(_int4))),
    oids.INT8_RANGE: Kind("range-int64", each(_range(_int8))),
    oids.NUM_RANGE: Kind("range-decimal", each(_range(numeric_text))),
    oids.INT4_ARRAY: Kind("array-int32", each(_array(_int4))),
    oids.INT8_ARRAY: Kind("array-int64", each(_array(_int8))),
    oids.NUMERIC_ARRAY: Kind("array-decimal", each(_array(numeric_text))),
    oids.TEXT_ARRAY: _TEXTS,
    oids.VARCHAR_ARRAY: _TEXTS,
    oids.BPCHAR_ARRAY: _TEXTS,
    oids.INTERVAL: Kind("interval", each(_INTERVAL.unpack)),
}
"""By the number of the type."""
OTHER = Kind(UNSUPPORTED, as_they_are)
